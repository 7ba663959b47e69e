//! Rows about the VPC, its doors and its routes.

use super::{Row, row, with};
use crate::tests::fixture::net;

pub(super) const ROWS: &[Row] = &[
    with("client-ranges-bounded", &["client-ranges-private"], |s| {
        // Neither alone is too much.
        let halves = ["16.0.0.0/5", "24.0.0.0/5", "32.0.0.0/4", "48.0.0.0/4"];
        s.expected
            .clients
            .extend(halves.map(|r| r.parse::<ipnet::Ipv4Net>().unwrap()));
    }),
    row("client-ranges-private", |s| {
        s.expected.clients.push("203.0.113.0/24".parse().unwrap());
    }),
    row("dns-attributes", |s| s.evidence.vpc.dns_hostnames = false),
    row("dns-attributes", |s| s.evidence.vpc.dns_support = false),
    row("interface-ipv6", |s| {
        s.evidence.interfaces[0].ipv6.push("2001:db8::1".into());
    }),
    row("interface-public-address", |s| {
        s.evidence.interfaces[1].public_address = Some("203.0.113.1".into());
    }),
    row("vpc-ipv6", |s| {
        s.evidence.vpc.ranges.push(net("2001:db8::/56"));
    }),
    row("client-vpn", |s| {
        s.evidence.interfaces[0].description = "ClientVPN Endpoint resource".into();
    }),
    row("egress-only-gateway", |s| {
        s.evidence.doors.egress_only_gateways.push("eigw-1".into());
    }),
    row("instance-connect", |s| {
        s.evidence.doors.connect_endpoints.push("eice-1".into());
    }),
    row("internet-gateway", |s| {
        s.evidence.doors.internet_gateways.push("igw-1".into());
    }),
    row("nat-gateway-private", |s| {
        s.evidence.doors.nat_gateways.push(("nat-1".into(), false));
    }),
    row("nat-gateway-public", |s| {
        s.evidence.doors.nat_gateways.push(("nat-1".into(), true));
    }),
    row("peering-to-nowhere", |s| {
        s.evidence
            .doors
            .peerings
            .push(("pcx-1".into(), "vpc-9 of account 222222222222".into()));
    }),
    // A route to the peer that is none to clients does not count.
    with("peering-to-nowhere", &["route-out"], |s| {
        s.evidence
            .doors
            .peerings
            .push(("pcx-1".into(), "vpc-9".into()));
        s.route("100.64.0.0/16", "pcx-1");
    }),
    row("transit-to-nowhere", |s| {
        s.evidence
            .doors
            .transit_attachments
            .push(("tgw-attach-1".into(), "tgw-1".into()));
    }),
    row("vpn-to-nowhere", |s| {
        s.evidence.doors.vpn_gateways.push(("vgw-1".into(), 0));
    }),
    row("route-out", |s| s.route("0.0.0.0/0", "tgw-1")),
    row("route-out", |s| s.route("0.0.0.0/0", "nat-1")),
    row("route-out", |s| s.route("::/0", "eigw-1")),
    row("route-out", |s| s.route("10.0.0.0/7", "pcx-1")),
    row("route-out", |s| s.route("0.0.0.0/0", "vpce-appliance")),
    row("route-out", |s| s.route("pl-unknown", "tgw-1")),
    row("route-out", |s| {
        s.route("pl-clients", "tgw-1");
        let route = s.evidence.route_tables[0].routes.last_mut().unwrap();
        route.prefix_list = vec![net("10.0.0.0/8"), net("8.8.8.8/32")];
    }),
    // The table that no subnet uses by name.
    row("route-out", |s| {
        s.route("203.0.113.0/24", "vgw-1");
        let route = s.evidence.route_tables[0].routes.pop().unwrap();
        s.evidence.route_tables[2].routes.push(route);
    }),
    row("subnet-public", |s| {
        s.evidence.subnets[1].gives_public_addresses = true;
    }),
    with("subnet-public", &["route-out"], |s| {
        s.route("0.0.0.0/0", "igw-1");
    }),
    // Through the main table, for want of one of its own.
    with("subnet-public", &["route-out"], |s| {
        s.route("0.0.0.0/0", "igw-1");
        let route = s.evidence.route_tables[0].routes.pop().unwrap();
        s.evidence.route_tables[2].routes.push(route);
        s.evidence.route_tables[1].subnets.clear();
    }),
];
