//! On AWS's own time, twenty times as fast: things are pending, deletions linger, buckets run dry,
//! lists lag. What the emulator alone never shows.

use std::collections::BTreeMap;

use fault_injector::{Fate, Injector, Pace, Seen, Sky, Weather};
use journeys::{Emulator, Sandbox};

const PACE: Option<Pace> = Some(Pace { speed: 20.0 });

fn count(seen: &[Seen], fate: impl Fn(&Fate) -> bool) -> usize {
    seen.iter().filter(|seen| fate(&seen.fate)).count()
}

/// Calls by name, as the proxy saw them.
fn named(seen: &[Seen]) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for seen in seen {
        *names.entry(seen.call.operation.clone()).or_insert(0) += 1;
    }
    names
}

#[test]
fn within_awss_limits_hardly_a_call_is_throttled_and_every_state_is_waited_for() {
    let emulator = Emulator::start(&[]);
    let calm = Sandbox::new(&emulator);
    let _ = calm.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    let sky = Sky {
        pace: PACE,
        lag: 3,
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    let sandbox = Sandbox::to(line.url());
    let up = sandbox
        .run(&["--rate-profile", "aws*20", "apply", "-y", "-v"])
        .expect(0);
    let seen = line.seen();
    let throttled: Vec<String> = seen
        .iter()
        .filter(|seen| seen.fate == Fate::Throttled)
        .map(|seen| seen.call.name())
        .collect();
    // Two calls sent a token apart may arrive closer together than that.
    assert!(throttled.len() <= 3, "{throttled:?}");
    // The proxy names calls as the SDK does, or its faults would hit others than were meant. (The
    // SDK says `ListObjectVersions` and `ListObjectsV2`, IAM and the proxy `ListBucket…`.)
    let log = up.stderr.lines().filter_map(|line| {
        let operation = line.split_once("operation=\"")?.1;
        Some(operation.split('"').next()?.to_owned())
    });
    let mut logged = BTreeMap::new();
    for operation in log {
        *logged.entry(operation).or_insert(0) += 1;
    }
    let named = named(&seen);
    let names = |calls: &BTreeMap<String, usize>| calls.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&named), names(&logged));
    // A look that nobody waits for any more may be given up before it is sent, and is logged then.
    for (name, times) in &named {
        assert!(
            *times <= logged[name],
            "{name}: {times} of {}",
            logged[name]
        );
    }
    let plan = ["plan", "--detailed-exitcode"];
    let _ = sandbox.run(&plan).expect(0);
    let _ = sandbox
        .run(&["--rate-profile", "aws*20", "destroy", "-y"])
        .expect(0);
    assert_eq!(emulator.inventory(), before);
    assert!(
        count(&line.seen(), |fate| *fate == Fate::TooEarly) > 0,
        "groups are held by what is on its way out"
    );
}

#[test]
fn in_foul_weather_without_limits_of_our_own_it_arrives_all_the_same() {
    let emulator = Emulator::start(&[]);
    let calm = Sandbox::new(&emulator);
    let _ = calm.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    let sky = Sky {
        pace: PACE,
        lag: 1,
        weather: Some(Weather {
            seed: 20_261_123,
            changes: 12,
            reads: 4,
            in_a_row: 2,
        }),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    let sandbox = Sandbox::to(line.url());
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    let seen = line.seen();
    assert!(count(&seen, |fate| matches!(fate, Fate::Faulted(_))) > 20);
    // How many depends on how fast this machine asks; that some are is why there are limits.
    assert!(count(&seen, |fate| *fate == Fate::Throttled) > 0);
    assert_eq!(emulator.inventory(), before);
}
