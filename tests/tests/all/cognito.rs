//! The ways to Cognito, which every generation of GenU's app takes another of: each comes and goes on
//! a living deployment, and nothing else is touched.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::collections::{BTreeMap, BTreeSet};

use journeys::mutations::records;
use journeys::{Emulator, Sandbox, applied, within};
use serde_json::Value;

const REGION: &str = "ap-northeast-1";
const PROXIES: [&str; 4] = [
    "proxy/identity-pool",
    "proxy/identity-pool-stage",
    "proxy/user-pool",
    "proxy/user-pool-stage",
];
const ENDPOINTS: [&str; 2] = ["endpoint/cognito-identity", "endpoint/cognito-idp"];
const OUTPUTS: [&str; 2] = [
    "CognitoPrivateProxyCognitoIdPoolProxyApiEndpoint",
    "CognitoPrivateProxyCognitoUserPoolProxyApiEndpoint",
];

/// Everything on record that is not of Cognito, with AWS's ids.
fn others(sandbox: &Sandbox) -> BTreeMap<String, (String, Value)> {
    let mut all = records(sandbox);
    all.retain(|id, _| !PROXIES.contains(&id.as_str()) && !ENDPOINTS.contains(&id.as_str()));
    all
}

fn steps(plan: &Value) -> impl Iterator<Item = &Value> {
    plan["steps"].as_array().unwrap().iter()
}

/// What a plan changes, as `action id`.
fn changes(plan: &Value) -> BTreeSet<String> {
    let changing = steps(plan).filter(|step| step["action"] != "none" && step["external"] != true);
    let word = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
    changing
        .map(|step| format!("{} {}", word(step, "action"), word(step, "id")))
        .collect()
}

fn all_of(action: &str, ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| format!("{action} {id}")).collect()
}

/// Moves on to another way: these steps and no other are planned, everything else keeps its id, what
/// the audit and the pictures expect follows, and the outputs name the proxies while there are any.
#[track_caller]
fn becomes(sandbox: &Sandbox, way: &str, expected: &[(&str, &[&str])], says: &[&str]) {
    let before = others(sandbox);
    sandbox.configure_with(&format!("closedNetworkCognito = \"{way}\""));
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    let wanted: BTreeSet<String> = expected
        .iter()
        .flat_map(|(action, ids)| all_of(action, ids))
        .collect();
    assert_eq!(changes(&plan), wanted, "towards {way}");
    sandbox.run(&["apply", "-y"]).expect(0).says(says);
    assert_eq!(others(sandbox), before, "something else was touched: {way}");

    let (proxies, endpoints) = (way != "privatelink", way != "proxies");
    let on_record = records(sandbox);
    let there = |ids: &[&str]| ids.iter().all(|id| on_record.contains_key(*id));
    let gone = |ids: &[&str]| !ids.iter().any(|id| on_record.contains_key(*id));
    assert!(if proxies {
        there(&PROXIES)
    } else {
        gone(&PROXIES)
    });
    assert!(if endpoints {
        there(&ENDPOINTS)
    } else {
        gone(&ENDPOINTS)
    });
    let outputs = sandbox.run(&["outputs", "--json"]).expect(0).json();
    for name in OUTPUTS {
        assert_eq!(outputs.get(name).is_some(), proxies, "{name} with {way}");
    }
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    let _ = sandbox.run(&["drift"]).expect(0);
    let audit = sandbox.run(&["audit", "--json"]).expect(0).json();
    let findings = audit["findings"].as_array().unwrap();
    let rules = ["evidence-complete", "endpoint-missing"];
    assert!(
        !findings
            .iter()
            .any(|found| rules.contains(&found["rule"].as_str().unwrap())),
        "{findings:#?}"
    );
    let picture = sandbox.run(&["graph"]).expect(0).stdout;
    for (id, drawn) in [(PROXIES[0], proxies), (ENDPOINTS[0], endpoints)] {
        assert_eq!(picture.contains(id), drawn, "{id} with {way}");
    }
    let reach = sandbox.run(&["audit", "--graph", "mermaid"]).expect(0);
    assert_eq!(reach.stdout.contains("Cognito proxies"), proxies, "{way}");
}

#[test]
fn every_way_to_cognito_comes_and_goes_and_touches_nothing_else() {
    let (emulator, sandbox) = applied();
    becomes(
        &sandbox,
        "both",
        &[("create", &ENDPOINTS)],
        &["a user pool that has a domain"],
    );
    // They stand where the other endpoints that clients use stand, behind the same groups.
    let endpoint = |service: &str| {
        let filter = [
            ("Filter.1.Name", "service-name"),
            (
                "Filter.1.Value.1",
                &format!("com.amazonaws.{REGION}.{service}"),
            ),
        ];
        let found = emulator.ec2(REGION, "DescribeVpcEndpoints", &filter);
        let part = |name: &str| within(&found, name);
        assert!(
            part("serviceName").ends_with(&format!(".{service}")),
            "{found}"
        );
        (
            part("groupSet"),
            part("subnetIdSet"),
            part("privateDnsEnabled"),
        )
    };
    let lambda = endpoint("lambda");
    assert_eq!(lambda.2, "true");
    for service in ["cognito-idp", "cognito-identity"] {
        assert_eq!(endpoint(service), lambda, "{service}");
    }
    becomes(
        &sandbox,
        "privatelink",
        &[("delete", &PROXIES)],
        &["the Cognito proxies go"],
    );
    let left = emulator.inventory();
    assert!(
        !left.iter().any(|line| line.starts_with("apigateway")),
        "{left:#?}"
    );
    // What the features need is missed by the audit, Cognito's endpoints among it.
    let id = records(&sandbox)["endpoint/cognito-idp"].1["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let _ = emulator.ec2(REGION, "DeleteVpcEndpoints", &[("VpcEndpointId.1", &id)]);
    let audit = sandbox.run(&["audit", "--json"]).expect(2).stdout;
    assert!(
        audit.contains("no endpoint of com.amazonaws.ap-northeast-1.cognito-idp"),
        "{audit}"
    );
    let drift = sandbox.run(&["drift", "--json"]).expect(2).json();
    assert_eq!(drift["drifted"][0]["id"], "endpoint/cognito-idp");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    becomes(
        &sandbox,
        "proxies",
        &[("create", &PROXIES), ("delete", &ENDPOINTS)],
        &["the endpoints of Cognito go"],
    );
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
}

#[test]
fn without_proxies_no_rest_api_is_made_and_only_looked_for() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let lines = "closedNetworkCognito = \"privatelink\"\nclosedNetworkEndpoints = \"required\"";
    sandbox.configure_with(lines);
    let before = emulator.inventory();
    emulator.reset_calls();
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    let _ = sandbox.run(&["audit"]).expect(0);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    let changing = emulator.changing_calls();
    assert!(
        !changing.iter().any(|call| call.starts_with("apigateway")),
        "{changing:#?}"
    );
    assert_eq!(emulator.inventory(), before, "nothing is left behind");
}

/// An endpoint that a VPC of the user's own has already is used, as any other; the second one is ours.
#[test]
fn an_endpoint_of_cognito_that_stands_already_is_used() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let vpc = emulator.vpc("10.20.0.0/16");
    let ec2 = |action: &str, parameters: &[(&str, &str)]| emulator.ec2(REGION, action, parameters);
    let group = [
        ("GroupName", "theirs"),
        ("GroupDescription", "x"),
        ("VpcId", &vpc.id),
    ];
    let group = within(&ec2("CreateSecurityGroup", &group), "groupId");
    let rule = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"),
    ];
    ec2("AuthorizeSecurityGroupIngress", &rule);
    let theirs = [
        ("VpcId", vpc.id.as_str()),
        ("ServiceName", "com.amazonaws.ap-northeast-1.cognito-idp"),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &vpc.subnets[0]),
        ("SubnetId.2", &vpc.subnets[1]),
        ("SecurityGroupId.1", &group),
        ("PrivateDnsEnabled", "true"),
    ];
    let theirs = within(&ec2("CreateVpcEndpoint", &theirs), "vpcEndpointId");
    sandbox.configure_with(&format!(
        "closedNetworkCognito = \"privatelink\"\nclosedNetworkVpcId = \"{}\"\nclosedNetworkSubnetIds = {:?}",
        vpc.id, vpc.subnets
    ));
    let plan = sandbox.run(&["plan"]).expect(0);
    assert!(
        plan.stdout.contains(&format!("{theirs} is external")),
        "{}",
        plan.stdout
    );
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let on_record = records(&sandbox);
    assert!(!on_record.contains_key("endpoint/cognito-idp"));
    assert!(on_record.contains_key("endpoint/cognito-identity"));
    let _ = sandbox.run(&["audit"]).expect(0);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    let left = emulator.inventory();
    assert!(left.iter().any(|line| line.contains(&theirs)), "{left:#?}");
}

/// The generation is told by what the source and the app have in them, and by no version number.
#[test]
fn an_app_of_the_other_generation_is_told_before_it_is_built_and_before_it_is_pushed() {
    let (emulator, sandbox) = applied();
    let sources = sandbox.path("packages/cdk/lib/construct/closedNetwork");
    let write = |file: &str, text: &str| {
        let path = sandbox.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let told = |arguments: &[&str], note: Option<&str>| {
        let said = sandbox.run(arguments).expect(0).stderr;
        match note {
            Some(note) => assert!(said.contains(note), "{arguments:?}: {said}"),
            None => assert!(
                !said.contains("nobody could sign in"),
                "{arguments:?}: {said}"
            ),
        }
    };
    told(&["validate"], None);
    std::fs::create_dir_all(&sources).unwrap();
    // GenU since its pull request 1433.
    std::fs::write(sources.join("closed-vpc.ts"), "'cognito-identity'").unwrap();
    let wanted =
        "write closedNetworkCognito = \"privatelink\" in environment priv of config/genu.toml";
    told(&["validate"], Some(wanted));
    told(&["plan"], Some(wanted));
    told(&["apply", "-y"], Some(wanted));
    sandbox.configure_with("closedNetworkCognito = \"proxies\"");
    let wanted = "write closedNetworkCognito = \"privatelink\" in config/genu.toml:5";
    told(&["validate"], Some(wanted));

    let outputs = sandbox.run(&["outputs", "--json"]).expect(0).json();
    let proxy = outputs[OUTPUTS[1]].as_str().unwrap().to_owned();
    let main = "https://main123456.execute-api.ap-northeast-1.amazonaws.com/api/";
    write(
        "dist/index.html",
        "<script src=/assets/app-BfD8d2aX.js></script>",
    );
    let app = |addresses: &[&str]| {
        let text = format!("const it={addresses:?}");
        write("dist/assets/app-BfD8d2aX.js", &text);
    };
    app(&[main]);
    let push = ["web", "push", "dist"];
    told(&push, Some("this network has no endpoints of Cognito"));
    told(
        &["web", "push", "dist", "--dry-run"],
        Some("this network has no endpoints of Cognito"),
    );
    app(&[main, &proxy]);
    told(&push, None);
    app(&[
        main,
        "https://theirs1234.execute-api.ap-northeast-1.amazonaws.com/prod/",
    ]);
    told(&push, Some(&proxy));

    sandbox.configure_with("closedNetworkCognito = \"both\"");
    told(&["apply", "-y"], None);
    app(&[main]);
    told(&push, None);
    sandbox.configure_with("closedNetworkCognito = \"privatelink\"");
    told(&["apply", "-y"], None);
    told(&push, None);
    app(&[main, &proxy]);
    told(&push, Some("built for Cognito proxies"));
    // GenU up to 5.3.
    std::fs::write(sources.join("closed-vpc.ts"), "").unwrap();
    std::fs::write(sources.join("cognito-private-proxy.ts"), "").unwrap();
    let wanted = "write closedNetworkCognito = \"proxies\" in config/genu.toml:5";
    told(&["validate"], Some(wanted));
    drop(emulator);
}
