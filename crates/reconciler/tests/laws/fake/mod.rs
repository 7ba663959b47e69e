//! A cloud that behaves like AWS where it hurts: answers get lost, lists lag behind creates, states
//! take time, what is in use cannot be deleted. And it can stop the world at any boundary.

mod kinds;
mod store;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use reconciler::{
    Consent, Desired, Execution, Id, Ledger, Marks, Note, Outcome, Plan, Tags, execute, observe,
    plan, plan_destroy,
};
use state::{Header, State};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use kinds::{Base, Child, DEATH, FakeCloud, HELP, Join, Out, Service, catalog};
pub use store::MemStore;
pub use world::World;

/// What to do with the world.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    Apply,
    Destroy,
}

/// A deployment in one world: state and cloud outlive the processes that work on them.
pub struct Deployment {
    pub world: Arc<World>,
    pub store: Arc<MemStore>,
    pub owner: Uuid,
    /// What the user consents to.
    pub consent: Consent,
    /// The only ids that are to be changed; all of them when empty.
    pub only: BTreeSet<Id>,
}

impl Deployment {
    pub fn new() -> Self {
        let world = Arc::new(World::default());
        Self {
            store: Arc::new(MemStore::new(Arc::clone(&world))),
            world,
            owner: Uuid::from_u128(7),
            consent: consent_to_the_base(),
            only: BTreeSet::new(),
        }
    }

    pub fn state(&self) -> State {
        self.store.replay()
    }

    fn marks(&self) -> Marks {
        Marks {
            env: "priv".into(),
            region: "here".into(),
            deployment: self.owner,
            once_ours: ["Team".to_owned()].into(),
        }
    }

    pub async fn look(
        &self,
        desired: &Desired<FakeCloud>,
        goal: Goal,
    ) -> (Plan, reconciler::Observation) {
        let (state, catalog, nothing) = (self.state(), catalog(), Desired::default());
        let wanted = if goal == Goal::Apply {
            desired
        } else {
            &nothing
        };
        let seen = observe(&*self.world, &catalog, wanted, &state, "priv", "here")
            .await
            .unwrap();
        let mut plan = match goal {
            Goal::Apply => {
                let allowed = &self.consent.replace;
                plan(desired, &catalog, &seen, &state, &self.marks(), allowed)
            }
            Goal::Destroy => plan_destroy(&catalog, &seen, &state),
        };
        if !self.only.is_empty() {
            plan.only(&self.only);
        }
        (plan, seen)
    }

    /// One process: looks, plans, acts. `None` when it crashed.
    pub async fn run(
        &self,
        desired: &Desired<FakeCloud>,
        goal: Goal,
        width: usize,
    ) -> Option<Outcome> {
        self.run_cancellable(desired, goal, width, CancellationToken::new())
            .await
    }

    pub async fn run_cancellable(
        &self,
        desired: &Desired<FakeCloud>,
        goal: Goal,
        width: usize,
        cancel: CancellationToken,
    ) -> Option<Outcome> {
        let (plan, seen) = self.look(desired, goal).await;
        // Nobody but the base is asked about: what is built on it follows.
        plan.permitted(&self.consent).unwrap();
        let ledger = Arc::new(Ledger::new(Arc::clone(&self.store) as _, self.state()));
        let (events, mut listener) = mpsc::unbounded_channel();
        let (catalog, nothing) = (catalog(), Desired::default());
        let process = async {
            let header = Header {
                env: "priv".into(),
                account: "1".into(),
                region: "here".into(),
                deployment: self.owner,
                protect: false,
            };
            ledger.open(header).await.unwrap();
            execute(Execution {
                writes: Arc::clone(&self.world),
                catalog: &catalog,
                desired: if goal == Goal::Apply {
                    desired
                } else {
                    &nothing
                },
                observation: &seen,
                plan: &plan,
                ledger: Arc::clone(&ledger),
                marks: self.marks(),
                parallelism: width,
                events,
                cancel,
            })
            .await
        };
        let outcome = tokio::select! {
            outcome = process => Some(outcome),
            () = self.world.crashed() => None,
        };
        // Every started step ends with exactly one word, unless the process died.
        if let Some(outcome) = &outcome {
            let (mut started, mut ended) = (0, 0);
            while let Ok(event) = listener.try_recv() {
                match event.note {
                    Note::Started => started += 1,
                    Note::Done | Note::Failed(_) | Note::Interrupted => ended += 1,
                    Note::Progress(_) | Note::Blocked { .. } => {}
                }
            }
            assert_eq!(started, ended);
            assert!(ended >= outcome.done.len() + outcome.failed.len());
        }
        outcome
    }

    /// The laws: one live resource an id and none beside them; a second run has nothing to do.
    pub async fn assert_right(&self, desired: &Desired<FakeCloud>) {
        let live = self.world.live_ids();
        let wanted: Vec<String> = desired.ids().map(ToString::to_string).collect();
        assert_eq!(
            live,
            sorted(wanted),
            "one live resource an id: {:#?}",
            self.world.log()
        );
        let (plan, _) = self.look(desired, Goal::Apply).await;
        assert!(plan.is_empty(), "the second plan is empty: {plan:?}");
        let state = self.state();
        assert!(state.intents.is_empty(), "no create is left unanswered");
        assert_eq!(state.records.len(), desired.ids().count());
    }
}

/// Consent to replacing the base, and so to everything that follows from it.
fn consent_to_the_base() -> Consent {
    Consent {
        replace: [reconciler::Id::new("a/base")].into(),
        ..Consent::default()
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// Two independent parts, a fan and a join: nine resources.
pub fn network(size: i64) -> Desired<FakeCloud> {
    let mut desired = Desired::default();
    let tags = || Tags::from([("Name".to_owned(), "x".to_owned())]);
    let base = desired.add("a/base", (), Base { size }, tags());
    let other = desired.add("b/base", (), Base { size: 1 }, tags());
    let children: Vec<_> = ["one", "two", "three"]
        .into_iter()
        .map(|name| {
            desired.add(
                &format!("a/{name}"),
                base.clone(),
                Child {
                    name: name.into(),
                    size,
                },
                tags(),
            )
        })
        .collect();
    let join = desired.add(
        "a/join",
        (base, children.clone(), vec![]),
        Join { size },
        tags(),
    );
    desired.add(
        "b/join",
        (other.clone(), vec![], vec![join.clone()]),
        Join { size: 1 },
        tags(),
    );
    desired.add(
        "b/second",
        (other.clone(), vec![children[0].clone()], vec![]),
        Join { size: 1 },
        tags(),
    );
    desired.add(
        "b/child",
        other,
        Child {
            name: "child".into(),
            size: 1,
        },
        tags(),
    );
    desired
}
