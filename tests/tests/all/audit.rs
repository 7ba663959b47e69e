//! The audit over live AWS: closed as shipped, open when somebody opens it, and what is agreed to.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::time::{Duration, Instant};

use journeys::{Emulator, Sandbox, applied, within};
use serde_json::{Value, json};

const REGION: &str = "ap-northeast-1";

fn rules(verdict: &Value, severity: &str) -> Vec<String> {
    let findings = verdict["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["severity"] == severity)
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// An internet gateway on the network's VPC.
fn open_a_door(emulator: &Emulator, sandbox: &Sandbox) -> String {
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let gateway = emulator.ec2(REGION, "CreateInternetGateway", &[]);
    let gateway = within(&gateway, "internetGatewayId");
    let both = [
        ("InternetGatewayId", gateway.as_str()),
        ("VpcId", vpc.trim()),
    ];
    let _ = emulator.ec2(REGION, "AttachInternetGateway", &both);
    gateway
}

#[test]
fn the_network_as_shipped_is_closed_and_looking_is_cheap() {
    let (emulator, sandbox) = applied();
    emulator.reset_calls();
    let started = Instant::now();
    let verdict = sandbox.run(&["audit", "--json"]).expect(0).json();
    let took = started.elapsed();
    let calls = emulator.calls().len();
    assert!(calls <= 65, "{calls} calls");
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(verdict["format"], "genu-deploy/audit/1");
    assert_eq!(verdict["closed"], true);
    assert_eq!(rules(&verdict, "error"), Vec::<String>::new());
    assert_eq!(
        rules(&verdict, "warning"),
        [
            "endpoint-interface-policy",
            "listener-plain-http",
            "role-resources-unscoped",
            "flow-logs",
        ]
    );
    let _ = sandbox.run(&["audit", "--strict"]).expect(2);
    // apply ends with the same verdict.
    let again = sandbox.run(&["apply", "-y"]).expect(0);
    again.says(&["audit: closed: ", "4 warnings"]);
    let again = sandbox.run(&["apply", "-y", "--json"]).expect(0);
    let last: Value = serde_json::from_str(again.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        last["audit"],
        json!({ "closed": true, "errors": 0, "warnings": 4 })
    );
}

#[test]
fn a_door_is_found_told_and_may_be_agreed_to_for_a_reason() {
    let (emulator, sandbox) = applied();
    let gateway = open_a_door(&emulator, &sandbox);
    // Beside ours, so no drift; and yet not closed.
    let _ = sandbox.run(&["drift"]).expect(0);
    let verdict = sandbox.run(&["audit", "--json"]).expect(2).json();
    assert_eq!(verdict["closed"], false);
    assert_eq!(rules(&verdict, "error"), ["internet-gateway"]);
    let text = sandbox.run(&["audit"]).expect(2).stdout;
    assert!(
        text.contains(&gateway) && text.contains("priv: NOT closed"),
        "{text}"
    );
    let both = sandbox
        .run(&["drift", "--audit", "--json"])
        .expect(2)
        .json();
    assert_eq!(
        (&both["in_sync"], &both["audit"]["closed"]),
        (&json!(true), &json!(false))
    );

    let allow = |rule: &str, why: &str| {
        sandbox.configure_with(&format!("closedNetworkAuditAllow = {{ {rule} = {why:?} }}"));
    };
    allow("internet-gatewy", "a typing error");
    let refused = sandbox.run(&["audit"]).expect(4);
    refused.says(&["closedNetworkAuditAllow", "internet-gateway"]);
    allow("internet-gateway", " ");
    sandbox.run(&["audit"]).expect(4).says(&["needs a reason"]);
    allow("internet-gateway", "a pilot, until March");
    let agreed = sandbox.run(&["audit", "--json"]).expect(0).json();
    assert_eq!(agreed["allowed"][0]["rule"], "internet-gateway");
    assert_eq!(agreed["allowed"][0]["reason"], "a pilot, until March");
    allow("nat-gateway-public", "there is none");
    sandbox
        .run(&["audit"])
        .expect(2)
        .says(&["nat-gateway-public is allowed, and nothing comes under it"]);
}

#[test]
fn pictures_are_drawn_of_what_is_there() {
    let (emulator, sandbox) = applied();
    emulator.reset_calls();
    for (format, begins) in [
        ("mermaid", "flowchart"),
        ("dot", "digraph"),
        ("svg", "<svg"),
        ("html", "<!doctype html>"),
    ] {
        let whole = sandbox.run(&["graph", "--format", format]).expect(0).stdout;
        let lower = whole.to_lowercase();
        assert!(lower.contains(begins), "{format}: {}", &whole[..200]);
        for id in [
            "network/vpc",
            "endpoint/logs",
            "proxy/user-pool",
            "test/instance",
        ] {
            assert!(whole.contains(id), "{format} lacks {id}");
        }
        let reach = sandbox.run(&["audit", "--graph", format]).expect(0).stdout;
        assert!(reach.contains("Clients on premises") && reach.contains("Internet"));
        assert!(reach.contains("tcp 443"), "{format}: {reach}");
    }
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    let _ = sandbox
        .run(&["graph", "--format", "html", "--out", "network.html"])
        .expect(0);
    let page = std::fs::read_to_string(sandbox.path("network.html")).unwrap();
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    assert!(page.contains(vpc.trim()), "AWS's ids are in it");
    assert!(!page.contains("src=\"http"), "nothing is loaded");
}

#[test]
fn without_a_state_there_is_nothing_to_audit_and_the_way_out_is_named() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let refused = sandbox.run(&["audit"]).expect(1);
    refused.says(&["the state knows no VPC", "state rebuild"]);
}
