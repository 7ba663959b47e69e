//! A VPC of the user's own: looked at, built on, never changed. There is no code here that could.

mod endpoints;
mod subnets;

use aws_sdk_ec2::types::{Vpc, VpcAttributeName, VpcCidrBlockStateCode};
use ipnet::Ipv4Net;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;

pub use endpoints::ExistingEndpoint;
pub use subnets::{ImportedSubnet, Unfit, UnfitSubnet};

/// What the configuration says of it.
#[derive(Debug, Clone)]
pub struct Import {
    /// `vpc-…`.
    pub vpc: String,
    /// Subnets to use; the isolated ones without.
    pub subnets: Option<Vec<String>>,
}

/// The VPC as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// `vpc-…`.
    pub vpc: String,
    /// The account that shares it with this one; nothing else is looked at then.
    pub shared_by: Option<String>,
    /// `dopt-…`, its set of DHCP options; none when AWS tells none.
    pub dhcp_options: Option<String>,
    /// All its ranges.
    pub cidrs: Vec<Ipv4Net>,
    /// Whether Amazon's DNS answers in it.
    pub dns_support: bool,
    /// Whether its instances get names, without which there is no private DNS.
    pub dns_hostnames: bool,
    /// The subnets asked for, or the isolated ones, in the order of their zones.
    pub subnets: Vec<ImportedSubnet>,
    /// Subnets that cannot be used: of those asked for, else of all.
    pub unfit: Vec<UnfitSubnet>,
    /// Subnets asked for that are not in this VPC.
    pub strangers: Vec<String>,
    /// Endpoints that do not belong to this environment.
    pub endpoints: Vec<ExistingEndpoint>,
}

impl Imported {
    /// Leaves out subnets of zones that do not suit, as long as two zones remain.
    pub(crate) fn prefer(&mut self, suits: impl Fn(&str) -> bool) {
        let suiting = |subnet: &&ImportedSubnet| suits(&subnet.zone);
        if self.subnets.iter().filter(suiting).count() >= 2 {
            self.subnets.retain(|subnet| suits(&subnet.zone));
        }
    }

    /// Looks at the VPC of `import` in the eyes of environment `env`; `pinned` are the isolated
    /// subnets chosen earlier.
    ///
    /// # Errors
    /// A failed read; no such VPC.
    pub async fn look(
        reads: &Reads,
        import: &Import,
        pinned: Option<&[String]>,
        env: &str,
    ) -> Result<Self, Fault> {
        let ec2 = &reads.clients.ec2;
        let here = || filter("vpc-id", [&import.vpc]);
        // First, since it says best that there is no such VPC.
        let found = described(reads, &import.vpc).await?;
        let mut imported = Self {
            vpc: import.vpc.clone(),
            shared_by: found
                .owner_id
                .clone()
                .filter(|owner| *owner != reads.account),
            dhcp_options: found.dhcp_options_id.clone(),
            ..Self::default()
        };
        if imported.shared_by.is_some() {
            // Attributes and route tables are the owner's to see.
            return Ok(imported);
        }
        imported.cidrs = cidrs_of(&found)?;
        let (dns_support, dns_hostnames, subnets, tables, endpoints) = tokio::try_join!(
            attribute(reads, &import.vpc, VpcAttributeName::EnableDnsSupport),
            attribute(reads, &import.vpc, VpcAttributeName::EnableDnsHostnames),
            call(
                "ec2:DescribeSubnets",
                ec2.describe_subnets()
                    .filters(here())
                    .into_paginator()
                    .items()
                    .send()
                    .try_collect()
            ),
            call(
                "ec2:DescribeRouteTables",
                ec2.describe_route_tables()
                    .filters(here())
                    .into_paginator()
                    .items()
                    .send()
                    .try_collect()
            ),
            call(
                "ec2:DescribeVpcEndpoints",
                ec2.describe_vpc_endpoints()
                    .filters(here())
                    .into_paginator()
                    .items()
                    .send()
                    .try_collect()
            ),
        )?;
        let (all, unfit) = subnets::sorted_out(&subnets, &tables, &reads.region);
        let asked = |id: &String| import.subnets.as_ref().is_none_or(|ids| ids.contains(id));
        imported.subnets = match &import.subnets {
            Some(_) => all
                .iter()
                .filter(|subnet| asked(&subnet.id))
                .cloned()
                .collect(),
            None => subnets::isolated(&all, &tables, pinned.unwrap_or_default()),
        };
        imported
            .subnets
            .sort_by(|a, b| (&a.zone, &a.id).cmp(&(&b.zone, &b.id)));
        let here = |id: &String| {
            let mut subnets = subnets.iter();
            subnets.any(|subnet| subnet.subnet_id() == Some(id))
        };
        let strangers = import.subnets.iter().flatten().filter(|id| !here(id));
        imported.strangers = strangers.cloned().collect();
        imported.unfit = unfit;
        imported.unfit.retain(|subnet| asked(&subnet.id));
        imported.dns_support = dns_support;
        imported.dns_hostnames = dns_hostnames;
        imported.endpoints = endpoints::existing(reads, endpoints, env).await?;
        Ok(imported)
    }
}

async fn described(reads: &Reads, vpc: &str) -> Result<Vpc, Fault> {
    let request = reads.clients.ec2.describe_vpcs().vpc_ids(vpc);
    let answer = match call("ec2:DescribeVpcs", request.send()).await {
        Err(fault) if fault.class == Class::Gone => None,
        answer => answer?.vpcs.unwrap_or_default().into_iter().next(),
    };
    answer.ok_or_else(|| {
        let what = format!(
            "there is no VPC {vpc} in {} of account {}",
            reads.region, reads.account
        );
        Fault::new(Class::Refused, "ec2:DescribeVpcs", what)
            .hint("look at closedNetworkVpcId, the region and the credentials")
    })
}

/// All IPv4 ranges of a VPC.
fn cidrs_of(vpc: &Vpc) -> Result<Vec<Ipv4Net>, Fault> {
    let associated = |state: Option<&VpcCidrBlockStateCode>| {
        state.is_none_or(|state| *state == VpcCidrBlockStateCode::Associated)
    };
    let blocks = vpc.cidr_block_association_set().iter();
    let blocks =
        blocks.filter(|block| associated(block.cidr_block_state().and_then(|state| state.state())));
    let mut cidrs: Vec<Option<&str>> = blocks.map(|block| block.cidr_block()).collect();
    if cidrs.is_empty() {
        cidrs.push(vpc.cidr_block());
    }
    let cidrs = cidrs.into_iter().map(|cidr| {
        let unread = || {
            let vpc = vpc.vpc_id().unwrap_or("the VPC");
            let what = format!("{vpc} has a range that is not understood: {cidr:?}");
            Fault::new(Class::Refused, "ec2:DescribeVpcs", what)
        };
        cidr.and_then(|cidr| cidr.parse().ok()).ok_or_else(unread)
    });
    cidrs.collect()
}

pub(crate) async fn attribute(
    reads: &Reads,
    vpc: &str,
    name: VpcAttributeName,
) -> Result<bool, Fault> {
    let request = reads.clients.ec2.describe_vpc_attribute();
    let request = request.vpc_id(vpc).attribute(name);
    let answer = call("ec2:DescribeVpcAttribute", request.send()).await?;
    let value = answer.enable_dns_support.or(answer.enable_dns_hostnames);
    Ok(value.and_then(|value| value.value) == Some(true))
}
