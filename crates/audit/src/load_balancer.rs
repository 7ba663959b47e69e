//! The load balancer: internal, and strict about what it takes.

use crate::{Evidence, Expected, Flaw, Listener, LoadBalancer, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "listener-plain-http",
        severity: Severity::Warning,
        title: "plain HTTP leads to HTTPS and nowhere else",
        remedy: "set closedNetworkDomainName and closedNetworkCertificateArn",
        check: plain_http,
    },
    Rule {
        id: "listener-tls-policy",
        severity: Severity::Error,
        title: "listeners speak TLS 1.2 and 1.3 alone",
        remedy: "give the listener a policy such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06; `genu-deploy apply` does",
        check: tls_policy,
    },
    Rule {
        id: "load-balancer-header-fields",
        severity: Severity::Warning,
        title: "the load balancer drops invalid header fields",
        remedy: "set its attribute routing.http.drop_invalid_header_fields.enabled to true; `genu-deploy apply` does",
        check: header_fields,
    },
    Rule {
        id: "load-balancer-internal",
        severity: Severity::Error,
        title: "the load balancer is internal",
        remedy: "delete the load balancer and run `genu-deploy apply`: its scheme cannot be changed",
        check: internal,
    },
];

const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";

/// Policies without TLS 1.0 and 1.1 begin with one of these ("Security policies for your
/// Application Load Balancer").
const TLS_POLICIES: [&str; 4] = [
    "ELBSecurityPolicy-FS-1-2-",
    "ELBSecurityPolicy-TLS-1-2-",
    "ELBSecurityPolicy-TLS13-1-2-",
    "ELBSecurityPolicy-TLS13-1-3-",
];

fn of_load_balancer(
    evidence: &Evidence,
    seen: impl FnOnce(&LoadBalancer) -> Option<String>,
) -> Vec<Flaw> {
    let seen = evidence.load_balancer.as_ref().and_then(seen);
    let flaw = |seen| Flaw::new(ids::LOAD_BALANCER, seen);
    seen.into_iter().map(flaw).collect()
}

fn of_listeners(evidence: &Evidence, seen: fn(&Listener) -> Option<String>) -> Vec<Flaw> {
    let listeners = evidence.load_balancer.iter().flat_map(|lb| &lb.listeners);
    let flaw = |seen| Flaw::new(ids::LOAD_BALANCER, seen);
    listeners.filter_map(seen).map(flaw).collect()
}

fn plain_http(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    of_listeners(evidence, |listener| {
        let Listener { arn, port, .. } = listener;
        let plain = listener.protocol == "HTTP" && !listener.redirects_to_https;
        plain.then(|| format!("{arn} answers over HTTP on port {port}"))
    })
}

fn tls_policy(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    of_listeners(evidence, |listener| {
        let policy = listener.tls_policy.as_deref().unwrap_or_default();
        let strict = TLS_POLICIES.iter().any(|p| policy.starts_with(p));
        let tls = matches!(listener.protocol.as_str(), "HTTPS" | "TLS");
        (tls && !strict).then(|| format!("{} has the policy {policy:?}", listener.arn))
    })
}

fn header_fields(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    of_load_balancer(evidence, |lb| {
        let value = lb.attributes.get(DROP_INVALID).map_or("unset", |v| v);
        (value != "true").then(|| format!("{}: {DROP_INVALID} is {value}", lb.arn))
    })
}

fn internal(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    of_load_balancer(evidence, |lb| {
        (lb.scheme != "internal").then(|| format!("{} is {:?}", lb.arn, lb.scheme))
    })
}
