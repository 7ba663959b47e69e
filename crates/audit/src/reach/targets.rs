//! The targets, with what guards them.

use super::{PartyKind, Target, TargetKind};
use crate::policy::{Document, Principals};
use crate::{Bucket, Endpoint, Evidence, GroupRule, ids, proxies};

/// A target and how it is guarded.
pub(super) struct Guarded {
    pub(super) shown: Target,
    /// Security groups before it.
    pub(super) groups: Vec<String>,
    /// TCP ports it answers on; none when its groups alone tell.
    pub(super) listens: Option<Vec<i32>>,
    /// Whether it has an address on the internet.
    pub(super) public: bool,
    /// Who gets there past all groups.
    pub(super) open_to: Vec<PartyKind>,
}

impl Guarded {
    fn new(kind: TargetKind, id: &str, groups: Vec<String>) -> Self {
        let id = id.to_owned();
        Self {
            shown: Target { id, kind },
            groups,
            listens: None,
            public: false,
            open_to: Vec::new(),
        }
    }
}

/// Rules by which `groups` let in.
pub(super) fn ingress<'e>(evidence: &'e Evidence, groups: &[String]) -> Vec<&'e GroupRule> {
    let own = evidence
        .groups
        .iter()
        .filter(|group| groups.contains(&group.id));
    let rules = own.flat_map(|group| &group.rules);
    rules.filter(|rule| !rule.egress).collect()
}

pub(super) fn all(evidence: &Evidence) -> Vec<Guarded> {
    let mut all = Vec::new();
    if let Some(lb) = &evidence.load_balancer {
        let ports = lb.listeners.iter().map(|listener| listener.port);
        all.push(Guarded {
            listens: Some(ports.collect()),
            public: lb.scheme != "internal",
            ..Guarded::new(
                TargetKind::LoadBalancer,
                ids::LOAD_BALANCER,
                lb.groups.clone(),
            )
        });
    }
    let endpoints = groups_of(evidence, |_| true);
    if evidence.endpoints.iter().any(|e| e.kind == "Interface") {
        all.push(Guarded::new(TargetKind::Endpoints, "endpoints", endpoints));
    }
    if let Some(resolver) = &evidence.resolver {
        let groups = resolver.groups.clone();
        all.push(Guarded::new(TargetKind::Resolver, ids::RESOLVER, groups));
    }
    all.extend(proxies(evidence));
    let mut instances: Vec<_> = evidence.instances.iter().collect();
    instances.sort_by(|a, b| (&a.ours, &a.id).cmp(&(&b.ours, &b.id)));
    for instance in instances {
        if let Some(id) = &instance.ours {
            all.push(Guarded {
                public: instance.public_address.is_some(),
                ..Guarded::new(TargetKind::Instance, id, instance.groups.clone())
            });
        }
    }
    all.extend(evidence.bucket.as_ref().map(|b| bucket(evidence, b)));
    all
}

/// Groups of the interface endpoints that `wanted` picks.
fn groups_of(evidence: &Evidence, wanted: impl Fn(&Endpoint) -> bool) -> Vec<String> {
    let interfaces = evidence.endpoints.iter().filter(|e| e.kind == "Interface");
    let groups = interfaces.filter(|e| wanted(e)).flat_map(|e| &e.groups);
    groups.cloned().collect()
}

/// Our REST APIs, reached through the endpoints that they are bound to.
fn proxies(evidence: &Evidence) -> Option<Guarded> {
    let ours = || evidence.rest_apis.iter().filter(|api| api.ours.is_some());
    ours().next()?;
    let bound = |endpoint: &Endpoint| ours().any(|api| api.endpoints.contains(&endpoint.id));
    let public = !ours().all(proxies::is_private);
    Some(Guarded {
        listens: Some(vec![443]),
        open_to: public.then_some(PartyKind::Internet).into_iter().collect(),
        ..Guarded::new(TargetKind::Proxies, "proxies", groups_of(evidence, bound))
    })
}

/// The bucket, reached through the endpoints of S3: by a route from the VPC, and through groups.
fn bucket(evidence: &Evidence, bucket: &Bucket) -> Guarded {
    let s3 = |endpoint: &Endpoint| endpoint.service.strip_suffix(".s3").is_some();
    let gateways = evidence
        .endpoints
        .iter()
        .filter(|e| e.kind == "Gateway" && s3(e));
    let routed = |endpoint: &Endpoint| {
        let mut routes = evidence.route_tables.iter().flat_map(|table| &table.routes);
        routes.any(|route| route.target == endpoint.id)
    };
    let mut open_to = Vec::new();
    if gateways.into_iter().any(routed) {
        open_to.push(PartyKind::Vpc);
    }
    if is_public(bucket) {
        open_to.push(PartyKind::Internet);
    }
    Guarded {
        listens: Some(vec![443]),
        open_to,
        ..Guarded::new(TargetKind::Bucket, ids::BUCKET, groups_of(evidence, s3))
    }
}

/// Whether anybody gets in without credentials: the policy lets everybody in, and the block of
/// public policies is off.
fn is_public(bucket: &Bucket) -> bool {
    // The blocks of ACLs do not stand in a policy's way, nor does the one of new policies.
    let blocks = &bucket.public_access_blocks;
    let blocked = blocks.iter().any(|block| block == "RestrictPublicBuckets");
    let document = Document::new(&bucket.policy);
    let mut allows = document.allows();
    let everybody = allows.any(|statement| {
        matches!(
            statement.principals,
            Principals::Everybody | Principals::AllBut
        )
    });
    everybody && !blocked
}
