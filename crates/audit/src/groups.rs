//! Security groups: nothing from or to beyond the VPC and the clients, however it is written.

use ipnet::IpNet;

use crate::ranges::{Ranges, listed};
use crate::{Evidence, Expected, Flaw, Group, GroupRule, Peer, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "default-group",
        severity: Severity::Error,
        title: "the default security group of our VPC lets nothing through",
        remedy: "delete its rules; `genu-deploy apply` does",
        check: |e, _| default_group(e, true),
    },
    Rule {
        id: "default-group-of-others",
        severity: Severity::Warning,
        title: "the default security group of your VPC lets nothing through",
        remedy: "delete its rules, once nothing uses it",
        check: |e, _| default_group(e, false),
    },
    Rule {
        id: "group-egress",
        severity: Severity::Error,
        title: "our security groups let nothing out beyond the VPC, the clients and AWS's services",
        remedy: "delete the rule; `genu-deploy apply` does",
        check: |e, x| beyond(e, x, true, |group| group.ours.is_some()),
    },
    Rule {
        id: "group-egress-of-others",
        severity: Severity::Warning,
        title: "security groups of others let nothing out beyond the VPC, the clients and AWS's services",
        remedy: "narrow the rule to the VPC, the clients and prefix lists of AWS's services",
        check: |e, x| beyond(e, x, true, |group| group.ours.is_none()),
    },
    Rule {
        id: "group-ingress",
        severity: Severity::Error,
        title: "no security group lets anybody in from beyond the VPC and the clients",
        remedy: "delete the rule, or add its range to the client ranges (closedNetworkClientCidrs) when it belongs to them",
        check: |e, x| beyond(e, x, false, |_| true),
    },
    Rule {
        id: "group-reference-unknown",
        severity: Severity::Warning,
        title: "security groups refer to groups of this VPC alone",
        remedy: "delete the rule, or name the range of the peer instead of its group",
        check: unknown_references,
    },
];

/// `sg-1 (network/endpoint-group)`, `sg-2 (launch-wizard-1)`.
fn title(group: &Group) -> String {
    let name = group.ours.as_ref().unwrap_or(&group.name);
    format!("{} ({name})", group.id)
}

fn default_group(evidence: &Evidence, ours: bool) -> Vec<Flaw> {
    let groups = evidence.groups.iter();
    groups
        .filter(|group| evidence.vpc.ours == ours && group.name == "default")
        .filter(|group| !group.rules.is_empty())
        .map(|group| flaw(group, &group.rules.iter().collect::<Vec<_>>()))
        .collect()
}

/// One flaw a group, with all its rules that do not suit.
fn flaw(group: &Group, rules: &[&GroupRule]) -> Flaw {
    let mut texts: Vec<String> = rules.iter().map(|rule| text(rule)).collect();
    texts.sort();
    let seen = format!("{} lets through {}", title(group), texts.join(", "));
    Flaw::new(ids::name(group.ours.as_ref(), &group.id), seen)
}

fn beyond(
    evidence: &Evidence,
    expected: &Expected,
    egress: bool,
    whose: fn(&Group) -> bool,
) -> Vec<Flaw> {
    let inside = Ranges::inside(evidence, expected);
    let mut flaws = Vec::new();
    for group in evidence.groups.iter().filter(|group| whose(group)) {
        let rules = group.rules.iter().filter(|rule| rule.egress == egress);
        let rules: Vec<&GroupRule> = rules.filter(|rule| is_beyond(rule, &inside)).collect();
        if !rules.is_empty() {
            flaws.push(flaw(group, &rules));
        }
    }
    flaws
}

/// Whether a rule's other side has an address that is not inside.
pub(crate) fn is_beyond(rule: &GroupRule, inside: &Ranges) -> bool {
    match &rule.peer {
        Peer::Range(range) => !inside.contain(range),
        Peer::Group(_) => false,
        // AWS's own: out to a service of AWS, or in from what the internet sees of AWS.
        Peer::PrefixList(_, ranges) if ranges.is_empty() => !rule.egress,
        Peer::PrefixList(_, ranges) => ranges.iter().any(|range| !inside.contain(range)),
    }
}

fn unknown_references(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let known = |id: &String| evidence.groups.iter().any(|group| group.id == *id);
    let mut flaws = Vec::new();
    for group in &evidence.groups {
        let unknown = |rule: &&GroupRule| matches!(&rule.peer, Peer::Group(id) if !known(id));
        let rules: Vec<&GroupRule> = group.rules.iter().filter(unknown).collect();
        if !rules.is_empty() {
            flaws.push(flaw(group, &rules));
        }
    }
    flaws
}

/// `tcp 443`, `tcp 1024-65535`, `all traffic`.
pub(crate) fn traffic(protocol: &str, ports: Option<(i32, i32)>) -> String {
    match (protocol, ports) {
        ("-1", _) => "all traffic".into(),
        // Types and codes are no ports.
        ("icmp" | "icmpv6" | "1" | "58", _) | (_, None) => protocol.into(),
        (_, Some((first, last))) if first == last => format!("{protocol} {first}"),
        (_, Some((first, last))) => format!("{protocol} {first}-{last}"),
    }
}

/// `tcp 443 from 0.0.0.0/0`.
pub(crate) fn text(rule: &GroupRule) -> String {
    let peer = match &rule.peer {
        Peer::Range(range) => range.to_string(),
        Peer::Group(id) => id.clone(),
        Peer::PrefixList(id, ranges) if ranges.is_empty() => format!("{id} (AWS's own)"),
        Peer::PrefixList(id, ranges) => {
            let mut ranges: Vec<IpNet> = ranges.clone();
            ranges.sort();
            format!("{id} ({})", listed(&ranges))
        }
    };
    let way = if rule.egress { "to" } else { "from" };
    format!("{} {way} {peer}", traffic(&rule.protocol, rule.ports))
}
