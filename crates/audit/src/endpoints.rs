//! Endpoints: those that the features need are there and bear the services' names, and all lead to
//! AWS.

use crate::{Endpoint, Evidence, Expected, Flaw, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "endpoint-foreign",
        severity: Severity::Error,
        title: "every endpoint leads to a service of AWS",
        remedy: "delete the endpoint, or allow it when you trust who offers the service",
        check: foreign,
    },
    Rule {
        id: "endpoint-guardduty",
        severity: Severity::Warning,
        title: "no endpoint was put into the VPC by GuardDuty",
        remedy: "allow it when your organisation watches this account with GuardDuty; the tag GuardDutyManaged = false on the ECS cluster keeps it out, and `destroy --delete-guardduty` deletes it",
        check: guardduty,
    },
    Rule {
        id: "endpoint-missing",
        severity: Severity::Error,
        title: "every service that the features need has an endpoint that is available",
        remedy: "run `genu-deploy apply`: without its endpoint the service's name leads to the internet",
        check: missing,
    },
    Rule {
        id: "endpoint-private-dns",
        severity: Severity::Error,
        title: "the own names of the services that the features need lead to their endpoints",
        remedy: "switch on private DNS of the endpoint: without it the service's name leads to the internet",
        check: private_dns,
    },
];

/// What the names of AWS's services begin with.
const OF_AWS: [&str; 4] = ["com.amazonaws.", "cn.com.amazonaws.", "aws.", "cn.aws."];

/// Our id when there is one.
pub(crate) fn name(endpoint: &Endpoint) -> String {
    ids::name(endpoint.ours.as_ref(), &endpoint.id)
}

fn foreign(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let of_aws = |endpoint: &&Endpoint| {
        let service = &endpoint.service;
        matches!(endpoint.kind.as_str(), "Gateway" | "Interface")
            && OF_AWS.iter().any(|prefix| service.starts_with(prefix))
            && !service.contains("amazonaws.vpce.")
    };
    let endpoints = evidence.endpoints.iter().filter(|e| !of_aws(e));
    let flaw = |endpoint: &Endpoint| {
        let Endpoint {
            id, kind, service, ..
        } = endpoint;
        let seen = format!("{id} ({kind}) leads to {service:?}");
        Flaw::new(name(endpoint), seen)
    };
    endpoints.map(flaw).collect()
}

/// It leads to AWS, and reports what the tasks do.
fn guardduty(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let made = evidence.endpoints.iter().filter(|e| e.of_guardduty);
    let flaw = |endpoint: &Endpoint| {
        let Endpoint {
            id,
            service,
            groups,
            ..
        } = endpoint;
        let groups = groups.join(", ");
        let seen = format!(
            "{id} ({service}), with the group {groups}, was made by GuardDuty's Runtime Monitoring"
        );
        Flaw::new(name(endpoint), seen)
    };
    made.map(flaw).collect()
}

fn of<'e>(evidence: &'e Evidence, service: &str) -> Vec<&'e Endpoint> {
    let endpoints = evidence.endpoints.iter();
    endpoints.filter(|e| e.service == service).collect()
}

fn missing(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for service in &expected.services {
        let endpoints = of(evidence, service);
        if endpoints.is_empty() {
            let seen = format!("{} has no endpoint of {service}", evidence.vpc.id);
            flaws.push(Flaw::new(service, seen));
        } else if !endpoints.iter().any(|e| e.state == "available") {
            flaws.extend(endpoints.into_iter().map(|endpoint| {
                let seen = format!("{} ({service}) is {}", endpoint.id, endpoint.state);
                Flaw::new(name(endpoint), seen)
            }));
        }
    }
    flaws
}

fn private_dns(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for service in &expected.services {
        let mut endpoints = of(evidence, service);
        endpoints.retain(|endpoint| endpoint.kind == "Interface");
        // AWS lets one endpoint bear the name; others beside it do no harm.
        if endpoints.iter().any(|endpoint| endpoint.private_dns) {
            continue;
        }
        flaws.extend(endpoints.into_iter().map(|endpoint| {
            let seen = format!("{} ({service}) has no private DNS", endpoint.id);
            Flaw::new(name(endpoint), seen)
        }));
    }
    flaws
}
