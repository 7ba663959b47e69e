//! Looking: one batched read a kind, kinds whose parents are known side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use state::State;

use crate::catalog::Fact;
use crate::kind::{Candidate, Cloud, Resend};
use crate::ownership::{Known, Settled, Standing, settle};
use crate::{AnyKind, Catalog, Class, Desired, Facts, Fault, Id};

/// How long lists may lag behind a create whose answer was lost.
pub(crate) const SETTLE: Duration = Duration::from_secs(15);
const SETTLE_POLL: Duration = Duration::from_secs(1);

/// One id as seen.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Kind name.
    pub kind: &'static str,
    /// Where it stands.
    pub standing: Standing,
}

/// Everything seen.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// By id: what is wanted, what is recorded, what bears our tags.
    pub seen: BTreeMap<Id, Observed>,
    /// Leftovers of lost creates: id, kind, the twin.
    pub twins: Vec<(Id, &'static str, Candidate<Fact>)>,
    /// Things worth telling that change nothing.
    pub notes: Vec<String>,
}

impl Observation {
    /// What is live and ours.
    pub(crate) fn ours(&self, id: &Id) -> Option<&Candidate<Fact>> {
        match &self.seen.get(id)?.standing {
            Standing::Ours(_, candidate) => Some(candidate),
            _ => None,
        }
    }

    /// Identity of what is live and ours under `id`.
    #[must_use]
    pub fn identity<C: Cloud>(&self, catalog: &Catalog<C>, id: &str) -> Option<String> {
        let id = Id::new(id);
        let kind = catalog.get(self.seen.get(&id)?.kind)?;
        Some(kind.identity(&self.ours(&id)?.out))
    }

    /// Identity and facts of what is live and ours under `id`, as they would be recorded.
    #[must_use]
    pub fn fact<C: Cloud>(&self, catalog: &Catalog<C>, id: &str) -> Option<serde_json::Value> {
        let id = Id::new(id);
        let kind = catalog.get(self.seen.get(&id)?.kind)?;
        Some(kind.encode(&self.ours(&id)?.out))
    }

    /// Whether something live of ours was left half-way and has to be waited for.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.seen.keys().any(|id| self.is_waited_for(id))
    }

    /// Whether `id` is live, ours, and was left half-way.
    #[must_use]
    pub fn is_waited_for(&self, id: &Id) -> bool {
        let ours = self.ours(id);
        ours.is_some_and(|ours| ours.health == crate::Health::Pending)
    }

    /// Deployments claimed by tags of what we found, for taking a lost state's identity over.
    #[must_use]
    pub fn deployments(&self) -> BTreeSet<uuid::Uuid> {
        self.seen
            .values()
            .filter_map(|seen| match &seen.standing {
                Standing::Ours(_, c) => match &c.mark {
                    crate::Mark::Tags(tags) => crate::tags::deployment(tags),
                    crate::Mark::Child(_) | crate::Mark::OutOfReach => None,
                },
                _ => None,
            })
            .collect()
    }
}

/// What one kind's look needs to know.
struct Look<'a, C: Cloud> {
    kind: &'a dyn AnyKind<C>,
    wanted: Vec<(Id, Option<String>)>,
    recorded: BTreeMap<Id, Fact>,
    state: &'a State,
    env: &'a str,
    region: &'a str,
}

/// Looks at everything in `env` and `region` that is desired, recorded or bears our tags.
///
/// # Errors
/// The first read that failed; a state record of an unknown kind.
pub async fn observe<C: Cloud>(
    reads: &C::Reads,
    catalog: &Catalog<C>,
    desired: &Desired<C>,
    state: &State,
    env: &str,
    region: &str,
) -> Result<Observation, Fault> {
    for (id, record) in &state.records {
        let known = catalog.get(&record.kind);
        if known.and_then(|kind| kind.decode(&record.out)).is_none() {
            return Err(Fault::new(
                Class::Refused,
                "state",
                format!("the record of {id} ({}) cannot be read", record.kind),
            )
            .hint("it was written by another version of genu-deploy; use that one"));
        }
    }
    let mut facts = Facts::default();
    let mut observation = Observation::default();
    let mut waiting: Vec<Look<'_, C>> = catalog
        .iter()
        .map(|kind| look(&**kind, desired, state, env, region))
        .collect();
    let mut done: BTreeSet<&'static str> = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    loop {
        let (startable, rest) = waiting
            .into_iter()
            .partition::<Vec<_>, _>(|look| look.kind.needs().iter().all(|k| done.contains(k)));
        waiting = rest;
        for look in startable {
            let facts = facts.clone();
            running.push(async move {
                let settled = look.settled(reads, &facts).await;
                (look.kind.name(), settled)
            });
        }
        let Some((kind, settled)) = running.next().await else {
            return Ok(observation);
        };
        let settled: Settled = settled?;
        for (id, standing) in settled.standings {
            if let Standing::Ours(_, candidate) = &standing {
                observation.notes.extend(candidate.notes.iter().cloned());
                facts.insert(id.clone(), candidate.out.clone());
            }
            observation.seen.insert(id, Observed { kind, standing });
        }
        let twins = settled.twins.into_iter().map(|(id, twin)| (id, kind, twin));
        observation.twins.extend(twins);
        observation.notes.extend(settled.notes);
        done.insert(kind);
    }
}

fn look<'a, C: Cloud>(
    kind: &'a dyn AnyKind<C>,
    desired: &Desired<C>,
    state: &'a State,
    env: &'a str,
    region: &'a str,
) -> Look<'a, C> {
    let wanted = desired
        .nodes()
        .filter(|node| node.kind().name() == kind.name())
        .map(|node| (node.id().clone(), node.name()))
        .collect();
    let recorded = state
        .records
        .iter()
        .filter(|(_, record)| record.kind == kind.name())
        .filter_map(|(id, record)| Some((Id::new(id), kind.decode(&record.out)?)))
        .collect();
    Look {
        kind,
        wanted,
        recorded,
        state,
        env,
        region,
    }
}

impl<C: Cloud> Look<'_, C> {
    async fn once(&self, reads: &C::Reads, facts: &Facts) -> Result<Settled, Fault> {
        let outs: Vec<Fact> = self.recorded.values().cloned().collect();
        let candidates = self.listed(reads, &outs, facts).await?;
        let recorded = self
            .recorded
            .iter()
            .map(|(id, out)| (id.clone(), self.kind.identity(out)))
            .collect();
        let known = Known {
            env: self.env,
            region: self.region,
            state: self.state,
            wanted: &self.wanted,
            recorded: &recorded,
            may_be_untagged: !self.kind.tagged_at_create(),
        };
        Ok(settle(&known, &candidates, |fact| self.kind.identity(fact)))
    }

    /// The kind's list. Most lists ask for details of what they found; what is deleted between the
    /// two is "not found" then, and the next list is without it.
    async fn listed(
        &self,
        reads: &C::Reads,
        outs: &[Fact],
        facts: &Facts,
    ) -> Result<Vec<Candidate<Fact>>, Fault> {
        let until = tokio::time::Instant::now() + SETTLE;
        loop {
            let listed = self
                .kind
                .list(reads, self.env, self.region, outs, &self.wanted, facts)
                .await;
            match listed {
                Err(fault) if fault.class == Class::Gone && tokio::time::Instant::now() < until => {
                }
                listed => return listed,
            }
            tokio::time::sleep(SETTLE_POLL).await;
        }
    }

    /// Looks again while a create of the last seconds, recorded or only intended, may still come
    /// to light: lists lag behind creates, and a second create would make a second one.
    async fn settled(&self, reads: &C::Reads, facts: &Facts) -> Result<Settled, Fault> {
        let (now, started) = (Timestamp::now(), tokio::time::Instant::now());
        let kind = self.kind.name();
        loop {
            let settled = self.once(reads, facts).await?;
            let young =
                |at: Timestamp| now.duration_since(at).unsigned_abs() + started.elapsed() < SETTLE;
            let absent = |id: &str| {
                let standing = settled.standings.get(&Id::new(id));
                matches!(standing, None | Some(Standing::Absent))
            };
            let intended = self.state.intents.iter().any(|(id, intent)| {
                intent.kind == kind
                    && self.kind.resend() == Resend::Never
                    && young(intent.at)
                    && absent(id)
            });
            let recorded = self
                .state
                .records
                .iter()
                .any(|(id, record)| record.kind == kind && young(record.at) && absent(id));
            if !intended && !recorded {
                return Ok(settled);
            }
            tokio::time::sleep(SETTLE_POLL).await;
        }
    }
}

/// Looks for one resource right after the answer of its create was lost.
pub(crate) async fn find_again<C: Cloud>(
    reads: &C::Reads,
    kind: &dyn AnyKind<C>,
    wanted: (Id, Option<String>),
    state: &State,
    marks: &crate::Marks,
    facts: &Facts,
    window: Duration,
) -> Result<Option<Candidate<Fact>>, Fault> {
    let id = wanted.0.clone();
    let look = Look {
        kind,
        wanted: vec![wanted],
        recorded: BTreeMap::new(),
        state,
        env: &marks.env,
        region: &marks.region,
    };
    let until = tokio::time::Instant::now() + window;
    loop {
        match look.once(reads, facts).await {
            Ok(mut settled) => match settled.standings.remove(&id) {
                Some(Standing::Ours(_, candidate)) => return Ok(Some(candidate)),
                Some(Standing::Refused { reason, hint }) => {
                    return Err(Fault::new(Class::Refused, kind.name(), reason).hint(hint));
                }
                _ => {}
            },
            Err(fault) if crate::retry::is_passing(fault.class) => {}
            Err(fault) => return Err(fault),
        }
        if tokio::time::Instant::now() >= until {
            return Ok(None);
        }
        tokio::time::sleep(SETTLE_POLL).await;
    }
}
