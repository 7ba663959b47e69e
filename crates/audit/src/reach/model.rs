//! The picture as data: parties, targets, and a way for each pair of them.

use ipnet::IpNet;
use serde::Serialize;

/// Who could come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyKind {
    /// What stands in the VPC.
    Vpc,
    /// Clients on premises, by the ranges of the configuration.
    Clients,
    /// Whatever is behind a peering connection.
    Peering,
    /// Whatever is behind a transit gateway.
    Transit,
    /// Everybody else.
    Internet,
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// `vpc`, `clients`, `internet`, `pcx-…`, `tgw-attach-…`.
    pub id: String,
    /// What it is.
    pub kind: PartyKind,
    /// What to write beside it: the VPC's id, the other side of a peering connection.
    pub name: String,
    /// Its ranges; none for the internet, which is all that nobody else has.
    pub ranges: Vec<IpNet>,
    /// What leads from it to the VPC: gateways and connections that routes name. None for the VPC.
    pub doors: Vec<String>,
}

/// What could be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// The load balancer of the web server.
    LoadBalancer,
    /// All interface endpoints.
    Endpoints,
    /// The inbound resolver endpoint.
    Resolver,
    /// The private REST APIs.
    Proxies,
    /// An instance of ours.
    Instance,
    /// The web bucket, without credentials on the internet's side.
    Bucket,
}

/// A target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Our id: `web/load-balancer`; `endpoints` and `proxies` for those.
    pub id: String,
    /// What it is.
    pub kind: TargetKind,
}

/// Ports of one protocol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ports {
    /// `tcp`, `udp`, …; `all` for all traffic.
    pub protocol: String,
    /// First and last; all without.
    pub ports: Option<(i32, i32)>,
}

/// How far a party gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Nothing lets it in.
    Shut,
    /// It would be let in, and no road leads there.
    Admitted,
    /// It gets there.
    Reaches,
}

/// One pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// Id of the party.
    pub party: String,
    /// Id of the target.
    pub target: String,
    /// How far the party gets.
    pub access: Access,
    /// Ports on which at least some of the party's ranges are let in; none when it is shut out.
    pub ports: Vec<Ports>,
}

/// Parties, targets, and a way for each pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reach {
    /// Parties: the VPC, the clients, who is connected, the internet.
    pub parties: Vec<Party>,
    /// Targets that are there.
    pub targets: Vec<Target>,
    /// Every party with every target, in their orders.
    pub ways: Vec<Way>,
}

impl Reach {
    /// The way from `party` to `target`.
    #[must_use]
    pub fn way(&self, party: &str, target: &str) -> Option<&Way> {
        let mut ways = self.ways.iter();
        ways.find(|way| way.party == party && way.target == target)
    }
}
