//! Whether all that the other rules judge was there to be seen: nothing is proved of what was not.

use crate::{Evidence, Expected, Flaw, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "evidence-complete",
        severity: Severity::Warning,
        title: "all that the configuration builds was there to be judged",
        remedy: "run `genu-deploy apply`, then audit again: nothing is proved of what is not there",
        check: evidence_complete,
    },
    Rule {
        id: "evidence-read",
        severity: Severity::Error,
        title: "all that AWS answered was understood",
        remedy: "look at the named thing by hand: nothing is proved of what cannot be read; a newer genu-deploy may read it",
        check: evidence_read,
    },
];

fn evidence_read(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let unread = evidence.unread.iter();
    unread
        .map(|what| Flaw::new(&evidence.vpc.id, what))
        .collect()
}

fn evidence_complete(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let listeners = evidence.load_balancer.iter().flat_map(|lb| &lb.listeners);
    let https = listeners.into_iter().any(|l| l.protocol == "HTTPS");
    let instance = evidence.instances.iter().any(|i| i.ours.is_some());
    let proxy = evidence.rest_apis.iter().any(|api| api.ours.is_some());
    let group = evidence.groups.iter().any(|group| group.ours.is_some());
    let (domain, test) = (expected.domain, expected.test_environment);
    let parts = [
        (true, !evidence.subnets.is_empty(), "subnets"),
        (true, !evidence.route_tables.is_empty(), "route tables"),
        (true, group, "security groups"),
        (true, evidence.load_balancer.is_some(), ids::LOAD_BALANCER),
        (true, evidence.service.is_some(), ids::SERVICE),
        (true, evidence.bucket.is_some(), ids::BUCKET),
        (expected.proxies, proxy, "proxies"),
        (true, !evidence.roles.is_empty(), "roles"),
        (true, !evidence.log_groups.is_empty(), "log groups"),
        (domain, evidence.zone.is_some(), ids::ZONE),
        (domain, https, "an HTTPS listener"),
        (domain, !evidence.certificates.is_empty(), "certificate"),
        (
            expected.resolver,
            evidence.resolver.is_some(),
            ids::RESOLVER,
        ),
        (test, instance, "test/instance"),
    ];
    let missing = parts
        .into_iter()
        .filter(|(wanted, seen, _)| *wanted && !seen);
    missing
        .map(|(_, _, what)| {
            Flaw::new(
                what,
                format!("{}: nothing was seen of {what}", evidence.vpc.id),
            )
        })
        .collect()
}
