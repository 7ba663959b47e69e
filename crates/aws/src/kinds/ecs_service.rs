//! The web server's service on Fargate: rolled out with a circuit breaker, and its troubles told.

mod live;
mod rollout;
mod stops;

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration, DeploymentAlarms,
    DeploymentCircuitBreaker, DeploymentConfiguration, LaunchType, LoadBalancer as Target,
    NetworkConfiguration, PropagateTags, Service as Live,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Impact, Kind, Needs, Pace, Phase, Ref,
    Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use self::live::{INACTIVE, candidate, describe};
use self::rollout::{Begun, made, phase, primary};
use crate::kinds::ecs_cluster::{tag, to_tags, untag};
use crate::kinds::task_definition::retire;
use crate::kinds::{
    EcsCluster, EcsClusterOut, Listener, SecurityGroup, Subnet, TargetGroup, TaskDefinition,
    VpcEndpoint,
};
use crate::{Aws, Reads, Writes};

/// A service behind a load balancer.
#[derive(Debug, Clone)]
pub struct EcsService {
    /// Name.
    pub name: String,
    /// Container that takes the traffic.
    pub container: String,
    /// Its port.
    pub port: i32,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsServiceOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Name of its cluster.
    pub cluster: String,
    /// The task definition it was last told to run; another one is a rollout taken back.
    #[serde(default)]
    pub task: String,
    /// When it was made, milliseconds since 1970 by AWS's clock: a later service of the same name has
    /// the same ARN. `None` in records of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<i64>,
    /// The deployment that the last call began, as its answer named it. `None` in records of older
    /// versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Begun>,
}

/// The platform version that Fargate picks by itself.
const LATEST: &str = "LATEST";
/// How long targets may be unhealthy after a start, seconds.
const GRACE: i32 = 60;

#[async_trait]
impl Kind for EcsService {
    type Cloud = Aws;
    /// Where it runs, what it runs, who sends to it; and the endpoints without which no image can
    /// be pulled and no log written.
    type Needs = (
        (Ref<EcsCluster>, Ref<TaskDefinition>),
        (Vec<Ref<Subnet>>, Ref<SecurityGroup>),
        (Ref<TargetGroup>, Ref<Listener>),
        Vec<Ref<VpcEndpoint>>,
    );
    type Out = EcsServiceOut;
    const NAME: &'static str = "ecs/service";
    const PACE: Pace = Pace::seconds(4, 65, 90, 1200);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &EcsServiceOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(
        &self,
        ((_, task), (subnets, group), (target, _), _): &<Self::Needs as Needs>::Maybe,
    ) -> Attrs {
        let subnets = subnets.iter().map(|s| s.as_ref().map(|s| s.id.clone()));
        Attrs::new()
            .with(
                "task_definition",
                Attr::of(task.as_ref().map(|task| task.arn.clone())),
            )
            .with("subnets", Attr::set_of(subnets))
            .with(
                "groups",
                Attr::set_of([group.as_ref().map(|group| group.id.clone())]),
            )
            .with("public_address", "DISABLED")
            .with(
                "target_group",
                Attr::of(target.as_ref().map(|target| target.arn.clone())),
            )
            .with("rollout", Attr::Known(json!([50, 200])))
            .with(
                "circuit_breaker",
                Attr::Known(json!({ "enable": true, "rollback": true })),
            )
            .with("health_check_grace", GRACE)
            .with("last_rollout", "sound")
            .with("container", self.container.as_str())
            .with("container_port", self.port)
            .with("launch_type", LaunchType::Fargate.as_str())
            .with("capacity_providers", Attr::set(Vec::<String>::new()))
            .with("platform_version", LATEST)
            .with("scheduling", "REPLICA")
            .with("controller", "ECS")
            .with("exec", false)
            .with("propagates_tags", "NONE")
            .with("managed_tags", false)
            .with("registries", Attr::set(Vec::<String>::new()))
            .with("alarms", Attr::set(Vec::<String>::new()))
            .with("zone_rebalancing", "ENABLED")
    }
    fn impact(field: &str) -> Impact {
        match field {
            // A group or subnet does not go while tasks stand in it, nor a target group in use.
            "subnets" | "groups" | "target_group" => Impact::Tied,
            "launch_type" | "scheduling" | "controller" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<EcsServiceOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for cluster in scope.found.all::<EcsClusterOut>() {
            let found = describe(reads, &cluster.name, names.iter().cloned().collect()).await?;
            // One that is draining is listed: it holds its name until it is gone.
            let live = found.into_iter().filter(|s| s.status() != Some(INACTIVE));
            candidates.extend(live.map(|service| candidate(service, &cluster.name)));
        }
        Ok(candidates)
    }

    async fn phases(
        reads: &Reads,
        outs: &[EcsServiceOut],
    ) -> Vec<Result<Phase<EcsServiceOut>, Fault>> {
        let mut phases = Vec::new();
        for out in outs {
            phases.push(phase(reads, out).await);
        }
        phases
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<EcsServiceOut>, Fault> {
        let ((cluster, task), network, (target, _), _) = needs;
        let network = network_of(&network.0, &network.1)?;
        let answer = writes
            .call("ecs:CreateService", |c| {
                c.ecs
                    .create_service()
                    .cluster(&cluster.name)
                    .service_name(&self.name)
                    .client_token(token.to_string())
                    .task_definition(&task.arn)
                    .launch_type(LaunchType::Fargate)
                    .desired_count(1)
                    .deployment_configuration(breaking())
                    .health_check_grace_period_seconds(GRACE)
                    .availability_zone_rebalancing(AvailabilityZoneRebalancing::Enabled)
                    .network_configuration(network)
                    .load_balancers(self.target(&target.arn))
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let service = answer.service.ok_or_else(|| {
            let what = "the answer names no service";
            Fault::new(Class::Ambiguous, "ecs:CreateService", what)
        })?;
        let out = EcsServiceOut {
            name: self.name.clone(),
            made: made(&service),
            rollout: primary(&service).and_then(Begun::of),
            arn: service.service_arn.unwrap_or_default(),
            cluster: cluster.name.clone(),
            task: task.arn.clone(),
        };
        Ok(Created::complete(self, needs, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        ((_, task), (subnets, group), (target, _), _): &<Self::Needs as Needs>::Known,
        out: &EcsServiceOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<EcsServiceOut, Fault> {
        let network = network_of(subnets, group)?;
        let target = changes
            .iter()
            .any(|change| {
                let target = ["target_group", "container", "container_port"];
                target.contains(&change.root())
            })
            .then(|| vec![self.target(&target.arn)]);
        // After a rollout that failed for good, ECS starts no task until it is told to.
        let again = ["last_rollout", "platform_version", "capacity_providers"];
        let again = changes.iter().any(|change| again.contains(&change.root()));
        let changed = |field: &str| changes.iter().any(|change| change.root() == field);
        // What neither runs, nor is to run, nor could be gone back to is of no use any more.
        let mut kept = in_use(&writes.reads, out).await?;
        kept.extend([out.task.clone(), task.arn.clone()]);
        retire(writes, &task.family, &kept).await?;
        // The desired count belongs to auto scaling and is never set here.
        let answer = writes
            .call("ecs:UpdateService", |c| {
                c.ecs
                    .update_service()
                    .cluster(&out.cluster)
                    .service(&out.name)
                    .task_definition(&task.arn)
                    .deployment_configuration(breaking())
                    .health_check_grace_period_seconds(GRACE)
                    .network_configuration(network)
                    .set_load_balancers(target)
                    .platform_version(LATEST)
                    .enable_execute_command(false)
                    .enable_ecs_managed_tags(false)
                    .propagate_tags(PropagateTags::None)
                    .availability_zone_rebalancing(AvailabilityZoneRebalancing::Enabled)
                    .set_capacity_provider_strategy(changed("capacity_providers").then(Vec::new))
                    .set_service_registries(changed("registries").then(Vec::new))
                    .force_new_deployment(again)
                    .send()
            })
            .await?;
        let begun = answer.service.as_ref().and_then(primary);
        Ok(EcsServiceOut {
            task: task.arn.clone(),
            rollout: begun.and_then(Begun::of),
            ..out.clone()
        })
    }

    async fn tag(writes: &Writes, out: &EcsServiceOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn untag(writes: &Writes, out: &EcsServiceOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.arn, keys).await
    }

    async fn delete(writes: &Writes, outs: &[EcsServiceOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            // "If true, allows you to delete a service even if it wasn't scaled down to zero tasks"
            // (DeleteService, `force`): no call before it that could fail.
            let answer = writes
                .call("ecs:DeleteService", |c| {
                    c.ecs
                        .delete_service()
                        .cluster(&out.cluster)
                        .service(&out.name)
                        .force(true)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

impl EcsService {
    fn target(&self, target_group: &str) -> Target {
        Target::builder()
            .target_group_arn(target_group)
            .container_name(&self.container)
            .container_port(self.port)
            .build()
    }
}

/// Every task definition that one of the service's deployments names: the circuit breaker may go back
/// to it.
async fn in_use(reads: &Reads, out: &EcsServiceOut) -> Result<BTreeSet<String>, Fault> {
    let found = describe(reads, &out.cluster, vec![out.name.clone()]).await?;
    let named = |live: &Live| {
        let deployed = live.deployments().iter();
        let deployed = deployed.filter_map(|d| d.task_definition.clone());
        let named: Vec<String> = deployed.chain(live.task_definition.clone()).collect();
        named
    };
    Ok(found.iter().flat_map(named).collect())
}

fn breaking() -> DeploymentConfiguration {
    DeploymentConfiguration::builder()
        .minimum_healthy_percent(50)
        .maximum_percent(200)
        .deployment_circuit_breaker(
            DeploymentCircuitBreaker::builder()
                .enable(true)
                .rollback(true)
                .build(),
        )
        .set_alarms(no_alarms())
        .build()
}

/// Rollouts are watched by the circuit breaker alone.
fn no_alarms() -> Option<DeploymentAlarms> {
    let none = DeploymentAlarms::builder().set_alarm_names(Some(Vec::new()));
    none.enable(false).rollback(false).build().ok()
}

fn network_of(
    subnets: &[std::sync::Arc<crate::kinds::SubnetOut>],
    group: &crate::kinds::SecurityGroupOut,
) -> Result<NetworkConfiguration, Fault> {
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(subnets.iter().map(|s| s.id.clone()).collect()))
        .security_groups(&group.id)
        .assign_public_ip(AssignPublicIp::Disabled)
        .build()
        .map_err(|e| Fault::new(Class::Refused, "ecs:CreateService", e.to_string()))?;
    Ok(NetworkConfiguration::builder()
        .awsvpc_configuration(vpc)
        .build())
}
