//! A security group and its rules.
//!
//! Rules that tie two groups to each other in both directions are resources of their own
//! ([`super::SecurityGroupRule`], told by its tag) and are not counted here.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, PrefixListId, ResourceType, UserIdGroupPair,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled, tags,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
use crate::ec2::{filter, from_tags, marked, name_blockers, specification, tag, untag};
use crate::kinds::Vpc;
use crate::{Aws, Reads, Writes};

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// An IPv4 range.
    Cidr(String),
    /// A managed prefix list.
    PrefixList(String),
    /// The n-th of the groups that this one needs.
    Group(usize),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Outwards?
    pub egress: bool,
    /// `tcp`, `udp` or `-1`.
    pub protocol: &'static str,
    /// Port; 0 with protocol `-1`.
    pub port: u16,
    /// From or to where.
    pub peer: Peer,
}

/// A security group.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    /// Name, unique in the VPC.
    pub name: String,
    /// Description; cannot be changed.
    pub description: String,
    /// Everything it admits.
    pub rules: Vec<Rule>,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupOut {
    /// `sg-…`.
    pub id: String,
}

#[async_trait]
impl Kind for SecurityGroup {
    type Cloud = Aws;
    type Needs = (Ref<Vpc>, Vec<Ref<SecurityGroup>>);
    type Out = SecurityGroupOut;
    const NAME: &'static str = "ec2/security-group";
    const PACE: Pace = Pace::seconds(1, 3, 1, 900);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &SecurityGroupOut) -> String {
        out.id.clone()
    }
    // Unique within a VPC only, and the VPC is ours: a name alone proves nothing.
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (vpc, groups): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let rules = |egress| {
            let rules = self.rules.iter().filter(move |rule| rule.egress == egress);
            Attr::set_of(rules.map(|rule| {
                let peer = match &rule.peer {
                    Peer::Cidr(cidr) => cidr.clone(),
                    Peer::PrefixList(list) => list.clone(),
                    Peer::Group(n) => groups.get(*n)?.as_ref()?.id.clone(),
                };
                Some(rule_text(
                    rule.protocol,
                    rule.port.into(),
                    rule.port.into(),
                    &peer,
                ))
            }))
        };
        Attrs::new()
            .with("vpc", Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())))
            .with("group_name", self.name.as_str())
            .with("description", self.description.as_str())
            .with("ingress", rules(false))
            .with("egress", rules(true))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "ingress" | "egress" => Impact::InPlace,
            _ => Impact::Replace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<SecurityGroupOut>>, Fault> {
        let ids: Vec<&str> = scope.recorded.iter().map(|out| out.id.as_str()).collect();
        let mut found = describe(reads, marked(scope)).await?;
        if ids
            .iter()
            .any(|id| !found.iter().any(|g| g.group_id() == Some(id)))
        {
            found.extend(describe(reads, vec![filter("group-id", ids)]).await?);
        }
        let ids: Vec<&str> = found.iter().filter_map(|group| group.group_id()).collect();
        let rules = rules_of(reads, &ids).await?;
        let candidate = |group: aws_sdk_ec2::types::SecurityGroup| {
            let id = group.group_id.unwrap_or_default();
            let rules = |egress| {
                let rules = rules.iter();
                Attr::set(
                    rules
                        .filter(|r| r.group == id && r.egress == egress && !r.own)
                        .map(|r| r.text.clone()),
                )
            };
            Candidate {
                attrs: Attrs::new()
                    .with("vpc", group.vpc_id.unwrap_or_default())
                    .with("group_name", group.group_name.unwrap_or_default())
                    .with("description", group.description.unwrap_or_default())
                    .with("ingress", rules(false))
                    .with("egress", rules(true)),
                mark: Mark::Tags(from_tags(group.tags)),
                name: None,
                pristine: false,
                health: Health::Ready,
                notes: Vec::new(),
                out: SecurityGroupOut { id },
            }
        };
        Ok(found.into_iter().map(candidate).collect())
    }

    async fn phases(
        _: &Reads,
        outs: &[SecurityGroupOut],
    ) -> Vec<Result<Phase<SecurityGroupOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (vpc, _): &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<SecurityGroupOut>, Fault> {
        let answer = writes
            .call("ec2:CreateSecurityGroup", |c| {
                c.ec2
                    .create_security_group()
                    .vpc_id(&vpc.id)
                    .group_name(&self.name)
                    .description(&self.description)
                    .tag_specifications(specification(ResourceType::SecurityGroup, tags))
                    .send()
            })
            .await?;
        Ok(Created {
            out: SecurityGroupOut {
                id: answer.group_id.unwrap_or_default(),
            },
            // AWS starts a group with nothing in and everything out.
            attrs: Attrs::new()
                .with("vpc", vpc.id.clone())
                .with("group_name", self.name.as_str())
                .with("description", self.description.as_str())
                .with("ingress", Attr::set(Vec::<String>::new()))
                .with("egress", Attr::set([rule_text("-1", -1, -1, "0.0.0.0/0")])),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        out: &SecurityGroupOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<SecurityGroupOut, Fault> {
        let live = rules_of(&writes.reads, &[&out.id]).await?;
        for egress in [false, true] {
            let field = if egress { "egress" } else { "ingress" };
            if !changes.iter().any(|change| change.root() == field) {
                continue;
            }
            let wanted = match self.attrs(&Self::Needs::certain(needs)).get(field) {
                Some(Attr::Known(wanted)) => texts(wanted),
                _ => Vec::new(),
            };
            let extra: Vec<LiveRule> = live
                .iter()
                .filter(|rule| rule.egress == egress && !rule.own && !wanted.contains(&rule.text))
                .cloned()
                .collect();
            let missing: Vec<IpPermission> = wanted
                .iter()
                .filter(|text| !live.iter().any(|r| r.egress == egress && r.text == **text))
                .filter_map(|text| permission(text))
                .collect();
            // Admit first: a rule that changes must not cut anybody off in between.
            authorize(writes, &out.id, egress, missing, &Tags::new()).await?;
            revoke(writes, &out.id, &extra).await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &SecurityGroupOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &SecurityGroupOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[SecurityGroupOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("ec2:DeleteSecurityGroup", |c| {
                    c.ec2.delete_security_group().group_id(&out.id).send()
                })
                .await
                .map(drop);
            answers.push(name_blockers(&writes.reads, answer, "group-id", &out.id).await);
        }
        answers
    }
}

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
    let permission = if peer.starts_with("sg-") {
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
    let tags =
        (!tags.is_empty()).then(|| vec![specification(ResourceType::SecurityGroupRule, tags)]);
    let answer = if egress {
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
    };
    match answer {
        Err(fault) if fault.class == Class::Exists => Ok(()),
        answer => answer,
    }
}

/// Takes rules away; one that is gone already is success.
pub(crate) async fn revoke(writes: &Writes, group: &str, rules: &[LiveRule]) -> Result<(), Fault> {
    for egress in [false, true] {
        let rules = rules.iter().filter(|rule| rule.egress == egress);
        let ids: Vec<String> = rules.map(|rule| rule.id.clone()).collect();
        if ids.is_empty() {
            continue;
        }
        let answer = if egress {
            writes
                .call("ec2:RevokeSecurityGroupEgress", |c| {
                    c.ec2
                        .revoke_security_group_egress()
                        .group_id(group)
                        .set_security_group_rule_ids(Some(ids))
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
                        .set_security_group_rule_ids(Some(ids))
                        .send()
                })
                .await
                .map(drop)
        };
        match answer {
            Err(fault) if fault.class != Class::Gone => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(ToOwned::to_owned))
        .collect()
}

async fn describe(
    reads: &Reads,
    filters: Vec<Filter>,
) -> Result<Vec<aws_sdk_ec2::types::SecurityGroup>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_security_groups()
        .set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    call("ec2:DescribeSecurityGroups", pages.try_collect()).await
}
