//! A security group and its rules.
//!
//! Rules that tie two groups to each other in both directions are resources of their own
//! ([`super::SecurityGroupRule`], told by its tag) and are not counted here.

pub(crate) mod rules;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace, Phase,
    Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::rules::{ALL_OUT, authorize, permission, rule_text, rules_of, withdraw};
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
            let id = group.group_id.clone().unwrap_or_default();
            let rules = |egress, any: bool| {
                let theirs = rules.iter();
                let mut theirs = theirs
                    .filter(|r| r.group == id && r.egress == egress)
                    .peekable();
                // The group has rules, and the list of rules lags behind it.
                if any && theirs.peek().is_none() {
                    return Attr::set([UNSEEN]);
                }
                Attr::set(theirs.filter(|r| !r.own).map(|r| r.text.clone()))
            };
            let ingress = rules(false, !group.ip_permissions().is_empty());
            let egress = rules(true, !group.ip_permissions_egress().is_empty());
            Candidate {
                attrs: Attrs::new()
                    .with("vpc", group.vpc_id.unwrap_or_default())
                    .with("group_name", group.group_name.unwrap_or_default())
                    .with("description", group.description.unwrap_or_default())
                    .with("ingress", ingress)
                    .with("egress", egress),
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
                .with("egress", Attr::set([ALL_OUT])),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &SecurityGroupOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<SecurityGroupOut, Fault> {
        // From the difference alone: a list read right after the create may show nothing yet, and
        // nothing to take away would leave AWS's own rule, which lets everything out.
        for egress in [false, true] {
            let field = if egress { "egress" } else { "ingress" };
            let Some(change) = changes.iter().find(|change| change.root() == field) else {
                continue;
            };
            let (wanted, mut found) = (texts(&change.to), texts(&change.from));
            if egress && !found.iter().any(|text| text == ALL_OUT) {
                // AWS began with it, and whether it has gone only a try can tell for certain.
                found.push(ALL_OUT.to_owned());
            }
            let without = |these: &[String], others: &[String]| -> Vec<String> {
                let these = these.iter().filter(|text| !others.contains(text));
                these.cloned().collect()
            };
            // Admit first: a rule that changes must not cut anybody off in between.
            let missing = without(&wanted, &found);
            let missing = missing.iter().filter_map(|text| permission(text));
            authorize(writes, &out.id, egress, missing.collect(), &Tags::new()).await?;
            withdraw(writes, &out.id, egress, &without(&found, &wanted)).await?;
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

/// In the place of rules that are not shown yet.
const UNSEEN: &str = "not visible yet";

fn texts(attr: &Attr) -> Vec<String> {
    let Attr::Known(value) = attr else {
        return Vec::new();
    };
    let items = value.as_array().into_iter().flatten();
    let texts = items.filter_map(|item| item.as_str().map(ToOwned::to_owned));
    texts.filter(|text| text != UNSEEN).collect()
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
