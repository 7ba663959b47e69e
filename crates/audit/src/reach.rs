//! Who can reach what, as data for a picture: worked out from groups, routes and doors, not assumed.
//!
//! Two things have to come together: groups that let a party in, and a road that leads there. What
//! is let in without a road is told apart from what is reached.

mod model;
mod parties;
mod targets;

use std::collections::BTreeSet;

use crate::{Evidence, Expected, GroupRule};

pub use model::{Access, Party, PartyKind, Ports, Reach, Target, TargetKind, Way};

/// Works out who reaches what.
#[must_use]
pub fn reach(evidence: &Evidence, expected: &Expected) -> Reach {
    let parties = parties::all(evidence, expected);
    let targets = targets::all(evidence);
    let mut ways = Vec::new();
    for (party, seen) in &parties {
        for target in &targets {
            let rules = targets::ingress(evidence, &target.groups);
            let admitted = rules.into_iter().filter(|rule| seen.come_under(rule));
            let open = target.open_to.contains(&party.kind);
            let ports = ports(admitted, target.listens.as_deref(), open);
            let road = match party.kind {
                PartyKind::Vpc => true,
                PartyKind::Internet => target.public && !party.doors.is_empty(),
                _ => !party.doors.is_empty(),
            };
            ways.push(Way {
                party: party.id.clone(),
                target: target.shown.id.clone(),
                access: match (ports.is_empty(), road || open) {
                    (true, _) => Access::Shut,
                    (false, false) => Access::Admitted,
                    (false, true) => Access::Reaches,
                },
                ports,
            });
        }
    }
    Reach {
        parties: parties.into_iter().map(|(party, _)| party).collect(),
        targets: targets.into_iter().map(|target| target.shown).collect(),
        ways,
    }
}

/// Ports of `rules`; where it is known what the target listens on, those of them, and all of them
/// when it is `open` to the party.
fn ports<'r>(
    rules: impl Iterator<Item = &'r GroupRule>,
    listens: Option<&[i32]>,
    open: bool,
) -> Vec<Ports> {
    let one = |port: i32| Ports {
        protocol: "tcp".into(),
        ports: Some((port, port)),
    };
    let mut found = BTreeSet::new();
    if open {
        found.extend(listens.into_iter().flatten().copied().map(one));
    }
    for rule in rules {
        let all = rule.protocol == "-1";
        if let Some(listens) = listens {
            let through = |port: &&i32| {
                let (first, last) = rule.ports.unwrap_or((0, i32::MAX));
                all || (rule.protocol == "tcp" && (first..=last).contains(*port))
            };
            found.extend(listens.iter().filter(through).copied().map(one));
        } else {
            found.insert(Ports {
                protocol: if all { "all" } else { &rule.protocol }.into(),
                ports: rule.ports.filter(|_| !all),
            });
        }
    }
    found.into_iter().collect()
}
