//! The buckets that logs are to go to: AWS refuses one that is missing or in the wrong region only
//! when the network stands already.

use aws::kinds::{FlowLog, LoadBalancer};
use aws::{LogBucket, Reads, log_bucket};
use reconciler::{Action, Kind, Step};

use crate::{Subject, Verdict};

/// Checks the buckets that a step to come sends logs to.
pub(crate) async fn check(reads: &Reads, subject: &Subject<'_>, verdict: &mut Verdict) {
    let acts = |test: &dyn Fn(&Step) -> bool| {
        let mut steps = subject.plan.steps.iter();
        steps.any(|step| step.action != Action::None && test(step))
    };
    let flow = acts(&|step| step.kind == FlowLog::NAME && step.action != Action::Delete);
    let access = acts(&|step| {
        let mut changes = step.changes.iter();
        step.kind == LoadBalancer::NAME && changes.any(|change| change.root() == "attributes")
    });
    let region = &subject.around.region;
    if let Some(place) = subject
        .env
        .closed_network_flow_logs
        .as_ref()
        .filter(|_| flow)
    {
        look(
            reads,
            subject,
            "closedNetworkFlowLogs",
            &place.bucket,
            verdict,
        )
        .await;
    }
    if let Some(place) = subject
        .env
        .closed_network_access_logs
        .as_ref()
        .filter(|_| access)
    {
        let seen = look(
            reads,
            subject,
            "closedNetworkAccessLogs",
            &place.bucket,
            verdict,
        )
        .await;
        // "The bucket must be located in the same Region as the load balancer" ("Enable access logs
        // for your Application Load Balancer").
        if let Some(LogBucket::In(other)) = seen
            && other != *region
        {
            verdict.refuse(format!(
                "closedNetworkAccessLogs: the bucket {} is in {other}; a load balancer in {region} sends its access logs to a bucket in {region} alone",
                place.bucket
            ));
        }
    }
}

async fn look(
    reads: &Reads,
    subject: &Subject<'_>,
    field: &str,
    bucket: &str,
    verdict: &mut Verdict,
) -> Option<LogBucket> {
    match log_bucket(reads, bucket).await {
        Ok(seen) => {
            match &seen {
                LogBucket::Missing => verdict.refuse(format!(
                    "{field}: there is no bucket {bucket}; make it, with a policy that lets AWS deliver logs, or correct the name"
                )),
                LogBucket::Hidden => verdict.note(format!(
                    "{field}: the caller may not look at the bucket {bucket}; its policy has to let AWS deliver the logs of account {}",
                    subject.around.account
                )),
                LogBucket::In(_) => {}
            }
            Some(seen)
        }
        Err(fault) => {
            verdict.unchecked(&format!("{field}: the bucket {bucket}"), &fault);
            None
        }
    }
}
