//! The VPC and its interfaces: ranges, DNS, public addresses.

use ipnet::{IpNet, Ipv4Net};

use crate::ranges::Ranges;
use crate::{Evidence, Expected, Flaw, Interface, Rule, Severity, ids};

/// Shortest prefix that client ranges may add up to. A sixteenth of all addresses is more than
/// anybody has; with more, every other rule would hold for nothing.
const CLIENTS_AT_MOST: u8 = 4;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "client-ranges-bounded",
        severity: Severity::Error,
        title: "the client ranges leave the internet out",
        remedy: "name the ranges that clients really have (closedNetworkClientCidrs)",
        check: client_ranges_bounded,
    },
    Rule {
        id: "client-ranges-private",
        severity: Severity::Warning,
        title: "the client ranges are private ones",
        remedy: "name private ranges alone (closedNetworkClientCidrs), or allow it when the range is your own",
        check: client_ranges_private,
    },
    Rule {
        id: "dns-attributes",
        severity: Severity::Error,
        title: "Amazon's DNS answers in the VPC, with names for its instances",
        remedy: "switch on enableDnsSupport and enableDnsHostnames: without them names of AWS lead to the internet instead of the endpoints",
        check: dns_attributes,
    },
    Rule {
        id: "interface-ipv6",
        severity: Severity::Warning,
        title: "no interface in the VPC has an IPv6 address",
        remedy: "take the IPv6 addresses off the interface: every one of them is public",
        check: interface_ipv6,
    },
    Rule {
        id: "interface-public-address",
        severity: Severity::Error,
        title: "no interface in the VPC has a public address",
        remedy: "take the public address off the interface",
        check: interface_public_address,
    },
    Rule {
        id: "vpc-ipv6",
        severity: Severity::Warning,
        title: "the VPC has no IPv6 range",
        remedy: "disassociate the IPv6 range from the VPC",
        check: vpc_ipv6,
    },
];

fn client_ranges_bounded(_: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let clients = Ranges::clients(expected);
    let huge = clients.as_slice().iter();
    let huge = huge.filter(|range| range.prefix_len() < CLIENTS_AT_MOST);
    huge.map(|range| Flaw::new(range.to_string(), format!("clients add up to {range}")))
        .collect()
}

fn client_ranges_private(_: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let private = Ranges::private();
    let clients = expected.clients.iter();
    let public = clients.filter(|range| !private.contain(&IpNet::V4(**range)));
    let flaw = |range: &Ipv4Net| {
        let evidence = format!("{range} has addresses of the internet, and is let in as clients");
        Flaw::new(range.to_string(), evidence)
    };
    public.map(flaw).collect()
}

fn dns_attributes(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let vpc = &evidence.vpc;
    let attributes = [
        (vpc.dns_support, "enableDnsSupport"),
        (vpc.dns_hostnames, "enableDnsHostnames"),
    ];
    let off = attributes.into_iter().filter(|(on, _)| !on);
    off.map(|(_, name)| Flaw::new(ids::vpc(evidence), format!("{}: {name} is off", vpc.id)))
        .collect()
}

fn interface_ipv6(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let interfaces = evidence.interfaces.iter();
    interfaces
        .filter(|interface| !interface.ipv6.is_empty())
        .map(|interface| has(interface, &interface.ipv6.join(", ")))
        .collect()
}

fn interface_public_address(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let public = |i: &Interface| i.public_address.as_ref().map(|address| has(i, address));
    evidence.interfaces.iter().filter_map(public).collect()
}

fn has(interface: &Interface, addresses: &str) -> Flaw {
    let (id, description) = (&interface.id, &interface.description);
    Flaw::new(id, format!("{id} ({description}) has {addresses}"))
}

fn vpc_ipv6(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let ranges = evidence.vpc.ranges.iter();
    let ipv6 = ranges.filter(|range| matches!(range, IpNet::V6(_)));
    ipv6.map(|range| {
        let seen = format!("{} has {range}", evidence.vpc.id);
        Flaw::new(ids::vpc(evidence), seen)
    })
    .collect()
}
