//! One environment's state in the bucket.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use state::{Error, Holder, Home, Reader, State, Store, journal, replay};

use super::lease::{Lease, found};
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
    /// Whether the journal has lines beside its head.
    entries: bool,
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
            entries: journal
                .as_ref()
                .is_some_and(|o| o.text.split(|b| *b == b'\n').count() > 2),
            journal: tag(journal),
            snapshot: tag(snapshot),
        })
    }

    /// The writer: the snapshot as it is, the journal with a head of this lease. `None` when the
    /// former holder wrote in between; once our head stands there, it cannot any more.
    async fn open(&self, lease: &Lease, read: Read, state: &State) -> Result<Option<Pages>, Error> {
        let head = journal::head(Some(lease.id().await));
        let (journal, snapshot) = (self.key(JOURNAL), self.key(SNAPSHOT));
        let mut snapshot_tag = read.snapshot;
        if read.entries {
            // The new journal begins without them.
            let text = state::snapshot::text(state)?;
            snapshot_tag = match self.objects.put(&snapshot, &text, snapshot_tag).await? {
                Put::Done(tag) => If::Matches(tag),
                Put::Refused => return Ok(None),
            };
        }
        let Put::Done(journal_tag) = self.objects.put(&journal, &head, read.journal).await? else {
            return Ok(None);
        };
        Ok(Some(Pages {
            journal,
            snapshot,
            text: head,
            journal_tag,
            snapshot_tag,
        }))
    }

    /// Reads and opens until nobody wrote in between; a state that cannot be read is an error unless
    /// `anew`, and then an empty one.
    async fn opened(&self, lease: &Lease, anew: bool) -> Result<(Pages, State, bool), Error> {
        loop {
            lease.hold().await?;
            let mut read = self.read().await?;
            let (state, unreadable) = match std::mem::replace(&mut read.state, Ok(State::default()))
            {
                Err(Error::Corrupt { .. } | Error::Format { .. }) if anew => {
                    (State::default(), true)
                }
                state => (state?, false),
            };
            if let Some(pages) = self.open(lease, read, &state).await? {
                return Ok((pages, state, unreadable));
            }
        }
    }

    async fn writer(
        &self,
        lease: Lease,
        anew: bool,
    ) -> Result<(Arc<dyn Store>, State, bool), Error> {
        match self.opened(&lease, anew).await {
            Ok((pages, state, unreadable)) => {
                let writer = S3Writer::new(self.objects.clone(), lease, pages);
                Ok((Arc::new(writer), state, unreadable))
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
impl Home for S3Home {
    async fn lock(
        &self,
        command: &str,
        patience: Duration,
    ) -> Result<(Arc<dyn Store>, State), Error> {
        let lease = self.take(command, patience).await?;
        let (store, state, _) = self.writer(lease, false).await?;
        Ok((store, state))
    }

    async fn lock_anew(&self, command: &str) -> Result<(Arc<dyn Store>, Option<String>), Error> {
        let lease = self.take(command, Duration::ZERO).await?;
        let (store, _, unreadable) = self.writer(lease, true).await?;
        // The bucket keeps versions: what is written over can be fetched again.
        let aside = unreadable.then(|| format!("the earlier versions of {}/*", self.place()));
        Ok((store, aside))
    }

    async fn unlock(&self, holder: &Holder) -> Result<(), Error> {
        let key = self.key(LOCK);
        let Some(there) = found(&self.objects, &key).await? else {
            return Ok(());
        };
        let ended = there.holder == *holder && self.objects.delete(&key, &there.etag).await?;
        if ended {
            return Ok(());
        }
        Err(Error::Locked {
            env: self.env.clone(),
            holder: there.holder,
            hint: "it lives: its lease was renewed meanwhile, or is somebody else's".into(),
        })
    }
}
