//! A flow log of the VPC: who talked to whom, delivered into a bucket of the user's.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    FlowLog as Live, FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType,
    UnsuccessfulItem,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
use crate::classify::class_of;
use crate::ec2::{filter, from_tags, marked, specification, tag, untag};
use crate::hints::hint_for;
use crate::kinds::Vpc;
use crate::{Aws, Reads, Writes};

/// A flow log of all traffic of a VPC, into S3. AWS changes nothing of a flow log but its tags.
#[derive(Debug, Clone)]
pub struct FlowLog {
    /// ARN of the bucket, with the prefix behind a slash if there is one.
    pub destination: String,
}

/// Identity of a flow log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogOut {
    /// `fl-…`.
    pub id: String,
}

/// Seconds over which a flow is summed up, as AWS has it by default (`CreateFlowLogs`, EC2 API
/// reference).
const INTERVAL: i32 = 600;

#[async_trait]
impl Kind for FlowLog {
    type Cloud = Aws;
    type Needs = Ref<Vpc>;
    type Out = FlowLogOut;
    const NAME: &'static str = "ec2/flow-log";
    const PACE: Pace = Pace::seconds(1, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &FlowLogOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, vpc: &<Self::Needs as Needs>::Maybe) -> Attrs {
        Attrs::new()
            .with("vpc", Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())))
            .with("destination", self.destination.as_str())
            .with("traffic", TrafficType::All.as_str())
            .with("interval", INTERVAL)
    }
    fn impact(_: &str) -> Impact {
        Impact::Replace
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<FlowLogOut>>, Fault> {
        let mut found = describe(reads, marked(scope)).await?;
        let unseen = scope.recorded.iter().map(|out| out.id.as_str());
        let unseen: Vec<&str> = unseen
            .filter(|id| !found.iter().any(|log| log.flow_log_id() == Some(id)))
            .collect();
        if !unseen.is_empty() {
            found.extend(describe(reads, vec![filter("flow-log-id", unseen)]).await?);
        }
        Ok(found.into_iter().map(candidate).collect())
    }

    async fn phases(_: &Reads, outs: &[FlowLogOut]) -> Vec<Result<Phase<FlowLogOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        vpc: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<FlowLogOut>, Fault> {
        const OPERATION: &str = "ec2:CreateFlowLogs";
        let answer = writes
            .call(OPERATION, |c| {
                c.ec2
                    .create_flow_logs()
                    .client_token(token.to_string())
                    .resource_type(FlowLogsResourceType::Vpc)
                    .resource_ids(&vpc.id)
                    .traffic_type(TrafficType::All)
                    .log_destination_type(LogDestinationType::S3)
                    .log_destination(&self.destination)
                    .max_aggregation_interval(INTERVAL)
                    .tag_specifications(specification(ResourceType::VpcFlowLog, tags))
                    .send()
            })
            .await?;
        complete(OPERATION, answer.unsuccessful())?;
        let id = answer.flow_log_ids.unwrap_or_default().into_iter().next();
        let id = id.ok_or_else(|| {
            Fault::new(Class::Ambiguous, OPERATION, "the answer names no flow log")
        })?;
        Ok(Created::complete(self, vpc, FlowLogOut { id }))
    }

    async fn update(
        &self,
        _: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &FlowLogOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<FlowLogOut, Fault> {
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &FlowLogOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &FlowLogOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[FlowLogOut]) -> Vec<Result<(), Fault>> {
        const OPERATION: &str = "ec2:DeleteFlowLogs";
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call(OPERATION, |c| {
                    c.ec2.delete_flow_logs().flow_log_ids(&out.id).send()
                })
                .await;
            answers.push(answer.and_then(|answer| complete(OPERATION, answer.unsuccessful())));
        }
        answers
    }
}

async fn describe(
    reads: &Reads,
    filters: Vec<aws_sdk_ec2::types::Filter>,
) -> Result<Vec<Live>, Fault> {
    let request = reads.clients.ec2.describe_flow_logs();
    let pages = request.set_filter(Some(filters)).into_paginator().items();
    call("ec2:DescribeFlowLogs", pages.send().try_collect()).await
}

/// Both calls answer with success and name in it what they did not do.
fn complete(operation: &'static str, failed: &[UnsuccessfulItem]) -> Result<(), Fault> {
    let Some(error) = failed.iter().find_map(UnsuccessfulItem::error) else {
        return Ok(());
    };
    let (code, message) = (
        error.code().unwrap_or_default(),
        error.message().unwrap_or_default(),
    );
    let class = class_of(operation, code, message, 400);
    let mut fault = Fault::new(class, operation, message);
    fault.code = Some(code.to_owned());
    fault.hint = hint_for(operation, code, message, class);
    Err(fault)
}

fn candidate(live: Live) -> Candidate<FlowLogOut> {
    // A bucket without a prefix may be answered with a slash.
    let destination = live.log_destination().unwrap_or_default();
    let destination = destination.strip_suffix('/').unwrap_or(destination);
    let traffic = live.traffic_type().map_or("", TrafficType::as_str);
    let failed = live.deliver_logs_status() == Some("FAILED");
    let why = live
        .deliver_logs_error_message()
        .unwrap_or("no reason given");
    let note = failed.then(|| format!("its logs are not delivered: {why}"));
    Candidate {
        attrs: Attrs::new()
            .with("vpc", live.resource_id().unwrap_or_default())
            .with("destination", destination)
            .with("traffic", traffic)
            .with(
                "interval",
                live.max_aggregation_interval().unwrap_or(INTERVAL),
            ),
        out: FlowLogOut {
            id: live.flow_log_id.unwrap_or_default(),
        },
        mark: Mark::Tags(from_tags(live.tags)),
        name: None,
        pristine: true,
        health: Health::Ready,
        notes: note.into_iter().collect(),
    }
}
