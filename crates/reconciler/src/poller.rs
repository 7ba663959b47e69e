//! Waiting: one poller a kind, whatever the number of resources that wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio_util::task::AbortOnDropHandle;

use crate::catalog::{AnyKind, Fact};
use crate::kind::{Cloud, Phase};
use crate::retry::is_passing;
use crate::{Class, Fault};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    Ready,
    Gone,
}

struct Waiter {
    fact: Fact,
    until: Until,
    /// Called with what AWS says while it is not there yet.
    report: Box<dyn Fn(String) + Send>,
    answer: oneshot::Sender<Result<Phase<Fact>, Fault>>,
}

/// Those who wait for one kind, and the bell they ring on entering.
#[derive(Default)]
struct Room {
    waiters: Mutex<Vec<Waiter>>,
    bell: Notify,
}

impl Room {
    fn enter(&self, waiters: impl IntoIterator<Item = Waiter>) {
        self.waiters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(waiters);
    }

    fn take(&self) -> Vec<Waiter> {
        std::mem::take(&mut *self.waiters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Rooms = HashMap<&'static str, (Arc<Room>, AbortOnDropHandle<()>)>;

/// All pollers of one run.
pub(crate) struct Pollers<C: Cloud> {
    writes: Arc<C::Writes>,
    by_kind: Mutex<Rooms>,
}

impl<C: Cloud> Pollers<C> {
    pub(crate) fn new(writes: Arc<C::Writes>) -> Self {
        Self {
            writes,
            by_kind: Mutex::default(),
        }
    }

    /// Waits until `fact` is ready, gone or failed; the caller owns deadline and cancellation.
    pub(crate) async fn wait(
        &self,
        kind: Arc<dyn AnyKind<C>>,
        fact: Fact,
        until: Until,
        report: impl Fn(String) + Send + 'static,
    ) -> Result<Phase<Fact>, Fault> {
        let (answer, answered) = oneshot::channel();
        let waiter = Waiter {
            fact,
            until,
            report: Box::new(report),
            answer,
        };
        self.enter(kind, waiter);
        answered
            .await
            .unwrap_or_else(|_| Err(Fault::new(Class::Ambiguous, "wait", "the poller stopped")))
    }

    fn enter(&self, kind: Arc<dyn AnyKind<C>>, waiter: Waiter) {
        let mut by_kind = self.by_kind.lock().unwrap_or_else(PoisonError::into_inner);
        let (room, _) = by_kind.entry(kind.name()).or_insert_with(|| {
            let room = Arc::new(Room::default());
            let poller = poll(Arc::clone(&self.writes), kind, Arc::clone(&room));
            (room, AbortOnDropHandle::new(tokio::spawn(poller)))
        });
        room.enter([waiter]);
        room.bell.notify_one();
    }
}

/// Looks at all waiters of a kind at once: when somebody enters, then at the kind's interval.
async fn poll<C: Cloud>(writes: Arc<C::Writes>, kind: Arc<dyn AnyKind<C>>, room: Arc<Room>) {
    loop {
        let mut waiting = room.take();
        waiting.retain(|waiter| !waiter.answer.is_closed());
        if waiting.is_empty() {
            room.bell.notified().await;
            continue;
        }
        let facts: Vec<Fact> = waiting.iter().map(|w| w.fact.clone()).collect();
        let phases = kind.phases((*writes).as_ref(), &facts).await;
        let still = waiting.into_iter().zip(phases);
        room.enter(still.filter_map(|(waiter, phase)| settle(waiter, phase)));
        let pause = tokio::time::sleep(kind.pace().poll);
        tokio::select! {
            () = pause => {}
            () = room.bell.notified() => {}
        }
    }
}

/// Answers the waiter, or gives it back because it has to go on waiting.
fn settle(waiter: Waiter, phase: Result<Phase<Fact>, Fault>) -> Option<Waiter> {
    let waits = match (&phase, waiter.until) {
        (Err(fault), _) if is_passing(fault.class) => Some(fault.to_string()),
        (Err(_), _) => None,
        (Ok(Phase::Pending(what) | Phase::Deleting(what)), _) => Some(what.clone()),
        // Lists lag behind creates and deletes.
        (Ok(Phase::Gone), Until::Ready) => Some("not visible yet".into()),
        (Ok(Phase::Ready(_) | Phase::Failed(_)), Until::Gone) => Some("still there".into()),
        (Ok(_), _) => None,
    };
    match waits {
        Some(what) => {
            (waiter.report)(what);
            Some(waiter)
        }
        None => {
            // The waiter may have been interrupted meanwhile; then nobody needs the answer.
            let _ = waiter.answer.send(phase);
            None
        }
    }
}
