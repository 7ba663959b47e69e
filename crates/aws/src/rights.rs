//! What the caller may do, as IAM itself simulates it.

use std::collections::BTreeSet;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use reconciler::Fault;

use crate::call::call;
use crate::clients::Reads;

/// Some actions on some resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// `ec2:CreateVpc`, …
    pub actions: Vec<String>,
    /// ARNs, or `*`.
    pub resources: Vec<String>,
}

/// Whose policies are simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A user or role, by its ARN.
    Policies(String),
    /// The account itself: may everything.
    Root,
    /// Somebody whose policies cannot be simulated.
    Unknown,
}

/// The principal behind the caller's ARN.
pub async fn principal(reads: &Reads, caller: &str) -> Principal {
    let parts: Vec<&str> = caller.splitn(6, ':').collect();
    let [_, partition, service, _, account, resource] = parts[..] else {
        return Principal::Unknown;
    };
    match (
        service,
        resource.split('/').collect::<Vec<_>>()[..].as_ref(),
    ) {
        ("iam", ["root"]) => Principal::Root,
        ("iam", ["user", ..]) => Principal::Policies(caller.to_owned()),
        ("sts", ["assumed-role", role, _]) => {
            // The session's ARN lacks the path of the role.
            let request = reads.clients.iam.get_role().role_name(*role);
            let found = call("iam:GetRole", request.send()).await.ok();
            let arn = found.and_then(|found| found.role).map(|role| role.arn);
            let plain = format!("arn:{partition}:iam::{account}:role/{role}");
            Principal::Policies(arn.unwrap_or(plain))
        }
        _ => Principal::Unknown,
    }
}

/// What a simulation said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Allowed for none of their resources.
    pub denied: BTreeSet<String>,
    /// Not allowed in the simulation, which lacked what a condition asks for (time, address, second
    /// factor); the call itself may do.
    pub unsure: BTreeSet<String>,
}

/// Asks which of `asks` are allowed, with `context` as keys and values of the request.
///
/// # Errors
/// A failed simulation.
pub async fn denied(
    reads: &Reads,
    principal: &str,
    asks: &[Ask],
    context: &[(String, Vec<String>)],
) -> Result<Answer, Fault> {
    let context: Vec<ContextEntry> = context
        .iter()
        .map(|(key, values)| {
            ContextEntry::builder()
                .context_key_name(key)
                .set_context_key_values(Some(values.clone()))
                .context_key_type(match values.len() {
                    1 => ContextKeyTypeEnum::String,
                    _ => ContextKeyTypeEnum::StringList,
                })
                .build()
        })
        .collect();
    let mut answer = Answer::default();
    for ask in asks {
        let request = reads.clients.iam.simulate_principal_policy();
        let request = request
            .policy_source_arn(principal)
            .set_action_names(Some(ask.actions.clone()))
            .set_resource_arns(Some(ask.resources.clone()))
            .set_context_entries(Some(context.clone()));
        let pages = request.into_paginator().items().send();
        let results: Vec<_> = call("iam:SimulatePrincipalPolicy", pages.try_collect()).await?;
        let mut allowed = BTreeSet::new();
        let mut unsure = BTreeSet::new();
        for result in &results {
            let each = result.resource_specific_results();
            let somewhere = each
                .iter()
                .any(|r| r.eval_resource_decision == PolicyEvaluationDecisionType::Allowed);
            let lacks = each.iter().any(|r| !r.missing_context_values().is_empty())
                || !result.missing_context_values().is_empty();
            if somewhere || result.eval_decision == PolicyEvaluationDecisionType::Allowed {
                allowed.insert(&result.eval_action_name);
            } else if lacks {
                unsure.insert(&result.eval_action_name);
            }
        }
        for action in ask.actions.iter().filter(|a| !allowed.contains(a)) {
            let among = if unsure.contains(action) {
                &mut answer.unsure
            } else {
                &mut answer.denied
            };
            among.insert(action.clone());
        }
    }
    Ok(answer)
}
