//! Services as AWS shows them.

use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, DeploymentRolloutState, LaunchType,
    LoadBalancer as Target, PropagateTags, SchedulingStrategy, Service as Live, ServiceField,
};
use reconciler::{Attr, Attrs, Candidate, Class, Fault, Health, Mark};
use serde_json::json;

use super::rollout::{Begun, is_steady, made, primary};
use super::{EcsServiceOut, LATEST};
use crate::Reads;
use crate::call::call;
use crate::kinds::ecs_cluster::from_tags;

/// The status of a service that others still see, whose name is taken, and which only ends.
pub(super) const DRAINING: &str = "DRAINING";
/// The status of a service that has ended. It is described for a while yet.
pub(super) const INACTIVE: &str = "INACTIVE";

pub(super) fn candidate(live: Live, cluster: &str) -> Candidate<EcsServiceOut> {
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
    let health = if live.status() == Some(DRAINING) {
        Health::Leaving(format!("{} tasks are stopping", live.running_count))
    } else if is_steady(&live) {
        Health::Ready
    } else {
        Health::Pending
    };
    Candidate {
        attrs,
        name: live.service_name.clone(),
        out: EcsServiceOut {
            made: made(&live),
            rollout: primary(&live).and_then(Begun::of),
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

pub(super) async fn describe(
    reads: &Reads,
    cluster: &str,
    names: Vec<String>,
) -> Result<Vec<Live>, Fault> {
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
