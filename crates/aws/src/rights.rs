//! What the caller may do, as IAM itself simulates it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType as Decision,
    ResourceSpecificResult,
};
use futures::StreamExt;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Reads;

/// A question to IAM: actions, the resources that they are asked for, and the values of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// `ec2:CreateVpc`, … Those of one question are authorised by the same information.
    pub actions: Vec<String>,
    /// ARNs; empty for what knows no resources.
    pub resources: Vec<String>,
    /// Condition keys and their values.
    pub context: BTreeMap<String, Vec<String>>,
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
            // The session's ARN lacks the path of the role, which every role of IAM Identity Center has.
            let request = reads.clients.iam.get_role().role_name(*role);
            let found = call("iam:GetRole", request.send()).await.ok();
            let arn = found.and_then(|found| found.role).map(|role| role.arn);
            // IAM finds a role by its name, too; where it does not, the simulation says so.
            let plain = format!("arn:{partition}:iam::{account}:role/{role}");
            Principal::Policies(arn.unwrap_or(plain))
        }
        _ => Principal::Unknown,
    }
}

/// Why an action is not allowed on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// A statement denies it.
    Explicit,
    /// The permissions boundary of the principal does not allow it.
    Boundary,
    /// A service control policy of the organization does not allow it.
    Organization,
    /// A condition asks for a value that the simulation has not (time, address, second factor): the call
    /// itself may do.
    Unsure,
    /// Nothing allows it, as far as the simulator sees: it answers so, too, for what it does not know.
    Implicit,
}

/// An action that is not allowed on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denied {
    /// `ec2:CreateVpc`.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// Why.
    pub why: Denial,
}

/// What a simulation said.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// What is not allowed.
    pub denied: Vec<Denied>,
    /// Questions that got no answer, with the reason.
    pub failed: Vec<(Ask, Fault)>,
}

/// How many questions are under way at once.
const AT_ONCE: usize = 4;
/// Pauses before a throttled question is asked again; the SDK has tried by then, too.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Asks IAM. A question that fails is told and keeps no other from being asked.
pub async fn denied(reads: &Reads, principal: &str, asks: Vec<Ask>) -> Answer {
    let answers = asks.into_iter().map(|ask| one(reads, principal, ask));
    let answers = futures::stream::iter(answers).buffered(AT_ONCE);
    answers
        .fold(Answer::default(), |mut all, answer| async move {
            all.denied.extend(answer.denied);
            all.failed.extend(answer.failed);
            all
        })
        .await
}

type Asking<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

fn one<'a>(reads: &'a Reads, principal: &'a str, ask: Ask) -> Asking<'a> {
    Box::pin(async move {
        match simulate(reads, principal, &ask).await {
            Ok(results) => Answer {
                denied: results.iter().flat_map(denied_in).collect(),
                failed: Vec::new(),
            },
            // IAM takes no actions together that "require different authorization information".
            Err(fault) if differ(&fault) && ask.actions.len() > 1 => {
                let (left, right) = ask.actions.split_at(ask.actions.len() / 2);
                let part = |actions: &[String]| Ask {
                    actions: actions.to_vec(),
                    ..ask.clone()
                };
                let left = one(reads, principal, part(left)).await;
                let mut all = one(reads, principal, part(right)).await;
                all.denied.extend(left.denied);
                all.failed.extend(left.failed);
                all
            }
            Err(fault) => Answer {
                denied: Vec::new(),
                failed: vec![(ask, fault)],
            },
        }
    })
}

fn differ(fault: &Fault) -> bool {
    fault
        .message
        .contains("require different authorization information")
}

async fn simulate(
    reads: &Reads,
    principal: &str,
    ask: &Ask,
) -> Result<Vec<EvaluationResult>, Fault> {
    let context = ask.context.iter().map(|(key, values)| {
        ContextEntry::builder()
            .context_key_name(key)
            .set_context_key_values(Some(values.clone()))
            .context_key_type(match values.len() {
                1 => ContextKeyTypeEnum::String,
                _ => ContextKeyTypeEnum::StringList,
            })
            .build()
    });
    let context: Vec<ContextEntry> = context.collect();
    let mut pauses = PAUSES.iter();
    loop {
        let request = reads.clients.iam.simulate_principal_policy();
        let request = request
            .policy_source_arn(principal)
            .set_action_names(Some(ask.actions.clone()))
            // `*` must not stand beside ARNs; without any it is what is asked for.
            .set_resource_arns((!ask.resources.is_empty()).then(|| ask.resources.clone()))
            .set_context_entries(Some(context.clone()));
        let pages = request.into_paginator().items().send();
        match call("iam:SimulatePrincipalPolicy", pages.try_collect()).await {
            Err(fault) if fault.class == Class::Throttled => match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(fault),
            },
            answer => return answer,
        }
    }
}

/// What is not allowed in the answer for one action: on each resource, when resources were asked for.
fn denied_in(result: &EvaluationResult) -> Vec<Denied> {
    let of = |resource: &str, why: Denial| Denied {
        action: result.eval_action_name.clone(),
        resource: resource.to_owned(),
        why,
    };
    let each = result.resource_specific_results();
    if each.is_empty() {
        let resource = result.eval_resource_name().unwrap_or("*");
        let why = why_not(&result.eval_decision, false, false, result);
        return why.into_iter().map(|why| of(resource, why)).collect();
    }
    let denied = each.iter().filter_map(|one: &ResourceSpecificResult| {
        let boundary = one
            .permissions_boundary_decision_detail()
            .is_some_and(|detail| !detail.allowed_by_permissions_boundary);
        let lacks = !one.missing_context_values().is_empty();
        let why = why_not(&one.eval_resource_decision, boundary, lacks, result)?;
        Some(of(&one.eval_resource_name, why))
    });
    denied.collect()
}

fn why_not(
    decision: &Decision,
    boundary: bool,
    lacks: bool,
    result: &EvaluationResult,
) -> Option<Denial> {
    let by_boundary = result
        .permissions_boundary_decision_detail()
        .is_some_and(|detail| !detail.allowed_by_permissions_boundary);
    let by_organization = result
        .organizations_decision_detail()
        .is_some_and(|detail| !detail.allowed_by_organizations);
    Some(match decision {
        Decision::Allowed => return None,
        Decision::ExplicitDeny => Denial::Explicit,
        _ if by_organization => Denial::Organization,
        _ if boundary || by_boundary => Denial::Boundary,
        _ if lacks || !result.missing_context_values().is_empty() => Denial::Unsure,
        _ => Denial::Implicit,
    })
}
