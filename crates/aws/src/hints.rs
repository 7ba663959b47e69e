//! What helps after a failed call, decided from AWS's words and not from the code alone.

use reconciler::Class;

use crate::denial::{By, Denial, encoded};
use crate::policies::shipped;

/// What helps, where it is known.
pub(crate) fn hint_for(operation: &str, code: &str, message: &str, class: Class) -> Option<String> {
    if let Some(hint) = by_message(message) {
        return Some(hint.into());
    }
    if let Some(hint) = by_code(code) {
        return Some(hint.into());
    }
    (class == Class::Denied).then(|| denied(operation, message))
}

/// Words that say more than their code.
fn by_message(message: &str) -> Option<&'static str> {
    let says = |what: &str| message.contains(what);
    if says("Not authorized for images") {
        return Some(
            "the image was withdrawn, or the account may not use public images: name another with closedNetworkTestEnvironmentAmiId",
        );
    }
    if says("Signature expired") || says("Signature not yet current") {
        return Some(CLOCK);
    }
    if says("Long arn format")
        || says("long arn format")
        || says("long ARN format")
        || says("new ARN and resource ID format")
    {
        return Some(
            "switch the long format of ECS's ARNs on for the account: `aws ecs put-account-setting-default --name serviceLongArnFormat --value enabled`, and the same for taskLongArnFormat",
        );
    }
    if says("not supported in your requested Availability Zone") {
        return Some(
            "the instance type does not exist in this zone: use subnets of other zones, or leave the test instance out with closedNetworkCreateTestEnvironment = false",
        );
    }
    None
}

const CLOCK: &str = "the clock of this machine is wrong, or the session has expired: set the clock, or log in again (`aws sso login`)";
const REGION: &str = "the credentials are not accepted (`aws sts get-caller-identity` must work with the same profile), or the region is not enabled for the account: `aws account get-region-opt-status --region-name REGION` tells, `aws account enable-region --region-name REGION` enables it";
const QUOTA: &str = "a quota of the account is used up: raise it in the Service Quotas console, then run the same again";
const PROTECTED: &str =
    "somebody switched protection against deletion on: switch it off, then run the same again";

/// Codes that mean one thing.
fn by_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" => {
            "the session has expired: log in again (`aws sso login`)"
        }
        "RequestExpired" | "RequestTimeTooSkewed" => CLOCK,
        "InvalidClientTokenId" | "UnrecognizedClientException" | "OptInRequired" => REGION,
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "AuthFailure" => {
            "the credentials are not accepted: `aws sts get-caller-identity` must work with the same profile"
        }
        "ConflictingDomainExists" => {
            "another private hosted zone of this name is associated with the VPC: take it off, or use another domain"
        }
        "HostedZoneNotEmpty" => {
            "others keep records in the zone: delete them, then run the same again"
        }
        "VpcLimitExceeded"
        | "SubnetLimitExceeded"
        | "VpcEndpointLimitExceeded"
        | "GatewayVpcEndpointLimitExceeded"
        | "SecurityGroupLimitExceeded"
        | "SecurityGroupsPerInterfaceLimitExceeded"
        | "RulesPerSecurityGroupLimitExceeded"
        | "RouteTableLimitExceeded"
        | "RouteLimitExceeded"
        | "NetworkInterfaceLimitExceeded"
        | "AttachmentLimitExceeded"
        | "InstanceLimitExceeded"
        | "VcpuLimitExceeded"
        | "VolumeLimitExceeded"
        | "AddressLimitExceeded"
        | "TooManyHostedZones"
        | "TooManyVPCAssociationAuthorizations"
        | "TooManyBuckets"
        | "TooManyLoadBalancers"
        | "TooManyTargetGroups"
        | "TooManyListeners"
        | "TooManyRules"
        | "TooManyCertificates"
        | "TargetGroupAssociationLimit"
        | "ResourceLimitExceeded"
        | "ServiceQuotaExceededException"
        | "LimitExceededException"
        | "LimitExceeded" => QUOTA,
        "InsufficientFreeAddressesInSubnet" => {
            "a subnet has no free addresses left: free some, or use a larger subnet"
        }
        "InsufficientInstanceCapacity" => {
            "AWS has no instance of this type free in this zone: try again later, or leave the test instance out with closedNetworkCreateTestEnvironment = false"
        }
        "OperationNotPermitted" => PROTECTED,
        _ => return None,
    })
}

/// Who denied it decides what helps.
fn denied(operation: &str, message: &str) -> String {
    let denial = Denial::of(message);
    // A label that a policy knows is the name of a right, too.
    let action = denial.action.unwrap_or(operation);
    let file = shipped(action, denial.resource);
    let what = match denial.action {
        Some("iam:PassRole") => {
            let role = denial.resource.unwrap_or("the role");
            format!("iam:PassRole on {role} (the right to hand a role to a service)")
        }
        Some(action) => action.to_owned(),
        // The call's own name need not be that of the right.
        None if file.is_some() => operation.to_owned(),
        None => format!("the rights of the call {operation}"),
    };
    let ask = "ask whoever manages";
    let mut hint = match denial.by {
        By::IdentityMissing => match file {
            Some(file) => format!("the caller needs {what}: {file} has it"),
            None => format!("the caller needs {what}, which no shipped policy has"),
        },
        By::IdentityDenies => {
            format!("a policy of the caller's own denies {what}: take that statement away")
        }
        By::Boundary => format!(
            "the caller's permissions boundary does not let {what} through: {ask} it to add that"
        ),
        By::Session => format!(
            "the policy of this session does not let {what} through: assume the role without it, or with one that does"
        ),
        By::ServiceControl => format!(
            "a service control policy of the organisation denies {what}, whatever the caller's own policies allow: {ask} the organisation"
        ),
        By::ResourceControl => format!(
            "a resource control policy of the organisation denies {what}, whatever the caller's own policies allow: {ask} the organisation"
        ),
        By::Resource => format!(
            "the policy of {} itself denies {what}: change that policy",
            denial.resource.unwrap_or("the resource")
        ),
        By::Endpoint => format!(
            "the policy of the VPC endpoint that this call goes through does not let {what} through: change that policy, or call from elsewhere"
        ),
        By::Unsaid => match file {
            Some(file) => format!(
                "the caller may lack {what} ({file} has it), or a policy of the organisation, a permissions boundary or the resource's own policy denies it; AWS does not say which"
            ),
            None => format!(
                "the caller may lack {what}, or a policy of the organisation, a permissions boundary or the resource's own policy denies it; AWS does not say which"
            ),
        },
    };
    if let Some(text) = encoded(message) {
        hint.push_str(
            "; AWS tells more to `aws sts decode-authorization-message --encoded-message ",
        );
        hint.push_str(text);
        hint.push('`');
    }
    hint
}
