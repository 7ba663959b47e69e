//! The VPC: its DNS attributes are on, its default security group is empty.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, VpcAttributeName, VpcCidrBlockState,
    VpcCidrBlockStateCode, VpcState,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Pace, Phase,
    Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::{call, unseen};
use crate::ec2::{filter, from_tags, marked, name_blockers, specification, tag, untag};
use crate::kinds::security_group::rules::{empty_default_group, rules_of};
use crate::{Aws, Reads, Writes};

/// A VPC of our own.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// IPv4 range, `10.0.0.0/16`.
    pub cidr: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcOut {
    /// `vpc-…`.
    pub id: String,
}

#[async_trait]
impl Kind for Vpc {
    type Cloud = Aws;
    type Needs = ();
    type Out = VpcOut;
    const NAME: &'static str = "ec2/vpc";
    const PACE: Pace = Pace::seconds(1, 4, 1, 900);
    const RESEND: Resend = Resend::Never;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &VpcOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (): &()) -> Attrs {
        attrs(&self.cidr, true, true, Attr::set(NONE), Vec::new())
    }
    fn impact(field: &str) -> Impact {
        match field {
            "cidr" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(reads: &Reads, scope: &Scope<'_, Self>) -> Result<Vec<Candidate<VpcOut>>, Fault> {
        let ec2 = &reads.clients.ec2;
        let ids: Vec<&str> = scope.recorded.iter().map(|out| out.id.as_str()).collect();
        let mut found = describe(reads, marked(scope)).await?;
        if ids
            .iter()
            .any(|id| !found.iter().any(|vpc| vpc.vpc_id() == Some(id)))
        {
            found.extend(describe(reads, vec![filter("vpc-id", ids)]).await?);
        }
        let mut candidates = Vec::new();
        for vpc in found {
            let id = vpc.vpc_id().unwrap_or_default().to_owned();
            let attribute = |name| {
                let request = ec2.describe_vpc_attribute().vpc_id(&id).attribute(name);
                call("ec2:DescribeVpcAttribute", request.send())
            };
            let (support, hostnames, group) = tokio::try_join!(
                attribute(VpcAttributeName::EnableDnsSupport),
                attribute(VpcAttributeName::EnableDnsHostnames),
                default_group(reads, &id),
            )?;
            let is =
                |value: Option<AttributeBooleanValue>| value.and_then(|v| v.value) == Some(true);
            let rules = match group {
                Some((group, true)) => Some(rules_of(reads, &[&group]).await?),
                Some((_, false)) => Some(Vec::new()),
                None => None,
            };
            let rules = rules.map(|rules| rules.into_iter().map(|rule| rule.text));
            let others = other_ranges(&vpc).into_iter();
            let others = others.map(|(range, _)| range).collect();
            candidates.push(Candidate {
                attrs: attrs(
                    &vpc.cidr_block.unwrap_or_default(),
                    is(support.enable_dns_support),
                    is(hostnames.enable_dns_hostnames),
                    rules.map_or_else(|| Attr::set([UNSEEN]), Attr::set),
                    others,
                ),
                mark: Mark::Tags(from_tags(vpc.tags)),
                name: None,
                // A VPC with anything in it refuses to be deleted.
                pristine: true,
                health: match vpc.state {
                    Some(VpcState::Available) => Health::Ready,
                    _ => Health::Pending,
                },
                notes: Vec::new(),
                out: VpcOut { id },
            });
        }
        Ok(candidates)
    }

    async fn phases(reads: &Reads, outs: &[VpcOut]) -> Vec<Result<Phase<VpcOut>, Fault>> {
        let ids = outs.iter().map(|out| out.id.as_str());
        let found = describe(reads, vec![filter("vpc-id", ids)]).await;
        outs.iter()
            .map(|out| {
                let found = found.as_ref().map_err(Clone::clone)?;
                let vpc = found.iter().find(|vpc| vpc.vpc_id() == Some(&out.id));
                Ok(match vpc.map(|vpc| vpc.state.clone()) {
                    None => Phase::Gone,
                    Some(Some(VpcState::Available)) => Phase::Ready(out.clone()),
                    Some(state) => Phase::Pending(format!("{} is {state:?}", out.id)),
                })
            })
            .collect()
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<VpcOut>, Fault> {
        let answer = writes
            .call("ec2:CreateVpc", |c| {
                c.ec2
                    .create_vpc()
                    .cidr_block(&self.cidr)
                    .tag_specifications(specification(ResourceType::Vpc, tags))
                    .send()
            })
            .await?;
        let id = answer.vpc.and_then(|vpc| vpc.vpc_id).unwrap_or_default();
        Ok(Created {
            out: VpcOut { id },
            // AWS: DNS support on, hostnames off, a default group that admits itself.
            attrs: attrs(
                &self.cidr,
                true,
                false,
                Attr::set(["all from itself"]),
                Vec::new(),
            ),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (): &(),
        out: &VpcOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<VpcOut, Fault> {
        let on = || AttributeBooleanValue::builder().value(true).build();
        for change in changes {
            match change.root() {
                // One attribute a call: AWS takes no two.
                "dns_support" => {
                    writes
                        .call("ec2:ModifyVpcAttribute", |c| {
                            c.ec2
                                .modify_vpc_attribute()
                                .vpc_id(&out.id)
                                .enable_dns_support(on())
                                .send()
                        })
                        .await?;
                }
                "dns_hostnames" => {
                    writes
                        .call("ec2:ModifyVpcAttribute", |c| {
                            c.ec2
                                .modify_vpc_attribute()
                                .vpc_id(&out.id)
                                .enable_dns_hostnames(on())
                                .send()
                        })
                        .await?;
                }
                "other_ranges" => {
                    let live = describe(&writes.reads, vec![filter("vpc-id", [&out.id])]).await?;
                    if live.is_empty() {
                        return Err(unseen("ec2:DescribeVpcs", &out.id));
                    }
                    for (_, association) in live.iter().flat_map(other_ranges) {
                        writes
                            .call("ec2:DisassociateVpcCidrBlock", |c| {
                                c.ec2
                                    .disassociate_vpc_cidr_block()
                                    .association_id(association)
                                    .send()
                            })
                            .await?;
                    }
                }
                _ => {
                    let group = default_group(&writes.reads, &out.id).await?;
                    let Some((group, _)) = group else {
                        let what = format!("the default group of {}", out.id);
                        return Err(unseen("ec2:DescribeSecurityGroups", &what));
                    };
                    empty_default_group(writes, &group).await?;
                }
            }
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &VpcOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &VpcOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[VpcOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("ec2:DeleteVpc", |c| {
                    c.ec2.delete_vpc().vpc_id(&out.id).send()
                })
                .await
                .map(drop);
            answers.push(name_blockers(&writes.reads, answer, "vpc-id", &out.id).await);
        }
        answers
    }
}

const NONE: [&str; 0] = [];
/// Every VPC has a default group. While it is not shown, it may admit anything: not what is wanted.
const UNSEEN: &str = "not visible yet";

fn attrs(
    cidr: &str,
    support: bool,
    hostnames: bool,
    default_group: Attr,
    others: Vec<String>,
) -> Attrs {
    Attrs::new()
        .with("cidr", cidr)
        .with("dns_support", support)
        .with("dns_hostnames", hostnames)
        .with("default_group_rules", default_group)
        .with("other_ranges", Attr::set(others))
}

/// Ranges beside the first, IPv6 too, with their associations.
fn other_ranges(vpc: &aws_sdk_ec2::types::Vpc) -> Vec<(String, String)> {
    let gone = |state: Option<&VpcCidrBlockState>| {
        let state = state.and_then(|state| state.state());
        state.is_some_and(|state| *state != VpcCidrBlockStateCode::Associated)
    };
    let four = vpc.cidr_block_association_set().iter();
    let four = four
        .filter(|a| !gone(a.cidr_block_state()) && a.cidr_block() != vpc.cidr_block())
        .map(|a| (a.cidr_block(), a.association_id()));
    let six = vpc.ipv6_cidr_block_association_set().iter();
    let six = six
        .filter(|a| !gone(a.ipv6_cidr_block_state()))
        .map(|a| (a.ipv6_cidr_block(), a.association_id()));
    four.chain(six)
        .filter_map(|(range, id)| Some((range?.to_owned(), id?.to_owned())))
        .collect()
}

async fn describe(
    reads: &Reads,
    filters: Vec<aws_sdk_ec2::types::Filter>,
) -> Result<Vec<aws_sdk_ec2::types::Vpc>, Fault> {
    let request = reads.clients.ec2.describe_vpcs().set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    call("ec2:DescribeVpcs", pages.try_collect()).await
}

/// Id of a VPC's default security group, and whether it has any rules. `None` while AWS does not show
/// it: every VPC has one.
async fn default_group(reads: &Reads, vpc: &str) -> Result<Option<(String, bool)>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_security_groups()
        .filters(filter("vpc-id", [vpc]))
        .filters(filter("group-name", ["default"]));
    let groups = call("ec2:DescribeSecurityGroups", request.send()).await?;
    let first = groups
        .security_groups
        .unwrap_or_default()
        .into_iter()
        .next();
    Ok(first.map(|group| {
        let rules = [group.ip_permissions(), group.ip_permissions_egress()];
        let any = rules.iter().any(|rules| !rules.is_empty());
        (group.group_id.unwrap_or_default(), any)
    }))
}
