//! Who owns what is live: never guessed.
//!
//! A recorded identity beats every tag; then tags of our own deployment; a bare name counts only
//! where a create cannot tag and our own journal holds the intent. Everything else is refused by name.

use std::collections::{BTreeMap, BTreeSet};

use state::State;
use uuid::Uuid;

use crate::Id;
use crate::catalog::Fact;
use crate::kind::{Candidate, Mark};
use crate::tags::{claimed, deployment};

/// Why a live resource counts as ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The state records its identity.
    Recorded,
    /// Our journal holds the intent to create it.
    Intended,
    /// Its tags say so, and nothing else does: taking it over needs consent.
    Tagged,
}

/// Where an id stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Nothing live.
    Absent,
    /// Live and ours.
    Ours(How, Candidate<Fact>),
    /// Something is in the way.
    Refused {
        /// What, with its identity.
        reason: String,
        /// What to do.
        hint: String,
    },
}

/// All that was found out about one kind.
#[derive(Default)]
pub(crate) struct Settled {
    pub standings: BTreeMap<Id, Standing>,
    /// Leftovers of creates whose answer was lost: ours, empty, to be deleted.
    pub twins: Vec<(Id, Candidate<Fact>)>,
    /// Others that bear our tags; left alone.
    pub notes: Vec<String>,
}

/// What is known beforehand.
pub(crate) struct Known<'a> {
    pub env: &'a str,
    pub region: &'a str,
    pub state: &'a State,
    pub wanted: &'a [(Id, Option<String>)],
    /// Recorded identities of this kind.
    pub recorded: &'a BTreeMap<Id, String>,
    /// The kind's create call takes no tags.
    pub may_be_untagged: bool,
}

pub(crate) fn settle(
    known: &Known<'_>,
    candidates: &[Candidate<Fact>],
    identity: impl Fn(&Fact) -> String,
) -> Settled {
    let mut settled = Settled::default();
    let own = known.state.header.as_ref().map(|h| h.deployment);
    let claims = |c: &Candidate<Fact>| {
        // What is on record under one id cannot be claimed for another.
        let identity = identity(&c.out);
        if let Some((id, _)) = known.recorded.iter().find(|(_, r)| **r == identity) {
            return Some(id.clone());
        }
        match &c.mark {
            Mark::Tags(tags) => claimed(tags, known.env, known.region),
            Mark::Child(id) => Some(id.clone()),
            Mark::OutOfReach => None,
        }
    };
    let mut ids: BTreeSet<Id> = known.wanted.iter().map(|(id, _)| id.clone()).collect();
    ids.extend(known.recorded.keys().cloned());
    ids.extend(candidates.iter().filter_map(claims));

    for id in ids {
        let recorded = known.recorded.get(&id);
        let (mut claimants, foreign): (Vec<_>, Vec<_>) = candidates
            .iter()
            .filter(|c| claims(c).as_ref() == Some(&id))
            .cloned()
            .partition(|c| of_deployment(c, own));
        let on_record = candidates
            .iter()
            .find(|c| Some(&identity(&c.out)) == recorded)
            .cloned();
        let intended = known.state.intended(id.as_str());
        let standing = if let Some(ours) = on_record {
            claimants.retain(|c| identity(&c.out) != identity(&ours.out));
            let lost = known.state.lost_lately(id.as_str());
            for other in claimants {
                if lost && other.pristine {
                    settled.twins.push((id.clone(), other));
                } else {
                    settled.notes.push(format!(
                        "{} bears the tags of {id}, which is {}; it is left alone",
                        identity(&other.out),
                        identity(&ours.out)
                    ));
                }
            }
            Standing::Ours(How::Recorded, ours)
        } else if claimants.len() > 1 && intended {
            // The answer of a create was lost, and what it made came to light after a second
            // one: the one that was built upon stays, empty twins go.
            claimants.sort_by_key(|c| c.pristine);
            let ours = claimants.remove(0);
            if claimants.iter().all(|c| c.pristine) {
                settled
                    .twins
                    .extend(claimants.into_iter().map(|c| (id.clone(), c)));
                Standing::Ours(How::Intended, ours)
            } else {
                claimants.push(ours);
                ambiguous(&id, &claimants, &identity)
            }
        } else if claimants.len() > 1 {
            ambiguous(&id, &claimants, &identity)
        } else if let Some(ours) = claimants.pop() {
            let how = if intended { How::Intended } else { How::Tagged };
            Standing::Ours(how, ours)
        } else if let Some(other) = foreign.first() {
            Standing::Refused {
                reason: format!(
                    "{} bears the tags of {id} but belongs to another deployment of {} in {}",
                    identity(&other.out),
                    known.env,
                    known.region
                ),
                hint: "use that deployment's state, or another environment name".into(),
            }
        } else {
            let name = known.wanted.iter().find(|(w, _)| *w == id);
            let name = name.and_then(|(_, name)| name.as_ref());
            let bearer = candidates
                .iter()
                .find(|c| name.is_some() && c.name.as_ref() == name);
            match bearer {
                None => Standing::Absent,
                Some(ours) if intended && known.may_be_untagged && is_unmarked(ours) => {
                    Standing::Ours(How::Intended, ours.clone())
                }
                Some(other) => Standing::Refused {
                    reason: format!(
                        "{} has the name {} that {id} would get, and is not ours",
                        identity(&other.out),
                        name.map_or("", String::as_str),
                    ),
                    hint: "delete or rename it, or use another environment name".into(),
                },
            }
        };
        settled.standings.insert(id, standing);
    }
    settled
}

fn of_deployment(candidate: &Candidate<Fact>, own: Option<Uuid>) -> bool {
    match (&candidate.mark, own) {
        (Mark::Tags(tags), Some(own)) => deployment(tags) == Some(own),
        _ => true,
    }
}

/// As a create call that takes no tags leaves it.
fn is_unmarked(candidate: &Candidate<Fact>) -> bool {
    matches!(&candidate.mark, Mark::Tags(tags) if !tags.keys().any(|k| k.starts_with("genu-deploy:")))
}

fn ambiguous(
    id: &Id,
    claimants: &[Candidate<Fact>],
    identity: &impl Fn(&Fact) -> String,
) -> Standing {
    let names: Vec<String> = claimants.iter().map(|c| identity(&c.out)).collect();
    Standing::Refused {
        reason: format!("{} both bear the tags of {id}", names.join(" and ")),
        hint: format!(
            "remove the tag {} from the one that is not ours",
            crate::tags::ID
        ),
    }
}
