//! An isolated subnet: no public addresses.

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, SubnetState};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace, Phase,
    Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
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
        attrs(vpc, &self.cidr, &self.zone, false)
    }
    fn impact(field: &str) -> Impact {
        match field {
            "public_addresses" => Impact::InPlace,
            _ => Impact::Replace,
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
        let candidate = |subnet: aws_sdk_ec2::types::Subnet| Candidate {
            out: SubnetOut {
                id: subnet.subnet_id.unwrap_or_default(),
            },
            attrs: attrs(
                subnet.vpc_id.unwrap_or_default().into(),
                &subnet.cidr_block.unwrap_or_default(),
                &subnet.availability_zone.unwrap_or_default(),
                subnet.map_public_ip_on_launch == Some(true),
            ),
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
        _: &[Change],
    ) -> Result<SubnetOut, Fault> {
        writes
            .call("ec2:ModifySubnetAttribute", |c| {
                c.ec2
                    .modify_subnet_attribute()
                    .subnet_id(&out.id)
                    .map_public_ip_on_launch(AttributeBooleanValue::builder().value(false).build())
                    .send()
            })
            .await?;
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

fn attrs(vpc: Attr, cidr: &str, zone: &str, public: bool) -> Attrs {
    Attrs::new()
        .with("vpc", vpc)
        .with("cidr", cidr)
        .with("zone", zone)
        .with("public_addresses", public)
}

async fn describe(
    reads: &Reads,
    filters: Vec<Filter>,
) -> Result<Vec<aws_sdk_ec2::types::Subnet>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_subnets()
        .set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    call("ec2:DescribeSubnets", pages.try_collect()).await
}
