//! Doors of the VPC: what could lead out of it or into it, whether or not a route goes through.

use crate::ranges::Ranges;
use crate::{Evidence, Expected, Flaw, Rule, Severity, routes};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "client-vpn",
        severity: Severity::Warning,
        title: "no Client VPN endpoint ends in the VPC",
        remedy: "remove the Client VPN endpoint's association with the VPC, or allow it: its users come from the internet and look like the VPC itself",
        check: client_vpn,
    },
    Rule {
        id: "egress-only-gateway",
        severity: Severity::Error,
        title: "no egress-only internet gateway is attached to the VPC",
        remedy: "delete the egress-only internet gateway",
        check: |e, _| {
            let gateways = e.doors.egress_only_gateways.iter();
            gateways.map(|id| attached(e, id)).collect()
        },
    },
    Rule {
        id: "instance-connect",
        severity: Severity::Error,
        // Without gateway, route or public address: IAM alone stands between it and the internet.
        title: "no EC2 Instance Connect Endpoint lets anybody in from the internet",
        remedy: "delete the EC2 Instance Connect Endpoint; Fleet Manager reaches the Windows instance without it",
        check: |e, _| {
            let endpoints = e.doors.connect_endpoints.iter();
            endpoints.map(|id| attached(e, id)).collect()
        },
    },
    Rule {
        id: "internet-gateway",
        severity: Severity::Error,
        // CloudFront VPC origins and Global Accelerator want one, too: without it neither gets in.
        title: "no internet gateway is attached to the VPC",
        remedy: "detach the internet gateway from the VPC",
        check: |e, _| {
            let gateways = e.doors.internet_gateways.iter();
            gateways.map(|id| attached(e, id)).collect()
        },
    },
    Rule {
        id: "nat-gateway-private",
        severity: Severity::Warning,
        title: "no private NAT gateway hides who is behind it",
        remedy: "delete the private NAT gateway, or allow it when the ranges of clients overlap with the VPC's",
        check: |e, _| nat_gateways(e, false),
    },
    Rule {
        id: "nat-gateway-public",
        severity: Severity::Error,
        title: "no NAT gateway leads to the internet",
        remedy: "delete the NAT gateway",
        check: |e, _| nat_gateways(e, true),
    },
    Rule {
        id: "peering-to-nowhere",
        severity: Severity::Warning,
        title: "every peering connection leads to clients",
        remedy: "delete the peering connection, or add the route to the clients that it is for",
        check: |e, x| to_nowhere(e, x, e.doors.peerings.iter().map(|(id, to)| (id, id, to))),
    },
    Rule {
        id: "transit-to-nowhere",
        severity: Severity::Warning,
        title: "every transit gateway attachment leads to clients",
        remedy: "delete the attachment, or add the route to the clients that it is for",
        check: |e, x| {
            let attachments = e.doors.transit_attachments.iter();
            to_nowhere(e, x, attachments.map(|(id, to)| (id, to, to)))
        },
    },
    Rule {
        id: "vpn-to-nowhere",
        severity: Severity::Warning,
        title: "every virtual private gateway has a VPN connection behind it",
        remedy: "create the VPN connection, allow it when the gateway serves Direct Connect, or detach the gateway",
        check: vpn_to_nowhere,
    },
];

fn attached(evidence: &Evidence, gateway: &str) -> Flaw {
    let vpc = &evidence.vpc.id;
    Flaw::new(gateway, format!("{gateway} is attached to {vpc}"))
}

/// AWS names their interfaces so, and translates the users' addresses to those of the VPC ("give
/// Client VPN users access to specific AWS resources").
fn client_vpn(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let interfaces = evidence.interfaces.iter();
    let theirs = interfaces.filter(|interface| {
        let description = interface.description.to_lowercase().replace(' ', "");
        description.contains("clientvpn")
    });
    let flaw = |interface: &crate::Interface| {
        let (id, description) = (&interface.id, &interface.description);
        Flaw::new(id, format!("{id} is there for {description:?}"))
    };
    theirs.map(flaw).collect()
}

fn nat_gateways(evidence: &Evidence, public: bool) -> Vec<Flaw> {
    let vpc = &evidence.vpc.id;
    let kind = if public { "public" } else { "private" };
    let gateways = evidence.doors.nat_gateways.iter();
    let gateways = gateways.filter(|(_, is_public)| *is_public == public);
    gateways
        .map(|(id, _)| Flaw::new(id, format!("{id}, a {kind} NAT gateway, stands in {vpc}")))
        .collect()
}

/// Of (id, target that routes name, other side).
fn to_nowhere<'d>(
    evidence: &Evidence,
    expected: &Expected,
    doors: impl Iterator<Item = (&'d String, &'d String, &'d String)>,
) -> Vec<Flaw> {
    let clients = Ranges::clients(expected);
    let leads = |target: &str| {
        let ranges = routes::ranges_through(evidence, target);
        ranges.iter().any(|range| clients.overlap(range))
    };
    doors
        .filter(|(_, target, _)| !leads(target))
        .map(|(id, _, to)| {
            Flaw::new(
                id,
                format!("{id} to {to}: no route to a client range uses it"),
            )
        })
        .collect()
}

fn vpn_to_nowhere(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let gateways = evidence.doors.vpn_gateways.iter();
    let lonely = gateways.filter(|(_, connections)| *connections == 0);
    let vpc = &evidence.vpc.id;
    lonely
        .map(|(id, _)| Flaw::new(id, format!("{id} of {vpc} has no VPN connection")))
        .collect()
}
