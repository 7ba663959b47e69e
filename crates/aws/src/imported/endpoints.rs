//! Endpoints that stand in a VPC of the user's own, with what their groups and policies let through.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{IpPermission, VpcEndpoint, VpcEndpointType};
use ipnet::Ipv4Net;
use reconciler::{Fault, Tags, tags};
use serde_json::Value;

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::{filter, from_tags};
use crate::policy::canonical;

/// An endpoint that stands in the VPC already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingEndpoint {
    /// `vpce-…`.
    pub id: String,
    /// `com.amazonaws.<region>.<service>`.
    pub service: String,
    /// Gateway or interface.
    pub gateway: bool,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Route tables that lead to it.
    pub route_tables: Vec<String>,
    /// Ports its groups admit, first and last, and from where.
    pub admits: Vec<(i32, i32, Ipv4Net)>,
    /// Whether its groups also have rules by group or prefix list, which are not followed, or could not
    /// all be read.
    pub has_other_rules: bool,
    /// Its policy document; `Null` when AWS tells none, which is its default, full access.
    pub policy: Value,
    /// The environment of ours that it belongs to.
    pub environment: Option<String>,
}

impl ExistingEndpoint {
    /// Which of `ranges` its groups do not let in on `port`.
    #[must_use]
    pub fn shuts_out(&self, port: i32, ranges: &[Ipv4Net]) -> Vec<Ipv4Net> {
        let open = self.admits.iter();
        let open = open.filter(|(first, last, _)| (*first..=*last).contains(&port));
        let open: Vec<Ipv4Net> = open.map(|(_, _, cidr)| *cidr).collect();
        let open = Ipv4Net::aggregate(&open);
        let shut = ranges
            .iter()
            .filter(|range| !open.iter().any(|o| o.contains(*range)));
        shut.copied().collect()
    }
}

pub(super) async fn existing(
    reads: &Reads,
    endpoints: Vec<VpcEndpoint>,
    env: &str,
) -> Result<Vec<ExistingEndpoint>, Fault> {
    let gone = ["deleting", "deleted", "failed", "rejected", "expired"];
    let others: Vec<(VpcEndpoint, Tags)> = endpoints
        .into_iter()
        .filter(|endpoint| {
            let state = endpoint.state().map_or("", |state| state.as_str());
            !gone.contains(&state.to_lowercase().as_str())
        })
        .map(|endpoint| {
            let tags = from_tags(endpoint.tags.clone());
            (endpoint, tags)
        })
        .filter(|(_, tags)| tags.get(tags::ENV).is_none_or(|other| other != env))
        .collect();
    let groups = others.iter().flat_map(|(endpoint, _)| endpoint.groups());
    let groups: Vec<&str> = groups.filter_map(|group| group.group_id()).collect();
    let rules = rules_of(reads, &groups).await?;
    Ok(others
        .into_iter()
        .map(|(endpoint, tags)| {
            let groups = endpoint.groups().iter();
            let groups: Vec<Option<&Rules>> =
                groups.map(|group| rules.get(group.group_id()?)).collect();
            let unseen = groups.contains(&None);
            let rules: Vec<&Rules> = groups.into_iter().flatten().collect();
            ExistingEndpoint {
                id: endpoint.vpc_endpoint_id().unwrap_or_default().to_owned(),
                service: endpoint.service_name().unwrap_or_default().to_owned(),
                gateway: endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway),
                private_dns: endpoint.private_dns_enabled() == Some(true),
                subnets: endpoint.subnet_ids().to_vec(),
                route_tables: endpoint.route_table_ids().to_vec(),
                admits: rules
                    .iter()
                    .flat_map(|rules| rules.ranges.clone())
                    .collect(),
                has_other_rules: unseen || rules.iter().any(|rules| rules.others),
                policy: endpoint.policy_document().map_or(Value::Null, canonical),
                environment: tags.get(tags::ENV).cloned(),
            }
        })
        .collect())
}

/// What the rules of a group let in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rules {
    ranges: Vec<(i32, i32, Ipv4Net)>,
    /// Rules that are not followed, or not understood.
    others: bool,
}

impl Rules {
    fn of(permissions: &[IpPermission]) -> Self {
        let mut rules = Self::default();
        for rule in permissions {
            rules.others |=
                !rule.user_id_group_pairs().is_empty() || !rule.prefix_list_ids().is_empty();
            let ports = match rule.ip_protocol() {
                Some("-1") => (0, 65_535),
                Some("tcp" | "6") => (
                    rule.from_port().unwrap_or(0),
                    rule.to_port().unwrap_or(65_535),
                ),
                // No other protocol lets TCP in.
                Some(_) => continue,
                None => {
                    rules.others = true;
                    continue;
                }
            };
            for range in rule.ip_ranges() {
                match range.cidr_ip().map(str::parse) {
                    Some(Ok(cidr)) => rules.ranges.push((ports.0, ports.1, cidr)),
                    _ => rules.others = true,
                }
            }
        }
        rules
    }
}

async fn rules_of(reads: &Reads, groups: &[&str]) -> Result<BTreeMap<String, Rules>, Fault> {
    if groups.is_empty() {
        return Ok(BTreeMap::new());
    }
    let request = reads.clients.ec2.describe_security_groups();
    let request = request.filters(filter("group-id", groups.iter().copied()));
    let pages = request.into_paginator().items().send();
    let found: Vec<_> = call("ec2:DescribeSecurityGroups", pages.try_collect()).await?;
    let rules = found.into_iter().filter_map(|group| {
        // One without an id is missed by whoever names it.
        let rules = Rules::of(group.ip_permissions());
        Some((group.group_id?, rules))
    });
    Ok(rules.collect())
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::IpRange;

    use super::*;

    #[test]
    fn a_rule_that_is_not_understood_counts_as_one_that_is_not_followed() {
        let rule = |protocol: Option<&str>, cidr: Option<&str>| {
            let range = IpRange::builder().set_cidr_ip(cidr.map(ToOwned::to_owned));
            let rule = IpPermission::builder().ip_ranges(range.build());
            let protocol = protocol.map(ToOwned::to_owned);
            Rules::of(&[rule.set_ip_protocol(protocol).build()])
        };
        let read = rule(Some("tcp"), Some("10.0.0.0/8"));
        assert_eq!((read.ranges.len(), read.others), (1, false));
        assert_eq!(rule(Some("udp"), Some("10.0.0.0/8")), Rules::default());
        for unread in [
            rule(None, Some("10.0.0.0/8")),
            rule(Some("tcp"), None),
            rule(Some("tcp"), Some("everywhere")),
        ] {
            assert_eq!((unread.ranges.len(), unread.others), (0, true));
        }
    }
}
