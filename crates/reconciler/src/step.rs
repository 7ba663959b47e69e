//! One step from start to end: intent, call, identity, what still differs, waiting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::catalog::{AnyKind, Fact};
use crate::desired::AnyNode;
use crate::event::{Event, Note};
use crate::kind::{Candidate, Cloud, Created, Health, Mark, Phase, Resend, Settles, Trouble};
use crate::observe::{SETTLE, find_again};
use crate::plan::{differences, tags_of};
use crate::poller::{Pollers, Sight, Until};
use crate::retry::Retry;
use crate::{Action, Class, Facts, Fault, Id, Impact, Ledger, Marks};

/// What all steps of a run share.
pub(crate) struct Site<C: Cloud> {
    pub writes: Arc<C::Writes>,
    pub ledger: Arc<Ledger>,
    pub marks: Marks,
    pub facts: Mutex<Facts>,
    pub pollers: Pollers<C>,
    pub events: mpsc::UnboundedSender<Event>,
    pub cancel: CancellationToken,
}

/// How a step ended short of success.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(Fault),
    /// Left at a safe point; the next run goes on from there.
    Interrupted,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl<C: Cloud> Site<C> {
    fn facts(&self) -> Facts {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn learn(&self, id: &Id, fact: Fact) {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.insert(id.clone(), fact);
    }

    pub(crate) fn forget(&self, id: &Id) {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.remove(id);
    }
}

/// One step at work.
pub(crate) struct Worker<C: Cloud> {
    pub site: Arc<Site<C>>,
    pub id: Id,
    pub kind: Arc<dyn AnyKind<C>>,
    pub action: Action,
    pub started: Instant,
    /// Held while calls are made, given back while waiting.
    pub slot: Option<OwnedSemaphorePermit>,
}

impl<C: Cloud> Worker<C> {
    pub(crate) fn tell(&self, note: Note) {
        // Nobody listening is no reason to stop.
        let _ = self.site.events.send(Event {
            id: self.id.clone(),
            kind: self.kind.name(),
            action: self.action,
            elapsed: self.started.elapsed(),
            note,
        });
    }

    fn reads(&self) -> &C::Reads {
        (*self.site.writes).as_ref()
    }

    /// Brings `node` to its desired form from `live`, or from nothing.
    pub(crate) async fn make(
        &mut self,
        node: &dyn AnyNode<C>,
        live: Option<Candidate<Fact>>,
    ) -> Result<(), Stop> {
        let facts = self.site.facts();
        let needs = node.needs();
        let sight = live.as_ref().map_or_else(Sight::default, |_| Sight::seen());
        let live = match live {
            Some(live) => live,
            None => self.create(node, &facts).await?,
        };
        let name = self.kind.name();
        let encoded = self.kind.encode(&live.out);
        let wanted = node.attrs(&facts).digest();
        // What needs neither a change nor a wait is written down once.
        let complete = self.kind.settles() == Settles::AtOnce
            && differences(node, &live, &self.site.marks, &facts).is_empty();
        let now = complete.then(|| wanted.clone());
        self.site
            .ledger
            .created(&self.id, name, encoded, &needs, now)
            .await?;
        let changed = self.converge(node, &live, &facts).await?;
        let fact = if self.kind.settles() == Settles::Later
            && (changed.is_some() || live.health != Health::Ready || self.action == Action::Create)
        {
            let fact = changed.unwrap_or(live.out);
            self.wait(fact, Until::Ready, sight).await?
        } else {
            Some(changed.unwrap_or(live.out))
        };
        if let Some(fact) = fact {
            let encoded = self.kind.encode(&fact);
            self.site
                .ledger
                .created(&self.id, name, encoded, &needs, Some(wanted))
                .await?;
            self.site.learn(&self.id, fact);
        }
        Ok(())
    }

    /// Sends the create until it is answered for certain.
    async fn create(&self, node: &dyn AnyNode<C>, facts: &Facts) -> Result<Candidate<Fact>, Stop> {
        let ledger = &self.site.ledger;
        let tags = tags_of(node, &self.site.marks);
        let mut retry = Retry::new(self.kind.pace().deadline);
        let resend = self.kind.resend() == Resend::Safe;
        let mut renewed = false;
        let mut token = ledger
            .intend(&self.id, self.kind.name(), &node.needs(), resend)
            .await?;
        loop {
            let answer = node.create(&self.site.writes, facts, &tags, token).await;
            let fault = match answer {
                Ok(created) => return Ok(candidate(created, &tags)),
                Err(fault) => fault,
            };
            let look = match fault.class {
                Class::Exists | Class::TokenSpent => true,
                Class::Ambiguous => !resend,
                _ => false,
            };
            if look {
                self.tell(Note::Progress(format!("{fault}; looking for it")));
                let state = ledger.state().await;
                let wanted = (self.id.clone(), node.name());
                let found = find_again(
                    self.reads(),
                    &*self.kind,
                    wanted,
                    &state,
                    &self.site.marks,
                    facts,
                    SETTLE,
                )
                .await?;
                match found {
                    Some(live) if matches!(live.health, Health::Unfinished(_)) => {
                        // What the lost call left cannot be finished: away with it, once more.
                        let gone = self.kind.delete(&self.site.writes, &[live.out]).await;
                        gone.into_iter().collect::<Result<(), Fault>>()?;
                        // It may be seen for a while yet: neither without a pause nor for ever.
                        match retry.after(Class::NotVisible) {
                            Some(delay) => self.pause(&fault, delay).await?,
                            None => return Err(gave_up(fault, &retry).into()),
                        }
                        continue;
                    }
                    Some(live) => return Ok(live),
                    None => {}
                }
            }
            if fault.class == Class::TokenSpent && !renewed {
                renewed = true;
                token = ledger
                    .intend(&self.id, self.kind.name(), &node.needs(), false)
                    .await?;
                continue;
            }
            match retry.after(fault.class) {
                Some(delay) => {
                    self.pause(&fault, delay).await?;
                    if look {
                        // The first call may still come to light: a twin is told by its intent.
                        token = ledger
                            .intend(&self.id, self.kind.name(), &node.needs(), false)
                            .await?;
                    }
                }
                None => {
                    if fault.class != Class::Ambiguous {
                        ledger.refused(&self.id).await?;
                    }
                    return Err(gave_up(fault, &retry).into());
                }
            }
        }
    }

    /// Updates what differs; `Some` when something did.
    async fn converge(
        &self,
        node: &dyn AnyNode<C>,
        live: &Candidate<Fact>,
        facts: &Facts,
    ) -> Result<Option<Fact>, Stop> {
        let mut changes = differences(node, live, &self.site.marks, facts);
        changes.retain(|change| change.impact != Impact::LeftAlone);
        let (tags, changes): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|c| c.root() == "tags");
        if tags.is_empty() && changes.is_empty() {
            return Ok(None);
        }
        let wanted = tags_of(node, &self.site.marks);
        let gone = tags
            .iter()
            .filter_map(|change| change.field.strip_prefix("tags."));
        let gone: Vec<String> = gone
            .filter(|key| !wanted.contains_key(*key))
            .map(ToOwned::to_owned)
            .collect();
        let mut retry = Retry::new(self.kind.pace().deadline);
        loop {
            let attempt = async {
                if tags.len() > gone.len() {
                    self.kind.tag(&self.site.writes, &live.out, &wanted).await?;
                }
                if !gone.is_empty() {
                    self.kind.untag(&self.site.writes, &live.out, &gone).await?;
                }
                if changes.is_empty() {
                    return Ok(Arc::clone(&live.out));
                }
                node.update(&self.site.writes, facts, &live.out, &wanted, &changes)
                    .await
            };
            match attempt.await {
                Ok(fact) => return Ok(Some(fact)),
                Err(fault) => match retry.after(unseen(fault.class)) {
                    Some(delay) => self.pause(&fault, delay).await?,
                    None => return Err(gave_up(fault, &retry).into()),
                },
            }
        }
    }

    /// Waits with the slot given back; `None` when gone was what it waited for.
    pub(crate) async fn wait(
        &mut self,
        fact: Fact,
        until: Until,
        sight: Sight,
    ) -> Result<Option<Fact>, Stop> {
        self.slot = None;
        wait(self, fact, until, sight).await
    }

    pub(crate) async fn pause(&self, fault: &Fault, delay: Duration) -> Result<(), Stop> {
        self.tell(Note::Progress(fault.to_string()));
        tokio::select! {
            () = self.site.cancel.cancelled() => Err(Stop::Interrupted),
            () = tokio::time::sleep(delay) => Ok(()),
        }
    }
}

async fn wait<C: Cloud>(
    worker: &Worker<C>,
    fact: Fact,
    until: Until,
    sight: Sight,
) -> Result<Option<Fact>, Stop> {
    let site = &worker.site;
    let said = Arc::new(Mutex::new(String::new()));
    let report = {
        let (events, id, kind) = (site.events.clone(), worker.id.clone(), worker.kind.name());
        let (action, started, said) = (worker.action, worker.started, Arc::clone(&said));
        move |what: String| {
            what.clone_into(&mut said.lock().unwrap_or_else(PoisonError::into_inner));
            let _ = events.send(Event {
                id: id.clone(),
                kind,
                action,
                elapsed: started.elapsed(),
                note: Note::Progress(what),
            });
        }
    };
    let deadline = worker.kind.pace().deadline;
    let identity = worker.kind.identity(&fact);
    let settled = site
        .pollers
        .wait(Arc::clone(&worker.kind), fact, until, sight, report);
    let phase = tokio::select! {
        () = site.cancel.cancelled() => return Err(Stop::Interrupted),
        phase = tokio::time::timeout(deadline, settled) => phase,
    };
    let failed = |trouble: Trouble| {
        let what = format!("{} {identity}", worker.kind.name());
        let mut fault = Fault::new(Class::Refused, what, trouble.why);
        fault.hint = trouble.hint;
        Stop::Failed(fault)
    };
    match (phase, until) {
        (Err(_), _) => {
            let said = said.lock().unwrap_or_else(PoisonError::into_inner);
            let state = if until == Until::Ready {
                "ready"
            } else {
                "gone"
            };
            let seconds = deadline.as_secs();
            Err(failed(
                format!("not {state} after {seconds} s: {said}").into(),
            ))
        }
        (Ok(Err(fault)), _) => Err(fault.into()),
        (Ok(Ok(Phase::Ready(fact))), _) => Ok(Some(fact)),
        (Ok(Ok(Phase::Failed(why) | Phase::Ended(why) | Phase::Deleting(why))), Until::Ready) => {
            Err(failed(why))
        }
        (Ok(Ok(_)), _) => Ok(None),
    }
}

/// What was made or seen a moment ago and is not found is not visible to that call yet.
fn unseen(class: Class) -> Class {
    match class {
        Class::Gone => Class::NotVisible,
        class => class,
    }
}

fn candidate(created: Created<Fact>, tags: &crate::Tags) -> Candidate<Fact> {
    Candidate {
        out: created.out,
        attrs: created.attrs,
        mark: Mark::Tags(if created.tagged {
            tags.clone()
        } else {
            crate::Tags::new()
        }),
        name: None,
        pristine: true,
        health: Health::Pending,
        notes: Vec::new(),
    }
}

pub(crate) fn gave_up(mut fault: Fault, retry: &Retry) -> Fault {
    if !matches!(
        fault.class,
        Class::Refused | Class::Denied | Class::Exists | Class::Gone
    ) {
        fault.message = format!("{} (gave up after {})", fault.message, retry.spent());
    }
    fault
}
