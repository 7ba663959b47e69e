//! Where a rollout stands, told from the deployment that the last call began.
//!
//! "The Amazon ECS API follows an eventual consistency model" (RunTask): the first answers after an
//! update may be those of before. What they show is neither success nor failure of what was begun.

use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service as Live};
use reconciler::{Fault, Phase, Trouble};
use serde::{Deserialize, Serialize};

use super::EcsServiceOut;
use super::live::{DRAINING, INACTIVE, describe};
use super::stops::stopped_reasons;
use crate::Reads;

/// How often tasks may stop before the wait ends with their reasons.
const STOPS: i32 = 3;

/// A deployment of a service, as the call's answer named it that began it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// `ecs-svc/…`.
    pub id: String,
    /// When, milliseconds since 1970 by AWS's clock.
    pub at: i64,
}

impl Begun {
    /// The deployment as an answer shows it.
    pub(super) fn of(deployment: &Deployment) -> Option<Self> {
        Some(Self {
            id: deployment.id.clone()?,
            at: deployment.created_at?.to_millis().ok()?,
        })
    }
}

/// When the service was made, milliseconds since 1970.
pub(super) fn made(live: &Live) -> Option<i64> {
    live.created_at?.to_millis().ok()
}

/// The deployment that is to run.
pub(super) fn primary(live: &Live) -> Option<&Deployment> {
    let mut deployments = live.deployments().iter();
    deployments.find(|d| d.status() == Some("PRIMARY"))
}

/// All tasks run, and no other deployment is on its way out.
pub(super) fn is_steady(live: &Live) -> bool {
    let deployments = live.deployments();
    live.running_count == live.desired_count
        && deployments.len() == 1
        && deployments.iter().all(|d| {
            matches!(
                d.rollout_state(),
                None | Some(DeploymentRolloutState::Completed)
            )
        })
}

/// Where the rollout stands that was begun.
#[derive(Debug, PartialEq)]
enum Course {
    /// The answer is older than what was begun.
    Unseen,
    Running,
    Steady,
    /// ECS has gone back to this task definition.
    TakenBack(String),
    Failed(String),
}

fn course(live: &Live, out: &EcsServiceOut) -> Course {
    let runs = |d: &Deployment| d.task_definition().unwrap_or_default().to_owned();
    let Some(now) = primary(live) else {
        return Course::Unseen;
    };
    let judged = match &out.rollout {
        None => {
            let runs = live.task_definition().unwrap_or_default();
            if !out.task.is_empty() && !runs.is_empty() && runs != out.task {
                return Course::TakenBack(runs.to_owned());
            }
            now
        }
        Some(begun) if now.id() == Some(&begun.id) => now,
        Some(begun) => {
            let shown = live.deployments().iter();
            let shown = shown.filter(|d| d.id() == Some(&begun.id)).count() > 0;
            let younger = Begun::of(now).is_some_and(|now| now.at > begun.at);
            if !shown && !younger && !is_told_to_have_failed(live, begun) {
                return Course::Unseen;
            }
            if !younger || runs(now) != out.task {
                return Course::TakenBack(runs(now));
            }
            // Somebody began another one of the same: that one counts.
            now
        }
    };
    if let Some(why) = failure(judged) {
        return Course::Failed(why);
    }
    if is_steady(live) {
        return Course::Steady;
    }
    Course::Running
}

/// Whether an event says that the deployment failed: once ECS has gone back, it may be listed no more.
/// Words: "Amazon ECS service event messages", `(deployment ID) deployment failed: …`.
fn is_told_to_have_failed(live: &Live, begun: &Begun) -> bool {
    let mut events = live.events().iter().filter_map(|event| event.message());
    events.any(|said| said.contains(&begun.id) && said.contains("failed"))
}

fn failure(deployment: &Deployment) -> Option<String> {
    let reason = deployment.rollout_state_reason();
    let failed = deployment.rollout_state() == Some(&DeploymentRolloutState::Failed)
        || deployment.failed_tasks >= STOPS
        || reason.is_some_and(|why| why.contains("rolling back"));
    failed.then(|| match reason {
        Some(why) if !why.is_empty() => why.to_owned(),
        _ => "its tasks stop again and again".to_owned(),
    })
}

pub(super) async fn phase(
    reads: &Reads,
    out: &EcsServiceOut,
) -> Result<Phase<EcsServiceOut>, Fault> {
    let found = describe(reads, &out.cluster, vec![out.name.clone()]).await?;
    let Some(live) = found.into_iter().find(|live| is(live, out)) else {
        return Ok(Phase::Gone);
    };
    let event = live.events().first().and_then(|event| event.message());
    let event = event.unwrap_or("no event yet");
    let (running, desired) = (live.running_count, live.desired_count);
    let deployment = out.rollout.as_ref().map(|begun| begun.id.as_str());
    let failed = async |why: String| {
        let stops = stopped_reasons(reads, out, deployment).await;
        Trouble::from(format!("{why}; last event: {event}{stops}"))
    };
    match live.status() {
        Some(INACTIVE) => {
            let why = format!("{} has been deleted", out.name);
            return Ok(Phase::Ended(failed(why).await));
        }
        Some(DRAINING) => {
            let what = format!("{running} tasks of {} are stopping", out.name);
            return Ok(Phase::Deleting(what.into()));
        }
        _ => {}
    }
    Ok(match course(&live, out) {
        Course::Steady => Phase::Ready(out.clone()),
        Course::Unseen => Phase::Pending("the rollout is not visible yet".into()),
        Course::Running => Phase::Pending(format!("{running} of {desired} tasks run; {event}")),
        Course::Failed(why) => Phase::Failed(failed(why).await),
        Course::TakenBack(runs) => {
            let told = &out.task;
            let why = format!("ECS took the rollout of {told} back and runs {runs} again");
            Phase::Failed(failed(why).await)
        }
    })
}

/// Whether it is that service, and not another one of its name.
fn is(live: &Live, out: &EcsServiceOut) -> bool {
    let times = made(live).zip(out.made);
    live.service_arn() == Some(&out.arn) && times.is_none_or(|(is, was)| is == was)
}

#[cfg(test)]
mod tests;
