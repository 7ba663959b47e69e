//! Why an instance ended, and what helps.

use aws_sdk_ec2::types::Instance as Live;
use reconciler::Trouble;

/// What AWS says of an instance that shuts down or has been terminated. A launch may die after
/// `RunInstances` was answered; `StateReason` alone says why.
pub(super) fn of(live: &Live) -> Trouble {
    let id = live.instance_id().unwrap_or_default();
    let reason = live.state_reason();
    let code = reason.and_then(|reason| reason.code()).unwrap_or_default();
    let said = reason.and_then(|reason| reason.message());
    let said = said.or(live.state_transition_reason());
    let said = said.filter(|said| !said.is_empty());
    let why = said.unwrap_or("no reason given");
    Trouble::from(format!("{id} has ended: {why}")).hint(hint(code))
}

/// Codes: `StateReason` of `DescribeInstances`; "Troubleshoot Amazon EC2 instance launch issues".
fn hint(code: &str) -> Option<&'static str> {
    match code {
        "Client.InternalError" => Some(KEY),
        _ if code.contains("KMSKey") => Some(KEY),
        "Client.VolumeLimitExceeded" => Some(
            "the account's quota of volume storage is used up: raise it in the Service Quotas console (Amazon EBS), then run the same again",
        ),
        _ if code.contains("InsufficientInstanceCapacity") => Some(
            "AWS has no such instance free in this zone now: run the same again later, or choose another instance type",
        ),
        _ => None,
    }
}

/// Volumes are encrypted with the account's default key of the region. Rights: those without which
/// launches were seen to die.
const KEY: &str = "most likely the caller may not use the key that encrypts new volumes (`aws ec2 get-ebs-default-kms-key-id` names it): the caller needs kms:DescribeKey, kms:CreateGrant and kms:GenerateDataKeyWithoutPlaintext for it, and it has to be enabled; or go back to AWS's own key (`aws ec2 reset-ebs-default-kms-key-id`). Then run the same again";

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::StateReason;

    use super::*;

    /// As recorded of a launch whose caller may not use the volume's key, 11 s after `RunInstances`.
    #[test]
    fn a_launch_that_dies_for_its_key_says_so_and_what_helps() {
        let code = "Client.InvalidKMSKey.InvalidState";
        let said = format!("{code}: The KMS key provided is in an incorrect state");
        let live = Live::builder()
            .instance_id("i-035b78f9d08141e35")
            .state_transition_reason("Client.InternalError")
            .state_reason(StateReason::builder().code(code).message(&said).build())
            .build();
        let trouble = of(&live);
        assert_eq!(
            trouble.why,
            format!("i-035b78f9d08141e35 has ended: {said}")
        );
        assert!(
            trouble
                .hint
                .is_some_and(|hint| hint.contains("kms:CreateGrant"))
        );
    }

    #[test]
    fn an_end_by_hand_needs_no_advice() {
        let code = "Client.UserInitiatedShutdown";
        let reason = StateReason::builder().code(code).message("by user").build();
        let live = Live::builder()
            .instance_id("i-1")
            .state_reason(reason)
            .build();
        assert_eq!(of(&live), Trouble::from("i-1 has ended: by user"));
    }
}
