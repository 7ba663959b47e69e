//! What ends while it is waited for, what is still going, and answers that are older than the call before
//! them.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::time::{Duration, Instant};

use fault_injector::{Fault, Injector, Script, Sky};
use journeys::{Emulator, Sandbox, applied};
use serde_json::json;

/// As AWS was recorded to let a launch die whose caller may not use the volume's key.
#[test]
fn a_launch_that_dies_says_why_and_what_helps_and_the_next_run_makes_another() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let code = "Client.InvalidKMSKey.InvalidState";
    let message = format!("{code}: The KMS key provided is in an incorrect state");
    let reason = json!({ "code": code, "message": message });
    emulator.books("ec2", &["dies_at_launch"], &reason);
    let started = Instant::now();
    sandbox.run(&["apply", "-y"]).expect(3).says(&[
        "test/instance failed",
        &message,
        "kms:CreateGrant",
    ]);
    assert!(started.elapsed() < Duration::from_mins(1));
    emulator.books("ec2", &["dies_at_launch"], &serde_json::Value::Null);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

/// Kills a destroy right after its `DeleteService` was executed.
fn destroyed_half(emulator: &Emulator, sandbox: &mut Sandbox) {
    let sky = Sky {
        script: Script::one("ecs:DeleteService", 1, Fault::Hold),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    let mut run = sandbox.start(&["destroy", "-y", "-q"]);
    assert!(line.holds_within(Duration::from_mins(1)));
    let _ = run.kill();
    let _ = run.wait();
    sandbox.turn_to(&emulator.url());
}

#[test]
fn a_service_that_still_drains_is_waited_for_by_the_next_run() {
    // Long enough to be there still when the next run gets to it.
    let emulator = Emulator::start(&[("GENU_DRAINING", "15")]);
    let mut sandbox = Sandbox::new(&emulator);
    // A key pair whose private key went first is another matter: making it again takes consent.
    sandbox.configure_with("closedNetworkCreateTestEnvironment = false");
    let _ = sandbox.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    let _ = sandbox.run(&["apply", "-y"]).expect(0);

    destroyed_half(&emulator, &mut sandbox);
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    let steps = plan["steps"].as_array().unwrap();
    let service = steps.iter().find(|s| s["id"] == "web/service").unwrap();
    assert_eq!(service["action"], "replace", "{service}");
    assert!(
        service["why"]
            .as_str()
            .unwrap()
            .contains("is being deleted")
    );
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);

    destroyed_half(&emulator, &mut sandbox);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    assert_eq!(emulator.inventory(), before);
}

/// The first answers after an update are those of before: neither a rollback nor success.
#[test]
fn a_service_that_is_shown_as_before_its_update_is_waited_for() {
    let (emulator, mut sandbox) = applied();
    let sky = Sky {
        lag: 3,
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    sandbox.configure_with("closedNetworkWebImage = \"registry.example/another:1\"");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let looks = |line: &Injector| {
        let seen = line.seen();
        let looks = seen
            .iter()
            .filter(|seen| seen.call.name() == "ecs:DescribeServices");
        looks.count()
    };
    let before = looks(&line);
    assert!(before > 3, "{before} looks");
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    sandbox.configure_with("closedNetworkWebImage = \"registry.example/does-not-exist:1\"");
    // That it was taken back is told, and only once it is seen.
    sandbox.run(&["apply", "-y"]).expect(3).says(&[
        "ECS took the rollout of",
        "stopped tasks say: CannotPullContainerError",
    ]);
    assert!(looks(&line) > before + 3);
}

/// Neither group is open for a moment longer than it takes to close it, whatever the first reads show.
#[test]
fn no_group_stays_open_because_a_look_showed_nothing() {
    let emulator = Emulator::start(&[]);
    let sky = Sky {
        lag: 6,
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    let mut sandbox = Sandbox::to(line.url());
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    sandbox.turn_to(&emulator.url());
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let filter = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", vpc.trim()),
    ];
    let groups = emulator.ec2("ap-northeast-1", "DescribeSecurityGroups", &filter);
    assert!(groups.contains("default"), "{groups}");
    assert!(!groups.contains("0.0.0.0/0"), "{groups}");
}

/// Without a state nothing says that S3's gateway endpoint has to outlast the interface of the resolver.
#[test]
fn without_a_state_endpoints_of_one_service_go_in_their_order() {
    let (emulator, sandbox) = applied();
    std::fs::remove_dir_all(sandbox.path(".genu")).unwrap();
    emulator.reset_calls();
    let ended = sandbox
        .run(&["destroy", "priv", "-y", "--from-tags"])
        .expect(0);
    assert!(
        !ended.stderr.contains("cannot be deleted while"),
        "{}",
        ended.stderr
    );
    let calls = emulator.calls();
    let deletions = calls
        .iter()
        .filter(|call| *call == "ec2:DeleteVpcEndpoints");
    assert!(deletions.count() > 1);
}

/// "Routing traffic but does not have the resources it needs to scale": usable, and told.
#[test]
fn an_impaired_load_balancer_is_told_and_not_waited_for() {
    let (emulator, sandbox) = applied();
    let shown = sandbox
        .run(&["state", "show", "web/load-balancer"])
        .expect(0);
    let arn = shown
        .stdout
        .split('"')
        .find(|word| word.starts_with("arn:"))
        .unwrap();
    let state = json!("active_impaired");
    emulator.books("elbv2", &["load_balancers", arn, "state"], &state);
    let started = Instant::now();
    let ended = sandbox.run(&["apply", "-y"]).expect(0);
    assert!(started.elapsed() < Duration::from_mins(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("active_impaired"), "{told}");
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}
