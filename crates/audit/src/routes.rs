//! Routes: none leads beyond the VPC and the clients, but to services of AWS through endpoints.

use ipnet::IpNet;

use crate::ranges::{Ranges, listed};
use crate::{Evidence, Expected, Flaw, Route, RouteTable, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "route-out",
        severity: Severity::Error,
        title: "no route leads beyond the VPC and the clients, but to endpoints",
        remedy: "delete the route, or add its destination to the client ranges (closedNetworkClientCidrs) when it belongs to them",
        check: route_out,
    },
    Rule {
        id: "subnet-public",
        severity: Severity::Error,
        title: "no subnet gives public addresses or uses a table that leads to an internet gateway",
        remedy: "switch off the subnet's automatic public addresses, and use a route table without an internet gateway",
        check: subnet_public,
    },
];

/// The table that a subnet uses: its own, else the VPC's main one.
pub(crate) fn table_of<'e>(evidence: &'e Evidence, subnet: &str) -> Option<&'e RouteTable> {
    let mut tables = evidence.route_tables.iter();
    let own = tables.find(|table| table.subnets.iter().any(|id| id == subnet));
    own.or_else(|| evidence.route_tables.iter().find(|table| table.main))
}

/// Ranges that routes lead to through `target`, as far as they are known.
pub(crate) fn ranges_through(evidence: &Evidence, target: &str) -> Vec<IpNet> {
    let routes = evidence.route_tables.iter().flat_map(|table| &table.routes);
    let through = routes.filter(|route| route.target == target);
    through.flat_map(destinations).collect()
}

/// What a route's destination stands for; nothing when it is one of AWS's own prefix lists.
pub(crate) fn destinations(route: &Route) -> Vec<IpNet> {
    match route.destination.parse() {
        Ok(range) => vec![range],
        Err(_) => route.prefix_list.clone(),
    }
}

/// Whether a route leads beyond `inside`. A gateway endpoint is reached by AWS's own prefix list
/// alone: a range that leads to a `vpce-…` leads to somebody's appliance.
fn leads_out(route: &Route, inside: &Ranges) -> bool {
    let ranges = destinations(route);
    if ranges.is_empty() {
        return !route.target.starts_with("vpce-");
    }
    ranges.iter().any(|range| !inside.contain(range))
}

/// `0.0.0.0/0 to igw-1`, `pl-1 (8.8.8.8/32) to tgw-1`.
fn text(route: &Route) -> String {
    let (to, target, mut list) = (&route.destination, &route.target, route.prefix_list.clone());
    list.sort();
    match (to.starts_with("pl-"), listed(&list)) {
        (false, _) => format!("{to} to {target}"),
        (true, ranges) if ranges.is_empty() => format!("{to} (ranges unknown) to {target}"),
        (true, ranges) => format!("{to} ({ranges}) to {target}"),
    }
}

fn route_out(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let inside = Ranges::inside(evidence, expected);
    let flaw = |table: &RouteTable| {
        let routes = table.routes.iter().filter(|r| leads_out(r, &inside));
        let mut out: Vec<String> = routes.map(text).collect();
        out.sort();
        let out = out.join(", ");
        (!out.is_empty()).then(|| Flaw::new(&table.id, format!("{} leads {out}", table.id)))
    };
    evidence.route_tables.iter().filter_map(flaw).collect()
}

fn subnet_public(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for subnet in &evidence.subnets {
        let id = &subnet.id;
        if subnet.gives_public_addresses {
            flaws.push(Flaw::new(id, format!("{id} gives public addresses")));
        }
        let Some(table) = table_of(evidence, id) else {
            continue;
        };
        let gateway = |route: &&Route| route.target.starts_with("igw-");
        if let Some(route) = table.routes.iter().find(gateway) {
            let (table, target) = (&table.id, &route.target);
            let flaw = Flaw::new(id, format!("{id} uses {table}, which leads to {target}"));
            flaws.push(flaw);
        }
    }
    flaws
}
