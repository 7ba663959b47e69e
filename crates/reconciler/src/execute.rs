//! Acting: a ready queue over the plan's steps. Execution makes no choices; those are the plan's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use state::State;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::event::{Event, Note};
use crate::kind::{Cloud, Health};
use crate::observe::Observation;
use crate::ownership::Standing;
use crate::plan::{built_on, twin_id};
use crate::poller::Pollers;
use crate::queue::Queue;
use crate::removal::{Going, remove};
use crate::step::{Site, Stop, Worker};
use crate::{Action, AnyKind, Catalog, Desired, Facts, Fault, Id, Ledger, Marks, Plan, Step};

/// What the user agreed to beyond the ordinary.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Take over, or delete, what only tags say is ours.
    pub tags_alone: bool,
    /// Replace these although others hold on to them.
    pub replace: BTreeSet<Id>,
}

/// Why a plan is not carried out at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Steps that cannot be done: id and why.
    Blocked(Vec<(Id, String)>),
    /// Steps that need consent to tags alone.
    TagsAlone(Vec<Id>),
    /// Replacements that need consent, with their cause.
    Replace(Vec<(Id, String)>),
}

/// Everything needed to carry a plan out.
pub struct Execution<'a, C: Cloud> {
    /// Clients.
    pub writes: Arc<C::Writes>,
    /// Kinds.
    pub catalog: &'a Catalog<C>,
    /// What should be.
    pub desired: &'a Desired<C>,
    /// What was seen.
    pub observation: &'a Observation,
    /// The way.
    pub plan: &'a Plan,
    /// The state, locked.
    pub ledger: Arc<Ledger>,
    /// Whose resources.
    pub marks: Marks,
    /// How many steps make calls at once; waiting steps do not count.
    pub parallelism: usize,
    /// Listens to progress.
    pub events: mpsc::UnboundedSender<Event>,
    /// Stops dispatching when cancelled; calls in flight are waited for.
    pub cancel: CancellationToken,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Steps carried out, by id.
    pub done: Vec<(Id, Action)>,
    /// Steps that failed, with AWS's words.
    pub failed: Vec<(Id, Fault)>,
    /// Steps not started, and the failed one each waited for.
    pub blocked: Vec<(Id, Id)>,
    /// Whether a signal ended it early.
    pub interrupted: bool,
}

impl Outcome {
    /// Whether everything was carried out.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.blocked.is_empty() && !self.interrupted
    }
}

impl Plan {
    /// Whether it may be carried out with `consent`.
    ///
    /// # Errors
    /// What stands against it; nothing has been changed.
    pub fn permitted(&self, consent: &Consent) -> Result<(), Refusal> {
        let with = |test: &dyn Fn(&&Step) -> bool| -> Vec<(Id, String)> {
            let steps = self.steps.iter().filter(test);
            steps.map(|s| (s.id.clone(), s.why.clone())).collect()
        };
        let blocked = with(&|s| s.action == Action::Blocked);
        let tags = with(&|s| s.by_tags_alone && s.action != Action::Blocked);
        let consented = |s: &Step| {
            let follows = !s.follows.is_empty() && s.follows.is_subset(&consent.replace);
            follows || consent.replace.contains(&s.id)
        };
        let held = self.first_causes(
            self.steps
                .iter()
                .filter(|s| s.action == Action::Replace && s.held && !consented(s)),
        );
        if !blocked.is_empty() {
            Err(Refusal::Blocked(blocked))
        } else if !tags.is_empty() && !consent.tags_alone {
            Err(Refusal::TagsAlone(
                tags.into_iter().map(|(id, _)| id).collect(),
            ))
        } else if !held.is_empty() {
            Err(Refusal::Replace(held))
        } else {
            Ok(())
        }
    }
}

impl Plan {
    /// What has to be consented to so that `steps` may be carried out: first causes, each with its
    /// reason and what goes with it.
    fn first_causes<'s>(&self, steps: impl Iterator<Item = &'s Step>) -> Vec<(Id, String)> {
        let mut causes: BTreeMap<&Id, usize> = BTreeMap::new();
        for step in steps {
            if step.follows.is_empty() {
                causes.entry(&step.id).or_default();
            }
            for cause in &step.follows {
                *causes.entry(cause).or_default() += 1;
            }
        }
        let named = self.steps.iter().filter_map(|step| {
            let why = match causes.get(&step.id)? {
                0 => step.why.clone(),
                n => format!("{}; {n} others are replaced with it", step.why),
            };
            Some((step.id.clone(), why))
        });
        named.collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Make,
    Remove,
}

struct Task<C: Cloud> {
    id: Id,
    work: Work,
    action: Action,
    kind: Arc<dyn AnyKind<C>>,
}

/// Carries the plan out. Call [`Plan::permitted`] first.
pub async fn execute<C: Cloud>(run: Execution<'_, C>) -> Outcome {
    let state = run.ledger.state().await;
    let (tasks, after) = tasks(&run, &state);
    let weights: Vec<_> = tasks
        .iter()
        .map(|task| match task.work {
            Work::Make => task.kind.pace().create,
            Work::Remove => task.kind.pace().delete,
        })
        .collect();
    let mut queue = Queue::new(&weights, &after);
    let site = Arc::new(Site {
        writes: Arc::clone(&run.writes),
        ledger: Arc::clone(&run.ledger),
        marks: run.marks.clone(),
        facts: Mutex::new(settled_facts(run.desired, run.plan, run.observation)),
        pollers: Pollers::new(Arc::clone(&run.writes)),
        events: run.events.clone(),
        cancel: run.cancel.clone(),
    });
    let slots = Arc::new(Semaphore::new(run.parallelism.max(1)));
    let mut running: JoinSet<Vec<(usize, Result<(), Stop>)>> = JoinSet::new();
    let mut outcome = Outcome::default();
    loop {
        let dispatch = !run.cancel.is_cancelled() && !queue.is_idle();
        tokio::select! {
            biased;
            Some(ended) = running.join_next() => {
                let ended = ended.unwrap_or_default();
                for (task, result) in ended {
                    end(&mut outcome, &mut queue, &tasks, &run.events, task, result);
                }
            }
            () = run.cancel.cancelled(), if dispatch => {}
            Ok(slot) = Arc::clone(&slots).acquire_owned(), if dispatch => {
                dispatch_next(&run, &site, &mut queue, &tasks, &mut running, slot);
            }
            else => break,
        }
    }
    outcome.interrupted |= run.cancel.is_cancelled() && !queue.is_idle();
    if !outcome.interrupted {
        outcome.failed.extend(never_ready(&outcome, &tasks));
    }
    outcome
}

/// Steps that nothing failed and nothing started: they wait for each other. Typed references make
/// that impossible; should it happen all the same, the run must not count as complete.
fn never_ready<C: Cloud>(outcome: &Outcome, tasks: &[Task<C>]) -> Vec<(Id, Fault)> {
    let ended = outcome.done.len() + outcome.failed.len() + outcome.blocked.len();
    if ended == tasks.len() {
        return Vec::new();
    }
    let seen = |id: &Id| {
        outcome.done.iter().any(|(done, _)| done == id)
            || outcome.failed.iter().any(|(failed, _)| failed == id)
            || outcome.blocked.iter().any(|(blocked, _)| blocked == id)
    };
    let left = tasks.iter().filter(|task| !seen(&task.id));
    left.map(|task| {
        let what = "was never ready: what it waits for waits for it";
        (
            task.id.clone(),
            Fault::new(crate::Class::Refused, task.kind.name(), what),
        )
    })
    .collect()
}

fn dispatch_next<C: Cloud>(
    run: &Execution<'_, C>,
    site: &Arc<Site<C>>,
    queue: &mut Queue,
    tasks: &[Task<C>],
    running: &mut JoinSet<Vec<(usize, Result<(), Stop>)>>,
    slot: OwnedSemaphorePermit,
) {
    let Some(first) = queue.pop() else { return };
    let task = &tasks[first];
    let worker = |index: usize, slot| {
        let worker = Worker {
            site: Arc::clone(site),
            id: tasks[index].id.clone(),
            kind: Arc::clone(&tasks[index].kind),
            action: tasks[index].action,
            started: Instant::now(),
            slot,
        };
        worker.tell(Note::Started);
        worker
    };
    match task.work {
        Work::Make => {
            let Some(node) = run.desired.get(&task.id).cloned() else {
                return;
            };
            let mut worker = worker(first, Some(slot));
            let live = (task.action != Action::Create && task.action != Action::Replace)
                .then(|| run.observation.ours(&task.id).cloned())
                .flatten();
            running.spawn(async move {
                let result = worker.make(node.as_ref(), live).await;
                vec![(first, result)]
            });
        }
        Work::Remove => {
            let more = task.kind.delete_batch() - 1;
            let alike = |other: usize| {
                tasks[other].work == Work::Remove && tasks[other].kind.name() == task.kind.name()
            };
            let mut batch = vec![first];
            batch.extend(queue.pop_with(more, alike));
            let mut slot = Some(slot);
            let workers: Vec<_> = batch
                .iter()
                .map(|&index| {
                    let going = going(run, &tasks[index].id);
                    (worker(index, slot.take()), going)
                })
                .collect();
            running.spawn(async move {
                let ended = remove(workers).await;
                let results = ended.into_iter().map(|(_, result)| result);
                batch.into_iter().zip(results).collect()
            });
        }
    }
}

fn going<C: Cloud>(run: &Execution<'_, C>, id: &Id) -> Going {
    if let Some(ours) = run.observation.ours(id) {
        let fact = Arc::clone(&ours.out);
        return match ours.health {
            Health::Leaving(_) => Going::Leaving(fact),
            _ => Going::Live(fact),
        };
    }
    let twin = run.observation.twins.iter().find(|(of, kind, twin)| {
        let kind = run.catalog.get(kind);
        kind.is_some_and(|kind| twin_id(of, &kind.identity(&twin.out)) == *id)
    });
    twin.map_or(Going::Record, |(_, _, twin)| {
        Going::Live(Arc::clone(&twin.out))
    })
}

fn end<C: Cloud>(
    outcome: &mut Outcome,
    queue: &mut Queue,
    tasks: &[Task<C>],
    events: &mpsc::UnboundedSender<Event>,
    index: usize,
    result: Result<(), Stop>,
) {
    let task = &tasks[index];
    let tell = |task: &Task<C>, note| {
        let _ = events.send(Event {
            id: task.id.clone(),
            kind: task.kind.name(),
            action: task.action,
            elapsed: std::time::Duration::ZERO,
            note,
        });
    };
    match result {
        Ok(()) => {
            outcome.done.push((task.id.clone(), task.action));
            tell(task, Note::Done);
            queue.done(index);
        }
        Err(Stop::Interrupted) => {
            outcome.interrupted = true;
            tell(task, Note::Interrupted);
            queue.failed(index);
        }
        Err(Stop::Failed(fault)) => {
            outcome.failed.push((task.id.clone(), fault.clone()));
            tell(task, Note::Failed(fault));
            for blocked in queue.failed(index) {
                let by = task.id.clone();
                outcome
                    .blocked
                    .push((tasks[blocked].id.clone(), by.clone()));
                tell(&tasks[blocked], Note::Blocked { by });
            }
        }
    }
}

/// Facts of what stays as it is, and of what others own.
fn settled_facts<C: Cloud>(desired: &Desired<C>, plan: &Plan, observation: &Observation) -> Facts {
    let mut facts = desired.given_facts();
    for step in &plan.steps {
        if step.action == Action::None
            && let Some(ours) = observation.ours(&step.id)
        {
            facts.insert(step.id.clone(), ours.out.clone());
        }
    }
    facts
}

/// The steps as tasks, and what each has to wait for.
fn tasks<C: Cloud>(run: &Execution<'_, C>, state: &State) -> (Vec<Task<C>>, Vec<Vec<usize>>) {
    let mut tasks: Vec<Task<C>> = Vec::new();
    let mut makes: BTreeMap<Id, usize> = BTreeMap::new();
    let mut removes: BTreeMap<Id, usize> = BTreeMap::new();
    for step in &run.plan.steps {
        let Some(kind) = run.catalog.get(step.kind) else {
            continue;
        };
        let mut push = |work| {
            tasks.push(Task {
                id: step.id.clone(),
                work,
                action: step.action,
                kind: Arc::clone(kind),
            });
            tasks.len() - 1
        };
        if matches!(step.action, Action::Delete | Action::Replace) {
            removes.insert(step.id.clone(), push(Work::Remove));
        }
        let make = match step.action {
            Action::Create | Action::Adopt | Action::Update | Action::Replace => true,
            // Something left half-way by an earlier run is waited for.
            Action::None => pending(run.observation, &step.id),
            Action::Delete | Action::Blocked => false,
        };
        if make {
            makes.insert(step.id.clone(), push(Work::Make));
        }
    }
    let mut after: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); tasks.len()];
    for step in &run.plan.steps {
        if let Some(&make) = makes.get(&step.id) {
            after[make].extend(step.needs.iter().filter_map(|need| makes.get(need)));
            after[make].extend(removes.get(&step.id));
        }
    }
    // A deletion waits for everything that was built on it: its deletion, or the update after
    // which it no longer is.
    for (id, needs) in built_on(run.catalog, run.observation, state) {
        for need in needs {
            let Some(&remove) = removes.get(&need) else {
                continue;
            };
            if let Some(&dependent) = removes.get(&id) {
                after[remove].insert(dependent);
            } else if let Some(&dependent) = makes.get(&id)
                && !makes.contains_key(&need)
            {
                after[remove].insert(dependent);
            }
        }
    }
    let after = after.into_iter().map(|set| set.into_iter().collect());
    (tasks, after.collect())
}

fn pending(observation: &Observation, id: &Id) -> bool {
    match observation.seen.get(id).map(|seen| &seen.standing) {
        Some(Standing::Ours(_, live)) => live.health == Health::Pending,
        _ => false,
    }
}
