//! Logs of the traffic, in a bucket of the user's: switched on, moved, switched off on a living network.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::collections::BTreeMap;

use journeys::mutations::records;
use journeys::{Emulator, Sandbox, needs};

/// Identity of every recorded resource, by its id.
fn identities(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let records = records(sandbox).into_iter();
    records
        .map(|(id, (_, out))| (id, out.to_string()))
        .collect()
}

/// Applies `lines`; the ids of the steps that `plan` shows beforehand and nothing is left of afterwards.
fn becomes(sandbox: &Sandbox, lines: &str) -> Vec<String> {
    sandbox.configure_with(lines);
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    let steps = plan["steps"].as_array().unwrap().iter();
    let steps = steps.filter(|step| step["action"] != "none");
    let steps = steps
        .map(|step| format!("{} {}", step["action"], step["id"]).replace('"', ""))
        .collect();
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["drift"]).expect(0);
    steps
}

#[test]
fn logs_are_switched_on_moved_and_switched_off_and_nothing_else_is_touched() {
    needs!(Fork);
    let (emulator, sandbox) = journeys::applied();
    emulator.bucket("logs-of-genu");
    let before = identities(&sandbox);
    assert_eq!(
        becomes(
            &sandbox,
            "closedNetworkFlowLogs = \"s3://logs-of-genu/flow\"\nclosedNetworkAccessLogs = \"s3://logs-of-genu\"\n"
        ),
        ["create network/flow-log", "update web/load-balancer"]
    );
    let audit = sandbox.run(&["audit", "--json"]).json();
    let passed = audit["passed"].as_array().unwrap();
    assert!(passed.iter().any(|rule| rule == "flow-logs"), "{audit}");
    assert_eq!(
        becomes(
            &sandbox,
            "closedNetworkFlowLogs = \"s3://logs-of-genu\"\nclosedNetworkAccessLogs = \"s3://logs-of-genu/access\"\n"
        ),
        ["replace network/flow-log", "update web/load-balancer"]
    );
    assert_eq!(
        becomes(&sandbox, ""),
        ["update web/load-balancer", "delete network/flow-log"]
    );
    assert_eq!(identities(&sandbox), before);
}

#[test]
fn a_bucket_that_is_not_there_is_named() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    sandbox.configure_with("closedNetworkFlowLogs = \"s3://not-there\"\n");
    sandbox
        .run(&["apply", "-y"])
        .expect(1)
        .says(&["closedNetworkFlowLogs", "not-there"]);
    assert!(emulator.changing_calls().is_empty());
}
