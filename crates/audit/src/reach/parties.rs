//! The parties, with their roads to the VPC: a party without a route back cannot talk to it.

use ipnet::IpNet;

use super::{Party, PartyKind};
use crate::ranges::Ranges;
use crate::{Evidence, Expected, GroupRule, Peer, Route, routes};

/// By what rules a party is let in.
pub(super) struct Seen {
    kind: PartyKind,
    ranges: Ranges,
}

impl Seen {
    fn new(kind: PartyKind, ranges: &[IpNet]) -> Self {
        let ranges = Ranges::new(ranges.iter().copied());
        Self { kind, ranges }
    }

    /// Whether a rule is about any address of the party.
    pub(super) fn come_under(&self, rule: &GroupRule) -> bool {
        match &rule.peer {
            Peer::Range(range) => self.has_any(range),
            Peer::Group(_) => self.kind == PartyKind::Vpc,
            // AWS's own lists stand for addresses on the internet.
            Peer::PrefixList(_, ranges) if ranges.is_empty() => self.kind == PartyKind::Internet,
            Peer::PrefixList(_, ranges) => ranges.iter().any(|range| self.has_any(range)),
        }
    }

    /// The internet's ranges are all but the ones that others have.
    fn has_any(&self, range: &IpNet) -> bool {
        match self.kind {
            PartyKind::Internet => !self.ranges.contain(range),
            _ => self.ranges.overlap(range),
        }
    }
}

pub(super) fn all(evidence: &Evidence, expected: &Expected) -> Vec<(Party, Seen)> {
    let mut vpc = evidence.vpc.ranges.clone();
    vpc.sort();
    let clients = Ranges::clients(expected).as_slice().to_vec();
    let doors = doors_to(evidence, &clients);
    let mut all = vec![
        party(PartyKind::Vpc, "vpc", &evidence.vpc.id, vpc, Vec::new()),
        party(PartyKind::Clients, "clients", "clients", clients, doors),
    ];
    let mut peerings = evidence.doors.peerings.clone();
    peerings.sort();
    for (id, other) in &peerings {
        all.push(behind(evidence, PartyKind::Peering, id, other, id));
    }
    let mut attachments = evidence.doors.transit_attachments.clone();
    attachments.sort();
    for (id, gateway) in &attachments {
        all.push(behind(evidence, PartyKind::Transit, id, gateway, gateway));
    }
    let mut gateways = evidence.doors.internet_gateways.clone();
    gateways.sort();
    let kind = PartyKind::Internet;
    let internet = party(kind, "internet", "internet", Vec::new(), gateways).0;
    // What others have, and what nobody on the internet can have.
    let known = Ranges::inside(evidence, expected).and(Ranges::private().as_slice());
    all.push((
        internet,
        Seen {
            kind,
            ranges: known,
        },
    ));
    all
}

fn party(
    kind: PartyKind,
    id: &str,
    name: &str,
    ranges: Vec<IpNet>,
    doors: Vec<String>,
) -> (Party, Seen) {
    let seen = Seen::new(kind, &ranges);
    let party = Party {
        id: id.to_owned(),
        kind,
        name: name.to_owned(),
        ranges,
        doors,
    };
    (party, seen)
}

/// A party that is known by the routes to it alone.
fn behind(
    evidence: &Evidence,
    kind: PartyKind,
    id: &str,
    name: &str,
    target: &str,
) -> (Party, Seen) {
    let ranges = Ranges::new(routes::ranges_through(evidence, target));
    let ranges = ranges.as_slice().to_vec();
    let doors = if ranges.is_empty() {
        Vec::new()
    } else {
        vec![target.to_owned()]
    };
    party(kind, id, name, ranges, doors)
}

/// Targets of routes to any of `ranges` that subnets of the deployment use. Nobody comes in through
/// a NAT gateway or an endpoint, and none of the clients through the internet's gateways.
fn doors_to(evidence: &Evidence, ranges: &[IpNet]) -> Vec<String> {
    let wanted = Ranges::new(ranges.iter().copied());
    let leads = |route: &&Route| {
        let way_out = ["vpce-", "nat-", "igw-", "eigw-"];
        let ranges = routes::destinations(route);
        !way_out
            .iter()
            .any(|prefix| route.target.starts_with(prefix))
            && ranges.iter().any(|range| wanted.overlap(range))
    };
    let used = evidence.subnets.iter().filter(|subnet| subnet.used);
    let tables = used.filter_map(|subnet| routes::table_of(evidence, &subnet.id));
    let routes = tables.flat_map(|table| &table.routes).filter(leads);
    let mut doors: Vec<String> = routes.map(|route| route.target.clone()).collect();
    doors.sort();
    doors.dedup();
    doors
}
