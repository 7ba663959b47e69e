//! Drift: seen by its kind, told field by field, healed by apply; and nothing but looked at.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use journeys::{Emulator, Sandbox, within};
use serde_json::{Value, json};

/// What drifted, as `what id fields`.
fn told(drift: &Value) -> Vec<String> {
    let drifted = drift["drifted"].as_array().unwrap().iter();
    let mut told: Vec<String> = drifted
        .map(|found| {
            let fields = found["changes"].as_array().unwrap().iter();
            let fields: Vec<&str> = fields.filter_map(|c| c["field"].as_str()).collect();
            let (what, id) = (
                found["what"].as_str().unwrap(),
                found["id"].as_str().unwrap(),
            );
            format!("{what} {id} {}", fields.join(" "))
                .trim()
                .to_owned()
        })
        .collect();
    told.sort();
    told
}

#[test]
fn what_was_changed_removed_or_added_is_told_and_healed() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    emulator.reset_calls();
    let fresh = sandbox.run(&["drift", "--json"]).expect(0).json();
    assert_eq!(
        fresh,
        json!({ "format": "genu-deploy/drift/1", "env": "priv", "in_sync": true, "drifted": [] })
    );
    assert!(
        emulator.calls().len() <= 67,
        "{} calls",
        emulator.calls().len()
    );

    let region = "ap-northeast-1";
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let off = [("VpcId", vpc.trim()), ("EnableDnsHostnames.Value", "false")];
    let _ = emulator.ec2(region, "ModifyVpcAttribute", &off);
    let group = [
        ("Filter.1.Name", "group-name"),
        ("Filter.1.Value.1", "genu-priv-web-load-balancer-group"),
    ];
    let group = within(
        &emulator.ec2(region, "DescribeSecurityGroups", &group),
        "groupId",
    );
    let _ = emulator.ec2(
        region,
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "22"),
            ("IpPermissions.1.ToPort", "22"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ],
    );
    let policy = json!({
        "PolicyName": "genu-priv-web-scaling-cpu",
        "ServiceNamespace": "ecs",
        "ResourceId": "service/genu-priv/genu-priv-web",
        "ScalableDimension": "ecs:service:DesiredCount",
    });
    let _ = emulator.json(
        "application-autoscaling",
        "AnyScaleFrontendService.DeleteScalingPolicy",
        &policy,
    );

    emulator.reset_calls();
    let drift = sandbox
        .run(&["drift", "priv", "--out", "found.jsonl"])
        .expect(2);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    assert!(drift.stdout.contains("priv: 3 drifted"), "{}", drift.stdout);
    let found = std::fs::read_to_string(sandbox.path("found.jsonl")).unwrap();
    assert_eq!(
        told(&serde_json::from_str(&found).unwrap()),
        [
            "changed network/vpc dns_hostnames",
            "missing web/scaling-cpu",
            "unexpected web/load-balancer-group ingress",
        ]
    );
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["drift"]).expect(0);
}

/// One that cannot be read may be a closed one: a check of all is no success without it.
#[test]
fn an_environment_that_cannot_be_read_is_not_passed_over() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let text = "import { theirs } from './theirs';\nconst envs = {\n  ours: { region: 'ap-northeast-1', closedNetworkMode: true },\n  theirs,\n};";
    std::fs::write(sandbox.path("parameter.ts"), text).unwrap();
    for check in ["drift", "audit"] {
        let all = ["--config", "parameter.ts", check, "--all"];
        let said = sandbox.run(&all).expect(1);
        said.says(&["ours", "theirs: parameter.ts:4:3: ", "import"]);
        let json = sandbox.run(&[&all[..], &["--format", "json"]].concat());
        let lines: Vec<&str> = json.stdout.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[1].contains("\"env\":\"theirs\""), "{lines:?}");
        assert!(lines[1].contains("\"error\""), "{lines:?}");
    }
}

#[test]
fn every_environment_is_checked_and_one_that_fails_does_not_stop_the_others() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let environment = |name: &str| {
        format!(
            "[env.{name}]\nregion = \"ap-northeast-1\"\nclosedNetworkMode = true\nclosedNetworkCreateTestEnvironment = false\n"
        )
    };
    sandbox.configure(&[environment("one"), environment("two"), environment("never")].concat());
    for name in ["one", "two"] {
        let _ = sandbox.run(&["apply", name, "-y"]).expect(0);
    }
    let all = sandbox.run(&["drift", "--all", "--json"]).expect(1);
    all.says(&["never: never has never been applied"]);
    let lines: Vec<Value> = all
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = lines
        .iter()
        .map(|line| (line["env"].clone(), line["in_sync"].clone()))
        .collect();
    assert_eq!(
        names,
        [
            (json!("never"), Value::Null),
            (json!("one"), json!(true)),
            (json!("two"), json!(true))
        ]
    );
    assert_eq!(lines[0]["error"], "never has never been applied");
    sandbox.configure(&[environment("one"), environment("two")].concat());
    let _ = sandbox.run(&["drift", "--all"]).expect(0);
}
