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
        | "OperationAbortedException"
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
        // To anything but a create it is another change under way, or our own put of before, which a
        // new look at the definition finds.
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
        | "RequestExpired"
        | "RequestTimeTooSkewed"
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
        | "RuleNotFound"
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
        // Completed or aborted, by us or by somebody else: there is nothing to wait for.
        "NoSuchUpload" => Class::Gone,
        // EC2's `InvalidVpcID.NotFound` and its many siblings.
        _ if code.ends_with(".NotFound") || code.ends_with(".Unknown") => gone(operation),
        // A HEAD has no body to say why in.
        "" if status == 403 => Class::Denied,
        // No call of ours comes to be when it is sent again: an answer with 5xx that says so for good.
        "NotImplemented" | "InsufficientInstanceCapacity" => Class::Refused,
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
        // A service that is draining holds its name (recorded up to 57 s after DeleteService).
        "InvalidParameterException" if says("still Draining") => Some(Class::InUse),
        "InvalidParameterException" if says("while deployments are active") => Some(Class::InUse),
        // Made a moment ago by a call of another kind.
        "ClientException" if says("TaskDefinition not found") => Some(Class::NotVisible),
        "ValidationException" if says("ECS service doesn't exist") => Some(Class::NotVisible),
        // Gateway and interface of one service, when the interface serves the resolver alone.
        "InvalidParameter" if says("cannot be deleted while Interface endpoint") => {
            Some(Class::InUse)
        }
        "InvalidParameter" if says("must have a Gateway endpoint") => Some(Class::NotVisible),
        "InvalidParameter" if says("requires both enableDnsSupport") => Some(Class::NotVisible),
        "IdempotentParameterMismatch" => Some(Class::TokenSpent),
        // One change of a volume at a time.
        "IncorrectModificationState" => Some(Class::InUse),
        // Recorded: a rule that names a group of another VPC has the code of a lag, and never passes.
        "InvalidGroup.NotFound" if says("belong to different networks") => Some(Class::Refused),
        // API Gateway: "Unable to complete operation due to concurrent modification. Please try again
        // later.", "Another Deployment is in progress for rest api"; older APIs say it of a bad request.
        "ConflictException" | "BadRequestException"
            if says("concurrent modification")
                || says("try again later")
                || says("Deployment is in progress") =>
        {
            Some(Class::InUse)
        }
        // Application Auto Scaling's answer to a dimension of another service (recorded).
        "AccessDeniedException" if message == "Account is not authorized" => Some(Class::Refused),
        // The name of an endpoint that is still being deleted is free only when it is gone.
        "InvalidParameter" if says("conflicting DNS domain") => Some(Class::InUse),
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

    /// AWS's words, as recorded or as others have published them.
    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not_by_its_words() {
        for (operation, code, message, class) in [
            (
                "ecs:CreateService",
                "InvalidParameterException",
                "Unable to Start a service that is still Draining.",
                Class::InUse,
            ),
            (
                "ecs:CreateService",
                "ClientException",
                "TaskDefinition not found.",
                Class::NotVisible,
            ),
            (
                "application-autoscaling:RegisterScalableTarget",
                "ValidationException",
                "ECS service doesn't exist: service/c/s",
                Class::NotVisible,
            ),
            (
                "ec2:DeleteVpcEndpoints",
                "InvalidParameter",
                "Gateway endpoint cannot be deleted while Interface endpoint vpce-1 for the service has PrivateDnsOnlyForInboundResolverEndpoint set to true",
                Class::InUse,
            ),
            (
                "ec2:CreateVpcEndpoint",
                "InvalidParameter",
                "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC vpc-1 must have a Gateway endpoint for the service.",
                Class::NotVisible,
            ),
            (
                "ec2:CreateVpcEndpoint",
                "InvalidParameter",
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-1",
                Class::NotVisible,
            ),
            (
                "ec2:CreateVpcEndpoint",
                "IdempotentParameterMismatch",
                "The request with token: t is stale",
                Class::TokenSpent,
            ),
            (
                "ec2:ModifyVolume",
                "IncorrectModificationState",
                "Modification of volume vol-1 is in progress",
                Class::InUse,
            ),
        ] {
            assert_eq!(class_of(operation, code, message, 400), class, "{message}");
        }
    }
}
