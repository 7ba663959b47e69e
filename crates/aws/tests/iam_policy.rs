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

use aws::authorization::{REFERENCE, Sample, arn_of};
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

/// Actions that a call needs beside the one that bears its name: what a service checks in the caller's
/// name, roles handed over, tags at create. By the operation that the sources call, with where AWS says
/// so.
const FORWARDED: &[(&str, &[&str], &str)] = &[
    (
        "apigateway:CreateRestApi",
        &[
            "apigateway:UpdateRestApiPolicy",
            "iam:CreateServiceLinkedRole",
        ],
        "\"Using service-linked roles for API Gateway\"; \"Control access to a REST API with resource policies\"",
    ),
    (
        "application-autoscaling:RegisterScalableTarget",
        // Recorded answers show that an account with the service-linked role is not asked for these;
        // the guide asks for them, and an account without that role is not recorded.
        &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:PutMetricAlarm",
            "ecs:DescribeServices",
            "ecs:UpdateService",
            "iam:CreateServiceLinkedRole",
        ],
        "\"Permissions required for Application Auto Scaling to work with target services and CloudWatch\", Application Auto Scaling user guide",
    ),
    (
        "ec2:CreateFlowLogs",
        &["logs:CreateLogDelivery", "logs:DeleteLogDelivery"],
        "\"IAM permissions for flow logs that publish to Amazon S3\", Amazon VPC user guide",
    ),
    (
        "ec2:CreateVpcEndpoint",
        &["route53:AssociateVPCWithHostedZone"],
        "Service Authorization Reference, dependent actions",
    ),
    (
        "ec2:RunInstances",
        &["iam:PassRole"],
        "Service Authorization Reference, dependent actions",
    ),
    (
        "ecs:CreateCluster",
        &["iam:CreateServiceLinkedRole"],
        "\"Using service-linked roles for Amazon ECS\"",
    ),
    (
        "ecs:RegisterTaskDefinition",
        &["iam:PassRole"],
        "\"Grant a user permissions to pass a role\"",
    ),
    (
        "elasticloadbalancing:CreateLoadBalancer",
        &[
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAddresses",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "iam:CreateServiceLinkedRole",
        ],
        "\"Elastic Load Balancing API permissions\"",
    ),
    (
        "elasticloadbalancing:CreateTargetGroup",
        &["ec2:DescribeInternetGateways", "ec2:DescribeVpcs"],
        "\"Elastic Load Balancing API permissions\"",
    ),
    (
        "route53resolver:CreateResolverEndpoint",
        &[
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:ModifyNetworkInterfaceAttribute",
        ],
        "\"Amazon Route 53 API permissions\"; AmazonRoute53ResolverFullAccess",
    ),
    (
        "route53resolver:DeleteResolverEndpoint",
        &["ec2:DeleteNetworkInterface"],
        "\"Amazon Route 53 API permissions\"",
    ),
    (
        "route53resolver:UpdateResolverEndpoint",
        &["ec2:AssignIpv6Addresses", "ec2:UnassignIpv6Addresses"],
        "Service Authorization Reference, dependent actions",
    ),
    (
        "servicequotas:GetServiceQuota",
        &["elasticloadbalancing:DescribeAccountLimits"],
        "Service Authorization Reference, dependent actions",
    ),
    (
        "ssm:PutParameter",
        &["ssm:AddTagsToResource"],
        "`Tags` of PutParameter, Systems Manager API reference",
    ),
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
        "arn:aws:ec2:*:*:vpc-flow-log/*",
    ];
    IN_VPC "MadeInAVpc" unconditional => ["arn:aws:ec2:*:*:vpc/*"];
    ENDPOINT_IN "EndpointsStandIn" unconditional => [
        "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:route-table/*", "arn:aws:ec2:*:*:security-group/*",
    ];
    INSTANCE_FROM "InstanceIsMadeFrom" unconditional => [
        "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:security-group/*",
        "arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:key-pair/*", "arn:aws:ec2:*::image/*",
    ];
    // Gateways that spread their routes into our tables are the user's, and lack our tags.
    GATEWAYS "GatewaysThatSpreadRoutes" unconditional => ["arn:aws:ec2:*:*:vpn-gateway/*"];
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
    LINKED "ServiceLinkedRoles" || json!({ "StringEquals": { "iam:AWSServiceName": ["ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com", "ops.apigateway.amazonaws.com"] } }) => ["arn:aws:iam::*:role/aws-service-role/*"];
    BALANCING "LoadBalancing" unconditional => [
        "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/genu-*",
        "arn:aws:elasticloadbalancing:*:*:targetgroup/genu-*",
        "arn:aws:elasticloadbalancing:*:*:listener/app/genu-*",
        "arn:aws:elasticloadbalancing:*:*:listener-rule/app/genu-*",
    ];
    ECS "Ecs" unconditional => [
        "arn:aws:ecs:*:*:cluster/genu-*", "arn:aws:ecs:*:*:service/genu-*", "arn:aws:ecs:*:*:task-definition/genu-*",
    ];
    RETIRED "RetireTaskDefinitions" unconditional => ["*"];
    SCALING "Scaling" || json!({ "StringEquals": { "application-autoscaling:service-namespace": "ecs" } }) => ["*"];
    // Named by Application Auto Scaling, which asks for no alarm in particular.
    ALARMS "AlarmsOfAutoScaling" unconditional => ["*"];
    // Deliveries of flow logs, which AWS knows no resource for.
    DELIVERED "LogsIntoBuckets" unconditional => ["*"];
    REST "RestApis" unconditional => ["arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*", "arn:aws:apigateway:*::/tags/*"];
    RESOLVER "Resolver" unconditional => ["arn:aws:route53resolver:*:*:resolver-endpoint/*"];
}

/// Where an action is allowed. One without a place here fails the test by name.
fn scopes_of(action: &str) -> Option<Vec<&'static Scope>> {
    let (service, name) = action.split_once(':').unwrap();
    let reads = ["Describe", "List", "Get", "Simulate"];
    let reads = reads.iter().any(|verb| name.starts_with(verb));
    Some(match (service, name) {
        (
            "ec2",
            "AssignIpv6Addresses"
            | "CreateNetworkInterface"
            | "CreateNetworkInterfacePermission"
            | "DeleteNetworkInterface"
            | "ModifyNetworkInterfaceAttribute"
            | "UnassignIpv6Addresses",
        ) => vec![&RESOLVER_INTERFACES],
        ("ec2", "DisableVgwRoutePropagation") => vec![&CHANGED, &GATEWAYS],
        ("cloudwatch", _) => vec![&ALARMS],
        // The caller's own role may have any name and path.
        ("iam", "GetRole") => vec![&LOOK],
        ("ec2", "CreateVpc" | "CreateKeyPair") => vec![&MADE],
        ("ec2", "CreateSubnet" | "CreateRouteTable" | "CreateSecurityGroup") => {
            vec![&MADE, &IN_VPC]
        }
        ("ec2", "CreateFlowLogs") => vec![&MADE, &IN_VPC],
        ("logs", "CreateLogDelivery" | "DeleteLogDelivery") => vec![&DELIVERED],
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

/// The managed policies for deployers: file, and the services whose actions are in it. Each holds less
/// than a managed policy may, so that users, groups and roles can have them all.
const FILES: [(&str, &[&str]); 3] = [
    (
        "iam-policy-network.json",
        &["ec2", "route53", "route53resolver"],
    ),
    (
        "iam-policy-app.json",
        &[
            "apigateway",
            "application-autoscaling",
            "cloudwatch",
            "ecr",
            "ecs",
            "elasticloadbalancing",
            "logs",
            "s3",
        ],
    ),
    (
        "iam-policy-roles.json",
        &["acm", "iam", "servicequotas", "ssm", "sts"],
    ),
];

/// The least privileges of deployers, by file.
fn deploying() -> BTreeMap<&'static str, Value> {
    let whole = policy();
    let statements = whole["Statement"].as_array().unwrap();
    let mut left: usize = statements
        .iter()
        .map(|s| s["Action"].as_array().unwrap().len())
        .sum();
    let files = FILES.iter().map(|(file, services)| {
        let within = |action: &&Value| {
            let (service, _) = action.as_str().unwrap().split_once(':').unwrap();
            services.contains(&service)
        };
        let statements = statements.iter().filter_map(|statement| {
            let actions = statement["Action"].as_array().unwrap().iter();
            let actions: Vec<&Value> = actions.filter(within).collect();
            left -= actions.len();
            let mut part = statement.clone();
            part["Action"] = json!(actions);
            (!actions.is_empty()).then_some(part)
        });
        let statements: Vec<Value> = statements.collect();
        (
            *file,
            json!({ "Version": "2012-10-17", "Statement": statements }),
        )
    });
    let files = files.collect();
    assert_eq!(left, 0, "every action is in a file");
    files
}

/// All that deployers need, from what the sources call.
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
    for (operation, also, _) in FORWARDED {
        assert!(called.contains(*operation), "{operation} is not called");
        needed.extend(also.iter().map(ToString::to_string));
    }
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
    for (file, policy) in deploying() {
        checked_in(file, &policy);
        small_enough(file, &policy);
    }
    checked_in("iam-policy-state.json", &state_policy());
    checked_in("iam-policy-check.json", &check_policy());
    checked_in("iam-policy-web.json", &web_policy());
    small_enough("iam-policy-check.json", &check_policy());
}

/// What one managed policy may hold without white space ("IAM and AWS STS quotas").
fn small_enough(file: &str, policy: &Value) {
    let size = policy.to_string().len();
    assert!(size <= 6_144, "{file}: {size} of 6,144 characters");
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
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "ecs:DeregisterTaskDefinition",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "route53:AssociateVPCWithHostedZone",
        "route53:CreateHostedZone",
    ];
    assert_eq!(unscoped, no_resource_known.into());
    assert!(
        !policy.to_string().contains(":*\""),
        "no action is granted by wildcard"
    );
}

/// What of a set of policies can never be allowed, since the resources of its statements are of other
/// types than those that AWS authorises the action on; and the types that every call of an action names
/// and no statement has.
fn gaps(policies: &[Value]) -> BTreeSet<String> {
    let sample = Sample {
        partition: "aws",
        region: "ap-northeast-1",
        account: "123456789012",
        name: &|pattern| pattern.replace('*', "x"),
    };
    let mut gaps = BTreeSet::new();
    let mut patterns: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let statements = policies
        .iter()
        .flat_map(|p| p["Statement"].as_array().unwrap());
    for statement in statements {
        let of: Vec<&str> = statement["Resource"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for action in statement["Action"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
        {
            patterns.entry(action).or_default().extend(&of);
            let types = REFERENCE.actions.get(action).map(|row| &row.types);
            let fits = types.is_some_and(|types| {
                types.keys().any(|kind| {
                    of.iter()
                        .any(|pattern| fits(action, kind, pattern, &sample))
                })
            });
            if of != ["*"] && !fits {
                gaps.insert(format!(
                    "{action} in {}",
                    statement["Sid"].as_str().unwrap()
                ));
            }
        }
    }
    for (action, of) in patterns {
        let Some(row) = REFERENCE.actions.get(action) else {
            gaps.insert(format!("{action} is not in the reference"));
            continue;
        };
        for kind in row
            .types
            .iter()
            .filter(|(_, required)| **required)
            .map(|(kind, _)| kind)
        {
            // Application, network and gateway load balancers: a call is about one of them.
            let family = |kind: &str| match kind.split_once('/') {
                Some((family, _)) if action.starts_with("elasticloadbalancing:") => {
                    family.to_owned()
                }
                _ => kind.to_owned(),
            };
            let siblings = row
                .types
                .keys()
                .filter(|other| family(other) == family(kind));
            let mut pairs = siblings.flat_map(|kind| of.iter().map(move |pattern| (kind, pattern)));
            if !pairs.any(|(kind, pattern)| fits(action, kind, pattern, &sample)) {
                gaps.insert(format!("{action} on {kind}"));
            }
        }
    }
    gaps
}

/// Says whether a resource of type `kind`, as `action` knows it, can be one of `pattern`.
fn fits(action: &str, kind: &str, pattern: &str, sample: &Sample<'_>) -> bool {
    let (service, _) = action.split_once(':').unwrap();
    let template = REFERENCE.types.get(&format!("{service}:{kind}"));
    pattern == "*" || template.is_some_and(|form| arn_of(form, pattern, sample).is_some())
}

/// What AWS itself authorises on other resources than the reference has, or asks of nobody here.
const NOT_AS_THE_REFERENCE: &[(&str, &str)] = &[(
    "route53:ChangeTagsForResource on healthcheck",
    "a call is about a zone or a health check (`ResourceType` of ChangeTagsForResource)",
)];

#[test]
fn every_action_stands_on_resources_of_its_own_types() {
    let known: BTreeSet<&str> = NOT_AS_THE_REFERENCE.iter().map(|(gap, _)| *gap).collect();
    let deploying: Vec<Value> = deploying().into_values().collect();
    let sets = [
        deploying.clone(),
        vec![state_policy()],
        vec![check_policy()],
        vec![web_policy()],
    ];
    let found: BTreeSet<String> = sets.iter().flat_map(|set| gaps(set)).collect();
    assert_eq!(
        found.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        known
    );
    // Without a type of resources what needs it is named.
    let mut without = deploying;
    for statement in without
        .iter_mut()
        .flat_map(|p| p["Statement"].as_array_mut().unwrap())
    {
        let resources = statement["Resource"].as_array_mut().unwrap();
        resources.retain(|pattern| !pattern.as_str().unwrap().contains("listener-rule"));
    }
    let named = gaps(&without);
    assert!(
        named.contains("elasticloadbalancing:DeleteRule in LoadBalancing"),
        "{named:?}"
    );
}
