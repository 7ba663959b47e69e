//! The one writer of a state in S3, as long as its lease lasts.

use async_trait::async_trait;
use state::{DRIFT_LAST, Entry, Error, State, Store, journal, snapshot};
use tokio::sync::Mutex;

use super::lease::Lease;
use super::objects::{If, Objects, Put};

/// Keys, tags and what the journal reads.
#[derive(Debug)]
pub(super) struct Pages {
    pub journal: String,
    pub snapshot: String,
    pub text: String,
    pub journal_tag: If,
    pub snapshot_tag: If,
}

#[derive(Debug)]
pub(super) struct S3Writer {
    objects: Objects,
    lease: Lease,
    pages: Mutex<Pages>,
}

impl S3Writer {
    pub(super) fn new(objects: Objects, lease: Lease, pages: Pages) -> Self {
        Self {
            objects,
            lease,
            pages: Mutex::new(pages),
        }
    }

    /// The tag of what was written, or the end of this writer.
    async fn write(&self, key: &str, text: &str, when: &If) -> Result<If, Error> {
        match self.objects.put(key, text, when).await? {
            Put::Done(tag) => Ok(If::Matches(tag)),
            Put::Refused => Err(self.lease.lost().await),
        }
    }
}

#[async_trait]
impl Store for S3Writer {
    /// S3 has no append: the journal, short between two snapshots, is written anew.
    async fn append(&self, serial: u64, entry: &Entry) -> Result<(), Error> {
        let mut pages = self.pages.lock().await;
        let text = format!("{}{}", pages.text, journal::line(serial, entry)?);
        pages.journal_tag = self
            .write(&pages.journal, &text, &pages.journal_tag)
            .await?;
        pages.text = text;
        Ok(())
    }

    async fn compact(&self, state: &State) -> Result<(), Error> {
        self.lease.hold().await?;
        let mut pages = self.pages.lock().await;
        let lease = Some(self.lease.id());
        let (text, head) = (snapshot::text(state, lease)?, journal::head(lease));
        pages.snapshot_tag = self
            .write(&pages.snapshot, &text, &pages.snapshot_tag)
            .await?;
        pages.journal_tag = self
            .write(&pages.journal, &head, &pages.journal_tag)
            .await?;
        pages.text = head;
        Ok(())
    }

    async fn hold(&self) -> Result<(), Error> {
        self.lease.hold().await
    }

    async fn remove(&self) -> Result<(), Error> {
        self.lease.hold().await?;
        let pages = self.pages.lock().await;
        let dir = pages.journal.rsplit_once('/').map_or("", |(dir, _)| dir);
        let note = format!("{dir}/{DRIFT_LAST}");
        if let Some(there) = self.objects.get(&note).await? {
            self.objects.delete(&note, &there.etag).await?;
        }
        for (key, tag) in [
            (&pages.journal, &pages.journal_tag),
            (&pages.snapshot, &pages.snapshot_tag),
        ] {
            if let If::Matches(tag) = tag
                && !self.objects.delete(key, tag).await?
            {
                return Err(self.lease.lost().await);
            }
        }
        self.lease.release().await
    }

    async fn release(&self) -> Result<(), Error> {
        self.lease.release().await
    }
}
