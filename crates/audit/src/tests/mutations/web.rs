//! Rows about the web server, its names and its logs.

use super::{Row, row, with};
use crate::Peer;
use crate::tests::fixture::{Scene, rule};

fn certificate(scene: &mut Scene, status: &str, end: &str) {
    let certificate = &mut scene.evidence.certificates[0];
    certificate.status = status.into();
    certificate.not_after = end.parse().ok();
}

pub(super) const ROWS: &[Row] = &[
    row("listener-plain-http", |s| {
        s.load_balancer().listeners[0].redirects_to_https = false;
    }),
    row("listener-tls-policy", |s| {
        s.load_balancer().listeners[1].tls_policy = Some("ELBSecurityPolicy-2016-08".into());
    }),
    row("listener-tls-policy", |s| {
        s.load_balancer().listeners[1].tls_policy =
            Some("ELBSecurityPolicy-TLS13-1-0-2021-06".into());
    }),
    row("listener-tls-policy", |s| {
        s.load_balancer().listeners[1].tls_policy = Some("ELBSecurityPolicy-FS-2018-06".into());
    }),
    row("listener-tls-policy", |s| {
        s.load_balancer().listeners[1].tls_policy = None;
    }),
    row("load-balancer-header-fields", |s| {
        s.load_balancer().attributes.clear();
    }),
    row("load-balancer-header-fields", |s| {
        s.load_balancer()
            .attributes
            .values_mut()
            .for_each(|v| *v = "false".into());
    }),
    row("load-balancer-internal", |s| {
        s.load_balancer().scheme = "internet-facing".into();
    }),
    row("certificate-expires-soon", |s| {
        certificate(s, "ISSUED", "2026-06-30T00:00:00Z");
    }),
    row("certificate-valid", |s| {
        certificate(s, "ISSUED", "2026-06-01T00:00:00Z");
    }),
    row("certificate-valid", |s| {
        certificate(s, "PENDING_VALIDATION", "2027-01-01T00:00:00Z");
    }),
    row("certificate-valid", |s| certificate(s, "", "")),
    row("task-exec", |s| s.service().exec = true),
    row("task-image-registry", |s| {
        s.service().containers[0].1 = "public.ecr.aws/nginx/nginx:1".into();
    }),
    row("task-image-registry", |s| {
        s.service().containers[0].1 = "nginx".into();
    }),
    row("task-image-registry", |s| {
        s.service().containers[0].1 = "111111111111.dkr.ecr.example.com/web".into();
    }),
    row("task-image-registry", |s| {
        s.service().containers[0].1 = "evil.dkr.ecr.ap-northeast-1.amazonaws.com/web".into();
    }),
    row("task-image-registry", |s| {
        s.service().containers[0].1 = "1.dkr.ecr.ap-northeast-1.amazonaws.com/web".into();
    }),
    row("task-privileged", |s| s.service().containers[0].2 = true),
    row("task-public-address", |s| {
        s.service().public_addresses = true;
    }),
    row("task-secrets", |s| {
        s.service().secret_looking.push("web.API_KEY".into());
    }),
    row("resolver-access", |s| {
        let clients = Peer::Range("10.0.0.0/8".parse().unwrap());
        s.group("resolver/group")
            .rules
            .push(rule(false, "tcp", 443, clients));
    }),
    row("resolver-access", |s| {
        s.evidence
            .resolver
            .as_mut()
            .unwrap()
            .groups
            .push("sg-unseen".into());
    }),
    with("resolver-access", &["group-ingress"], |s| {
        let everybody = Peer::Range("0.0.0.0/0".parse().unwrap());
        s.group("resolver/group")
            .rules
            .push(rule(false, "udp", 53, everybody));
    }),
    row("resolver-direction", |s| {
        s.evidence.resolver.as_mut().unwrap().direction = "OUTBOUND".into();
    }),
    row("zone-private", |s| {
        s.evidence.zone.as_mut().unwrap().private = false;
    }),
    row("zone-vpcs", |s| {
        s.evidence.zone.as_mut().unwrap().vpcs.push("vpc-9".into());
    }),
    row("flow-logs", |s| s.evidence.vpc.flow_logs = false),
    row("log-retention", |s| {
        s.evidence.log_groups[0].retention_days = None;
    }),
    row("evidence-read", |s| {
        s.evidence
            .unread
            .push("sg-1: a rule with the range \"x\"".into());
    }),
    row("evidence-complete", |s| s.evidence.bucket = None),
    row("evidence-complete", |s| s.evidence.zone = None),
    row("evidence-complete", |s| s.evidence.resolver = None),
    row("evidence-complete", |s| s.evidence.rest_apis.clear()),
    row("evidence-complete", |s| s.evidence.instances.clear()),
    with(
        "evidence-complete",
        &["resolver-access", "group-reference-unknown"],
        |s| {
            s.evidence
                .groups
                .retain(|group| group.id == "sg-default" || group.id == "sg-service");
            s.evidence
                .groups
                .iter_mut()
                .for_each(|group| group.ours = None);
        },
    ),
];
