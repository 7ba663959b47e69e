//! What helps, by AWS's words: texts as others have published them, beside the recorded ones.

use std::fmt::Write as _;

use reconciler::Class;

use super::checked_in;
use crate::classify::class_of;
use crate::denial::{By, Denial, shortened};
use crate::hints::hint_for;

const USER: &str = "User: arn:aws:iam::123456789012:user/u is not authorized to perform: ";

/// Operation, code, message. The forms are those of "Access denied error messages" (IAM user guide);
/// the others are quoted from public issues and AWS's lists of errors.
fn texts() -> Vec<(&'static str, &'static str, String)> {
    let on = "on resource: arn:aws:s3:::genu-prod-web-1";
    let denied = |action: &str, rest: &str| format!("{USER}{action} {rest}");
    let role = "on resource: arn:aws:iam::123456789012:role/genu-prod-task";
    vec![
        ("s3:PutBucketEncryption", "AccessDenied", denied("s3:PutEncryptionConfiguration", &format!("{on} with an explicit deny in a service control policy"))),
        ("s3:PutBucketEncryption", "AccessDenied", denied("s3:PutEncryptionConfiguration", &format!("{on} because no identity-based policy allows the s3:PutEncryptionConfiguration action"))),
        ("s3:PutBucketEncryption", "AccessDenied", denied("s3:PutEncryptionConfiguration", &format!("{on} because no service control policy allows the s3:PutEncryptionConfiguration action"))),
        ("s3:PutPublicAccessBlock", "AccessDenied", "Access Denied".into()),
        ("s3:DeleteObjects", "AccessDenied", "Access Denied".into()),
        ("s3:GetObject", "AccessDenied", denied("s3:GetObject", "on resource: \"arn:aws:s3:::genu-states-1/prod/lease\" because no identity-based policy allows the s3:GetObject action")),
        ("s3:PutObject", "AccessDenied", denied("s3:PutObject", "on resource: \"arn:aws:s3:::genu-prod-web-1/index.html\" because no identity-based policy allows the s3:PutObject action")),
        ("s3:PutObject", "AccessDenied", denied("s3:PutObject", "on resource: \"arn:aws:s3:::genu-prod-web-1/index.html\" because no VPC endpoint policy allows the s3:PutObject action")),
        ("s3:PutObject", "AccessDenied", denied("s3:PutObject", "on resource: \"arn:aws:s3:::genu-prod-web-1/index.html\" with an explicit deny in a resource control policy")),
        ("iam:CreateRole", "AccessDenied", denied("iam:CreateRole", &format!("{role} because no permissions boundary allows the iam:CreateRole action"))),
        ("iam:CreateRole", "AccessDenied", denied("iam:CreateRole", &format!("{role} with an explicit deny in an identity-based policy"))),
        ("ec2:RunInstances", "UnauthorizedOperation", format!("You are not authorized to perform this operation. {USER}iam:PassRole {role} because no identity-based policy allows the iam:PassRole action. Encoded authorization failure message: AbC-dEf_123")),
        ("ec2:CreateVpc", "UnauthorizedOperation", "You are not authorized to perform this operation.".into()),
        ("ec2:RunInstances", "AuthFailure", "Not authorized for images: [ami-0123456789abcdef0]".into()),
        ("ec2:DescribeVpcs", "AuthFailure", "AWS was not able to validate the provided access credentials".into()),
        ("sts:GetCallerIdentity", "InvalidClientTokenId", "The security token included in the request is invalid.".into()),
        ("ecs:DescribeClusters", "UnrecognizedClientException", "The security token included in the request is invalid.".into()),
        ("ec2:DescribeVpcs", "OptInRequired", "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.".into()),
        ("ec2:DescribeVpcs", "RequestExpired", "Request has expired.".into()),
        ("iam:GetRole", "SignatureDoesNotMatch", "Signature expired: 20261201T000000Z is now earlier than 20261201T001000Z".into()),
        ("iam:GetRole", "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.".into()),
        ("s3:HeadBucket", "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.".into()),
        ("ec2:CreateSecurityGroup", "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.".into()),
        ("ec2:AuthorizeSecurityGroupIngress", "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.".into()),
        ("route53:CreateHostedZone", "TooManyHostedZones", "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER".into()),
        ("elasticloadbalancing:CreateListener", "TargetGroupAssociationLimit", "You have reached the limit.".into()),
        ("ec2:CreateVpcEndpoint", "InsufficientFreeAddressesInSubnet", "The specified subnet does not have enough free addresses to satisfy the request.".into()),
        ("ec2:RunInstances", "InsufficientInstanceCapacity", "We currently do not have sufficient r6i.large capacity in the Availability Zone you requested.".into()),
        ("ec2:RunInstances", "Unsupported", "Your requested instance type (r6i.large) is not supported in your requested Availability Zone (ap-northeast-1a).".into()),
        ("elasticloadbalancing:DeleteLoadBalancer", "OperationNotPermitted", "Load balancer cannot be deleted because deletion protection is enabled".into()),
        ("ecs:TagResource", "InvalidParameterException", "Long arn format must be used for tagging operations".into()),
        ("apigateway:CreateDeployment", "ConflictException", "Another Deployment is in progress for rest api with id abc. Please try again later.".into()),
        ("apigateway:CreateRestApi", "ConflictException", "Unable to complete operation due to concurrent modification. Please try again later.".into()),
        ("apigateway:CreateStage", "ConflictException", "Stage already exists".into()),
        ("apigateway:PutMethod", "ConflictException", "Method already exists for this resource".into()),
        ("apigateway:DeleteRestApi", "ConflictException", "Conflict".into()),
        ("logs:DeleteLogGroup", "OperationAbortedException", "A conflicting operation is currently in progress against this resource. Please try again.".into()),
        ("s3:CompleteMultipartUpload", "InternalError", "We encountered an internal error. Please try again.".into()),
        ("s3:ListMultipartUploadParts", "NoSuchUpload", "The specified upload does not exist.".into()),
        ("elasticloadbalancing:DeleteRule", "RuleNotFound", "One or more rules not found".into()),
    ]
}

#[test]
fn every_published_text_has_its_class_and_its_hint() {
    let mut table = String::new();
    for (operation, code, message) in texts() {
        // A failure inside an answer with HTTP 200, or the status of most errors: the code decides.
        let class = class_of(operation, code, &message, 200);
        writeln!(
            table,
            "{class:?}: {operation}: {code}: {}",
            shortened(&message)
        )
        .unwrap();
        if let Some(hint) = hint_for(operation, code, &message, class) {
            writeln!(table, "    {hint}").unwrap();
        }
    }
    checked_in("hints.txt", &table);
}

/// Whatever else denies, it does not help to give the caller our policy.
#[test]
fn a_shipped_policy_is_named_only_where_it_may_help() {
    let actions = ["s3:GetObject", "iam:PassRole", "ec2:RunInstances"];
    let reasons = [
        (
            "with an explicit deny in a service control policy",
            By::ServiceControl,
        ),
        (
            "because no service control policy allows the X action",
            By::ServiceControl,
        ),
        (
            "with an explicit deny in a resource control policy",
            By::ResourceControl,
        ),
        (
            "because no permissions boundary allows the X action",
            By::Boundary,
        ),
        (
            "with an explicit deny in a permissions boundary",
            By::Boundary,
        ),
        ("because no session policy allows the X action", By::Session),
        ("with an explicit deny in a session policy", By::Session),
        (
            "because no resource-based policy allows the X action",
            By::Resource,
        ),
        (
            "with an explicit deny in a resource-based policy",
            By::Resource,
        ),
        (
            "because no VPC endpoint policy allows the X action",
            By::Endpoint,
        ),
        (
            "with an explicit deny in a VPC endpoint policy",
            By::Endpoint,
        ),
        (
            "with an explicit deny in an identity-based policy",
            By::IdentityDenies,
        ),
    ];
    let resources = [
        "arn:aws:iam::123456789012:role/x",
        "\"arn:aws:s3:::b/k\"",
        "role x",
    ];
    for action in actions {
        for (reason, by) in reasons {
            for resource in resources {
                let message = format!("{USER}{action} on resource: {resource} {reason}");
                let denial = Denial::of(&message);
                assert_eq!(denial.action, Some(action), "{message}");
                assert_eq!(
                    denial.resource,
                    Some(resource.trim_matches('"')),
                    "{message}"
                );
                assert_eq!(denial.by, by, "{message}");
                let hint = hint_for("s3:HeadBucket", "AccessDenied", &message, Class::Denied);
                assert!(!hint.unwrap().contains("config/"), "{message}");
            }
        }
    }
}

/// Names of calls that IAM does not know.
#[test]
fn what_is_no_right_is_never_said_to_be_needed() {
    for operation in [
        "s3:PutBucketEncryption",
        "s3:PutPublicAccessBlock",
        "s3:DeleteObjects",
        "s3:UploadPart",
        "s3:HeadBucket",
        "apigateway:CreateRestApi",
    ] {
        let hint = hint_for(operation, "AccessDenied", "Access Denied", Class::Denied).unwrap();
        let told = format!("the rights of the call {operation}");
        assert_eq!(hint.matches(operation).count(), hint.matches(&told).count());
    }
}

/// The encoded text is shown once, in the command that reads it.
#[test]
fn an_encoded_message_is_not_told_twice() {
    let message = format!("{USER}ec2:X because … Encoded authorization failure message: BLOB");
    let hint = hint_for("ec2:X", "UnauthorizedOperation", &message, Class::Denied).unwrap();
    assert!(hint.contains("--encoded-message BLOB`"));
    assert!(!shortened(&message).contains("BLOB"));
}
