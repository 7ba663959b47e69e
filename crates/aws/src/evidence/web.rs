//! The web server: load balancer, certificates, service, logs.

use std::collections::BTreeSet;

use audit::{Certificate, Listener, LoadBalancer, LogGroup, Service};
use aws_sdk_ecs::types::{AssignPublicIp, ContainerDefinition, TaskDefinition};
use aws_sdk_elasticloadbalancingv2::types::{
    ActionTypeEnum, Certificate as LiveCertificate, Listener as LiveListener,
};
use reconciler::{Class, Fault};

use super::ours::Ours;
use crate::call::call;
use crate::clients::Reads;
use crate::kinds;

/// The web server as it stands.
pub(super) struct Web {
    pub(super) load_balancer: Option<LoadBalancer>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) service: Option<Service>,
    pub(super) log_groups: Vec<LogGroup>,
}

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Web, Fault> {
    let (balancer, service, log_groups) = tokio::try_join!(
        load_balancer(reads, ours),
        service(reads, ours),
        log_groups(reads, ours),
    )?;
    let (load_balancer, certificates) = match balancer {
        Some((balancer, certificates)) => (Some(balancer), certificates),
        None => (None, Vec::new()),
    };
    Ok(Web {
        load_balancer,
        certificates,
        service,
        log_groups,
    })
}

/// `None` for what is gone: that it should be there is another rule's business.
fn unless_gone<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Err(fault) if fault.class == Class::Gone => Ok(None),
        answer => answer.map(Some),
    }
}

async fn load_balancer(
    reads: &Reads,
    ours: &Ours<'_>,
) -> Result<Option<(LoadBalancer, Vec<Certificate>)>, Fault> {
    let Some(out) = ours.one::<kinds::LoadBalancer>() else {
        return Ok(None);
    };
    let elb = &reads.clients.elb;
    let request = elb.describe_load_balancers().load_balancer_arns(&out.arn);
    let answer = call("elasticloadbalancing:DescribeLoadBalancers", request.send()).await;
    let live = unless_gone(answer)?.and_then(|found| found.load_balancers?.into_iter().next());
    let Some(live) = live else {
        return Ok(None);
    };
    let request = elb.describe_load_balancer_attributes();
    let request = request.load_balancer_arn(&out.arn);
    let listeners = elb.describe_listeners().load_balancer_arn(&out.arn);
    let (attributes, listeners) = tokio::try_join!(
        call(
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            request.send()
        ),
        call(
            "elasticloadbalancing:DescribeListeners",
            listeners.into_paginator().items().send().try_collect()
        ),
    )?;
    let listeners: Vec<LiveListener> = listeners;
    let mut certificates = Vec::new();
    let secure = listeners
        .iter()
        .filter(|live| !live.certificates().is_empty());
    let mut arns = BTreeSet::new();
    let secure = secure.filter_map(|live| {
        let of = "a listener of the load balancer";
        ours.unread.member(live.listener_arn(), of, "its ARN")
    });
    for listener in secure {
        // The default one and those for other names.
        let request = elb.describe_listener_certificates().listener_arn(listener);
        let found: Vec<LiveCertificate> = call(
            "elasticloadbalancing:DescribeListenerCertificates",
            request.into_paginator().items().send().try_collect(),
        )
        .await?;
        arns.extend(found.into_iter().filter_map(|live| {
            ours.unread
                .member(live.certificate_arn, listener, "a certificate's ARN")
        }));
    }
    for arn in &arns {
        let found = crate::Certificate::look(reads, arn).await?;
        certificates.push(Certificate {
            arn: arn.clone(),
            status: found.as_ref().map(|c| c.status.clone()).unwrap_or_default(),
            not_after: found.and_then(|certificate| certificate.not_after),
        });
    }
    let attributes = attributes.attributes.unwrap_or_default().into_iter();
    let balancer = LoadBalancer {
        arn: out.arn,
        scheme: live
            .scheme()
            .map_or("", |scheme| scheme.as_str())
            .to_owned(),
        attributes: attributes
            .filter_map(|a| {
                let of = "an attribute of the load balancer";
                let key = ours.unread.member(a.key, of, "its key")?;
                let value = ours.unread.member(a.value, &key, "its value")?;
                Some((key, value))
            })
            .collect(),
        listeners: listeners.iter().map(listener).collect(),
        groups: live.security_groups().to_vec(),
    };
    Ok(Some((balancer, certificates)))
}

fn listener(live: &LiveListener) -> Listener {
    let actions = live.default_actions();
    let secure = actions.iter().all(|action| {
        let to = action.redirect_config().and_then(|to| to.protocol());
        action.r#type() == Some(&ActionTypeEnum::Redirect) && to == Some("HTTPS")
    });
    Listener {
        arn: live.listener_arn().unwrap_or_default().to_owned(),
        port: live.port().unwrap_or_default(),
        protocol: live.protocol().map_or("", |p| p.as_str()).to_owned(),
        tls_policy: live.ssl_policy().map(ToOwned::to_owned),
        redirects_to_https: secure && !actions.is_empty(),
    }
}

async fn service(reads: &Reads, ours: &Ours<'_>) -> Result<Option<Service>, Fault> {
    let Some(out) = ours.one::<kinds::EcsService>() else {
        return Ok(None);
    };
    let ecs = &reads.clients.ecs;
    let request = ecs.describe_services().cluster(&out.cluster);
    let answer = call("ecs:DescribeServices", request.services(&out.name).send()).await;
    let found = unless_gone(answer)?.and_then(|found| found.services?.into_iter().next());
    let Some(live) = found.filter(|live| live.status() == Some("ACTIVE")) else {
        return Ok(None);
    };
    let task = live.task_definition().unwrap_or_default().to_owned();
    let request = ecs.describe_task_definition().task_definition(&task);
    let definition = call("ecs:DescribeTaskDefinition", request.send()).await?;
    let definition = definition.task_definition;
    let containers = definition
        .as_ref()
        .map(TaskDefinition::container_definitions);
    let containers = containers.unwrap_or_default();
    let network = live.network_configuration();
    let network = network.and_then(|network| network.awsvpc_configuration());
    Ok(Some(Service {
        arn: out.arn,
        public_addresses: network.and_then(|n| n.assign_public_ip())
            == Some(&AssignPublicIp::Enabled),
        exec: live.enable_execute_command,
        task_definition: task,
        containers: containers
            .iter()
            .map(|container| {
                (
                    container.name().unwrap_or_default().to_owned(),
                    container.image().unwrap_or_default().to_owned(),
                    container.privileged == Some(true),
                )
            })
            .collect(),
        secret_looking: containers.iter().flat_map(secret_looking).collect(),
    }))
}

/// Variables whose names say that they hold a secret. Values are looked at nowhere.
fn secret_looking(container: &ContainerDefinition) -> Vec<String> {
    const WORDS: [&str; 5] = ["SECRET", "PASSWORD", "TOKEN", "CREDENTIAL", "PRIVATE_KEY"];
    let name = container.name().unwrap_or_default();
    let variables = container.environment().iter().filter_map(|v| v.name());
    variables
        .filter(|variable| {
            let upper = variable.to_uppercase();
            WORDS.iter().any(|word| upper.contains(word))
        })
        .map(|variable| format!("{name}.{variable}"))
        .collect()
}

async fn log_groups(reads: &Reads, ours: &Ours<'_>) -> Result<Vec<LogGroup>, Fault> {
    let mut groups = Vec::new();
    for (_, out) in ours.all::<kinds::LogGroup>() {
        let request = reads.clients.logs.describe_log_groups();
        let request = request.log_group_name_prefix(&out.name).into_paginator();
        let found: Vec<aws_sdk_cloudwatchlogs::types::LogGroup> = call(
            "logs:DescribeLogGroups",
            request.items().send().try_collect(),
        )
        .await?;
        let ours = found
            .into_iter()
            .filter(|g| g.log_group_name() == Some(&out.name));
        groups.extend(ours.map(|group| LogGroup {
            name: out.name.clone(),
            retention_days: group.retention_in_days,
        }));
    }
    Ok(groups)
}
