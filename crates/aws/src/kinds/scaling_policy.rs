//! A target-tracking policy of the service. AWS takes no tags on it: found under its target.

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension,
    ScalingPolicy as Live, ServiceNamespace, TargetTrackingScalingPolicyConfiguration as Tracking,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::call::call;
use crate::kinds::scalable_target::child_id;
use crate::kinds::{ScalableTarget, ScalableTargetOut};
use crate::{Aws, Reads, Writes};

/// Seconds between two changes: Application Auto Scaling's default for ECS.
const COOLDOWN: i32 = 300;

/// Keeps a metric at a value.
#[derive(Debug, Clone)]
pub struct ScalingPolicy {
    /// Name.
    pub name: String,
    /// `ECSServiceAverageCPUUtilization` or `ECSServiceAverageMemoryUtilization`.
    pub metric: &'static str,
    /// Per cent.
    pub target: f64,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingPolicyOut {
    /// Name.
    pub name: String,
    /// `service/<cluster>/<service>`.
    pub resource: String,
}

#[async_trait]
impl Kind for ScalingPolicy {
    type Cloud = Aws;
    type Needs = Ref<ScalableTarget>;
    type Out = ScalingPolicyOut;
    const NAME: &'static str = "application-autoscaling/scaling-policy";
    const PACE: Pace = Pace::seconds(2, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = false;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &ScalingPolicyOut) -> String {
        format!("{}/{}", out.resource, out.name)
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, target: &<Self::Needs as Needs>::Maybe) -> Attrs {
        Attrs::new()
            .with(
                "resource",
                Attr::of(target.as_ref().map(|target| target.resource.clone())),
            )
            .with("metric", self.metric)
            .with("target", self.target)
            .with("type", PolicyType::TargetTrackingScaling.as_str())
            .with("scale_in", true)
            .with("scale_in_cooldown_seconds", COOLDOWN)
            .with("scale_out_cooldown_seconds", COOLDOWN)
    }
    fn impact(field: &str) -> Impact {
        match field {
            "resource" | "type" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<ScalingPolicyOut>>, Fault> {
        let mut candidates = Vec::new();
        for target in scope.found.all::<ScalableTargetOut>() {
            let request = reads.clients.scaling.describe_scaling_policies();
            let request = request
                .service_namespace(ServiceNamespace::Ecs)
                .resource_id(&target.resource);
            let pages = request.into_paginator().items().send();
            let found: Vec<Live> = call(
                "application-autoscaling:DescribeScalingPolicies",
                pages.try_collect(),
            )
            .await?;
            candidates.extend(found.into_iter().map(|live| {
                let tracking = live.target_tracking_scaling_policy_configuration;
                let metric = tracking
                    .as_ref()
                    .and_then(|t| t.predefined_metric_specification.as_ref())
                    .map_or(String::new(), |m| {
                        m.predefined_metric_type.as_str().to_owned()
                    });
                let cooldown = |of: fn(&Tracking) -> Option<i32>| {
                    tracking.as_ref().and_then(of).unwrap_or(COOLDOWN)
                };
                Candidate {
                    attrs: Attrs::new()
                        .with("resource", live.resource_id.as_str())
                        .with("metric", metric)
                        .with("type", live.policy_type.as_str())
                        .with(
                            "scale_in",
                            tracking
                                .as_ref()
                                .is_none_or(|t| t.disable_scale_in != Some(true)),
                        )
                        .with(
                            "scale_in_cooldown_seconds",
                            cooldown(|t| t.scale_in_cooldown),
                        )
                        .with(
                            "scale_out_cooldown_seconds",
                            cooldown(|t| t.scale_out_cooldown),
                        )
                        .with(
                            "target",
                            Attr::Known(json!(tracking.as_ref().map(|t| t.target_value))),
                        ),
                    mark: Mark::Child(child_id(&scope.wanted, &live.policy_name)),
                    name: None,
                    out: ScalingPolicyOut {
                        name: live.policy_name,
                        resource: live.resource_id,
                    },
                    pristine: false,
                    health: Health::Ready,
                    notes: Vec::new(),
                }
            }));
        }
        Ok(candidates)
    }

    async fn phases(
        _: &Reads,
        outs: &[ScalingPolicyOut],
    ) -> Vec<Result<Phase<ScalingPolicyOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        target: &<Self::Needs as Needs>::Known,
        _: &Tags,
        _: Uuid,
    ) -> Result<Created<ScalingPolicyOut>, Fault> {
        self.put(writes, &target.resource).await?;
        let out = ScalingPolicyOut {
            name: self.name.clone(),
            resource: target.resource.clone(),
        };
        Ok(Created::complete(self, target, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        target: &<Self::Needs as Needs>::Known,
        out: &ScalingPolicyOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<ScalingPolicyOut, Fault> {
        self.put(writes, &target.resource).await?;
        Ok(out.clone())
    }

    async fn tag(_: &Writes, _: &ScalingPolicyOut, _: &Tags) -> Result<(), Fault> {
        Ok(())
    }

    async fn untag(_: &Writes, _: &ScalingPolicyOut, _: &[String]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(writes: &Writes, outs: &[ScalingPolicyOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("application-autoscaling:DeleteScalingPolicy", |c| {
                    c.scaling
                        .delete_scaling_policy()
                        .service_namespace(ServiceNamespace::Ecs)
                        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                        .resource_id(&out.resource)
                        .policy_name(&out.name)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

impl ScalingPolicy {
    async fn put(&self, writes: &Writes, resource: &str) -> Result<(), Fault> {
        const OPERATION: &str = "application-autoscaling:PutScalingPolicy";
        let built = |e: aws_smithy_types::error::operation::BuildError| {
            Fault::new(Class::Refused, OPERATION, e.to_string())
        };
        let metric = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::from(self.metric))
            .build()
            .map_err(built)?;
        let tracking = Tracking::builder()
            .target_value(self.target)
            .disable_scale_in(false)
            .scale_in_cooldown(COOLDOWN)
            .scale_out_cooldown(COOLDOWN)
            .predefined_metric_specification(metric)
            .build()
            .map_err(built)?;
        writes
            .call(OPERATION, |c| {
                c.scaling
                    .put_scaling_policy()
                    .policy_name(&self.name)
                    .service_namespace(ServiceNamespace::Ecs)
                    .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                    .resource_id(resource)
                    .policy_type(PolicyType::TargetTrackingScaling)
                    .target_tracking_scaling_policy_configuration(tracking)
                    .send()
            })
            .await
            .map(drop)
    }
}
