//! What is worth knowing of a closed environment and no error: what GenU would take and closed mode
//! has no use for.

use serde_json::Value;

use crate::document::Section;
use crate::{Environment, Problem};

/// The notes of an environment.
pub(crate) fn of(section: &Section, ours: bool, env: &Environment) -> Vec<Problem> {
    let mut notes = Vec::new();
    for field in ["allowedIpV4AddressRanges", "allowedIpV6AddressRanges"] {
        if is_set(section, field) {
            // "The global key aws:SourceIp … is not available" for requests through a VPC endpoint
            // (IAM user guide, reference_policies_condition-keys.html).
            let message = "browsers in the closed network call AWS through VPC endpoints, and such calls carry no public source address: GenU's policy would deny them all; leave it out, and say who may come with closedNetworkClientCidrs";
            notes.push(section.problem(field, message));
        }
    }
    // GenU's own cdk.json names a speech model, and its menu shows what does not work.
    if !ours && voice_chat_is_shown(env) {
        let message = "voice chat does not work in closed mode, and GenU's menu would show it; use [], or hiddenUseCases: { voiceChat: true }";
        notes.push(section.problem("speechToSpeechModelIds", message));
    }
    notes
}

/// Whether the menu has voice chat: there is a model for it, and it is not hidden.
pub(crate) fn voice_chat_is_shown(env: &Environment) -> bool {
    let hidden = env.hidden_use_cases.get("voiceChat") == Some(&true);
    !env.speech_to_speech_model_ids.is_empty() && !hidden
}

fn is_set(section: &Section, key: &str) -> bool {
    section.fields.iter().any(|field| {
        field.key == key
            && match &field.value {
                Ok(Value::Null) => false,
                Ok(Value::Array(items)) => !items.is_empty(),
                // What cannot be known may be set.
                Ok(_) | Err(_) => true,
            }
    })
}
