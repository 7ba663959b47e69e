//! A listener of the load balancer that forwards to one target group.

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Listener as Live, ProtocolEnum,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::load_balancer::{tag, tags_of, to_tags};
use crate::kinds::{LoadBalancer, LoadBalancerOut, TargetGroup};
use crate::{Aws, Reads, Writes};

/// An HTTP listener.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Port.
    pub port: i32,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerOut {
    /// ARN.
    pub arn: String,
}

#[async_trait]
impl Kind for Listener {
    type Cloud = Aws;
    type Needs = (Ref<LoadBalancer>, Ref<TargetGroup>);
    type Out = ListenerOut;
    const NAME: &'static str = "elasticloadbalancing/listener";
    const PACE: Pace = Pace::seconds(1, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &ListenerOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (balancer, group): &<Self::Needs as Needs>::Maybe) -> Attrs {
        Attrs::new()
            .with(
                "load_balancer",
                Attr::of(balancer.as_ref().map(|b| b.arn.clone())),
            )
            .with("port", self.port)
            .with("protocol", "HTTP")
            .with(
                "forward_to",
                Attr::of(group.as_ref().map(|group| group.arn.clone())),
            )
    }
    fn impact(field: &str) -> Impact {
        match field {
            "load_balancer" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<ListenerOut>>, Fault> {
        let mut candidates = Vec::new();
        for balancer in scope.found.all::<LoadBalancerOut>() {
            let request = reads
                .clients
                .elb
                .describe_listeners()
                .load_balancer_arn(&balancer.arn);
            let pages = request.into_paginator().items().send();
            let found: Vec<Live> = match call(
                "elasticloadbalancing:DescribeListeners",
                pages.try_collect(),
            )
            .await
            {
                Err(fault) if fault.class == Class::Gone => continue,
                found => found?,
            };
            for live in found {
                let arn = live.listener_arn.unwrap_or_default();
                let action = live.default_actions.unwrap_or_default().into_iter().next();
                candidates.push(Candidate {
                    attrs: Attrs::new()
                        .with("load_balancer", balancer.arn.as_str())
                        .with("port", live.port.unwrap_or_default())
                        .with(
                            "protocol",
                            live.protocol
                                .map_or(String::new(), |p| p.as_str().to_owned()),
                        )
                        .with(
                            "forward_to",
                            action.and_then(|a| a.target_group_arn).unwrap_or_default(),
                        ),
                    mark: Mark::Tags(tags_of(reads, &arn).await?),
                    out: ListenerOut { arn },
                    name: None,
                    pristine: false,
                    health: Health::Ready,
                    notes: Vec::new(),
                });
            }
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[ListenerOut]) -> Vec<Result<Phase<ListenerOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<ListenerOut>, Fault> {
        let (balancer, group) = needs;
        let answer = writes
            .call("elasticloadbalancing:CreateListener", |c| {
                c.elb
                    .create_listener()
                    .load_balancer_arn(&balancer.arn)
                    .port(self.port)
                    .protocol(ProtocolEnum::Http)
                    .default_actions(forward(&group.arn))
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let live = answer.listeners.unwrap_or_default().into_iter().next();
        let arn = live.and_then(|live| live.listener_arn).unwrap_or_default();
        Ok(Created::complete(self, needs, ListenerOut { arn }))
    }

    async fn update(
        &self,
        writes: &Writes,
        (_, group): &<Self::Needs as Needs>::Known,
        out: &ListenerOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<ListenerOut, Fault> {
        writes
            .call("elasticloadbalancing:ModifyListener", |c| {
                c.elb
                    .modify_listener()
                    .listener_arn(&out.arn)
                    .port(self.port)
                    .protocol(ProtocolEnum::Http)
                    .default_actions(forward(&group.arn))
                    .send()
            })
            .await?;
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &ListenerOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn delete(writes: &Writes, outs: &[ListenerOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("elasticloadbalancing:DeleteListener", |c| {
                    c.elb.delete_listener().listener_arn(&out.arn).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn forward(group: &str) -> Action {
    Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(group)
        .build()
}
