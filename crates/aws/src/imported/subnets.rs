//! Subnets of a VPC of the user's own, and which of them the network could stand in.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{RouteTable, RouteTableAssociation, Subnet};
use ipnet::Ipv4Net;

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

/// A subnet that the network cannot stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfitSubnet {
    /// `subnet-…`.
    pub id: String,
    /// Why not.
    pub reason: Unfit,
}

/// Why the network cannot stand in a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It has IPv6 addresses alone.
    NoIpv4,
    /// It is in this Local Zone or Wavelength Zone.
    Zone(String),
    /// It is on this Outpost (ARN).
    Outpost(String),
    /// Its route table is not among those that the caller sees.
    RouteTableUnseen,
    /// AWS's answer lacks this member, or has it in a form that is not understood.
    Unread(&'static str),
}

/// Every subnet of an answer: fit, or unfit for a reason. None is left out.
pub(super) fn sorted_out(
    subnets: &[Subnet],
    tables: &[RouteTable],
    region: &str,
) -> (Vec<ImportedSubnet>, Vec<UnfitSubnet>) {
    let (mut fit, mut unfit) = (Vec::new(), Vec::new());
    for subnet in subnets {
        match imported_subnet(subnet, tables, region) {
            Ok(subnet) => fit.push(subnet),
            Err(reason) => unfit.push(UnfitSubnet {
                id: subnet
                    .subnet_id()
                    .unwrap_or("a subnet without an id")
                    .to_owned(),
                reason,
            }),
        }
    }
    (fit, unfit)
}

/// The table a subnet is associated with, else the VPC's main one.
fn table_of<'t>(subnet: &str, tables: &'t [RouteTable]) -> Option<(&'t RouteTable, bool)> {
    let by = |test: &dyn Fn(&RouteTableAssociation) -> bool| {
        tables
            .iter()
            .find(|table| table.associations().iter().any(test))
    };
    let own = by(&|association| association.subnet_id() == Some(subnet));
    let main = || by(&|association| association.main() == Some(true));
    own.map(|table| (table, false))
        .or_else(|| main().map(|table| (table, true)))
}

fn imported_subnet(
    subnet: &Subnet,
    tables: &[RouteTable],
    region: &str,
) -> Result<ImportedSubnet, Unfit> {
    let id = subnet.subnet_id().ok_or(Unfit::Unread("SubnetId"))?;
    let zone = subnet
        .availability_zone()
        .ok_or(Unfit::Unread("AvailabilityZone"))?;
    if let Some(outpost) = subnet.outpost_arn() {
        return Err(Unfit::Outpost(outpost.to_owned()));
    }
    if !is_availability_zone(zone, region) {
        return Err(Unfit::Zone(zone.to_owned()));
    }
    let cidr = match subnet.cidr_block().filter(|cidr| !cidr.is_empty()) {
        None => return Err(Unfit::NoIpv4),
        Some(cidr) => cidr.parse().map_err(|_| Unfit::Unread("CidrBlock"))?,
    };
    let free = subnet.available_ip_address_count();
    let free = free.and_then(|free| free.try_into().ok());
    let (table, main_table) = table_of(id, tables).ok_or(Unfit::RouteTableUnseen)?;
    let others = table.associations().iter().filter_map(|a| a.subnet_id());
    let open = table.routes().iter().any(|route| {
        route
            .gateway_id()
            .is_some_and(|gateway| gateway.starts_with("igw-"))
    });
    Ok(ImportedSubnet {
        id: id.to_owned(),
        zone: zone.to_owned(),
        cidr,
        free: free.ok_or(Unfit::Unread("AvailableIpAddressCount"))?,
        route_table: table
            .route_table_id()
            .ok_or(Unfit::RouteTableUnseen)?
            .to_owned(),
        main_table,
        shares_with: others.filter(|o| *o != id).map(ToOwned::to_owned).collect(),
        public: open || subnet.map_public_ip_on_launch() == Some(true),
    })
}

/// A zone of the region itself is the region's name and a letter; Local Zones and Wavelength Zones have
/// a place between the two (`ap-northeast-1-tpe-1a`; "Regions and Zones" of the EC2 user guide).
fn is_availability_zone(zone: &str, region: &str) -> bool {
    let letter = zone.strip_prefix(region);
    letter.is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_lowercase()))
}

/// Subnets from which nothing leads out, one a zone: those chosen earlier, which stay the only ones
/// while two of them are there, else the roomiest.
pub(super) fn isolated(
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

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "ap-northeast-1";

    type Change = fn(&mut Subnet);

    fn tables() -> Vec<RouteTable> {
        let main = RouteTableAssociation::builder().main(true).build();
        let table = RouteTable::builder().route_table_id("rtb-1");
        vec![table.associations(main).build()]
    }

    fn subnet() -> Subnet {
        let subnet = Subnet::builder()
            .subnet_id("subnet-1")
            .cidr_block("10.0.0.0/24");
        subnet
            .availability_zone("ap-northeast-1a")
            .available_ip_address_count(251)
            .build()
    }

    /// Whatever an answer lacks, the subnet is there or is told with its reason.
    #[test]
    fn a_subnet_is_fit_or_told_why_not_and_never_left_out() {
        let changes: [(Change, Option<Unfit>); 9] = [
            (|_| (), None),
            (|s| s.subnet_id = None, Some(Unfit::Unread("SubnetId"))),
            (
                |s| s.availability_zone = None,
                Some(Unfit::Unread("AvailabilityZone")),
            ),
            (|s| s.cidr_block = None, Some(Unfit::NoIpv4)),
            (|s| s.cidr_block = Some(String::new()), Some(Unfit::NoIpv4)),
            (
                |s| s.cidr_block = Some("x".into()),
                Some(Unfit::Unread("CidrBlock")),
            ),
            (
                |s| s.available_ip_address_count = None,
                Some(Unfit::Unread("AvailableIpAddressCount")),
            ),
            (
                |s| s.availability_zone = Some("ap-northeast-1-tpe-1a".into()),
                Some(Unfit::Zone("ap-northeast-1-tpe-1a".into())),
            ),
            (
                |s| s.outpost_arn = Some("arn:o".into()),
                Some(Unfit::Outpost("arn:o".into())),
            ),
        ];
        for (change, reason) in changes {
            let mut one = subnet();
            change(&mut one);
            let (fit, unfit) = sorted_out(&[one], &tables(), REGION);
            assert_eq!(fit.len() + unfit.len(), 1);
            assert_eq!(unfit.into_iter().next().map(|u| u.reason), reason);
        }
        let (_, unfit) = sorted_out(&[subnet()], &[], REGION);
        assert_eq!(unfit[0].reason, Unfit::RouteTableUnseen);
    }
}
