//! The shipped policies are enough for a whole life of the network, and every action of them counts.
//!
//! moto enforces actions alone: it knows neither resources but `*` nor conditions, and names API
//! Gateway's actions after their operations. The policies are projected onto that for the emulator;
//! the shipped files stay as they are.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::collections::BTreeSet;

use journeys::{Emulator, Ended, Sandbox, applied, needs, within};
use serde_json::{Value, json};

/// Actions that the emulator calls otherwise, and its words for them.
const RENAMED: &[(&str, &[&str])] = &[
    (
        "apigateway:GET",
        &[
            "GetRestApis",
            "GetResources",
            "GetStages",
            "GetDeployment",
            "GetDeployments",
        ],
    ),
    (
        "apigateway:POST",
        &[
            "CreateRestApi",
            "CreateResource",
            "CreateDeployment",
            "CreateStage",
        ],
    ),
    (
        "apigateway:PUT",
        &[
            "PutMethod",
            "PutMethodResponse",
            "PutIntegration",
            "PutIntegrationResponse",
            "TagResource",
        ],
    ),
    ("apigateway:PATCH", &["UpdateRestApi", "UpdateStage"]),
    (
        "apigateway:DELETE",
        &[
            "DeleteRestApi",
            "DeleteStage",
            "DeleteDeployment",
            "DeleteMethod",
            "DeleteResource",
            "UntagResource",
        ],
    ),
    ("s3:GetBucketPublicAccessBlock", &["ListBucket"]),
];

/// Every action of the shipped policies for deployers.
fn shipped() -> BTreeSet<String> {
    let policies = [
        include_str!("../../../config/iam-policy-network.json"),
        include_str!("../../../config/iam-policy-app.json"),
        include_str!("../../../config/iam-policy-roles.json"),
    ];
    policies.into_iter().flat_map(actions).collect()
}

/// Every action of a policy.
fn actions(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

/// The policy as the emulator understands it.
fn projected(actions: &BTreeSet<String>) -> Value {
    let mut projected: BTreeSet<String> = actions.clone();
    for (action, names) in RENAMED {
        if let Some((service, _)) = action.split_once(':').filter(|_| actions.contains(*action)) {
            projected.extend(names.iter().map(|name| format!("{service}:{name}")));
        }
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": projected, "Resource": "*" }],
    })
}

/// A user who may do `actions`, and the emulator enforcing it from now on.
fn user(emulator: &Emulator, actions: &BTreeSet<String>) -> (String, String) {
    let name = ("UserName", "deployer");
    emulator.iam("CreateUser", &[name]);
    let document = projected(actions).to_string();
    let policy = [
        name,
        ("PolicyName", "genu"),
        ("PolicyDocument", document.as_str()),
    ];
    emulator.iam("PutUserPolicy", &policy);
    let key = emulator.iam("CreateAccessKey", &[name]);
    emulator.enforce();
    (within(&key, "AccessKeyId"), within(&key, "SecretAccessKey"))
}

fn run(sandbox: &Sandbox, (id, secret): &(String, String), arguments: &[&str]) -> Ended {
    sandbox
        .command(arguments)
        .env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .output()
        .unwrap()
        .into()
}

#[test]
fn the_shipped_policies_are_enough_for_a_whole_life() {
    needs!(Rights);
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let certificate = emulator.certificate("genu.closed");
    let domain = format!(
        "closedNetworkDomainName = \"genu.closed\"\nclosedNetworkCertificateArn = \"{certificate}\"\ntagValue = \"x\"\n"
    );
    let keys = user(&emulator, &shipped());
    sandbox.configure_with(&domain);
    let up = run(&sandbox, &keys, &["apply", "-y"]).expect(0);
    for note in ["could not be asked", "IAM's simulator sees nothing"] {
        assert!(!up.stderr.contains(note), "{}", up.stderr);
    }
    sandbox.configure_with("");
    let _ = run(&sandbox, &keys, &["apply", "-y"]).expect(0);
    let _ = run(&sandbox, &keys, &["plan", "--detailed-exitcode"]).expect(0);
    let _ = run(&sandbox, &keys, &["destroy", "-y"]).expect(0);
}

/// Who only checks can look at everything and change nothing.
#[test]
fn the_policy_for_checks_is_enough_for_them_and_for_nothing_else() {
    needs!(Rights);
    let (emulator, sandbox) = applied();
    let looks = actions(include_str!("../../../config/iam-policy-check.json"));
    let keys = user(&emulator, &looks);
    emulator.reset_calls();
    for check in [
        &["drift", "--audit", "--tags"][..],
        &["audit"],
        &["graph"],
        &["plan", "--detailed-exitcode"],
    ] {
        let _ = run(&sandbox, &keys, check).expect(0);
    }
    let changing = emulator.changing_calls().into_iter();
    let changing: Vec<String> = changing.filter(|c| !c.contains("Simulate")).collect();
    assert_eq!(changing, Vec::<String>::new());
    sandbox.configure_with("closedNetworkClientCidrs = [\"10.0.0.0/8\"]");
    let refused = run(&sandbox, &keys, &["apply", "-y", "--no-preflight"]);
    assert!(refused.code != 0, "{}", refused.stderr);
    refused.says(&["not authorized"]);
}

/// Without an action the user is told its name: by a note where IAM can be asked, which says so of
/// resources that it does not know, too, and by the call that is denied.
#[test]
fn an_action_that_is_missing_is_named() {
    needs!(Rights);
    // Of services that speak XML: to the others, too, the emulator says no in XML.
    for (missing, file) in [
        ("ec2:CreateVpcEndpoint", "config/iam-policy-network.json"),
        ("iam:PutRolePolicy", "config/iam-policy-roles.json"),
    ] {
        let emulator = Emulator::start(&[]);
        let sandbox = Sandbox::new(&emulator);
        let mut actions = shipped();
        assert!(actions.remove(missing), "{missing} is not in the policies");
        let keys = user(&emulator, &actions);
        let note = format!("allows arn:aws:iam::123456789012:user/deployer {missing}; {file} has");
        let denied = run(&sandbox, &keys, &["apply", "-y"]).expect(3);
        // The emulator's words do not say which kind of policy denies.
        let hint = format!("the caller may lack {missing} ({file} has it)");
        denied.says(&[&note, &hint]);
        // What the first run did not do by then is all that is left, and it is denied.
        let unasked = run(&sandbox, &keys, &["apply", "-y", "--no-preflight"]);
        assert!([1, 3].contains(&unasked.code), "{}", unasked.code);
        unasked.says(&[&hint]);
        assert!(!unasked.stderr.contains(&note), "{}", unasked.stderr);
    }
}
