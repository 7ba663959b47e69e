//! The VPC, its subnets, tables, ACLs and interfaces: all of them, whoever made them.

use audit::{Acl, AclEntry, Interface, Route, RouteTable, Subnet, Vpc};
use aws_sdk_ec2::types::{self, FlowLog, RuleAction, VpcAttributeName, VpcCidrBlockStateCode};
use ipnet::IpNet;
use reconciler::Fault;

use super::groups::Lists;
use super::ours::Ours;
use super::unread::Unread;
use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;
use crate::imported::attribute;
use crate::kinds;

/// AWS's own last entry: whatever nobody let through is refused.
const FINAL_REFUSAL: i32 = 32_767;

/// The network as it stands.
pub(super) struct Network {
    pub(super) vpc: Vpc,
    pub(super) subnets: Vec<Subnet>,
    pub(super) route_tables: Vec<RouteTable>,
    pub(super) acls: Vec<Acl>,
    pub(super) interfaces: Vec<Interface>,
}

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Network, Fault> {
    let ec2 = &reads.clients.ec2;
    let here = || filter("vpc-id", [&ours.vpc]);
    let (vpc, subnets, tables, acls, interfaces) = tokio::try_join!(
        vpc(reads, ours),
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
            "ec2:DescribeNetworkAcls",
            ec2.describe_network_acls()
                .filters(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        call(
            "ec2:DescribeNetworkInterfaces",
            ec2.describe_network_interfaces()
                .filters(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
    )?;
    let subnets: Vec<types::Subnet> = subnets;
    let tables: Vec<types::RouteTable> = tables;
    let acls: Vec<types::NetworkAcl> = acls;
    let interfaces: Vec<types::NetworkInterface> = interfaces;
    let routed = tables.iter().flat_map(types::RouteTable::routes);
    let named = routed.filter_map(|route| route.destination_prefix_list_id.clone());
    let lists = Lists::look(reads, named.collect(), &ours.unread).await?;
    Ok(Network {
        vpc,
        subnets: subnets.iter().map(|live| subnet(live, ours)).collect(),
        route_tables: tables
            .iter()
            .map(|live| table(live, &lists, &ours.unread))
            .collect(),
        acls: acls.iter().map(|live| acl(live, &ours.unread)).collect(),
        interfaces: interfaces
            .iter()
            .map(|live| interface(live, &ours.unread))
            .collect(),
    })
}

async fn vpc(reads: &Reads, ours: &Ours<'_>) -> Result<Vpc, Fault> {
    let ec2 = &reads.clients.ec2;
    let logs = ec2.describe_flow_logs();
    let logs = logs.filter(filter("resource-id", [&ours.vpc]));
    let (found, dns_support, dns_hostnames, logs) = tokio::try_join!(
        call(
            "ec2:DescribeVpcs",
            ec2.describe_vpcs().vpc_ids(&ours.vpc).send()
        ),
        attribute(reads, &ours.vpc, VpcAttributeName::EnableDnsSupport),
        attribute(reads, &ours.vpc, VpcAttributeName::EnableDnsHostnames),
        call(
            "ec2:DescribeFlowLogs",
            logs.into_paginator().items().send().try_collect()
        ),
    )?;
    let logs: Vec<FlowLog> = logs;
    let live = found.vpcs.unwrap_or_default().into_iter().next();
    let live = ours.unread.member(live, &ours.vpc, "the VPC itself");
    let live = live.unwrap_or_else(|| types::Vpc::builder().build());
    // One that was taken off lingers in the answer.
    let is = |code: Option<&VpcCidrBlockStateCode>| {
        code.is_none_or(|code| *code == VpcCidrBlockStateCode::Associated)
    };
    let four = live.cidr_block_association_set().iter();
    let four = four
        .filter(|range| is(range.cidr_block_state().and_then(|s| s.state())))
        .map(|range| range.cidr_block());
    let six = live.ipv6_cidr_block_association_set().iter();
    let six = six
        .filter(|range| is(range.ipv6_cidr_block_state().and_then(|s| s.state())))
        .map(|range| range.ipv6_cidr_block());
    let mut ranges: Vec<IpNet> = four
        .chain(six)
        .chain(live.cidr_block().map(Some))
        .filter_map(|cidr| range(cidr, &ours.vpc, &ours.unread))
        .collect();
    ranges.sort_unstable();
    ranges.dedup();
    Ok(Vpc {
        id: ours.vpc.clone(),
        ours: ours.made_vpc,
        ranges,
        dns_support,
        dns_hostnames,
        flow_logs: logs
            .iter()
            .any(|log| log.flow_log_status() == Some("ACTIVE")),
    })
}

/// A range as AWS writes it.
pub(super) fn parsed(range: &str) -> Option<IpNet> {
    range.parse().ok()
}

/// A range of `of`; told when there is none, or one that is not understood.
pub(super) fn range(cidr: Option<&str>, of: &str, unread: &Unread) -> Option<IpNet> {
    let range = cidr.and_then(parsed);
    if range.is_none() {
        unread.tell(of, &format!("the range {:?}", cidr.unwrap_or("")));
    }
    range
}

fn subnet(live: &types::Subnet, ours: &Ours<'_>) -> Subnet {
    let id = &ours.unread.id(live.subnet_id.clone(), "a subnet");
    Subnet {
        used: ours.id_of::<kinds::Subnet>(id).is_some()
            || ours.external_subnets().any(|external| external == id),
        id: id.to_owned(),
        gives_public_addresses: live.map_public_ip_on_launch == Some(true)
            || live.assign_ipv6_address_on_creation == Some(true),
    }
}

fn table(live: &types::RouteTable, lists: &Lists, unread: &Unread) -> RouteTable {
    let id = unread.id(live.route_table_id.clone(), "a route table");
    let named = live.associations().iter();
    RouteTable {
        main: live.associations().iter().any(|a| a.main == Some(true)),
        subnets: named.filter_map(|a| a.subnet_id.clone()).collect(),
        routes: live
            .routes()
            .iter()
            .filter_map(|r| route(r, lists, &id, unread))
            .collect(),
        id,
    }
}

/// Every route of `table` but the local ones.
fn route(live: &types::Route, lists: &Lists, table: &str, unread: &Unread) -> Option<Route> {
    let target = live
        .gateway_id()
        .or(live.nat_gateway_id())
        .or(live.transit_gateway_id())
        .or(live.vpc_peering_connection_id())
        .or(live.egress_only_internet_gateway_id())
        .or(live.network_interface_id())
        .or(live.instance_id())
        .or(live.local_gateway_id())
        .or(live.carrier_gateway_id())
        .or(live.core_network_arn())
        .or(live.odb_network_arn());
    let target = unread.member(target, table, "the target of a route");
    let target = target.unwrap_or("unknown");
    if target == "local" {
        return None;
    }
    let list = live.destination_prefix_list_id();
    let destination = live
        .destination_cidr_block()
        .or(live.destination_ipv6_cidr_block())
        .or(list);
    let destination = unread.member(destination, table, "the destination of a route");
    Some(Route {
        destination: destination.unwrap_or_default().to_owned(),
        target: target.to_owned(),
        prefix_list: list.map(|list| lists.ranges(list)).unwrap_or_default(),
    })
}

fn acl(live: &types::NetworkAcl, unread: &Unread) -> Acl {
    let id = unread.id(live.network_acl_id.clone(), "a network ACL");
    let entries = live.entries().iter();
    let guarded = live.associations().iter();
    Acl {
        default: live.is_default == Some(true),
        subnets: guarded.filter_map(|a| a.subnet_id.clone()).collect(),
        entries: entries
            .filter(|entry| entry.rule_number < Some(FINAL_REFUSAL))
            .map(|entry| acl_entry(entry, &id, unread))
            .collect(),
        id,
    }
}

fn acl_entry(entry: &types::NetworkAclEntry, acl: &str, unread: &Unread) -> AclEntry {
    let number = unread.member(entry.rule_number, acl, "the number of an entry");
    let action = unread.member(entry.rule_action(), acl, "the action of an entry");
    let protocol = unread.member(entry.protocol(), acl, "the protocol of an entry");
    let range = entry.cidr_block().or(entry.ipv6_cidr_block());
    let range = unread.member(range, acl, "the range of an entry");
    AclEntry {
        number: number.unwrap_or_default(),
        egress: entry.egress == Some(true),
        allow: action == Some(&RuleAction::Allow),
        protocol: protocol.unwrap_or_default().to_owned(),
        ports: entry
            .port_range()
            .and_then(|ports| Some((ports.from?, ports.to?))),
        range: range.unwrap_or_default().to_owned(),
    }
}

fn interface(live: &types::NetworkInterface, unread: &Unread) -> Interface {
    let addresses = live.private_ip_addresses().iter();
    let mut public = addresses.filter_map(|address| address.association()?.public_ip.clone());
    let six = live.ipv6_addresses().iter();
    Interface {
        id: unread.id(live.network_interface_id.clone(), "a network interface"),
        description: live.description().unwrap_or_default().to_owned(),
        public_address: live
            .association()
            .and_then(|association| association.public_ip.clone())
            .or_else(|| public.next()),
        ipv6: six.filter_map(|a| a.ipv6_address.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A member that is missing is told, and the thing stays in the evidence.
    #[test]
    fn a_route_or_an_entry_that_lacks_a_member_is_told() {
        let table = |change: fn(&mut types::Route)| {
            let mut route = types::Route::builder()
                .destination_cidr_block("0.0.0.0/0")
                .gateway_id("igw-1")
                .build();
            change(&mut route);
            let unread = Unread::default();
            let table = types::RouteTable::builder().route_table_id("rtb-1");
            let read = super::table(&table.routes(route).build(), &Lists::default(), &unread);
            assert_eq!(read.routes.len(), 1);
            unread.all().len()
        };
        assert_eq!(table(|_| ()), 0);
        assert_eq!(table(|route| route.gateway_id = None), 1);
        assert_eq!(table(|route| route.destination_cidr_block = None), 1);

        let entry = |change: fn(&mut types::NetworkAclEntry)| {
            let mut entry = types::NetworkAclEntry::builder()
                .rule_number(100)
                .rule_action(RuleAction::Allow)
                .protocol("-1")
                .cidr_block("0.0.0.0/0")
                .build();
            change(&mut entry);
            let unread = Unread::default();
            let acl = types::NetworkAcl::builder().network_acl_id("acl-1");
            let read = super::acl(&acl.entries(entry).build(), &unread);
            assert_eq!(read.entries.len(), 1);
            unread.all()
        };
        assert_eq!(entry(|_| ()), [""; 0]);
        let changes: [fn(&mut types::NetworkAclEntry); 4] = [
            |entry| entry.rule_number = None,
            |entry| entry.rule_action = None,
            |entry| entry.protocol = None,
            |entry| entry.cidr_block = None,
        ];
        let told: BTreeSet<Vec<String>> = changes.into_iter().map(entry).collect();
        assert_eq!(told.len(), changes.len());
    }
}
