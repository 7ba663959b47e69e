//! The zone of the user's own domain: it answers in our VPCs and nowhere else.

use crate::{Evidence, Expected, Flaw, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "zone-private",
        severity: Severity::Error,
        title: "the zone of the domain is private",
        remedy: "delete the zone and run `genu-deploy apply`: a public zone cannot be made private",
        check: private,
    },
    Rule {
        id: "zone-vpcs",
        severity: Severity::Error,
        title: "the zone of the domain answers in known VPCs alone",
        remedy: "disassociate the zone from the VPC, or allow it",
        check: vpcs,
    },
];

fn private(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let public = evidence.zone.iter().filter(|zone| !zone.private);
    let seen = public.map(|zone| format!("{} ({}) is public", zone.id, zone.name));
    seen.map(|seen| Flaw::new(ids::ZONE, seen)).collect()
}

fn vpcs(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let known = |vpc: &String| *vpc == evidence.vpc.id || expected.known_vpcs.contains(vpc);
    let mut flaws = Vec::new();
    if let Some(zone) = &evidence.zone {
        let unknown = zone.vpcs.iter().filter(|vpc| !known(vpc));
        flaws.extend(unknown.map(|vpc| {
            let seen = format!("{} ({}) answers in {vpc}", zone.id, zone.name);
            Flaw::new(ids::ZONE, seen)
        }));
    }
    flaws
}
