//! Security groups of the VPC, all of them, with their rules and what prefix lists stand for.

use std::collections::{BTreeMap, BTreeSet};

use audit::{Group, GroupRule, Peer};
use aws_sdk_ec2::types::{IpPermission, ManagedPrefixList, PrefixListEntry, SecurityGroup};
use ipnet::IpNet;
use reconciler::Fault;

use super::network::{parsed, range};
use super::ours::Ours;
use super::unread::Unread;
use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;
use crate::kinds;

/// Whose lists of its services' ranges AWS's are.
const AWS: &str = "AWS";

/// Prefix lists and their ranges. Of AWS's own the ranges are not asked for: they are its services.
#[derive(Default)]
pub(super) struct Lists(BTreeMap<String, Vec<IpNet>>);

impl Lists {
    pub(super) async fn look(
        reads: &Reads,
        ids: BTreeSet<String>,
        unread: &Unread,
    ) -> Result<Self, Fault> {
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
            let ranges = entries
                .iter()
                .filter_map(|entry| range(entry.cidr(), &id, unread));
            let ranges: Vec<IpNet> = ranges.collect();
            lists.insert(id, ranges);
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
    let lists = Lists::look(reads, named.collect(), &ours.unread).await?;
    let groups = found.iter().map(|live| {
        let id = &ours.unread.id(live.group_id.clone(), "a security group");
        let side = |egress: bool, rules: &[IpPermission]| {
            let rules = rules.iter();
            let rules = rules.flat_map(|rule| self::rules(rule, egress, &lists, id, &ours.unread));
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

/// One rule a peer of `group`; what is not understood is told.
fn rules(
    live: &IpPermission,
    egress: bool,
    lists: &Lists,
    group: &str,
    unread: &Unread,
) -> Vec<GroupRule> {
    let protocol = unread.member(live.ip_protocol(), group, "the protocol of a rule");
    let protocol = protocol.unwrap_or("-1");
    let ports = live
        .from_port()
        .zip(live.to_port())
        .filter(|(from, _)| protocol != "-1" && *from >= 0);
    let four = live.ip_ranges().iter().map(|range| range.cidr_ip());
    let six = live.ipv6_ranges().iter().map(|range| range.cidr_ipv6());
    let ranges = four
        .chain(six)
        .filter_map(|cidr| range(cidr, group, unread))
        .map(Peer::Range);
    let groups = live.user_id_group_pairs().iter();
    let groups = groups
        .map(|pair| unread.id(pair.group_id.clone(), "a security group in a rule"))
        .map(Peer::Group);
    let named = live.prefix_list_ids().iter();
    let named = named
        .filter_map(|list| unread.member(list.prefix_list_id.clone(), group, "a prefix list's id"))
        .map(|id| {
            let ranges = lists.ranges(&id);
            Peer::PrefixList(id, ranges)
        });
    let peers = ranges.chain(groups).chain(named);
    peers
        .map(|peer| GroupRule {
            egress,
            protocol: protocol.to_owned(),
            ports,
            peer,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};

    use super::*;

    /// Each peer is a rule or is told, whatever its answer lacks.
    #[test]
    fn every_peer_of_a_rule_is_read_or_told() {
        type Change = fn(&mut IpPermission);
        let whole = || {
            let four = IpRange::builder().cidr_ip("10.0.0.0/8").build();
            let six = Ipv6Range::builder().cidr_ipv6("2001:db8::/32").build();
            let pair = UserIdGroupPair::builder().group_id("sg-2").build();
            let list = PrefixListId::builder().prefix_list_id("pl-1").build();
            let rule = IpPermission::builder().ip_protocol("tcp");
            let rule = rule.ip_ranges(four).ipv6_ranges(six);
            rule.user_id_group_pairs(pair).prefix_list_ids(list).build()
        };
        let changes: [(Change, usize, usize); 7] = [
            (|_| (), 4, 0),
            (|r| r.ip_protocol = None, 4, 1),
            (
                |r| r.ip_ranges = Some(vec![IpRange::builder().build()]),
                3,
                1,
            ),
            (
                |r| r.ip_ranges = Some(vec![IpRange::builder().cidr_ip("x").build()]),
                3,
                1,
            ),
            (
                |r| r.ipv6_ranges = Some(vec![Ipv6Range::builder().build()]),
                3,
                1,
            ),
            (
                |r| r.user_id_group_pairs = Some(vec![UserIdGroupPair::builder().build()]),
                4,
                1,
            ),
            (
                |r| r.prefix_list_ids = Some(vec![PrefixListId::builder().build()]),
                3,
                1,
            ),
        ];
        for (at, (change, read, told)) in changes.into_iter().enumerate() {
            let mut rule = whole();
            change(&mut rule);
            let unread = Unread::default();
            let rules = rules(&rule, false, &Lists::default(), "sg-1", &unread);
            assert_eq!(
                (rules.len(), unread.all().len()),
                (read, told),
                "change {at}"
            );
        }
    }
}
