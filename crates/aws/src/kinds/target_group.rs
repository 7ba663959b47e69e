//! The target group of the web server's tasks.

mod health_check;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as Live, TargetGroupAttribute, TargetTypeEnum,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use self::health_check::HealthCheck;
use crate::call::call;
use crate::kinds::Vpc;
use crate::kinds::load_balancer::{
    changed_attributes, tag, tags_of, to_tags, untag, with_defaults,
};
use crate::{Aws, Reads, Writes};

/// Targets by address, over HTTP.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// Name, at most 32 characters.
    pub name: String,
    /// Port of the group; targets register with their own.
    pub port: i32,
    /// Path of the health check.
    pub health_check_path: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroupOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
}

/// The attribute we set otherwise than AWS does. The default delay of 300 s makes every deployment and destroy wait for
/// connections that a file server does not have.
const DELAY: (&str, &str) = ("deregistration_delay.timeout_seconds", "30");

/// AWS's defaults ("Edit target group attributes", Elastic Load Balancing user guide). What is not
/// answered has them.
const DEFAULTS: [(&str, &str); 13] = [
    ("deregistration_delay.timeout_seconds", "300"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
    ),
    ("slow_start.duration_seconds", "0"),
    ("stickiness.app_cookie.duration_seconds", "86400"),
    ("stickiness.enabled", "false"),
    ("stickiness.lb_cookie.duration_seconds", "86400"),
    ("stickiness.type", "lb_cookie"),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
    ),
];

#[async_trait]
impl Kind for TargetGroup {
    type Cloud = Aws;
    type Needs = Ref<Vpc>;
    type Out = TargetGroupOut;
    const NAME: &'static str = "elasticloadbalancing/target-group";
    const PACE: Pace = Pace::seconds(2, 2, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &TargetGroupOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, vpc: &<Self::Needs as Needs>::Maybe) -> Attrs {
        attrs(
            Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())),
            "HTTP",
            self.port,
            "ip",
            &HealthCheck::at(&self.health_check_path),
            with_defaults(&DEFAULTS, [(DELAY.0.to_owned(), DELAY.1.to_owned())]),
        )
    }
    fn impact(field: &str) -> Impact {
        match field {
            "attributes" | "health_check" => Impact::InPlace,
            _ => Impact::Replace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<TargetGroupOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for name in names {
            let request = reads.clients.elb.describe_target_groups().names(&name);
            let found =
                match call("elasticloadbalancing:DescribeTargetGroups", request.send()).await {
                    Err(fault) if fault.class == Class::Gone => continue,
                    answer => answer?.target_groups.unwrap_or_default(),
                };
            for live in found {
                candidates.push(candidate(reads, live).await?);
            }
        }
        Ok(candidates)
    }

    async fn phases(
        _: &Reads,
        outs: &[TargetGroupOut],
    ) -> Vec<Result<Phase<TargetGroupOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        vpc: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<TargetGroupOut>, Fault> {
        const OPERATION: &str = "elasticloadbalancing:CreateTargetGroup";
        let answer = writes
            .call(OPERATION, |c| {
                c.elb
                    .create_target_group()
                    .name(&self.name)
                    .protocol(ProtocolEnum::Http)
                    .port(self.port)
                    .vpc_id(&vpc.id)
                    .target_type(TargetTypeEnum::Ip)
                    .health_check_path(&self.health_check_path)
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let live = answer.target_groups.unwrap_or_default().into_iter().next();
        let live = live.ok_or_else(|| {
            Fault::new(
                Class::Ambiguous,
                OPERATION,
                "the answer names no target group",
            )
        })?;
        Ok(Created {
            attrs: attrs(
                vpc.id.clone().into(),
                "HTTP",
                self.port,
                "ip",
                &HealthCheck::at(&self.health_check_path),
                with_defaults(&DEFAULTS, []),
            ),
            out: out_of(&live),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &TargetGroupOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<TargetGroupOut, Fault> {
        if changes.iter().any(|change| change.root() == "health_check") {
            let check = HealthCheck::at(&self.health_check_path);
            writes
                .call("elasticloadbalancing:ModifyTargetGroup", |c| {
                    c.elb
                        .modify_target_group()
                        .target_group_arn(&out.arn)
                        .health_check_path(check.path)
                        .health_check_protocol(ProtocolEnum::Http)
                        .health_check_port(check.port)
                        .health_check_interval_seconds(check.interval)
                        .health_check_timeout_seconds(check.timeout)
                        .healthy_threshold_count(check.healthy)
                        .unhealthy_threshold_count(check.unhealthy)
                        .matcher(Matcher::builder().http_code(check.codes).build())
                        .health_check_enabled(check.enabled)
                        .send()
                })
                .await?;
        }
        if changes.iter().any(|change| change.root() == "attributes") {
            writes
                .call("elasticloadbalancing:ModifyTargetGroupAttributes", |c| {
                    let attributes = changed_attributes(changes).map(|(key, value)| {
                        TargetGroupAttribute::builder()
                            .key(key)
                            .value(value)
                            .build()
                    });
                    c.elb
                        .modify_target_group_attributes()
                        .target_group_arn(&out.arn)
                        .set_attributes(Some(attributes.collect()))
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &TargetGroupOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn untag(writes: &Writes, out: &TargetGroupOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.arn, keys).await
    }

    async fn delete(writes: &Writes, outs: &[TargetGroupOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("elasticloadbalancing:DeleteTargetGroup", |c| {
                    c.elb
                        .delete_target_group()
                        .target_group_arn(&out.arn)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn attrs(
    vpc: Attr,
    protocol: &str,
    port: i32,
    kind: &str,
    check: &HealthCheck,
    attributes: Value,
) -> Attrs {
    Attrs::new()
        .with("vpc", vpc)
        .with("protocol", protocol)
        .with("port", port)
        .with("target_type", kind)
        .with("protocol_version", "HTTP1")
        .with("addresses", "ipv4")
        .with("health_check", Attr::Known(check.value()))
        .with("attributes", Attr::Known(attributes))
}

fn out_of(live: &Live) -> TargetGroupOut {
    TargetGroupOut {
        name: live.target_group_name().unwrap_or_default().to_owned(),
        arn: live.target_group_arn().unwrap_or_default().to_owned(),
    }
}

async fn candidate(reads: &Reads, live: Live) -> Result<Candidate<TargetGroupOut>, Fault> {
    let out = out_of(&live);
    let request = reads
        .clients
        .elb
        .describe_target_group_attributes()
        .target_group_arn(&out.arn);
    let operation = "elasticloadbalancing:DescribeTargetGroupAttributes";
    let (attributes, tags) =
        tokio::try_join!(call(operation, request.send()), tags_of(reads, &out.arn))?;
    let attributes = attributes.attributes.unwrap_or_default().into_iter();
    Ok(Candidate {
        attrs: attrs(
            live.vpc_id().unwrap_or_default().into(),
            live.protocol().map_or("", ProtocolEnum::as_str),
            live.port().unwrap_or_default(),
            live.target_type().map_or("", TargetTypeEnum::as_str),
            &HealthCheck::of(&live),
            with_defaults(
                &DEFAULTS,
                attributes.filter_map(|a| Some((a.key?, a.value?))),
            ),
        )
        .with(
            "protocol_version",
            live.protocol_version().unwrap_or("HTTP1"),
        )
        .with(
            "addresses",
            live.ip_address_type().map_or("ipv4", |kind| kind.as_str()),
        ),
        mark: Mark::Tags(tags),
        name: Some(out.name.clone()),
        out,
        pristine: false,
        health: Health::Ready,
        notes: Vec::new(),
    })
}
