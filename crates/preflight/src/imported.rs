//! The VPC of the user's own: whether the network can stand in it, and what it does to others there.

use std::collections::{BTreeMap, BTreeSet};

use aws::{ExistingEndpoint, Imported, ImportedSubnet, Unfit, UnfitSubnet};
use ipnet::Ipv4Net;
use reconciler::{Action, Step};
use serde_json::json;

use crate::{Subject, Verdict, endpoint_policies};

/// Free addresses that a load balancer wants in each subnet ("Subnets for your load balancer").
const LOAD_BALANCER: usize = 8;
/// Two tasks stand side by side during a rollout.
const SERVICE: usize = 2;

/// What makes it impossible even to draw the network; `asked_for` says whether the configuration names
/// the subnets.
#[must_use]
pub fn drawable(imported: &Imported, asked_for: bool) -> Verdict {
    let mut verdict = Verdict::default();
    let vpc = &imported.vpc;
    if let Some(owner) = &imported.shared_by {
        verdict.refuse(format!(
            "{vpc} belongs to account {owner}, which shares it: with subnets that are shared with it, an account cannot make VPC endpoints, and the network consists of them; deploy with credentials of account {owner}, or into a VPC of this account"
        ));
        return verdict;
    }
    for subnet in &imported.unfit {
        if asked_for {
            verdict.refuse(format!("closedNetworkSubnetIds: {}", unfit(vpc, subnet)));
        }
    }
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
    let told = asked_for && !imported.unfit.is_empty() || !imported.strangers.is_empty();
    if zones.len() < 2 && !told {
        let found: Vec<&str> = imported.subnets.iter().map(|s| s.id.as_str()).collect();
        let unfit: Vec<String> = imported.unfit.iter().map(|s| unfit(vpc, s)).collect();
        let others = if unfit.is_empty() {
            String::new()
        } else {
            format!(" (not counted: {})", unfit.join("; "))
        };
        verdict.refuse(format!(
            "{vpc}: subnets in two availability zones are needed, and {}{others}",
            match found[..] {
                [] => "no isolated subnet was found; name them with closedNetworkSubnetIds".into(),
                _ => format!("these are all that were found: {}", found.join(", ")),
            }
        ));
    }
    verdict
}

/// Why a subnet cannot be used, and what to do.
fn unfit(vpc: &str, subnet: &UnfitSubnet) -> String {
    let id = &subnet.id;
    match &subnet.reason {
        Unfit::NoIpv4 => {
            format!("{id} has no IPv4 range, and the network speaks IPv4; use a subnet with one")
        }
        Unfit::Zone(zone) => format!(
            "{id} is in {zone}, a Local Zone or Wavelength Zone, and the network's endpoints stand in availability zones of the region; use a subnet of one"
        ),
        Unfit::Outpost(outpost) => format!(
            "{id} is on the Outpost {outpost}, and the network's endpoints stand in the region itself; use a subnet there"
        ),
        Unfit::RouteTableUnseen => format!(
            "{id} uses a route table of {vpc} that ec2:DescribeRouteTables does not show to the caller; use credentials that see it"
        ),
        Unfit::Unread(member) => format!(
            "{id} cannot be judged, since ec2:DescribeSubnets answers without a {member} that is understood; use another subnet"
        ),
    }
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
    endpoint_policies::check(subject, endpoint, verdict);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(id: &str, zone: &str) -> ImportedSubnet {
        ImportedSubnet {
            id: id.into(),
            zone: zone.into(),
            cidr: Ipv4Net::default(),
            free: 250,
            route_table: "rtb-1".into(),
            main_table: false,
            shares_with: Vec::new(),
            public: false,
        }
    }

    fn imported() -> Imported {
        Imported {
            vpc: "vpc-1".into(),
            subnets: vec![subnet("subnet-a", "a"), subnet("subnet-c", "c")],
            ..Imported::default()
        }
    }

    #[test]
    fn every_subnet_asked_for_is_used_or_refused_with_its_reason() {
        assert_eq!(drawable(&imported(), true), Verdict::default());
        let reasons = [
            (Unfit::NoIpv4, "has no IPv4 range"),
            (
                Unfit::Zone("r-tpe-1a".into()),
                "is in r-tpe-1a, a Local Zone",
            ),
            (Unfit::Outpost("arn:o".into()), "is on the Outpost arn:o"),
            (Unfit::RouteTableUnseen, "uses a route table of vpc-1"),
            (Unfit::Unread("CidrBlock"), "without a CidrBlock"),
        ];
        for (reason, words) in reasons {
            let mut with = imported();
            with.subnets.pop();
            with.unfit.push(UnfitSubnet {
                id: "subnet-x".into(),
                reason,
            });
            let verdict = drawable(&with, true);
            assert_eq!(verdict.refusals.len(), 1, "{verdict:?}");
            let told = &verdict.refusals[0];
            assert!(told.contains("subnet-x") && told.contains(words), "{told}");
            // Where none is asked for, it is told only when it could have been the one that is missing.
            let verdict = drawable(&with, false);
            assert!(verdict.refusals[0].contains(words), "{verdict:?}");
            with.subnets.push(subnet("subnet-c", "c"));
            assert_eq!(drawable(&with, false), Verdict::default());
        }
    }

    #[test]
    fn a_vpc_that_another_account_shares_is_refused_for_that_alone() {
        let shared = Imported {
            vpc: "vpc-1".into(),
            shared_by: Some("222222222222".into()),
            ..Imported::default()
        };
        let verdict = drawable(&shared, true);
        assert_eq!(verdict.refusals.len(), 1);
        assert!(verdict.refusals[0].contains("belongs to account 222222222222"));
    }
}
