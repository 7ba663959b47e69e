//! Ctrl-C in each phase: it says at once what it is waiting for, gives the lock back and ends with 130;
//! the next run goes on.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::time::{Duration, Instant};

use fault_injector::{Fault, Injector, Script, Sky};
use journeys::{Emulator, Ended, Sandbox, binary, web_binary};

/// Starts a run that stands still in `call`, sends it a signal, and says how it ended and after how
/// long. `before` is what is done between signal and end.
fn interrupted(
    emulator: &Emulator,
    sandbox: &mut Sandbox,
    words: &[&str],
    call: &str,
    before: impl FnOnce(&Injector),
) -> (Ended, Duration) {
    let sky = Sky {
        script: Script::one(call, 1, Fault::Hold),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    let run = sandbox.start(words);
    assert!(
        line.holds_within(Duration::from_mins(1)),
        "{call} was never made"
    );
    let sent = Instant::now();
    signal(run.id());
    before(&line);
    let ended: Ended = run.wait_with_output().unwrap().into();
    sandbox.turn_to(&emulator.url());
    (ended.expect(130), sent.elapsed())
}

fn signal(pid: u32) {
    let ended = std::process::Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status();
    assert!(ended.unwrap().success());
}

fn unlocked(sandbox: &Sandbox) {
    let status = sandbox.run(&["status", "priv", "--json"]).expect(0).json();
    assert!(status["environments"][0]["lock"].is_null(), "{status}");
}

#[test]
fn before_the_first_change_it_leaves_at_once() {
    let emulator = Emulator::start(&[]);
    let mut local = Sandbox::new(&emulator);
    let mut bucket = Sandbox::new(&emulator);
    bucket.set("GENU_STATE", "s3://genu-states");
    let _ = bucket.run(&["state", "bootstrap", "-y"]).expect(0);
    for sandbox in [&mut local, &mut bucket] {
        for call in [
            "sts:GetCallerIdentity",
            "ec2:DescribeVpcs",
            "servicequotas:GetServiceQuota",
        ] {
            emulator.reset_calls();
            let apply = ["apply", "priv", "-y"];
            let (ended, took) = interrupted(&emulator, sandbox, &apply, call, |_| {});
            ended.says(&["interrupted while looking; nothing was changed"]);
            assert!(took < Duration::from_secs(5), "{call}: {took:?}");
            let changes = emulator.changing_calls();
            assert!(
                changes.iter().all(|call| call.starts_with("s3:")),
                "{changes:?}"
            );
            unlocked(sandbox);
        }
    }
    let _ = bucket.run(&["apply", "priv", "-y"]).expect(0);
}

#[test]
fn in_the_middle_of_a_call_it_is_waited_for_and_named() {
    let emulator = Emulator::start(&[]);
    let mut sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    let release = |line: &Injector| {
        std::thread::sleep(Duration::from_secs(1));
        line.release();
    };
    let apply = ["apply", "priv", "-y"];
    let (ended, took) = interrupted(&emulator, &mut sandbox, &apply, "ec2:CreateVpc", release);
    ended.says(&[
        "interrupted: nothing new is started, waiting for calls in flight",
        "  network/vpc: creating",
        "the same command goes on",
    ]);
    assert!(took < Duration::from_secs(8), "{took:?}");
    unlocked(&sandbox);
    // The call in flight is recorded: nothing is looked for, nothing made again.
    let _ = sandbox.run(&["state", "show", "network/vpc"]).expect(0);
    let _ = sandbox.run(&apply).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);

    let destroy = ["destroy", "priv", "-y"];
    let (ended, _) = interrupted(
        &emulator,
        &mut sandbox,
        &destroy,
        "ec2:TerminateInstances",
        release,
    );
    ended.says(&["  test/instance: deleting"]);
    unlocked(&sandbox);
    let _ = sandbox.run(&destroy).expect(0);
    assert_eq!(emulator.inventory(), before);
}

#[test]
fn a_second_time_leaves_at_once_and_is_just_as_safe() {
    let emulator = Emulator::start(&[]);
    let mut sandbox = Sandbox::new(&emulator);
    let sky = Sky {
        script: Script::one("ec2:CreateSubnet", 1, Fault::Hold),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    let run = sandbox.start(&["apply", "priv", "-y", "-q"]);
    assert!(line.holds_within(Duration::from_mins(1)));
    signal(run.id());
    std::thread::sleep(Duration::from_millis(300));
    let again = Instant::now();
    signal(run.id());
    let ended: Ended = run.wait_with_output().unwrap().into();
    let _ = ended.expect(130);
    assert!(again.elapsed() < Duration::from_secs(3));
    sandbox.turn_to(&emulator.url());
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn while_it_asks_it_leaves_at_once() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let mut command = std::process::Command::new(binary());
    command
        .args(["--color", "never", "apply", "priv"])
        .current_dir(sandbox.path("."))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", emulator.url())
        .env("GENU_WEB_BINARY", web_binary());
    let mut terminal = rexpect::session::spawn_command(command, Some(60_000)).unwrap();
    terminal.exp_string("Only 'yes' goes on:").unwrap();
    terminal.send_control('c').unwrap();
    terminal.exp_string("nothing was changed").unwrap();
    terminal.exp_eof().unwrap();
    unlocked(&sandbox);
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
}
