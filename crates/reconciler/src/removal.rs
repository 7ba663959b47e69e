//! Deletions of one kind: in as few calls as it allows, then waited for, each a step of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;

use crate::Class;
use crate::catalog::Fact;
use crate::event::Note;
use crate::kind::{Cloud, Settles};
use crate::poller::{Sight, Until};
use crate::retry::Retry;
use crate::step::{Stop, Worker, gave_up};

/// What there is to a deletion.
#[derive(Clone)]
pub(crate) enum Going {
    /// A record to lose; nothing live.
    Record,
    /// Something live.
    Live(Fact),
    /// Something whose deletion has begun: it is waited for.
    Leaving(Fact),
}

/// Deletes several resources of one kind, each a step of its own, in as few calls as the kind
/// allows. Each worker gets its own ending.
pub(crate) async fn remove<C: Cloud>(
    mut workers: Vec<(Worker<C>, Going)>,
) -> Vec<(Worker<C>, Result<(), Stop>)> {
    let mut ended: Vec<Option<Result<(), Stop>>> = workers.iter().map(|_| None).collect();
    let mut left: BTreeMap<usize, Fact> = workers
        .iter()
        .enumerate()
        .filter_map(|(i, (_, going))| match going {
            Going::Live(fact) => Some((i, Arc::clone(fact))),
            Going::Record | Going::Leaving(_) => None,
        })
        .collect();
    if let Some((first, _)) = workers.first() {
        let mut retry = Retry::new(first.kind.pace().deadline);
        while !left.is_empty() {
            let facts: Vec<Fact> = left.values().cloned().collect();
            let answers = first.kind.delete(&first.site.writes, &facts).await;
            let mut delay = None;
            let mut worst = None;
            for ((i, _), answer) in left.clone().into_iter().zip(answers) {
                match answer {
                    Err(fault) if fault.class != Class::Gone => match retry.after(fault.class) {
                        Some(pause) => {
                            delay = delay.max(Some(pause));
                            workers[i].0.tell(Note::Progress(fault.to_string()));
                            worst = Some(fault);
                        }
                        None => {
                            left.remove(&i);
                            ended[i] = Some(Err(gave_up(fault, &retry).into()));
                        }
                    },
                    _ => {
                        left.remove(&i);
                    }
                }
            }
            if let (Some(fault), Some(delay)) = (worst, delay)
                && first.pause(&fault, delay).await.is_err()
            {
                for i in std::mem::take(&mut left).into_keys() {
                    ended[i] = Some(Err(Stop::Interrupted));
                }
            }
        }
    }
    let endings = workers
        .iter_mut()
        .zip(&mut ended)
        .map(async |((worker, going), end)| {
            if end.is_none() {
                *end = Some(removed(worker, going.clone()).await);
            }
        });
    join_all(endings).await;
    let workers = workers.into_iter().map(|(worker, _)| worker);
    workers
        .zip(ended.into_iter().map(|end| end.unwrap_or(Ok(()))))
        .collect()
}

async fn removed<C: Cloud>(worker: &mut Worker<C>, going: Going) -> Result<(), Stop> {
    if let Going::Live(fact) | Going::Leaving(fact) = going
        && worker.kind.settles() == Settles::Later
    {
        worker.wait(fact, Until::Gone, Sight::default()).await?;
    }
    worker.site.ledger.deleted(&worker.id).await?;
    worker.site.forget(&worker.id);
    Ok(())
}
