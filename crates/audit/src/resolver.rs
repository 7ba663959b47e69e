//! The resolver endpoint: it answers questions of the VPC and the clients, and asks none.

use crate::groups::{is_beyond, text};
use crate::ranges::Ranges;
use crate::{Evidence, Expected, Flaw, GroupRule, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "resolver-access",
        severity: Severity::Error,
        title: "the resolver endpoint is reached on port 53 alone, by the VPC and the clients alone",
        remedy: "delete the rule from the security group; `genu-deploy apply` does",
        check: access,
    },
    Rule {
        id: "resolver-direction",
        severity: Severity::Error,
        title: "the resolver endpoint is an inbound one",
        remedy: "delete the endpoint and run `genu-deploy apply`: questions sent out carry data out",
        check: direction,
    },
];

fn access(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let inside = Ranges::inside(evidence, expected);
    let dns = |rule: &GroupRule| {
        matches!(rule.protocol.as_str(), "tcp" | "udp") && rule.ports == Some((53, 53))
    };
    let mut flaws = Vec::new();
    if let Some(resolver) = &evidence.resolver {
        for id in &resolver.groups {
            let Some(group) = evidence.groups.iter().find(|group| group.id == *id) else {
                let seen = format!("{}: its group {id} was not seen", resolver.id);
                flaws.push(Flaw::new(ids::RESOLVER, seen));
                continue;
            };
            let rules = group.rules.iter().filter(|rule| !rule.egress);
            let rules = rules.filter(|rule| !dns(rule) || is_beyond(rule, &inside));
            flaws.extend(rules.map(|rule| {
                let seen = format!("{}: {id} lets in {}", resolver.id, text(rule));
                Flaw::new(ids::RESOLVER, seen)
            }));
        }
    }
    flaws
}

fn direction(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let resolvers = evidence.resolver.iter();
    let other = resolvers.filter(|resolver| resolver.direction != "INBOUND");
    let seen = other.map(|resolver| format!("{} is {}", resolver.id, resolver.direction));
    seen.map(|seen| Flaw::new(ids::RESOLVER, seen)).collect()
}
