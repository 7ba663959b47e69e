//! The audit over live AWS: closed as shipped, open when somebody opens it, and what is agreed to.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::time::{Duration, Instant};

use journeys::{Emulator, Sandbox, applied, needs, within};
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

/// What somebody does behind the tool's back, and the rules that fire for it.
struct Deed {
    rules: &'static [&'static str],
    done: fn(&Emulator, &Network),
}

/// AWS's ids of what a deed needs.
struct Network {
    vpc: String,
    subnet: String,
    table: String,
    group: String,
    logs: String,
    instance: String,
    bucket: String,
}

impl Network {
    fn of(sandbox: &Sandbox) -> Self {
        let show = |id: &str, fact: &str| {
            let record = sandbox.run(&["state", "show", id]).expect(0).json();
            record["record"]["out"][fact].as_str().unwrap().to_owned()
        };
        Self {
            vpc: show("network/vpc", "id"),
            subnet: show("network/subnet-a", "id"),
            table: show("network/route-table-a", "id"),
            group: show("web/service-group", "id"),
            logs: show("endpoint/logs", "id"),
            instance: show("test/instance", "id"),
            bucket: show("web/bucket", "name"),
        }
    }
}

const ANYBODY: [(&str, &str); 2] = [
    ("IpPermissions.1.IpProtocol", "-1"),
    ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
];

fn ec2(emulator: &Emulator, action: &str, parameters: &[(&str, &str)]) -> String {
    emulator.ec2(REGION, action, parameters)
}

fn task_role(emulator: &Emulator, action: &str, more: &[(&str, &str)]) {
    let role = ("RoleName", "genu-priv-ap-northeast-1-web-task");
    let parameters: Vec<(&str, &str)> = [role].into_iter().chain(more.iter().copied()).collect();
    let _ = emulator.iam(action, &parameters);
}

const DEEDS: &[Deed] = &[
    Deed {
        rules: &["egress-only-gateway"],
        done: |e, n| {
            ec2(e, "CreateEgressOnlyInternetGateway", &[("VpcId", &n.vpc)]);
        },
    },
    Deed {
        rules: &["interface-public-address", "nat-gateway-public"],
        done: |e, n| {
            let address = within(
                &ec2(e, "AllocateAddress", &[("Domain", "vpc")]),
                "allocationId",
            );
            ec2(
                e,
                "CreateNatGateway",
                &[("SubnetId", &n.subnet), ("AllocationId", &address)],
            );
        },
    },
    Deed {
        rules: &["vpn-to-nowhere"],
        done: |e, n| {
            let made = ec2(e, "CreateVpnGateway", &[("Type", "ipsec.1")]);
            let gateway = within(&made, "vpnGatewayId");
            ec2(
                e,
                "AttachVpnGateway",
                &[("VpcId", &n.vpc), ("VpnGatewayId", &gateway)],
            );
        },
    },
    Deed {
        rules: &["peering-to-nowhere"],
        done: |e, n| {
            let other = within(
                &ec2(e, "CreateVpc", &[("CidrBlock", "10.99.0.0/16")]),
                "vpcId",
            );
            let both = [("VpcId", n.vpc.as_str()), ("PeerVpcId", &other)];
            let made = ec2(e, "CreateVpcPeeringConnection", &both);
            let id = within(&made, "vpcPeeringConnectionId");
            ec2(
                e,
                "AcceptVpcPeeringConnection",
                &[("VpcPeeringConnectionId", &id)],
            );
        },
    },
    Deed {
        rules: &["internet-gateway", "route-out", "subnet-public"],
        done: |e, n| {
            let gateway = within(&ec2(e, "CreateInternetGateway", &[]), "internetGatewayId");
            let both = [("InternetGatewayId", gateway.as_str()), ("VpcId", &n.vpc)];
            ec2(e, "AttachInternetGateway", &both);
            let route = [
                ("RouteTableId", n.table.as_str()),
                ("DestinationCidrBlock", "0.0.0.0/0"),
                ("GatewayId", &gateway),
            ];
            ec2(e, "CreateRoute", &route);
        },
    },
    Deed {
        rules: &["instance-connect"],
        done: |e, n| {
            ec2(
                e,
                "CreateInstanceConnectEndpoint",
                &[("SubnetId", &n.subnet)],
            );
        },
    },
    Deed {
        rules: &["subnet-public"],
        done: |e, n| {
            let on = [
                ("SubnetId", n.subnet.as_str()),
                ("MapPublicIpOnLaunch.Value", "true"),
            ];
            ec2(e, "ModifySubnetAttribute", &on);
        },
    },
    Deed {
        rules: &["group-ingress"],
        done: |e, n| {
            let rule = [("GroupId", n.group.as_str()), ANYBODY[0], ANYBODY[1]];
            ec2(e, "AuthorizeSecurityGroupIngress", &rule);
        },
    },
    Deed {
        rules: &["group-egress"],
        done: |e, n| {
            let rule = [("GroupId", n.group.as_str()), ANYBODY[0], ANYBODY[1]];
            ec2(e, "AuthorizeSecurityGroupEgress", &rule);
        },
    },
    Deed {
        rules: &["endpoint-private-dns"],
        done: |e, n| {
            let off = [
                ("VpcEndpointId", n.logs.as_str()),
                ("PrivateDnsEnabled", "false"),
            ];
            ec2(e, "ModifyVpcEndpoint", &off);
        },
    },
    Deed {
        rules: &["endpoint-missing"],
        done: |e, n| {
            ec2(e, "DeleteVpcEndpoints", &[("VpcEndpointId.1", &n.logs)]);
        },
    },
    Deed {
        rules: &["instance-metadata-tokens"],
        done: |e, n| {
            let optional = [
                ("InstanceId", n.instance.as_str()),
                ("HttpTokens", "optional"),
            ];
            ec2(e, "ModifyInstanceMetadataOptions", &optional);
        },
    },
    Deed {
        rules: &["bucket-public-access"],
        done: |e, n| drop(e.s3("DELETE", &format!("{}?publicAccessBlock", n.bucket))),
    },
    Deed {
        rules: &["bucket-tls-only"],
        done: |e, n| drop(e.s3("DELETE", &format!("{}?policy", n.bucket))),
    },
    Deed {
        rules: &["role-actions", "role-resources"],
        done: |e, _| {
            let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
            task_role(
                e,
                "PutRolePolicy",
                &[("PolicyName", "more"), ("PolicyDocument", all)],
            );
        },
    },
    Deed {
        rules: &["role-trust"],
        done: |e, _| {
            let anybody = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
            task_role(e, "UpdateAssumeRolePolicy", &[("PolicyDocument", anybody)]);
        },
    },
    Deed {
        rules: &["log-retention"],
        done: |e, _| {
            let group = json!({ "logGroupName": "/genu/priv/web" });
            let _ = e.json("logs", "Logs_20140328.DeleteRetentionPolicy", &group);
        },
    },
];

/// Every rule has its mutations against made-up evidence; these go through AWS's own answers.
#[test]
fn what_somebody_opens_is_seen_in_awss_own_answers() {
    needs!(Fork);
    let (emulator, sandbox) = applied();
    let network = Network::of(&sandbox);
    let fired = |sandbox: &Sandbox| {
        let verdict = sandbox.run(&["audit", "--json"]);
        let verdict = verdict.json();
        let mut fired: Vec<String> = ["error", "warning"]
            .into_iter()
            .flat_map(|severity| rules(&verdict, severity))
            .collect();
        fired.sort();
        fired.dedup();
        fired
    };
    let before = fired(&sandbox);
    for deed in DEEDS {
        let copy = emulator.fork();
        let own = Sandbox::new(&copy);
        own.copy_state(&sandbox);
        (deed.done)(&copy, &network);
        let new: Vec<String> = fired(&own)
            .into_iter()
            .filter(|r| !before.contains(r))
            .collect();
        let expected: Vec<&str> = deed.rules.to_vec();
        assert!(
            expected
                .iter()
                .all(|rule| new.iter().any(|new| new == rule)),
            "{expected:?} is not in {new:?}"
        );
        let beside = new.iter().filter(|rule| !expected.contains(&rule.as_str()));
        assert_eq!(
            beside.collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "for {expected:?}"
        );
    }
}
