//! One environment's state in the bucket.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use state::{Error, Holder, Home, Notes, Reader, State, Store, journal, replay};

use super::lease::{self, Lease, found};
use super::objects::{If, Objects, Put};
use super::writer::{Pages, S3Writer};

pub(crate) const SNAPSHOT: &str = "state.json";
pub(crate) const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock.json";

/// The state of one environment in S3.
#[derive(Debug, Clone)]
pub struct S3Home {
    objects: Objects,
    dir: String,
    env: String,
}

/// What was read, with the conditions for writing over it.
struct Read {
    state: Result<State, Error>,
    journal: If,
    snapshot: If,
}

impl S3Home {
    pub(super) fn new(objects: Objects, dir: String, env: &str) -> Self {
        Self {
            objects,
            dir,
            env: env.to_owned(),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.dir)
    }

    fn url(&self, name: &str) -> String {
        format!("s3://{}/{}", self.objects.bucket, self.key(name))
    }

    async fn read(&self) -> Result<Read, Error> {
        let journal = self.objects.get(&self.key(JOURNAL)).await?;
        let snapshot = self.objects.get(&self.key(SNAPSHOT)).await?;
        let state = replay(
            (
                &self.url(SNAPSHOT),
                snapshot.as_ref().map(|o| o.text.as_slice()),
            ),
            (
                &self.url(JOURNAL),
                journal.as_ref().map(|o| o.text.as_slice()),
            ),
        );
        let tag = |object: Option<super::objects::Object>| match object {
            Some(object) => If::Matches(object.etag),
            None => If::Absent,
        };
        Ok(Read {
            state: state.map(|(state, _)| state),
            journal: tag(journal),
            snapshot: tag(snapshot),
        })
    }

    /// Writes snapshot and journal anew with this lease in them. `None` when the former holder wrote
    /// in between; once both stand there, no write of its succeeds any more.
    async fn open(&self, lease: &Lease, read: Read, state: &State) -> Result<Option<Pages>, Error> {
        let turn = Some(lease.id());
        let (journal, snapshot) = (self.key(JOURNAL), self.key(SNAPSHOT));
        // The entries go into the snapshot first: the new journal begins without them.
        let (text, head) = (state::snapshot::text(state, turn)?, journal::head(turn));
        let Put::Done(snapshot_tag) = self.objects.put(&snapshot, &text, &read.snapshot).await?
        else {
            return Ok(None);
        };
        let Put::Done(journal_tag) = self.objects.put(&journal, &head, &read.journal).await? else {
            return Ok(None);
        };
        Ok(Some(Pages {
            journal,
            snapshot,
            text: head,
            journal_tag: If::Matches(journal_tag),
            snapshot_tag: If::Matches(snapshot_tag),
        }))
    }

    /// Reads and opens until nobody wrote in between.
    async fn opened(&self, lease: &Lease) -> Result<(Pages, State), Error> {
        loop {
            lease.hold().await?;
            let mut read = self.read().await?;
            let state = std::mem::replace(&mut read.state, Ok(State::default()))?;
            if let Some(pages) = self.open(lease, read, &state).await? {
                return Ok((pages, state));
            }
        }
    }

    /// What is to be written over, as it stands there.
    async fn unread(&self) -> Result<Pages, Error> {
        let read = self.read().await?;
        Ok(Pages {
            journal: self.key(JOURNAL),
            snapshot: self.key(SNAPSHOT),
            text: String::new(),
            journal_tag: read.journal,
            snapshot_tag: read.snapshot,
        })
    }

    /// A writer of these pages; without them, the lease goes back and the error is told.
    async fn writer<T>(
        &self,
        lease: Lease,
        pages: Result<(Pages, T), Error>,
    ) -> Result<(Arc<dyn Store>, T), Error> {
        match pages {
            Ok((pages, with)) => {
                let writer = S3Writer::new(self.objects.clone(), lease, pages);
                Ok((Arc::new(writer), with))
            }
            Err(error) => {
                // The error that is told is the first one.
                let _ = lease.release().await;
                Err(error)
            }
        }
    }

    async fn take(&self, command: &str, patience: Duration) -> Result<Lease, Error> {
        Lease::take(&self.objects, &self.key(LOCK), &self.env, command, patience).await
    }
}

#[async_trait]
impl Reader for S3Home {
    async fn load(&self) -> Result<State, Error> {
        self.read().await?.state
    }

    async fn exists(&self) -> Result<bool, Error> {
        let keys = self.objects.list(&format!("{}/", self.dir)).await?;
        Ok(keys
            .iter()
            .any(|key| *key == self.key(SNAPSHOT) || *key == self.key(JOURNAL)))
    }

    async fn holder(&self) -> Result<Option<Holder>, Error> {
        let found = found(&self.objects, &self.key(LOCK)).await?;
        Ok(found.filter(|f| f.left.is_some()).map(|f| f.holder))
    }

    fn place(&self) -> String {
        format!("s3://{}/{}", self.objects.bucket, self.dir)
    }
}

#[async_trait]
impl Notes for S3Home {
    async fn note(&self, name: &str) -> Result<Option<String>, Error> {
        let object = self.objects.get(&self.key(name)).await?;
        Ok(object.map(|object| String::from_utf8_lossy(&object.text).into_owned()))
    }

    async fn keep(&self, name: &str, text: &str) -> Result<(), Error> {
        let there = self.objects.get(&self.key(name)).await?;
        let when = there.map_or(If::Absent, |object| If::Matches(object.etag));
        // Refused: another check wrote at the same time, and what it found is as new.
        self.objects.put(&self.key(name), text, &when).await?;
        Ok(())
    }
}

#[async_trait]
impl Home for S3Home {
    async fn lock(
        &self,
        command: &str,
        patience: Duration,
    ) -> Result<(Arc<dyn Store>, State), Error> {
        let lease = self.take(command, patience).await?;
        let opened = self.opened(&lease).await;
        self.writer(lease, opened).await
    }

    async fn lock_anew(&self, command: &str, patience: Duration) -> Result<Arc<dyn Store>, Error> {
        let lease = self.take(command, patience).await?;
        let pages = self.unread().await.map(|pages| (pages, ()));
        Ok(self.writer(lease, pages).await?.0)
    }

    async fn keep_aside(&self) -> Result<Option<String>, Error> {
        let at = jiff::Timestamp::now().as_second();
        let mut kept = None;
        for name in [JOURNAL, SNAPSHOT] {
            let Some(object) = self.objects.get(&self.key(name)).await? else {
                continue;
            };
            let text = String::from_utf8_lossy(&object.text);
            let to = format!("{}.kept-{at}", self.key(name));
            self.objects.put(&to, &text, &If::Absent).await?;
            kept = Some(format!("{}/*.kept-{at}", self.place()));
        }
        Ok(kept)
    }

    async fn unlock(&self, holder: &Holder) -> Result<Duration, Error> {
        lease::end(&self.objects, &self.key(LOCK), &self.env, holder).await
    }
}
