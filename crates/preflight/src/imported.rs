//! The VPC of the user's own: whether the network can stand in it, and what it does to others there.

use std::collections::{BTreeMap, BTreeSet};

use aws::{ExistingEndpoint, Imported, ImportedSubnet};
use ipnet::Ipv4Net;
use reconciler::{Action, Step};
use serde_json::json;

use crate::{Subject, Verdict};

/// Free addresses that a load balancer wants in each subnet ("Subnets for your load balancer").
const LOAD_BALANCER: usize = 8;
/// Two tasks stand side by side during a rollout.
const SERVICE: usize = 2;

/// What makes it impossible even to draw the network.
#[must_use]
pub fn drawable(imported: &Imported) -> Verdict {
    let mut verdict = Verdict::default();
    let vpc = &imported.vpc;
    for id in &imported.strangers {
        verdict.refuse(format!(
            "closedNetworkSubnetIds: {id} is not a subnet of {vpc}"
        ));
    }
    let mut zones: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for subnet in &imported.subnets {
        zones.entry(&subnet.zone).or_default().push(&subnet.id);
    }
    for (zone, subnets) in zones.iter().filter(|(_, subnets)| subnets.len() > 1) {
        verdict.refuse(format!(
            "closedNetworkSubnetIds: {} are all in {zone}; load balancer and endpoints take one subnet a zone",
            subnets.join(", ")
        ));
    }
    if zones.len() < 2 && imported.strangers.is_empty() {
        let found: Vec<&str> = imported.subnets.iter().map(|s| s.id.as_str()).collect();
        verdict.refuse(format!(
            "{vpc}: subnets in two availability zones are needed, and {}",
            match found[..] {
                [] => "no isolated subnet was found; name them with closedNetworkSubnetIds".into(),
                _ => format!("these are all that were found: {}", found.join(", ")),
            }
        ));
    }
    verdict
}

pub(crate) fn check(subject: &Subject<'_>, verdict: &mut Verdict) {
    let Some(imported) = &subject.around.imported else {
        return;
    };
    attributes(imported, verdict);
    for subnet in &imported.subnets {
        one_subnet(subject, subnet, verdict);
    }
    let used: BTreeSet<&str> = subject
        .desired
        .givens()
        .map(|g| g.identity.as_str())
        .collect();
    others(subject, imported, &used, verdict);
    for endpoint in &imported.endpoints {
        if used.contains(endpoint.id.as_str()) {
            one_endpoint(subject, imported, endpoint, verdict);
        } else if !endpoint.gateway
            && !endpoint.private_dns
            && subject
                .interfaces_made()
                .any(|service| service == endpoint.service)
        {
            verdict.note(format!(
                "{} ({}) has no private DNS and is left alone; the network gets an endpoint of its own",
                endpoint.id, endpoint.service
            ));
        }
    }
    if makes(subject.plan.steps.iter(), "endpoint/execute-api") {
        verdict.note(format!(
            "private DNS of execute-api holds for the whole of {}: other REST APIs of this region, public ones too, are no longer reached by their own names from there",
            imported.vpc
        ));
    }
}

fn attributes(imported: &Imported, verdict: &mut Verdict) {
    for (on, name) in [
        (imported.dns_support, "DNS resolution (enableDnsSupport)"),
        (imported.dns_hostnames, "DNS hostnames (enableDnsHostnames)"),
    ] {
        if !on {
            verdict.refuse(format!(
                "{}: {name} is off, and private DNS of endpoints needs it; switch it on, genu-deploy does not change a VPC that it did not make",
                imported.vpc
            ));
        }
    }
}

fn one_subnet(subject: &Subject<'_>, subnet: &ImportedSubnet, verdict: &mut Verdict) {
    let (id, table) = (&subnet.id, &subnet.route_table);
    if subnet.public && !subject.env.closed_network_allow_public_subnets {
        verdict.refuse(format!(
            "{id} is public (a route to an internet gateway, or public addresses for instances); use another, or state closedNetworkAllowPublicSubnets = true"
        ));
    }
    let needed = addresses_needed(subject.plan.steps.iter(), id);
    if needed > subnet.free {
        verdict.refuse(format!(
            "{id} has {} free addresses; {needed} are needed there",
            subnet.free
        ));
    }
    let routes = makes(subject.plan.steps.iter(), "endpoint/s3");
    if routes && subnet.main_table {
        verdict.note(format!(
            "{id} uses {table}, the main route table of the VPC: the routes of the gateway endpoints hold for every subnet without a table of its own"
        ));
    } else if routes && !subnet.shares_with.is_empty() {
        verdict.note(format!(
            "{id} shares {table} with {}: the routes of the gateway endpoints hold there too",
            subnet.shares_with.join(", ")
        ));
    }
}

/// Addresses that the steps to come take in a subnet.
fn addresses_needed<'s>(steps: impl Iterator<Item = &'s Step>, subnet: &str) -> usize {
    let id = format!("external/{subnet}");
    let moves_here = |step: &Step| {
        let mut moves = step
            .changes
            .iter()
            .filter(|change| matches!(change.root(), "vpc" | "subnet" | "subnets"));
        moves.any(|change| !json!(change.from).to_string().contains(subnet))
    };
    steps
        .filter(|step| step.needs.iter().any(|need| need.as_str() == id))
        .filter(|step| match step.action {
            Action::Create => true,
            Action::Replace | Action::Update => moves_here(step),
            _ => false,
        })
        .map(|step| match step.kind {
            "elasticloadbalancing/load-balancer" => LOAD_BALANCER,
            "ecs/service" => SERVICE,
            _ => 1,
        })
        .sum()
}

fn makes<'s>(mut steps: impl Iterator<Item = &'s Step>, id: &str) -> bool {
    steps.any(|step| step.id.as_str() == id && step.action == Action::Create)
}

/// Endpoints of other environments of ours go when those go: that has to be agreed to.
fn others(
    subject: &Subject<'_>,
    imported: &Imported,
    used: &BTreeSet<&str>,
    verdict: &mut Verdict,
) {
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for endpoint in imported
        .endpoints
        .iter()
        .filter(|e| used.contains(e.id.as_str()))
    {
        if let Some(other) = &endpoint.environment
            && !subject.shared.contains(other)
        {
            of.entry(other).or_default().push(&endpoint.id);
        }
    }
    for (other, ids) in of {
        verdict.refuse(format!(
            "{} of the endpoints in {} belong to the environment {other} and go when that goes ({}); --use-endpoints-of {other} agrees to it",
            ids.len(),
            imported.vpc,
            ids.join(", ")
        ));
    }
}

fn one_endpoint(
    subject: &Subject<'_>,
    imported: &Imported,
    endpoint: &ExistingEndpoint,
    verdict: &mut Verdict,
) {
    let (id, service) = (&endpoint.id, &endpoint.service);
    if endpoint.gateway {
        return;
    }
    let ports: &[i32] = if service.ends_with(".transcribestreaming") {
        &[443, 8443]
    } else {
        &[443]
    };
    for &port in ports {
        let ours: Vec<Ipv4Net> = imported.subnets.iter().map(|subnet| subnet.cidr).collect();
        let shut = endpoint.shuts_out(port, &ours);
        // Rules by group or prefix list may let our subnets in all the same.
        if !shut.is_empty() && !endpoint.has_other_rules {
            verdict.refuse(format!(
                "{id} ({service}) stands in the VPC already and is used, but its security groups do not admit TCP {port} from {}; add that rule, genu-deploy does not change what it did not make",
                listed(&shut)
            ));
        }
        let mut others = imported.cidrs.clone();
        others.extend(&subject.env.closed_network_client_cidrs);
        let shut = endpoint.shuts_out(port, &others);
        if !shut.is_empty() {
            verdict.note(format!(
                "{id} ({service}) has no rule that admits the whole of {} on TCP {port}",
                listed(&shut)
            ));
        }
    }
    let ours = imported.subnets.iter();
    let elsewhere = ours.filter(|subnet| !endpoint.subnets.contains(&subnet.id));
    let elsewhere: Vec<&str> = elsewhere.map(|subnet| subnet.id.as_str()).collect();
    if !elsewhere.is_empty() {
        verdict.note(format!(
            "{id} ({service}) has no address in {}: traffic from there goes through its other subnets",
            elsewhere.join(", ")
        ));
    }
}

fn listed(ranges: &[Ipv4Net]) -> String {
    let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
    ranges.join(", ")
}
