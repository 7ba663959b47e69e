//! The scalable target: how many tasks the service may have. Found under its service.

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTarget as Live, ServiceNamespace, SuspendedState,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Id, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::call::call;
use crate::kinds::{EcsService, EcsServiceOut};
use crate::{Aws, Reads, Writes};

/// Bounds of a service's desired count.
#[derive(Debug, Clone)]
pub struct ScalableTarget {
    /// `service/<cluster>/<service>`.
    pub resource: String,
    /// Fewest tasks.
    pub min: i32,
    /// Most tasks.
    pub max: i32,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalableTargetOut {
    /// `service/<cluster>/<service>`.
    pub resource: String,
}

#[async_trait]
impl Kind for ScalableTarget {
    type Cloud = Aws;
    type Needs = Ref<EcsService>;
    type Out = ScalableTargetOut;
    const NAME: &'static str = "application-autoscaling/scalable-target";
    const PACE: Pace = Pace::seconds(2, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = false;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &ScalableTargetOut) -> String {
        out.resource.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.resource.clone())
    }
    fn attrs(&self, service: &<Self::Needs as Needs>::Maybe) -> Attrs {
        let resource = service.as_ref().map(|service| resource(service));
        Attrs::new()
            .with("resource", Attr::of(resource))
            .with("min", self.min)
            .with("max", self.max)
            .with("suspended", Attr::set(Vec::<String>::new()))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "resource" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<ScalableTargetOut>>, Fault> {
        let mut names = scope.names(|out| &out.resource);
        let services = scope.found.all::<EcsServiceOut>();
        names.extend(services.map(|service| resource(&service)));
        let names: Vec<String> = names.into_iter().collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let request = reads.clients.scaling.describe_scalable_targets();
        let request = request
            .service_namespace(ServiceNamespace::Ecs)
            .set_resource_ids(Some(names));
        let pages = request.into_paginator().items().send();
        let found: Vec<Live> = call(
            "application-autoscaling:DescribeScalableTargets",
            pages.try_collect(),
        )
        .await?;
        let candidate = |live: Live| {
            let id = child_id(&scope.wanted, &live.resource_id);
            Candidate {
                attrs: Attrs::new()
                    .with("resource", live.resource_id.as_str())
                    .with("min", Attr::Known(json!(live.min_capacity)))
                    .with("max", Attr::Known(json!(live.max_capacity)))
                    .with("suspended", Attr::set(suspended(&live))),
                mark: Mark::Child(id),
                name: None,
                out: ScalableTargetOut {
                    resource: live.resource_id,
                },
                pristine: false,
                health: Health::Ready,
                notes: Vec::new(),
            }
        };
        Ok(found.into_iter().map(candidate).collect())
    }

    async fn phases(
        _: &Reads,
        outs: &[ScalableTargetOut],
    ) -> Vec<Result<Phase<ScalableTargetOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        _: &Tags,
        _: Uuid,
    ) -> Result<Created<ScalableTargetOut>, Fault> {
        self.register(writes).await?;
        let out = ScalableTargetOut {
            resource: self.resource.clone(),
        };
        Ok(Created::complete(self, needs, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &ScalableTargetOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<ScalableTargetOut, Fault> {
        self.register(writes).await?;
        Ok(out.clone())
    }

    async fn tag(_: &Writes, _: &ScalableTargetOut, _: &Tags) -> Result<(), Fault> {
        Ok(())
    }

    async fn untag(_: &Writes, _: &ScalableTargetOut, _: &[String]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(writes: &Writes, outs: &[ScalableTargetOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("application-autoscaling:DeregisterScalableTarget", |c| {
                    c.scaling
                        .deregister_scalable_target()
                        .service_namespace(ServiceNamespace::Ecs)
                        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                        .resource_id(&out.resource)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

/// What somebody has stopped auto scaling from doing.
fn suspended(live: &Live) -> Vec<&'static str> {
    let state = live.suspended_state();
    let is = |of: fn(&SuspendedState) -> Option<bool>| state.and_then(of) == Some(true);
    let all = [
        ("in", is(|s| s.dynamic_scaling_in_suspended)),
        ("out", is(|s| s.dynamic_scaling_out_suspended)),
        ("scheduled", is(|s| s.scheduled_scaling_suspended)),
    ];
    let all = all.into_iter().filter(|(_, suspended)| *suspended);
    all.map(|(what, _)| what).collect()
}

fn resource(service: &EcsServiceOut) -> String {
    format!("service/{}/{}", service.cluster, service.name)
}

impl ScalableTarget {
    async fn register(&self, writes: &Writes) -> Result<(), Fault> {
        let moving = SuspendedState::builder()
            .dynamic_scaling_in_suspended(false)
            .dynamic_scaling_out_suspended(false)
            .scheduled_scaling_suspended(false)
            .build();
        writes
            .call("application-autoscaling:RegisterScalableTarget", |c| {
                c.scaling
                    .register_scalable_target()
                    .service_namespace(ServiceNamespace::Ecs)
                    .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                    .resource_id(&self.resource)
                    .min_capacity(self.min)
                    .max_capacity(self.max)
                    .suspended_state(moving)
                    .send()
            })
            .await
            .map(drop)
    }
}

/// The wanted id that bears this name; the name itself for a child that nothing asks for.
pub(crate) fn child_id(wanted: &[(Id, Option<String>)], name: &str) -> Id {
    let found = wanted
        .iter()
        .find(|(_, wanted)| wanted.as_deref() == Some(name));
    found.map_or_else(|| Id::new(name), |(id, _)| id.clone())
}
