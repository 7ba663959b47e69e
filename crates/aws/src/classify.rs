//! What AWS's error codes mean for the next move. Codes are matched, and text only where the code
//! is generic. Sources: the services' API references ("Common errors", "Errors" of each operation).

use reconciler::Class;

/// The class of an error answer.
pub(crate) fn class_of(operation: &str, code: &str, message: &str, status: u16) -> Class {
    if let Some(class) = by_text(code, message) {
        return class;
    }
    match code {
        // EC2, REST protocols, Route 53 (HTTP 400 `Throttling`), JSON protocols.
        "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "LimitExceededException.Throttling" => Class::Throttled,
        "DependencyViolation"
        | "InvalidGroup.InUse"
        | "DeleteConflict"
        | "ResourceInUse"
        | "ResourceInUseException"
        | "OperationAborted"
        | "ClusterContainsTasksException"
        | "ClusterContainsServicesException"
        | "ClusterContainsContainerInstancesException"
        | "UpdateInProgressException"
        | "ConcurrentUpdateException"
        | "ConcurrentModificationException"
        | "ConcurrentModification"
        | "IncorrectState"
        | "InvalidKeyPair.InUse"
        | "OperationNotPermittedException" => Class::InUse,
        "BucketNotEmpty" | "RepositoryNotEmptyException" => Class::InUse,
        // A REST API answers so while another change of it is under way.
        "ConflictException" if !operation.contains(":Create") => Class::InUse,
        "AuthFailure"
        | "UnauthorizedOperation"
        | "AccessDenied"
        | "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "OptInRequired"
        | "InvalidAccessKeyId"
        | "403" => Class::Denied,
        "InvalidPermission.Duplicate"
        | "InvalidGroup.Duplicate"
        | "InvalidKeyPair.Duplicate"
        | "EntityAlreadyExists"
        | "EntityAlreadyExistsException"
        | "BucketAlreadyOwnedByYou"
        | "BucketAlreadyExists"
        | "DuplicateLoadBalancerName"
        | "DuplicateListener"
        | "DuplicateTargetGroupName"
        | "ResourceAlreadyExistsException"
        | "RepositoryAlreadyExistsException"
        | "ResourceExistsException"
        | "ParameterAlreadyExists"
        | "ConflictException"
        | "HostedZoneAlreadyExists"
        | "RouteAlreadyExists"
        | "FlowLogAlreadyExists"
        | "Resource.AlreadyAssociated" => Class::Exists,
        "NoSuchEntity"
        | "NoSuchEntityException"
        | "NoSuchBucket"
        | "NotFound"
        | "NoSuchHostedZone"
        | "NoSuchChange"
        | "VPCAssociationNotFound"
        | "CertificateNotFound"
        | "LoadBalancerNotFound"
        | "ListenerNotFound"
        | "TargetGroupNotFound"
        | "ResourceNotFoundException"
        | "RepositoryNotFoundException"
        | "ParameterNotFound"
        | "NotFoundException"
        | "ClusterNotFoundException"
        | "ServiceNotFoundException"
        | "ServiceNotActiveException"
        | "ObjectNotFoundException"
        | "InvalidPermission.NotFound"
        | "NoSuchTagSet"
        | "NoSuchBucketPolicy"
        | "ServerSideEncryptionConfigurationNotFoundError"
        | "NoSuchPublicAccessBlockConfiguration"
        | "OwnershipControlsNotFoundError"
        | "LifecyclePolicyNotFoundException"
        | "ImageNotFoundException"
        | "404" => gone(operation),
        // EC2's `InvalidVpcID.NotFound` and its many siblings.
        _ if code.ends_with(".NotFound") || code.ends_with(".Unknown") => gone(operation),
        // A HEAD has no body to say why in.
        "" if status == 403 => Class::Denied,
        _ if status >= 500 || code == "InternalError" || code == "InternalFailure" => {
            Class::Ambiguous
        }
        _ => Class::Refused,
    }
}

/// "Not found" to a delete or a look means gone. To anything else it means that what was just
/// made elsewhere is not visible here yet.
fn gone(operation: &str) -> Class {
    let verb = operation.split(':').nth(1).unwrap_or_default();
    let looks = [
        "Delete",
        "Describe",
        "Get",
        "List",
        "Head",
        "Terminate",
        "Revoke",
        "Deregister",
        "Remove",
        "Disassociate",
        "Detach",
    ];
    if looks.iter().any(|prefix| verb.starts_with(prefix)) {
        Class::Gone
    } else {
        Class::NotVisible
    }
}

/// Generic codes that mean several things, told apart by their words.
fn by_text(code: &str, message: &str) -> Option<Class> {
    let says = |what: &str| message.contains(what);
    match code {
        "InvalidParameterValue" | "InvalidParameterCombination"
            if says("Invalid IAM Instance Profile")
                || says("has no associated IAM Roles")
                || says("iamInstanceProfile") =>
        {
            Some(Class::Propagating)
        }
        "InvalidParameterException" | "ClientException" | "ValidationException"
            if says("Unable to assume")
                || says("service linked role")
                || says("unable to assume")
                || says("role is not valid") =>
        {
            Some(Class::Propagating)
        }
        "InvalidParameterException" if says("does not have an associated load balancer") => {
            Some(Class::NotVisible)
        }
        "InvalidChangeBatch" if says("not found") => Some(Class::Gone),
        "InvalidParameterException" if says("not idempotent") => Some(Class::Exists),
        "MalformedPolicyDocument" | "MalformedPolicy"
            if says("Invalid principal") || says("invalid principal") =>
        {
            Some(Class::Propagating)
        }
        // New addresses of a resolver count only once they are attached.
        "InvalidRequestException" if says("only attached IP address") => Some(Class::InUse),
        // The name of an endpoint that is still being deleted is free only when it is gone.
        "InvalidParameter" if says("conflicting DNS domain") => Some(Class::InUse),
        _ => None,
    }
}

/// What helps, where we know.
pub(crate) fn hint_for(operation: &str, code: &str, class: Class) -> Option<String> {
    match (class, code) {
        (_, "ExpiredToken" | "ExpiredTokenException") => {
            Some("the session has expired: log in again (`aws sso login`)".into())
        }
        (_, "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch" | "AuthFailure") => {
            Some("the credentials are not accepted: `aws sts get-caller-identity` must work with the same profile".into())
        }
        (_, "ConflictingDomainExists") => Some(
            "another private hosted zone of this name is associated with the VPC: take it off, or use another domain".into(),
        ),
        (_, "HostedZoneNotEmpty") => Some(
            "others keep records in the zone: delete them, then run the same again".into(),
        ),
        (Class::Denied, _) => Some(format!(
            "the caller needs {operation}; config/iam-policy.json has everything that is needed"
        )),
        (_, "VpcLimitExceeded" | "VpcEndpointLimitExceeded" | "TooManyLoadBalancers"
            | "VcpuLimitExceeded" | "LimitExceededException" | "LimitExceeded" | "AddressLimitExceeded") => {
            Some("a quota of the account is used up: raise it in the Service Quotas console, then run the same again".into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_found_is_gone_to_a_delete_and_not_visible_to_an_update() {
        let class = |operation| class_of(operation, "InvalidVpcID.NotFound", "", 400);
        assert_eq!(class("ec2:DeleteVpc"), Class::Gone);
        assert_eq!(class("ec2:ModifyVpcAttribute"), Class::NotVisible);
    }

    #[test]
    fn a_server_error_is_ambiguous_unless_it_is_a_throttle() {
        assert_eq!(
            class_of("ec2:CreateVpc", "InternalError", "", 500),
            Class::Ambiguous
        );
        assert_eq!(
            class_of("ec2:CreateVpc", "RequestLimitExceeded", "", 503),
            Class::Throttled
        );
        assert_eq!(
            class_of("s3:CreateBucket", "SlowDown", "", 503),
            Class::Throttled
        );
    }

    #[test]
    fn a_profile_that_ec2_does_not_see_yet_is_waited_for_and_a_wrong_value_is_not() {
        let class = |m| class_of("ec2:RunInstances", "InvalidParameterValue", m, 400);
        assert_eq!(
            class(
                "Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
            ),
            Class::Propagating
        );
        assert_eq!(class("bad size"), Class::Refused);
    }
}
