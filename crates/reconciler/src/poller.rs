//! Waiting: one poller a kind, whatever the number of resources that wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::catalog::{AnyKind, Fact};
use crate::kind::{Cloud, Phase};
use crate::observe::SETTLE;
use crate::retry::is_passing;
use crate::{Class, Fault};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    Ready,
    Gone,
}

/// What has been seen of the thing that is waited for. Answers may be older than those before them,
/// so one look alone decides nothing: an end counts when the next look shows it again, and absence
/// when it lasts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sight {
    /// When it was there last; `None` before the first time.
    last: Option<Instant>,
    /// The last look showed its end.
    ending: bool,
}

impl Sight {
    /// Of something that was there a moment ago.
    pub(crate) fn seen() -> Self {
        Self {
            last: Some(Instant::now()),
            ending: false,
        }
    }
}

struct Waiter {
    fact: Fact,
    until: Until,
    sight: Sight,
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
        sight: Sight,
        report: impl Fn(String) + Send + 'static,
    ) -> Result<Phase<Fact>, Fault> {
        let (answer, answered) = oneshot::channel();
        let waiter = Waiter {
            fact,
            until,
            sight,
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
fn settle(mut waiter: Waiter, phase: Result<Phase<Fact>, Fault>) -> Option<Waiter> {
    match waiter.next(phase) {
        Next::Wait(what) => {
            (waiter.report)(what);
            Some(waiter)
        }
        Next::Answer(phase) => {
            // The waiter may have been interrupted meanwhile; then nobody needs the answer.
            let _ = waiter.answer.send(phase);
            None
        }
    }
}

/// What a look means to a waiter.
enum Next {
    /// Go on waiting, for this.
    Wait(String),
    Answer(Result<Phase<Fact>, Fault>),
}

impl Waiter {
    fn next(&mut self, phase: Result<Phase<Fact>, Fault>) -> Next {
        let phase = match phase {
            Err(fault) if is_passing(fault.class) => return Next::Wait(fault.to_string()),
            Err(fault) => return Next::Answer(Err(fault)),
            Ok(phase) => phase,
        };
        match self.until {
            Until::Gone => match phase {
                Phase::Pending(what) => Next::Wait(what),
                Phase::Deleting(trouble) => Next::Wait(trouble.why),
                Phase::Ready(_) | Phase::Failed(_) => Next::Wait("still there".into()),
                Phase::Gone | Phase::Ended(_) => Next::Answer(Ok(phase)),
            },
            Until::Ready => self.rises(phase),
        }
    }

    fn rises(&mut self, phase: Phase<Fact>) -> Next {
        let ending = matches!(phase, Phase::Deleting(_) | Phase::Ended(_));
        let again = std::mem::replace(&mut self.sight.ending, ending);
        let last = self.sight.last;
        if !matches!(phase, Phase::Gone) {
            self.sight.last = Some(Instant::now());
        }
        match (phase, last) {
            (Phase::Pending(what), _) => Next::Wait(what),
            (Phase::Deleting(trouble) | Phase::Ended(trouble), _) if !again => {
                Next::Wait(trouble.why)
            }
            (Phase::Gone, Some(last)) if last.elapsed() >= SETTLE => {
                let why = "it was there, and it is not there any more: somebody has deleted it";
                Next::Answer(Ok(Phase::Ended(why.into())))
            }
            (Phase::Gone, _) => Next::Wait("not visible yet".into()),
            (phase, _) => Next::Answer(Ok(phase)),
        }
    }
}
