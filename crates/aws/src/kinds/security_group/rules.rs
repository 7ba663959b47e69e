//! Rules of security groups: read, admitted, taken away.
//!
//! AWS refuses a batch as a whole when one rule of it is there already, or is gone. Others may change
//! rules at any time and lists lag, so such a batch is sent again rule by rule.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, UserIdGroupPair,
};
use reconciler::{Class, Fault, Tags, tags};

use crate::call::call;
use crate::ec2::{filter, from_tags, specification};
use crate::{Reads, Writes};

/// The rule with which AWS starts every group: everything out.
pub(crate) const ALL_OUT: &str = "all 0.0.0.0/0";

/// A live rule.
#[derive(Debug, Clone)]
pub(crate) struct LiveRule {
    pub id: String,
    pub group: String,
    pub egress: bool,
    pub text: String,
    pub tags: Tags,
    /// A resource of its own.
    pub own: bool,
}

/// A rule in one word form, both ways.
pub(crate) fn rule_text(protocol: &str, from: i32, to: i32, peer: &str) -> String {
    match (protocol, from == to) {
        ("-1", _) => format!("all {peer}"),
        (_, true) => format!("{protocol} {from} {peer}"),
        (_, false) => format!("{protocol} {from}-{to} {peer}"),
    }
}

/// The call's form of a rule text.
pub(crate) fn permission(text: &str) -> Option<IpPermission> {
    let mut words = text.split(' ');
    let protocol = words.next()?;
    let mut permission = IpPermission::builder();
    if protocol == "all" {
        permission = permission.ip_protocol("-1");
    } else {
        let ports = words.next()?;
        let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
        permission = permission
            .ip_protocol(protocol)
            .from_port(from.parse().ok()?)
            .to_port(to.parse().ok()?);
    }
    let peer = words.next()?;
    let permission = if peer.contains(':') {
        permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(peer).build())
    } else if peer.starts_with("sg-") {
        permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(peer).build())
    } else if peer.starts_with("pl-") {
        permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(peer).build())
    } else {
        permission.ip_ranges(IpRange::builder().cidr_ip(peer).build())
    };
    Some(permission.build())
}

/// All rules of some groups, in one call.
pub(crate) async fn rules_of(reads: &Reads, groups: &[&str]) -> Result<Vec<LiveRule>, Fault> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let request = reads
        .clients
        .ec2
        .describe_security_group_rules()
        .filters(filter("group-id", groups.iter().copied()));
    let pages = request.into_paginator().items().send();
    let rules: Vec<_> = call("ec2:DescribeSecurityGroupRules", pages.try_collect()).await?;
    let live = |rule: aws_sdk_ec2::types::SecurityGroupRule| {
        let peer = rule
            .cidr_ipv4
            .or(rule.cidr_ipv6)
            .or(rule.prefix_list_id)
            .or(rule.referenced_group_info.and_then(|group| group.group_id))
            .unwrap_or_default();
        let protocol = rule.ip_protocol.unwrap_or_default();
        let tags = from_tags(rule.tags);
        LiveRule {
            id: rule.security_group_rule_id.unwrap_or_default(),
            group: rule.group_id.unwrap_or_default(),
            egress: rule.is_egress == Some(true),
            text: rule_text(
                &protocol,
                rule.from_port.unwrap_or(-1),
                rule.to_port.unwrap_or(-1),
                &peer,
            ),
            own: tags.contains_key(tags::ID),
            tags,
        }
    };
    Ok(rules.into_iter().map(live).collect())
}

/// Admits what `permissions` say. An identical rule that is there already is success.
pub(crate) async fn authorize(
    writes: &Writes,
    group: &str,
    egress: bool,
    permissions: Vec<IpPermission>,
    tags: &Tags,
) -> Result<(), Fault> {
    if permissions.is_empty() {
        return Ok(());
    }
    match admit(writes, group, egress, permissions.clone(), tags).await {
        Err(fault) if fault.class == Class::Exists => {}
        answer => return answer,
    }
    if permissions.len() == 1 {
        return Ok(());
    }
    for permission in permissions {
        match admit(writes, group, egress, vec![permission], tags).await {
            Err(fault) if fault.class != Class::Exists => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}

async fn admit(
    writes: &Writes,
    group: &str,
    egress: bool,
    permissions: Vec<IpPermission>,
    tags: &Tags,
) -> Result<(), Fault> {
    let tags =
        (!tags.is_empty()).then(|| vec![specification(ResourceType::SecurityGroupRule, tags)]);
    if egress {
        writes
            .call("ec2:AuthorizeSecurityGroupEgress", |c| {
                c.ec2
                    .authorize_security_group_egress()
                    .group_id(group)
                    .set_ip_permissions(Some(permissions))
                    .set_tag_specifications(tags)
                    .send()
            })
            .await
            .map(drop)
    } else {
        writes
            .call("ec2:AuthorizeSecurityGroupIngress", |c| {
                c.ec2
                    .authorize_security_group_ingress()
                    .group_id(group)
                    .set_ip_permissions(Some(permissions))
                    .set_tag_specifications(tags)
                    .send()
            })
            .await
            .map(drop)
    }
}

/// What a rule is taken away by.
#[derive(Clone)]
enum By {
    Id(String),
    /// Without having seen it.
    Permission(IpPermission),
}

/// Takes rules away; one that is gone already is success.
pub(crate) async fn revoke(writes: &Writes, group: &str, rules: &[LiveRule]) -> Result<(), Fault> {
    for egress in [false, true] {
        let rules = rules.iter().filter(|rule| rule.egress == egress);
        let rules = rules.map(|rule| By::Id(rule.id.clone())).collect();
        take(writes, group, egress, rules).await?;
    }
    Ok(())
}

/// Takes rules away that are known by their texts; one that is gone already is success. AWS's own rule
/// goes without a look, since a look right after the group was made may not show it; others go by
/// their ids, as far as a look shows them.
pub(crate) async fn withdraw(
    writes: &Writes,
    group: &str,
    egress: bool,
    texts: &[String],
) -> Result<(), Fault> {
    if texts.is_empty() {
        return Ok(());
    }
    let known = texts.iter().all(|text| egress && text == ALL_OUT);
    let live = if known {
        Vec::new()
    } else {
        rules_of(&writes.reads, &[group]).await?
    };
    let (mut seen, mut unseen) = (Vec::new(), Vec::new());
    for text in texts {
        let shown = |rule: &&LiveRule| rule.egress == egress && !rule.own && rule.text == *text;
        match live.iter().find(shown) {
            Some(rule) => seen.push(By::Id(rule.id.clone())),
            None => unseen.extend(permission(text).map(By::Permission)),
        }
    }
    take(writes, group, egress, seen).await?;
    for rule in unseen {
        take(writes, group, egress, vec![rule]).await?;
    }
    Ok(())
}

/// Takes everything away from the default group of a VPC, AWS's own two rules without a look.
pub(crate) async fn empty_default_group(writes: &Writes, group: &str) -> Result<(), Fault> {
    let itself = rule_text("-1", -1, -1, group);
    for (egress, text) in [(false, itself.as_str()), (true, ALL_OUT)] {
        let rule = permission(text).map(By::Permission);
        take(writes, group, egress, rule.into_iter().collect()).await?;
    }
    let left = rules_of(&writes.reads, &[group]).await?;
    revoke(writes, group, &left).await
}

async fn take(writes: &Writes, group: &str, egress: bool, rules: Vec<By>) -> Result<(), Fault> {
    if rules.is_empty() {
        return Ok(());
    }
    match taken(writes, group, egress, rules.clone()).await {
        Err(fault) if fault.class == Class::Gone => {}
        answer => return answer,
    }
    if rules.len() == 1 {
        return Ok(());
    }
    for rule in rules {
        match taken(writes, group, egress, vec![rule]).await {
            Err(fault) if fault.class != Class::Gone => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}

async fn taken(writes: &Writes, group: &str, egress: bool, rules: Vec<By>) -> Result<(), Fault> {
    let (mut ids, mut permissions) = (Vec::new(), Vec::new());
    for rule in rules {
        match rule {
            By::Id(id) => ids.push(id),
            By::Permission(permission) => permissions.push(permission),
        }
    }
    let ids = (!ids.is_empty()).then_some(ids);
    let permissions = (!permissions.is_empty()).then_some(permissions);
    if egress {
        writes
            .call("ec2:RevokeSecurityGroupEgress", |c| {
                c.ec2
                    .revoke_security_group_egress()
                    .group_id(group)
                    .set_security_group_rule_ids(ids)
                    .set_ip_permissions(permissions)
                    .send()
            })
            .await
            .map(drop)
    } else {
        writes
            .call("ec2:RevokeSecurityGroupIngress", |c| {
                c.ec2
                    .revoke_security_group_ingress()
                    .group_id(group)
                    .set_security_group_rule_ids(ids)
                    .set_ip_permissions(permissions)
                    .send()
            })
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was read can be taken away: the text of a rule and the call's form of it agree.
    #[test]
    fn a_rules_text_says_the_same_as_its_permission() {
        for (text, protocol, ports) in [
            (ALL_OUT, "-1", None),
            ("all ::/0", "-1", None),
            ("tcp 443 10.0.0.0/8", "tcp", Some((443, 443))),
            ("udp 53-54 pl-61a54008", "udp", Some((53, 54))),
            ("tcp 22 sg-0b3018dc480647e91", "tcp", Some((22, 22))),
        ] {
            let form = permission(text).unwrap_or_else(|| IpPermission::builder().build());
            assert_eq!(form.ip_protocol(), Some(protocol), "{text}");
            assert_eq!(form.from_port().zip(form.to_port()), ports, "{text}");
            let peer = text.rsplit(' ').next();
            let four = form.ip_ranges().iter().map(|range| range.cidr_ip());
            let six = form.ipv6_ranges().iter().map(|range| range.cidr_ipv6());
            let lists = form
                .prefix_list_ids()
                .iter()
                .map(|list| list.prefix_list_id());
            let groups = form
                .user_id_group_pairs()
                .iter()
                .map(|pair| pair.group_id());
            let peers: Vec<_> = four.chain(six).chain(lists).chain(groups).collect();
            assert_eq!(peers, [peer], "{text}");
            let six = text.contains(':');
            assert_eq!(form.ipv6_ranges().is_empty(), !six, "{text}");
        }
    }
}
