//! The state in an S3 bucket: one writer at a time, whoever dies.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::time::{Duration, Instant};

use fault_injector::{Fault, Injector, Script, Sky};
use journeys::{Emulator, Ended, Sandbox};

const STATE: &str = "s3://genu-states-of-a-team/team";

/// A sandbox whose state is in a bucket that is there.
fn sandbox(emulator: &Emulator) -> Sandbox {
    let mut sandbox = Sandbox::new(emulator);
    sandbox.set("GENU_STATE", STATE);
    sandbox
}

fn bootstrapped(emulator: &Emulator) -> Sandbox {
    let sandbox = sandbox(emulator);
    let made = sandbox.run(&["state", "bootstrap", "-y"]).expect(0);
    made.says(&["versions are kept", "TLS only"]);
    sandbox
}

fn in_sync(sandbox: &Sandbox) {
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_whole_life_with_the_state_in_a_bucket() {
    let emulator = Emulator::start(&[]);
    let nowhere = sandbox(&emulator);
    let ended = nowhere.run(&["apply", "-y"]).expect(1);
    ended.says(&["genu-states-of-a-team", "state bootstrap"]);
    let sandbox = bootstrapped(&emulator);
    let again = sandbox.run(&["state", "bootstrap"]).expect(0);
    again.says(&["is as it should be"]);
    // One setting taken off is seen and put back.
    let _ = emulator.s3("DELETE", "genu-states-of-a-team?encryption");
    let mended = sandbox.run(&["state", "bootstrap", "-y"]).expect(0);
    assert_eq!(
        mended.stderr.trim(),
        "genu-states-of-a-team: encrypted at rest"
    );

    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    in_sync(&sandbox);
    assert!(!sandbox.path(".genu").exists(), "nothing is kept here");
    let status = sandbox.run(&["status", "--json"]).expect(0).json();
    assert_eq!(status["environments"][0]["env"], "priv");
    assert!(status["environments"][0]["lock"].is_null());
    let url = sandbox.run(&["outputs", "WebUrl"]).expect(0);
    assert!(url.stdout.starts_with("http://"));
    let rows = sandbox.run(&["state", "list", "--json"]).expect(0).json();
    assert_eq!(rows.as_array().unwrap().len(), 57);
    let vpc = sandbox
        .run(&["state", "show", "network/vpc"])
        .expect(0)
        .json();
    assert_eq!(vpc["record"]["kind"], "ec2/vpc");
    // The state's own calls bear the owner; nothing is deleted without a condition.
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    let keys = emulator.s3("GET", "genu-states-of-a-team?list-type=2");
    assert!(!keys.contains("<Key>"), "{keys}");
    let versions = emulator.s3("GET", "genu-states-of-a-team?versions");
    assert!(
        versions.contains("team/priv/state.json"),
        "what was can be fetched again"
    );
}

/// A run that stands still in the middle, its call executed and not answered.
fn standing(
    emulator: &Emulator,
    sandbox: &mut Sandbox,
    call: &str,
) -> (Injector, std::process::Child) {
    let sky = Sky {
        script: Script::one(call, 1, Fault::Hold),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    let run = sandbox.start(&["apply", "priv", "-y", "-q"]);
    assert!(line.holds_within(Duration::from_mins(1)));
    sandbox.turn_to(&emulator.url());
    (line, run)
}

#[test]
fn of_two_runs_at_once_exactly_one_proceeds() {
    // The service gets its tasks late: there is something to wait for, longer than a lease lasts.
    let emulator = Emulator::start(&[("GENU_SERVICE_DELAY", "80")]);
    let mut one = bootstrapped(&emulator);
    let two = sandbox(&emulator);
    let (line, run) = standing(&emulator, &mut one, "ecs:CreateCluster");
    line.release();
    for command in ["apply", "destroy"] {
        let refused = two.run(&[command, "priv", "-y"]).expect(5);
        refused.says(&["priv is locked by `apply`, process", "--lock-timeout"]);
    }
    let status = two.run(&["status", "priv"]).expect(0);
    assert!(status.stdout.contains("locked by `apply`, process"));
    // It is renewed as long as its holder lives.
    std::thread::sleep(Duration::from_secs(65));
    let _ = two.run(&["apply", "priv", "-y"]).expect(5);
    let ended: Ended = run.wait_with_output().unwrap().into();
    let _ = ended.expect(0);
    in_sync(&two);
    let _ = two.run(&["apply", "priv", "-y"]).expect(0);
}

#[test]
fn a_killed_holders_lease_ends_and_the_next_run_goes_on() {
    let emulator = Emulator::start(&[]);
    let mut sandbox = bootstrapped(&emulator);
    let (line, mut run) = standing(&emulator, &mut sandbox, "ec2:CreateVpc");
    run.kill().unwrap();
    run.wait().unwrap();
    drop(line);
    let refused = sandbox.run(&["apply", "priv", "-y"]).expect(5);
    refused.says(&["for its lease: ", " s unless it is renewed"]);
    let started = Instant::now();
    let _ = sandbox
        .run(&["apply", "priv", "-y", "--lock-timeout", "2m"])
        .expect(0);
    assert!(
        started.elapsed() > Duration::from_secs(30),
        "the lease was waited for"
    );
    in_sync(&sandbox);
    let vpcs = emulator
        .inventory()
        .into_iter()
        .filter(|l| l.starts_with("vpc "));
    let ours = sandbox.run(&["outputs", "VpcId"]).expect(0).stdout;
    assert_eq!(vpcs.filter(|l| l.ends_with(ours.trim())).count(), 1);
}

#[test]
fn a_run_that_lost_its_lease_stops_changing_things() {
    let emulator = Emulator::start(&[]);
    let mut one = bootstrapped(&emulator);
    let two = sandbox(&emulator);
    let (line, run) = standing(&emulator, &mut one, "ec2:CreateRouteTable");
    // Somebody is sure that it is gone, and goes on in its place.
    two.run(&["state", "unlock", "priv"])
        .expect(1)
        .says(&["pass -y"]);
    two.run(&["state", "unlock", "priv", "-y"])
        .expect(0)
        .says(&[
            "locked by `apply`",
            "its lock is broken; others may take it in 57 s",
        ]);
    let broken = Instant::now();
    let waits = two.run(&["apply", "priv", "-y"]).expect(5);
    waits.says(&["locked by `state unlock`"]);
    // It has noticed, and its last call has ended, before anybody else may begin.
    let ended: Ended = run.wait_with_output().unwrap().into();
    let ended = ended.expect(5);
    ended.says(&["the lease of priv was lost"]);
    assert!(broken.elapsed() < Duration::from_secs(55));
    let _ = two
        .run(&["apply", "priv", "-y", "--lock-timeout", "2m"])
        .expect(0);
    assert!(broken.elapsed() > Duration::from_secs(55));
    drop(line);
    in_sync(&two);
    let _ = two.run(&["destroy", "priv", "-y"]).expect(0);
}

#[test]
fn answers_of_the_bucket_get_lost_and_nothing_else_does() {
    let emulator = Emulator::start(&[]);
    let mut sandbox = bootstrapped(&emulator);
    let lost = [1, 2, 5, 9, 20];
    let script = lost
        .into_iter()
        .fold(Script::default(), |script, nth| {
            script.and("s3:PutObject", nth, Fault::LoseAnswer)
        })
        .and("s3:PutObject", 12, Fault::Fail(503))
        .and("s3:PutObject", 15, Fault::LoseRequest)
        .and("s3:PutObject", 17, Fault::Throttle);
    let sky = Sky {
        script,
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    assert_eq!(line.left(), [], "every fault has happened");
    in_sync(&sandbox);
}

#[test]
fn from_a_directory_to_a_bucket_and_back_in_one_command() {
    let emulator = Emulator::start(&[]);
    let bucket = bootstrapped(&emulator);
    let mut local = Sandbox::new(&emulator);
    let _ = local.run(&["apply", "-y"]).expect(0);
    let before = local.run(&["state", "pull"]).expect(0).stdout;
    let _ = local.run(&["state", "move", STATE]).expect(0);
    assert!(!local.path(".genu/priv").exists());
    assert_eq!(bucket.run(&["state", "pull"]).expect(0).stdout, before);
    in_sync(&bucket);
    local.set("GENU_STATE", STATE);
    let _ = local.run(&["state", "move", "here"]).expect(0);
    let back = local.run(&["--state", "here", "state", "pull"]).expect(0);
    assert_eq!(back.stdout, before);
    let keys = emulator.s3("GET", "genu-states-of-a-team?list-type=2");
    assert!(!keys.contains("<Key>"), "{keys}");
    // What is there of another deployment is not written over.
    let _ = local
        .run(&["--state", "here", "destroy", "priv", "-y"])
        .expect(0);
    let _ = local.run(&["--state", "here", "apply", "-y"]).expect(0);
    let other = "[env.priv]\nregion = \"us-east-1\"\nmodelRegion = \"us-east-1\"\nclosedNetworkMode = true\n";
    bucket.configure(other);
    let _ = bucket.run(&["apply", "-y"]).expect(0);
    let refused = local
        .run(&["--state", "here", "state", "move", STATE])
        .expect(1);
    refused.says(&["holds a state already"]);
    let _ = local
        .run(&["--state", "here", "plan", "--detailed-exitcode"])
        .expect(0);
}
