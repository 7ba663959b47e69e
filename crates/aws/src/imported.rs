//! A VPC of the user's own: looked at, built on, never changed. There is no code here that could.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    IpPermission, RouteTable, Subnet, VpcAttributeName, VpcCidrBlockStateCode, VpcEndpoint,
    VpcEndpointType,
};
use ipnet::Ipv4Net;
use reconciler::{Class, Fault, Tags, tags};

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::{filter, from_tags};

/// What the configuration says of it.
#[derive(Debug, Clone)]
pub struct Import {
    /// `vpc-…`.
    pub vpc: String,
    /// Subnets to use; the isolated ones without.
    pub subnets: Option<Vec<String>>,
}

/// The VPC as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// `vpc-…`.
    pub vpc: String,
    /// All its ranges.
    pub cidrs: Vec<Ipv4Net>,
    /// Whether Amazon's DNS answers in it.
    pub dns_support: bool,
    /// Whether its instances get names, without which there is no private DNS.
    pub dns_hostnames: bool,
    /// The subnets asked for, or the isolated ones, in the order of their zones.
    pub subnets: Vec<ImportedSubnet>,
    /// Subnets asked for that are not in this VPC.
    pub strangers: Vec<String>,
    /// Endpoints that do not belong to this environment.
    pub endpoints: Vec<ExistingEndpoint>,
}

/// A subnet of the VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedSubnet {
    /// `subnet-…`.
    pub id: String,
    /// Availability zone.
    pub zone: String,
    /// Range.
    pub cidr: Ipv4Net,
    /// Addresses nobody has taken.
    pub free: usize,
    /// `rtb-…` that it uses.
    pub route_table: String,
    /// Whether that is the VPC's main table.
    pub main_table: bool,
    /// Other subnets that use the table by name.
    pub shares_with: Vec<String>,
    /// Whether the table leads to an internet gateway, or instances get public addresses.
    pub public: bool,
}

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
    /// Whether its groups also have rules by group or prefix list, which are not followed.
    pub has_other_rules: bool,
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
        let cidrs = cidrs_of(reads, &import.vpc).await?;
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
        let all: Vec<ImportedSubnet> = subnets
            .iter()
            .filter_map(|subnet| imported_subnet(subnet, &tables))
            .collect();
        let mut chosen: Vec<ImportedSubnet> = match &import.subnets {
            Some(ids) => {
                let asked = all.iter().filter(|subnet| ids.contains(&subnet.id));
                asked.cloned().collect()
            }
            None => isolated(&all, &tables, pinned.unwrap_or_default()),
        };
        chosen.sort_by(|a, b| (&a.zone, &a.id).cmp(&(&b.zone, &b.id)));
        let asked = import.subnets.iter().flatten();
        let strangers = asked
            .filter(|id| !all.iter().any(|subnet| subnet.id == **id))
            .cloned()
            .collect();
        Ok(Self {
            vpc: import.vpc.clone(),
            cidrs,
            dns_support,
            dns_hostnames,
            subnets: chosen,
            strangers,
            endpoints: existing(reads, endpoints, env).await?,
        })
    }
}

async fn cidrs_of(reads: &Reads, vpc: &str) -> Result<Vec<Ipv4Net>, Fault> {
    let request = reads.clients.ec2.describe_vpcs().vpc_ids(vpc);
    let answer = match call("ec2:DescribeVpcs", request.send()).await {
        Err(fault) if fault.class == Class::Gone => None,
        answer => answer?.vpcs.unwrap_or_default().into_iter().next(),
    };
    let Some(found) = answer else {
        let what = format!(
            "there is no VPC {vpc} in {} of account {}",
            reads.region, reads.account
        );
        return Err(Fault::new(Class::Refused, "ec2:DescribeVpcs", what)
            .hint("look at closedNetworkVpcId, the region and the credentials"));
    };
    let blocks = found.cidr_block_association_set().iter();
    let mut cidrs: Vec<Ipv4Net> = blocks
        .filter(|block| {
            let state = block.cidr_block_state().and_then(|state| state.state());
            state.is_none_or(|state| *state == VpcCidrBlockStateCode::Associated)
        })
        .filter_map(|block| block.cidr_block()?.parse().ok())
        .collect();
    if cidrs.is_empty() {
        cidrs.extend(
            found
                .cidr_block()
                .and_then(|cidr| cidr.parse::<Ipv4Net>().ok()),
        );
    }
    Ok(cidrs)
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

/// The table a subnet is associated with, else the VPC's main one.
fn table_of<'t>(subnet: &str, tables: &'t [RouteTable]) -> Option<(&'t RouteTable, bool)> {
    let by = |test: &dyn Fn(&aws_sdk_ec2::types::RouteTableAssociation) -> bool| {
        tables
            .iter()
            .find(|table| table.associations().iter().any(test))
    };
    let own = by(&|association| association.subnet_id() == Some(subnet));
    let main = || by(&|association| association.main() == Some(true));
    own.map(|table| (table, false))
        .or_else(|| main().map(|table| (table, true)))
}

fn imported_subnet(subnet: &Subnet, tables: &[RouteTable]) -> Option<ImportedSubnet> {
    let id = subnet.subnet_id()?;
    let (table, main_table) = table_of(id, tables)?;
    let others = table.associations().iter().filter_map(|a| a.subnet_id());
    let open = table.routes().iter().any(|route| {
        route
            .gateway_id()
            .is_some_and(|gateway| gateway.starts_with("igw-"))
    });
    Some(ImportedSubnet {
        id: id.to_owned(),
        zone: subnet.availability_zone()?.to_owned(),
        cidr: subnet.cidr_block()?.parse().ok()?,
        free: subnet.available_ip_address_count()?.try_into().ok()?,
        route_table: table.route_table_id()?.to_owned(),
        main_table,
        shares_with: others.filter(|o| *o != id).map(ToOwned::to_owned).collect(),
        public: open || subnet.map_public_ip_on_launch() == Some(true),
    })
}

/// Subnets from which nothing leads out, one a zone: those chosen earlier, which stay the only ones
/// while two of them are there, else the roomiest.
fn isolated(
    all: &[ImportedSubnet],
    tables: &[RouteTable],
    chosen: &[String],
) -> Vec<ImportedSubnet> {
    let leads_out = |subnet: &ImportedSubnet| {
        let table = tables
            .iter()
            .find(|t| t.route_table_id() == Some(&subnet.route_table));
        table.is_none_or(|table| {
            table.routes().iter().any(|route| {
                route.destination_cidr_block() == Some("0.0.0.0/0")
                    || route.destination_ipv6_cidr_block() == Some("::/0")
            })
        })
    };
    let kept: Vec<ImportedSubnet> = all
        .iter()
        .filter(|subnet| chosen.contains(&subnet.id))
        .cloned()
        .collect();
    if kept.len() >= 2 {
        return kept;
    }
    let mut by_zone: BTreeMap<&str, &ImportedSubnet> = BTreeMap::new();
    for subnet in all.iter().filter(|s| !s.public && !leads_out(s)) {
        let best = by_zone.entry(&subnet.zone).or_insert(subnet);
        let rank = |s: &ImportedSubnet| {
            (
                chosen.contains(&s.id),
                s.free,
                std::cmp::Reverse(s.id.clone()),
            )
        };
        if rank(subnet) > rank(best) {
            *best = subnet;
        }
    }
    by_zone.into_values().cloned().collect()
}

async fn existing(
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
            let groups = endpoint.groups().iter().filter_map(|g| g.group_id());
            let rules: Vec<&Rules> = groups.filter_map(|group| rules.get(group)).collect();
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
                has_other_rules: rules.iter().any(|rules| rules.others),
                environment: tags.get(tags::ENV).cloned(),
            }
        })
        .collect())
}

/// What the rules of a group let in.
#[derive(Debug, Default)]
struct Rules {
    ranges: Vec<(i32, i32, Ipv4Net)>,
    others: bool,
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
        let rules = group.ip_permissions();
        let rules = Rules {
            ranges: rules.iter().flat_map(admissions).collect(),
            others: rules.iter().any(|rule| {
                !rule.user_id_group_pairs().is_empty() || !rule.prefix_list_ids().is_empty()
            }),
        };
        Some((group.group_id?, rules))
    });
    Ok(rules.collect())
}

fn admissions(rule: &IpPermission) -> Vec<(i32, i32, Ipv4Net)> {
    let ports = match rule.ip_protocol() {
        Some("-1") => (0, 65_535),
        Some("tcp" | "6") => (
            rule.from_port().unwrap_or(0),
            rule.to_port().unwrap_or(65_535),
        ),
        _ => return Vec::new(),
    };
    let ranges = rule.ip_ranges().iter();
    let ranges = ranges.filter_map(|range| range.cidr_ip()?.parse().ok());
    ranges.map(|cidr| (ports.0, ports.1, cidr)).collect()
}
