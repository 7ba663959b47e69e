//! The least-privilege policy, generated from the operations that the sources name: nothing is
//! missing, nothing is left over, and everything is as narrow as AWS can have it. Paths are below this
//! package's folder, where cargo runs its tests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "to panic is to fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// Operations whose IAM action bears another name (Service Authorization Reference).
fn actions(operation: &str) -> Vec<String> {
    let (service, name) = operation.split_once(':').unwrap();
    let renamed: &[&str] = match operation {
        "s3:HeadBucket" => &["s3:ListBucket"],
        "s3:DeleteObjects" => &["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "s3:CreateMultipartUpload" | "s3:UploadPart" | "s3:CompleteMultipartUpload" => {
            &["s3:PutObject"]
        }
        "s3:PutPublicAccessBlock" => &["s3:PutBucketPublicAccessBlock"],
        "s3:GetPublicAccessBlock" => &["s3:GetBucketPublicAccessBlock"],
        "s3:PutBucketEncryption" => &["s3:PutEncryptionConfiguration"],
        "s3:GetBucketEncryption" => &["s3:GetEncryptionConfiguration"],
        "s3:PutBucketLifecycleConfiguration" => &["s3:PutLifecycleConfiguration"],
        "s3:GetBucketLifecycleConfiguration" => &["s3:GetLifecycleConfiguration"],
        _ if service == "apigateway" => match name {
            "TagResource" => &["apigateway:PUT"],
            "UntagResource" => &["apigateway:DELETE"],
            _ if name.starts_with("Get") => &["apigateway:GET"],
            _ if name.starts_with("Create") => &["apigateway:POST"],
            _ if name.starts_with("Put") => &["apigateway:PUT"],
            _ if name.starts_with("Update") => &["apigateway:PATCH"],
            _ => &["apigateway:DELETE"],
        },
        _ => return vec![operation.to_owned()],
    };
    renamed.iter().map(ToString::to_string).collect()
}

/// Actions that calls need beside those that bear their name: tags at create, roles handed over,
/// what services do in the caller's name.
const ALONGSIDE: [&str; 7] = [
    "apigateway:UpdateRestApiPolicy",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
    "route53:AssociateVPCWithHostedZone",
    "ssm:AddTagsToResource",
];

/// Words of the policy documents that the kinds write: not calls.
const IN_DOCUMENTS: [&str; 4] = [
    "aws:SecureTransport",
    "aws:SourceVpce",
    "execute-api:Invoke",
    "sts:AssumeRole",
];

/// Who calls: each has a policy of its own, since not everybody needs all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What builds, changes and destroys.
    Deploying,
    /// What keeps states in S3.
    States,
    /// What only audits and tells.
    Checking,
    /// What brings the app's files to the web bucket.
    Web,
}

impl Part {
    fn of(path: &Path) -> Self {
        let below = path.strip_prefix(Path::new(".").join("src"));
        let below = below.unwrap().to_string_lossy().into_owned();
        if below.starts_with("s3_state") {
            Self::States
        } else if below.starts_with("evidence")
            || ["discover.rs", "notices.rs"].contains(&below.as_str())
        {
            Self::Checking
        } else if below == "web_files.rs" {
            Self::Web
        } else {
            Self::Deploying
        }
    }
}

/// Every `"service:Operation"` below `dir`, up to a file's tests, of one part.
fn operations(dir: &Path, part: Part, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            operations(&path, part, into);
            continue;
        }
        if Part::of(&path) != part {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for quoted in text.split('"') {
            if let Some((service, name)) = quoted.split_once(':')
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(char::is_alphanumeric)
                && service
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !service.is_empty()
                && !IN_DOCUMENTS.contains(&quoted)
            {
                into.insert(quoted.to_owned());
            }
        }
    }
}

/// A statement of the policy: everything about it but its actions.
struct Scope {
    sid: &'static str,
    resources: &'static [&'static str],
    condition: fn() -> Value,
}

fn unconditional() -> Value {
    Value::Null
}

/// Only what bears our mark.
fn ours() -> Value {
    json!({ "Null": { "aws:ResourceTag/genu-deploy:env": "false" } })
}

/// Only what GuardDuty made.
fn of_guardduty() -> Value {
    json!({ "StringEquals": { "aws:ResourceTag/GuardDutyManaged": "true" } })
}

/// Only what gets our mark with the call.
fn marked() -> Value {
    json!({ "Null": { "aws:RequestTag/genu-deploy:env": "false" } })
}

macro_rules! scopes {
    ($($name:ident $sid:literal $condition:expr => $resources:expr;)+) => {
        $(const $name: Scope = Scope { sid: $sid, resources: &$resources, condition: $condition };)+
        const SCOPES: &[Scope] = &[$($name),+];
    };
}

// Resource types and condition keys: Service Authorization Reference. `*` alone stands only where
// AWS knows no resource for the action.
scopes! {
    LOOK "Look" unconditional => ["*"];
    MADE "MadeInEc2" marked => [
        "arn:aws:ec2:*:*:vpc/*", "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:route-table/*",
        "arn:aws:ec2:*:*:security-group/*", "arn:aws:ec2:*:*:vpc-endpoint/*",
        "arn:aws:ec2:*:*:key-pair/*", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*",
    ];
    IN_VPC "MadeInAVpc" unconditional => ["arn:aws:ec2:*:*:vpc/*"];
    ENDPOINT_IN "EndpointsStandIn" unconditional => [
        "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:route-table/*", "arn:aws:ec2:*:*:security-group/*",
    ];
    INSTANCE_FROM "InstanceIsMadeFrom" unconditional => [
        "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:security-group/*",
        "arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:key-pair/*", "arn:aws:ec2:*::image/*",
    ];
    TAGGED_WHEN_MADE "TaggedWhenMade" || json!({ "Null": { "ec2:CreateAction": "false" } }) => ["arn:aws:ec2:*:*:*/*"];
    CHANGED "ChangeWhatIsOursInEc2" ours => ["arn:aws:ec2:*:*:*/*"];
    GUARDDUTY "DeleteWhatGuardDutyMade" of_guardduty => [
        "arn:aws:ec2:*:*:vpc-endpoint/*", "arn:aws:ec2:*:*:security-group/*",
    ];
    DEFAULT_GROUP "EmptyTheDefaultGroupOfAVpc" unconditional => [
        "arn:aws:ec2:*:*:security-group/*",
    ];
    RESOLVER_INTERFACES "InterfacesOfTheResolver" unconditional => [
        "arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:security-group/*",
    ];
    ZONE_MADE "ZonesAreMade" unconditional => ["*"];
    ZONE "Zones" unconditional => ["arn:aws:route53:::hostedzone/*"];
    RECORD "Records" || json!({ "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["A"] } }) => ["arn:aws:route53:::hostedzone/*"];
    CHANGE "Changes" unconditional => ["arn:aws:route53:::change/*"];
    BUCKET "Bucket" unconditional => ["arn:aws:s3:::genu-*-web-*", "arn:aws:s3:::genu-*-web-*/*"];
    REPOSITORY "Repository" unconditional => ["arn:aws:ecr:*:*:repository/genu-*"];
    LOG_GROUP "LogGroup" unconditional => ["arn:aws:logs:*:*:log-group:/genu/*"];
    PRIVATE_KEY "PrivateKey" unconditional => ["arn:aws:ssm:*:*:parameter/ec2/keypair/*"];
    WINDOWS_IMAGE "WindowsImage" unconditional => ["arn:aws:ssm:*::parameter/aws/service/ami-windows-latest/*"];
    ROLES "Roles" unconditional => ["arn:aws:iam::*:role/genu-*", "arn:aws:iam::*:instance-profile/genu-*"];
    PASSED "HandRolesToServices" || json!({ "StringEquals": { "iam:PassedToService": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] } }) => ["arn:aws:iam::*:role/genu-*"];
    LINKED "ServiceLinkedRoles" || json!({ "StringEquals": { "iam:AWSServiceName": ["ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"] } }) => ["arn:aws:iam::*:role/aws-service-role/*"];
    BALANCING "LoadBalancing" unconditional => [
        "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/genu-*",
        "arn:aws:elasticloadbalancing:*:*:targetgroup/genu-*",
        "arn:aws:elasticloadbalancing:*:*:listener/app/genu-*",
    ];
    ECS "Ecs" unconditional => [
        "arn:aws:ecs:*:*:cluster/genu-*", "arn:aws:ecs:*:*:service/genu-*", "arn:aws:ecs:*:*:task-definition/genu-*",
    ];
    RETIRED "RetireTaskDefinitions" unconditional => ["*"];
    SCALING "Scaling" || json!({ "StringEquals": { "application-autoscaling:service-namespace": "ecs" } }) => ["*"];
    REST "RestApis" unconditional => ["arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*", "arn:aws:apigateway:*::/tags/*"];
    RESOLVER "Resolver" unconditional => ["arn:aws:route53resolver:*:*:resolver-endpoint/*"];
}

/// Where an action is allowed. One without a place here fails the test by name.
fn scopes_of(action: &str) -> Option<Vec<&'static Scope>> {
    let (service, name) = action.split_once(':').unwrap();
    let reads = ["Describe", "List", "Get", "Simulate"];
    let reads = reads.iter().any(|verb| name.starts_with(verb));
    Some(match (service, name) {
        ("ec2", "CreateNetworkInterface" | "DeleteNetworkInterface") => vec![&RESOLVER_INTERFACES],
        ("ec2", "CreateVpc" | "CreateKeyPair") => vec![&MADE],
        ("ec2", "CreateSubnet" | "CreateRouteTable" | "CreateSecurityGroup") => {
            vec![&MADE, &IN_VPC]
        }
        ("ec2", "CreateVpcEndpoint") => vec![&MADE, &IN_VPC, &ENDPOINT_IN],
        ("ec2", "ModifyVpcEndpoint") => vec![&CHANGED, &ENDPOINT_IN],
        ("ec2", "RunInstances") => vec![&MADE, &INSTANCE_FROM],
        ("ec2", "CreateTags") => vec![&TAGGED_WHEN_MADE, &CHANGED],
        ("ec2", "DeleteVpcEndpoints" | "DeleteSecurityGroup") => vec![&CHANGED, &GUARDDUTY],
        ("ec2", "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress") => vec![&DEFAULT_GROUP],
        ("route53", "CreateHostedZone" | "ListHostedZones" | "ListHostedZonesByVPC") => {
            vec![&ZONE_MADE]
        }
        ("route53", "ChangeResourceRecordSets") => vec![&RECORD],
        ("route53", "GetChange") => vec![&CHANGE],
        // Interface endpoints with private DNS are associated with zones of AWS's own.
        ("route53", "AssociateVPCWithHostedZone") => vec![&ZONE_MADE],
        ("route53", _) => vec![&ZONE],
        ("s3", "ListAllMyBuckets") | ("iam", "ListRoles") => vec![&LOOK],
        ("s3", _) => vec![&BUCKET],
        ("ecr", _) => vec![&REPOSITORY],
        ("logs", "DescribeLogGroups") => vec![&LOOK],
        ("logs", _) => vec![&LOG_GROUP],
        ("ssm", "GetParameter") => vec![&WINDOWS_IMAGE],
        ("ssm", "DescribeParameters") => vec![&LOOK],
        ("ssm", _) => vec![&PRIVATE_KEY],
        ("iam", "PassRole") => vec![&PASSED],
        ("iam", "CreateServiceLinkedRole") => vec![&LINKED],
        ("iam", "SimulatePrincipalPolicy") => vec![&LOOK],
        ("iam", _) => vec![&ROLES],
        (
            "elasticloadbalancing" | "ec2" | "ecs" | "application-autoscaling" | "route53resolver",
            _,
        ) if reads => {
            vec![&LOOK]
        }
        ("sts" | "acm" | "servicequotas", _) if reads => vec![&LOOK],
        ("ec2", _) => vec![&CHANGED],
        ("elasticloadbalancing", _) => vec![&BALANCING],
        ("ecs", "DeregisterTaskDefinition") => vec![&RETIRED],
        ("ecs", _) => vec![&ECS],
        ("application-autoscaling", _) => vec![&SCALING],
        ("apigateway", _) => vec![&REST],
        ("route53resolver", _) => vec![&RESOLVER],
        _ => return None,
    })
}

/// The least-privilege policy, from what the sources call.
fn policy() -> Value {
    let root = Path::new(".");
    let mut called = BTreeSet::new();
    operations(&root.join("src"), Part::Deploying, &mut called);
    assert!(
        called.len() > 100,
        "only {} operations were found",
        called.len()
    );
    let mut needed: BTreeSet<String> = called.iter().flat_map(|o| actions(o)).collect();
    needed.extend(ALONGSIDE.map(ToOwned::to_owned));
    let mut by_scope: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for action in &needed {
        let scopes = scopes_of(action);
        let scopes = scopes.unwrap_or_else(|| panic!("where is {action} allowed?"));
        for scope in scopes {
            by_scope.entry(scope.sid).or_default().push(action);
        }
    }
    let statements = SCOPES.iter().filter_map(|scope| {
        let mut statement = json!({
            "Sid": scope.sid,
            "Effect": "Allow",
            "Action": by_scope.get(scope.sid)?,
            "Resource": scope.resources,
        });
        let condition = (scope.condition)();
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        Some(statement)
    });
    json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() })
}

/// The policy for states in a bucket whose name begins as the README proposes.
fn state_policy() -> Value {
    const BUCKET: &str = "arn:aws:s3:::genu-states-*";
    let root = Path::new(".");
    let mut called = BTreeSet::new();
    operations(&root.join("src"), Part::States, &mut called);
    let needed: BTreeSet<String> = called.iter().flat_map(|o| actions(o)).collect();
    let use_it = |action: &&String| action.ends_with("Object") || *action == "s3:ListBucket";
    let (using, making): (Vec<&String>, Vec<&String>) = needed.iter().partition(use_it);
    assert_eq!(using.len(), 4, "{using:?}");
    assert!(
        making.iter().all(|action| action.starts_with("s3:")),
        "{making:?}"
    );
    let statement = |sid: &str, actions: &[&String], resources: &[String]| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources });
    json!({ "Version": "2012-10-17", "Statement": [
        statement("States", &using, &[BUCKET.to_owned(), format!("{BUCKET}/*")]),
        statement("Bootstrap", &making, &[BUCKET.to_owned()]),
    ] })
}

/// Whether an action only looks.
fn looks(action: &str) -> bool {
    let verbs = [":Describe", ":List", ":Get", ":Simulate", ":GET"];
    verbs.iter().any(|verb| action.contains(verb))
}

/// The policy for `plan`, `drift`, `audit` and `graph`: every read, and nothing that changes anything
/// but what a check leaves behind.
fn check_policy() -> Value {
    const STATES: &str = "arn:aws:s3:::genu-states-*";
    let root = Path::new(".");
    let mut called = BTreeSet::new();
    for part in [Part::Deploying, Part::Checking] {
        operations(&root.join("src"), part, &mut called);
    }
    let needed: BTreeSet<String> = called.iter().flat_map(|o| actions(o)).collect();
    let mut by_scope: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for action in needed.iter().filter(|action| looks(action)) {
        for scope in scopes_of(action).unwrap() {
            by_scope.entry(scope.sid).or_default().push(action);
        }
    }
    let looking = SCOPES.iter().filter_map(|scope| {
        Some(json!({
            "Sid": scope.sid,
            "Effect": "Allow",
            "Action": by_scope.get(scope.sid)?,
            "Resource": scope.resources,
        }))
    });
    let mut statements: Vec<Value> = looking.collect();
    let statement = |sid: &str, actions: &[&str], resources: &[String]| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources });
    statements.push(statement(
        "States",
        &["s3:GetObject", "s3:ListBucket"],
        &[STATES.to_owned(), format!("{STATES}/*")],
    ));
    statements.push(statement(
        "WhatTheLastCheckFound",
        &["s3:PutObject"],
        &[format!("{STATES}/*/drift-last.json")],
    ));
    assert!(needed.contains("sns:Publish"));
    statements.push(statement(
        "Tell",
        &["sns:Publish"],
        &["arn:aws:sns:*:*:genu-deploy-*".to_owned()],
    ));
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The policy for `web push` and `web status`, beside that for the state.
fn web_policy() -> Value {
    let root = Path::new(".");
    let mut called = BTreeSet::new();
    operations(&root.join("src"), Part::Web, &mut called);
    let mut needed: BTreeSet<String> = called.iter().flat_map(|o| actions(o)).collect();
    assert!(needed.contains("s3:PutObject"), "{needed:?}");
    // No key is deleted by its version here.
    needed.remove("s3:DeleteObjectVersion");
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": BUCKET.sid,
        "Effect": "Allow",
        "Action": needed,
        "Resource": BUCKET.resources,
    }] })
}

/// What is checked in is what would be written now.
fn checked_in(file: &str, policy: &Value) {
    let file = Path::new(".").join("../../config").join(file);
    let fresh = format!("{policy:#}\n");
    if std::env::var_os("GENU_WRITE").is_some() {
        fs::write(&file, &fresh).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == fresh,
        "run this test with GENU_WRITE=1 and look at the difference"
    );
}

#[test]
fn the_policy_is_what_the_sources_call_and_no_more() {
    checked_in("iam-policy.json", &policy());
    checked_in("iam-policy-state.json", &state_policy());
    checked_in("iam-policy-check.json", &check_policy());
    checked_in("iam-policy-web.json", &web_policy());
    // What one managed policy may hold without white space ("IAM and AWS STS quotas").
    let size = check_policy().to_string().len();
    assert!(size <= 6_144, "{size} of 6,144 characters");
    // What a role's inline policies may hold without white space ("IAM and AWS STS quotas").
    let size = policy().to_string().len();
    assert!(size <= 10_240, "{size} of 10,240 characters");
}

#[test]
fn checks_change_nothing() {
    let policy = check_policy();
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements
        .iter()
        .flat_map(|s| s["Action"].as_array().unwrap());
    let changing = actions
        .filter_map(Value::as_str)
        .filter(|action| !looks(action));
    let changing: BTreeSet<&str> = changing.collect();
    assert_eq!(changing, ["s3:PutObject", "sns:Publish"].into());
}

/// Whatever can be narrower is: changing actions stand on everything only where AWS knows nothing
/// narrower.
#[test]
fn changing_actions_are_scoped() {
    let policy = policy();
    let unscoped: BTreeSet<&str> = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|statement| statement["Resource"][0] == "*" && statement["Condition"].is_null())
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap())
        .filter(|action| !looks(action))
        .collect();
    let no_resource_known = [
        "ecs:DeregisterTaskDefinition",
        "route53:AssociateVPCWithHostedZone",
        "route53:CreateHostedZone",
    ];
    assert_eq!(unscoped, no_resource_known.into());
    assert!(
        !policy.to_string().contains(":*\""),
        "no action is granted by wildcard"
    );
}
