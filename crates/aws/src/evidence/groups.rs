//! Security groups of the VPC, all of them, with their rules and what prefix lists stand for.

use std::collections::{BTreeMap, BTreeSet};

use audit::{Group, GroupRule, Peer};
use aws_sdk_ec2::types::{IpPermission, ManagedPrefixList, PrefixListEntry, SecurityGroup};
use ipnet::IpNet;
use reconciler::Fault;

use super::network::parsed;
use super::ours::Ours;
use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;
use crate::kinds;

/// Whose lists of its services' ranges AWS's are.
const AWS: &str = "AWS";

/// Prefix lists and their ranges. Of AWS's own the ranges are not asked for: they are its services.
pub(super) struct Lists(BTreeMap<String, Vec<IpNet>>);

impl Lists {
    pub(super) async fn look(reads: &Reads, ids: BTreeSet<String>) -> Result<Self, Fault> {
        let mut lists = BTreeMap::new();
        if ids.is_empty() {
            return Ok(Self(lists));
        }
        let ec2 = &reads.clients.ec2;
        let request = ec2.describe_managed_prefix_lists();
        let request = request.filters(filter("prefix-list-id", ids.clone()));
        let request = request.into_paginator();
        let found: Vec<ManagedPrefixList> = call(
            "ec2:DescribeManagedPrefixLists",
            request.items().send().try_collect(),
        )
        .await?;
        let seen: BTreeSet<&str> = found.iter().filter_map(|l| l.prefix_list_id()).collect();
        // Of what cannot be seen nothing is known: it counts as everything.
        for unseen in ids.iter().filter(|id| !seen.contains(id.as_str())) {
            let everything = ["0.0.0.0/0", "::/0"].into_iter().filter_map(parsed);
            lists.insert(unseen.clone(), everything.collect());
        }
        let theirs = found
            .into_iter()
            .filter(|list| list.owner_id() != Some(AWS));
        for id in theirs.filter_map(|list| list.prefix_list_id) {
            let request = ec2.get_managed_prefix_list_entries().prefix_list_id(&id);
            let entries: Vec<PrefixListEntry> = call(
                "ec2:GetManagedPrefixListEntries",
                request.into_paginator().items().send().try_collect(),
            )
            .await?;
            let ranges = entries.iter().filter_map(|entry| parsed(entry.cidr()?));
            lists.insert(id, ranges.collect());
        }
        Ok(Self(lists))
    }

    /// What a list stands for; nothing for AWS's own.
    pub(super) fn ranges(&self, id: &str) -> Vec<IpNet> {
        self.0.get(id).cloned().unwrap_or_default()
    }
}

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Vec<Group>, Fault> {
    let request = reads.clients.ec2.describe_security_groups();
    let request = request
        .filters(filter("vpc-id", [&ours.vpc]))
        .into_paginator();
    let found: Vec<SecurityGroup> = call(
        "ec2:DescribeSecurityGroups",
        request.items().send().try_collect(),
    )
    .await?;
    let all = found.iter().flat_map(|group| {
        let rules = group
            .ip_permissions()
            .iter()
            .chain(group.ip_permissions_egress());
        rules.flat_map(IpPermission::prefix_list_ids)
    });
    let named = all.filter_map(|list| list.prefix_list_id.clone());
    let lists = Lists::look(reads, named.collect()).await?;
    let groups = found.iter().map(|live| {
        let id = live.group_id().unwrap_or_default();
        let side = |egress: bool, rules: &[IpPermission]| {
            let rules = rules.iter();
            let rules = rules.flat_map(|rule| self::rules(rule, egress, &lists));
            rules.collect::<Vec<GroupRule>>()
        };
        let mut rules = side(false, live.ip_permissions());
        rules.extend(side(true, live.ip_permissions_egress()));
        Group {
            id: id.to_owned(),
            name: live.group_name().unwrap_or_default().to_owned(),
            ours: ours.id_of::<kinds::SecurityGroup>(id),
            rules,
        }
    });
    Ok(groups.collect())
}

/// One rule a peer.
fn rules(live: &IpPermission, egress: bool, lists: &Lists) -> Vec<GroupRule> {
    let protocol = live.ip_protocol().unwrap_or_default();
    let ports = live
        .from_port()
        .zip(live.to_port())
        .filter(|(from, _)| protocol != "-1" && *from >= 0);
    let four = live.ip_ranges().iter();
    let four = four
        .filter_map(|range| parsed(range.cidr_ip()?))
        .map(Peer::Range);
    let six = live.ipv6_ranges().iter();
    let six = six
        .filter_map(|range| parsed(range.cidr_ipv6()?))
        .map(Peer::Range);
    let groups = live.user_id_group_pairs().iter();
    let groups = groups
        .filter_map(|pair| pair.group_id.clone())
        .map(Peer::Group);
    let named = live.prefix_list_ids().iter();
    let named = named
        .filter_map(|list| list.prefix_list_id.clone())
        .map(|id| {
            let ranges = lists.ranges(&id);
            Peer::PrefixList(id, ranges)
        });
    let peers = four.chain(six).chain(groups).chain(named);
    peers
        .map(|peer| GroupRule {
            egress,
            protocol: protocol.to_owned(),
            ports,
            peer,
        })
        .collect()
}
