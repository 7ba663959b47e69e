//! The web server's service on Fargate: rolled out with a circuit breaker, and its troubles told.

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration, DeploymentAlarms,
    DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentRolloutState, DesiredStatus,
    LaunchType, LoadBalancer as Target, NetworkConfiguration, PropagateTags, SchedulingStrategy,
    Service as Live, ServiceField,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::call::call;
use crate::kinds::ecs_cluster::{from_tags, tag, to_tags, untag};
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
}

/// The platform version that Fargate picks by itself.
const LATEST: &str = "LATEST";
/// How often tasks may stop before the wait ends with their reasons.
const STOPS: i32 = 3;
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
            let live = found.into_iter().filter(|s| s.status() == Some("ACTIVE"));
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
                    .deployment_configuration(rollout())
                    .health_check_grace_period_seconds(GRACE)
                    .availability_zone_rebalancing(AvailabilityZoneRebalancing::Enabled)
                    .network_configuration(network)
                    .load_balancers(self.target(&target.arn))
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let arn = answer
            .service
            .and_then(|service| service.service_arn)
            .unwrap_or_default();
        let out = EcsServiceOut {
            name: self.name.clone(),
            arn,
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
        // What neither runs nor is to run is of no use any more.
        retire(writes, &task.family, [&out.task, &task.arn]).await?;
        // The desired count belongs to auto scaling and is never set here.
        writes
            .call("ecs:UpdateService", |c| {
                c.ecs
                    .update_service()
                    .cluster(&out.cluster)
                    .service(&out.name)
                    .task_definition(&task.arn)
                    .deployment_configuration(rollout())
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
        Ok(EcsServiceOut {
            task: task.arn.clone(),
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
            answers.push(drain(writes, out).await);
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

/// Stops the tasks and starts the deletion.
async fn drain(writes: &Writes, out: &EcsServiceOut) -> Result<(), Fault> {
    let stopped = writes
        .call("ecs:UpdateService", |c| {
            c.ecs
                .update_service()
                .cluster(&out.cluster)
                .service(&out.name)
                .desired_count(0)
                .send()
        })
        .await;
    match stopped {
        Err(fault) if fault.code.as_deref() == Some("ServiceNotActiveException") => return Ok(()),
        // Not found, to an update, reads as "not visible yet": here it is gone.
        Err(fault) if matches!(fault.class, Class::Gone | Class::NotVisible) => return Ok(()),
        stopped => stopped?,
    };
    writes
        .call("ecs:DeleteService", |c| {
            c.ecs
                .delete_service()
                .cluster(&out.cluster)
                .service(&out.name)
                .force(true)
                .send()
        })
        .await
        .map(drop)
}

fn rollout() -> DeploymentConfiguration {
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

fn candidate(live: Live, cluster: &str) -> Candidate<EcsServiceOut> {
    let network = live
        .network_configuration()
        .and_then(|n| n.awsvpc_configuration());
    let rollout = live.deployment_configuration();
    let breaker = rollout.and_then(|r| r.deployment_circuit_breaker());
    let target = live
        .load_balancers()
        .first()
        .and_then(|t| t.target_group_arn());
    let attrs = Attrs::new()
        .with(
            "task_definition",
            live.task_definition().unwrap_or_default(),
        )
        .with(
            "subnets",
            Attr::set(network.map(|n| n.subnets().to_vec()).unwrap_or_default()),
        )
        .with(
            "groups",
            Attr::set(
                network
                    .map(|n| n.security_groups().to_vec())
                    .unwrap_or_default(),
            ),
        )
        .with(
            "public_address",
            network
                .and_then(|n| n.assign_public_ip())
                .map_or("", AssignPublicIp::as_str),
        )
        .with("target_group", target.unwrap_or_default())
        .with(
            "rollout",
            Attr::Known(json!([
                rollout
                    .and_then(aws_sdk_ecs::types::DeploymentConfiguration::minimum_healthy_percent),
                rollout.and_then(aws_sdk_ecs::types::DeploymentConfiguration::maximum_percent),
            ])),
        )
        .with(
            "circuit_breaker",
            Attr::Known(json!({
                "enable": breaker.is_some_and(|b| b.enable),
                "rollback": breaker.is_some_and(|b| b.rollback),
            })),
        )
        .with(
            "health_check_grace",
            Attr::Known(json!(live.health_check_grace_period_seconds)),
        );
    let target = live.load_balancers().first();
    let alarms = rollout.and_then(|rollout| rollout.alarms());
    let alarms = alarms.filter(|alarms| alarms.enable);
    // What is not answered has AWS's default.
    let attrs = attrs
        .with(
            "container",
            target.and_then(|t| t.container_name()).unwrap_or_default(),
        )
        .with(
            "container_port",
            Attr::Known(json!(target.and_then(Target::container_port))),
        )
        .with(
            "launch_type",
            live.launch_type()
                .map_or(LaunchType::Fargate.as_str(), LaunchType::as_str),
        )
        .with(
            "capacity_providers",
            Attr::set(
                live.capacity_provider_strategy()
                    .iter()
                    .map(|item| item.capacity_provider.clone()),
            ),
        )
        .with(
            "platform_version",
            live.platform_version().unwrap_or(LATEST),
        )
        .with(
            "scheduling",
            live.scheduling_strategy()
                .map_or("REPLICA", SchedulingStrategy::as_str),
        )
        .with(
            "controller",
            live.deployment_controller()
                .map_or("ECS", |controller| controller.r#type().as_str()),
        )
        .with("exec", live.enable_execute_command)
        .with(
            "propagates_tags",
            live.propagate_tags()
                .map_or(PropagateTags::None.as_str(), PropagateTags::as_str),
        )
        .with("managed_tags", live.enable_ecs_managed_tags)
        .with(
            "registries",
            Attr::set(
                live.service_registries()
                    .iter()
                    .filter_map(|registry| registry.registry_arn.clone()),
            ),
        )
        .with(
            "alarms",
            Attr::set(alarms.map(|a| a.alarm_names().to_vec()).unwrap_or_default()),
        )
        .with(
            "zone_rebalancing",
            live.availability_zone_rebalancing()
                // "If the service never had a value set, Amazon ECS treats this as DISABLED".
                .map_or("DISABLED", AvailabilityZoneRebalancing::as_str),
        );
    let failed = primary(&live).and_then(|d| d.rollout_state());
    let failed = failed == Some(&DeploymentRolloutState::Failed);
    let attrs = attrs.with("last_rollout", if failed { "failed" } else { "sound" });
    let health = if is_steady(&live) {
        Health::Ready
    } else {
        Health::Pending
    };
    Candidate {
        attrs,
        name: live.service_name.clone(),
        out: EcsServiceOut {
            task: live.task_definition.unwrap_or_default(),
            name: live.service_name.unwrap_or_default(),
            arn: live.service_arn.unwrap_or_default(),
            cluster: cluster.to_owned(),
        },
        mark: Mark::Tags(from_tags(live.tags)),
        pristine: false,
        health,
        notes: Vec::new(),
    }
}

fn primary(live: &Live) -> Option<&aws_sdk_ecs::types::Deployment> {
    live.deployments()
        .iter()
        .find(|d| d.status() == Some("PRIMARY"))
}

fn is_steady(live: &Live) -> bool {
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

async fn phase(reads: &Reads, out: &EcsServiceOut) -> Result<Phase<EcsServiceOut>, Fault> {
    let found = describe(reads, &out.cluster, vec![out.name.clone()]).await?;
    let live = found
        .into_iter()
        .find(|s| s.service_arn() == Some(&out.arn));
    let Some(live) = live else {
        return Ok(Phase::Gone);
    };
    match live.status() {
        Some("INACTIVE") => return Ok(Phase::Gone),
        Some("DRAINING") => {
            let what = format!("{} tasks of {} are stopping", live.running_count, out.name);
            return Ok(Phase::Deleting(what));
        }
        _ => {}
    }
    let event = live
        .events()
        .first()
        .and_then(|e| e.message())
        .unwrap_or("no event yet");
    let runs = live.task_definition().unwrap_or_default();
    if !out.task.is_empty() && !runs.is_empty() && runs != out.task {
        let stops = stopped_reasons(reads, out).await;
        return Ok(Phase::Failed(format!(
            "ECS took the rollout of {} back and runs {runs} again; last event: {event}{stops}",
            out.task
        )));
    }
    if is_steady(&live) {
        return Ok(Phase::Ready(out.clone()));
    }
    // Older deployments are on their way out; one that the circuit breaker takes back says so.
    let failed = primary(&live).filter(|d| {
        d.rollout_state() == Some(&DeploymentRolloutState::Failed)
            || d.failed_tasks >= STOPS
            || d.rollout_state_reason()
                .is_some_and(|why| why.contains("rolling back"))
    });
    if let Some(failed) = failed {
        let why = failed
            .rollout_state_reason()
            .unwrap_or("its tasks stop again and again");
        let stops = stopped_reasons(reads, out).await;
        return Ok(Phase::Failed(format!("{why}; last event: {event}{stops}")));
    }
    let (running, desired) = (live.running_count, live.desired_count);
    Ok(Phase::Pending(format!(
        "{running} of {desired} tasks run; {event}"
    )))
}

/// What the stopped tasks say; empty when nothing can be found out.
async fn stopped_reasons(reads: &Reads, out: &EcsServiceOut) -> String {
    let ecs = &reads.clients.ecs;
    let list = ecs
        .list_tasks()
        .cluster(&out.cluster)
        .service_name(&out.name);
    let list = list.desired_status(DesiredStatus::Stopped).max_results(10);
    let Ok(listed) = call("ecs:ListTasks", list.send()).await else {
        return String::new();
    };
    let arns = listed.task_arns.filter(|arns| !arns.is_empty());
    let Some(arns) = arns else {
        return String::new();
    };
    let describe = ecs
        .describe_tasks()
        .cluster(&out.cluster)
        .set_tasks(Some(arns));
    let Ok(described) = call("ecs:DescribeTasks", describe.send()).await else {
        return String::new();
    };
    let tasks = described.tasks.unwrap_or_default().into_iter();
    let reasons: std::collections::BTreeSet<String> = tasks
        .flat_map(|task| {
            let containers = task.containers.unwrap_or_default().into_iter();
            containers
                .filter_map(|c| c.reason)
                .chain(task.stopped_reason)
                .collect::<Vec<_>>()
        })
        .collect();
    if reasons.is_empty() {
        return String::new();
    }
    let reasons: Vec<String> = reasons.into_iter().collect();
    format!("; stopped tasks say: {}", reasons.join("; "))
}

async fn describe(reads: &Reads, cluster: &str, names: Vec<String>) -> Result<Vec<Live>, Fault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let request = reads.clients.ecs.describe_services().cluster(cluster);
    let request = request
        .set_services(Some(names))
        .include(ServiceField::Tags);
    match call("ecs:DescribeServices", request.send()).await {
        Err(fault) if fault.class == Class::Gone => Ok(Vec::new()),
        answer => Ok(answer?.services.unwrap_or_default()),
    }
}
