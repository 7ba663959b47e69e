//! An isolated subnet: no public addresses.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, Filter, HostnameType, ResourceType, Subnet as Live,
    SubnetCidrBlockStateCode, SubnetState,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace, Phase,
    Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::{call, unseen};
use crate::ec2::{filter, from_tags, marked, name_blockers, specification, tag, untag};
use crate::kinds::Vpc;
use crate::{Aws, Reads, Writes};

/// A subnet of our VPC.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// IPv4 range within the VPC's.
    pub cidr: String,
    /// Availability zone name.
    pub zone: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetOut {
    /// `subnet-…`.
    pub id: String,
}

#[async_trait]
impl Kind for Subnet {
    type Cloud = Aws;
    type Needs = Ref<Vpc>;
    type Out = SubnetOut;
    const NAME: &'static str = "ec2/subnet";
    const PACE: Pace = Pace::seconds(1, 4, 2, 1200);
    const RESEND: Resend = Resend::Never;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &SubnetOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, vpc: &<Self::Needs as Needs>::Maybe) -> Attrs {
        let vpc = Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone()));
        attrs(vpc, &self.cidr, &self.zone, &Options::default())
    }
    fn impact(field: &str) -> Impact {
        match field {
            "vpc" | "cidr" | "zone" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<SubnetOut>>, Fault> {
        let ids: Vec<&str> = scope.recorded.iter().map(|out| out.id.as_str()).collect();
        let mut found = describe(reads, marked(scope)).await?;
        if ids
            .iter()
            .any(|id| !found.iter().any(|s| s.subnet_id() == Some(id)))
        {
            found.extend(describe(reads, vec![filter("subnet-id", ids)]).await?);
        }
        let candidate = |subnet: Live| Candidate {
            attrs: attrs(
                subnet.vpc_id().unwrap_or_default().into(),
                subnet.cidr_block().unwrap_or_default(),
                subnet.availability_zone().unwrap_or_default(),
                &Options::of(&subnet),
            ),
            out: SubnetOut {
                id: subnet.subnet_id.unwrap_or_default(),
            },
            mark: Mark::Tags(from_tags(subnet.tags)),
            name: None,
            // A subnet in use refuses to be deleted.
            pristine: true,
            health: match subnet.state {
                Some(SubnetState::Available) => Health::Ready,
                _ => Health::Pending,
            },
            notes: Vec::new(),
        };
        Ok(found.into_iter().map(candidate).collect())
    }

    async fn phases(reads: &Reads, outs: &[SubnetOut]) -> Vec<Result<Phase<SubnetOut>, Fault>> {
        let ids = outs.iter().map(|out| out.id.as_str());
        let found = describe(reads, vec![filter("subnet-id", ids)]).await;
        outs.iter()
            .map(|out| {
                let found = found.as_ref().map_err(Clone::clone)?;
                let subnet = found.iter().find(|s| s.subnet_id() == Some(&out.id));
                Ok(match subnet.map(|subnet| subnet.state.clone()) {
                    None => Phase::Gone,
                    Some(Some(SubnetState::Available)) => Phase::Ready(out.clone()),
                    Some(state) => Phase::Pending(format!("{} is {state:?}", out.id)),
                })
            })
            .collect()
    }

    async fn create(
        &self,
        writes: &Writes,
        vpc: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<SubnetOut>, Fault> {
        let answer = writes
            .call("ec2:CreateSubnet", |c| {
                c.ec2
                    .create_subnet()
                    .vpc_id(&vpc.id)
                    .cidr_block(&self.cidr)
                    .availability_zone(&self.zone)
                    .tag_specifications(specification(ResourceType::Subnet, tags))
                    .send()
            })
            .await?;
        let id = answer.subnet.and_then(|s| s.subnet_id).unwrap_or_default();
        Ok(Created::complete(self, vpc, SubnetOut { id }))
    }

    async fn update(
        &self,
        writes: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &SubnetOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<SubnetOut, Fault> {
        let off = || AttributeBooleanValue::builder().value(false).build();
        for change in changes {
            if change.root() == "ipv6_ranges" {
                take_ipv6_off(writes, &out.id).await?;
                continue;
            }
            // "You can only modify one attribute at a time" (ModifySubnetAttribute).
            writes
                .call("ec2:ModifySubnetAttribute", |c| {
                    let request = c.ec2.modify_subnet_attribute().subnet_id(&out.id);
                    match change.root() {
                        "public_addresses" => request.map_public_ip_on_launch(off()),
                        "ipv6_addresses" => request.assign_ipv6_address_on_creation(off()),
                        "dns64" => request.enable_dns64(off()),
                        "host_name_type" => {
                            request.private_dns_hostname_type_on_launch(HostnameType::IpName)
                        }
                        "resource_name_a" => {
                            request.enable_resource_name_dns_a_record_on_launch(off())
                        }
                        _ => request.enable_resource_name_dns_aaaa_record_on_launch(off()),
                    }
                    .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &SubnetOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &SubnetOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[SubnetOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("ec2:DeleteSubnet", |c| {
                    c.ec2.delete_subnet().subnet_id(&out.id).send()
                })
                .await
                .map(drop);
            answers.push(name_blockers(&writes.reads, answer, "subnet-id", &out.id).await);
        }
        answers
    }
}

/// What can be switched on a subnet; by default all of it is off, as `CreateSubnet` leaves it.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of AWS's, each of its own"
)]
struct Options {
    public_addresses: bool,
    ipv6_addresses: bool,
    ipv6_ranges: Vec<String>,
    dns64: bool,
    by_resource_name: bool,
    resource_name_a: bool,
    resource_name_aaaa: bool,
}

impl Options {
    fn of(live: &Live) -> Self {
        let names = live.private_dns_name_options_on_launch();
        Self {
            public_addresses: live.map_public_ip_on_launch == Some(true),
            ipv6_addresses: live.assign_ipv6_address_on_creation == Some(true),
            ipv6_ranges: ipv6(live).into_iter().map(|(range, _)| range).collect(),
            dns64: live.enable_dns64 == Some(true),
            by_resource_name: names.and_then(|n| n.hostname_type())
                == Some(&HostnameType::ResourceName),
            resource_name_a: names.and_then(|n| n.enable_resource_name_dns_a_record) == Some(true),
            resource_name_aaaa: names.and_then(|n| n.enable_resource_name_dns_aaaa_record)
                == Some(true),
        }
    }
}

fn attrs(vpc: Attr, cidr: &str, zone: &str, options: &Options) -> Attrs {
    let name = if options.by_resource_name {
        HostnameType::ResourceName
    } else {
        HostnameType::IpName
    };
    Attrs::new()
        .with("vpc", vpc)
        .with("cidr", cidr)
        .with("zone", zone)
        .with("public_addresses", options.public_addresses)
        .with("ipv6_addresses", options.ipv6_addresses)
        .with("ipv6_ranges", Attr::set(options.ipv6_ranges.clone()))
        .with("dns64", options.dns64)
        .with("host_name_type", name.as_str())
        .with("resource_name_a", options.resource_name_a)
        .with("resource_name_aaaa", options.resource_name_aaaa)
}

/// IPv6 ranges with their associations.
fn ipv6(live: &Live) -> Vec<(String, String)> {
    let ranges = live.ipv6_cidr_block_association_set().iter();
    let there = ranges.filter(|range| {
        let state = range.ipv6_cidr_block_state().and_then(|s| s.state());
        state.is_none_or(|state| *state == SubnetCidrBlockStateCode::Associated)
    });
    there
        .filter_map(|range| {
            Some((
                range.ipv6_cidr_block.clone()?,
                range.association_id.clone()?,
            ))
        })
        .collect()
}

async fn take_ipv6_off(writes: &Writes, id: &str) -> Result<(), Fault> {
    let live = describe(&writes.reads, vec![filter("subnet-id", [id])]).await?;
    if live.is_empty() {
        return Err(unseen("ec2:DescribeSubnets", id));
    }
    for (_, association) in live.iter().flat_map(ipv6) {
        writes
            .call("ec2:DisassociateSubnetCidrBlock", |c| {
                c.ec2
                    .disassociate_subnet_cidr_block()
                    .association_id(association)
                    .send()
            })
            .await?;
    }
    Ok(())
}

async fn describe(reads: &Reads, filters: Vec<Filter>) -> Result<Vec<Live>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_subnets()
        .set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    call("ec2:DescribeSubnets", pages.try_collect()).await
}
