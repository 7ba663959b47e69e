//! The one writer of a state in S3, as long as its lease lasts.

use async_trait::async_trait;
use state::{Entry, Error, State, Store, journal, snapshot};
use tokio::sync::Mutex;

use super::lease::Lease;
use super::objects::{If, Objects, Put};

/// Keys, tags and what the journal reads.
#[derive(Debug)]
pub(super) struct Pages {
    pub journal: String,
    pub snapshot: String,
    pub text: String,
    pub journal_tag: String,
    /// Absent until the first snapshot.
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
    async fn write(&self, key: &str, text: &str, when: If) -> Result<String, Error> {
        match self.objects.put(key, text, when).await? {
            Put::Done(tag) => Ok(tag),
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
        let when = If::Matches(pages.journal_tag.clone());
        pages.journal_tag = self.write(&pages.journal, &text, when).await?;
        pages.text = text;
        Ok(())
    }

    async fn compact(&self, state: &State) -> Result<(), Error> {
        let mut pages = self.pages.lock().await;
        let text = snapshot::text(state)?;
        let when = pages.snapshot_tag.clone();
        pages.snapshot_tag = If::Matches(self.write(&pages.snapshot, &text, when).await?);
        let head = journal::head(Some(self.lease.id().await));
        let when = If::Matches(pages.journal_tag.clone());
        pages.journal_tag = self.write(&pages.journal, &head, when).await?;
        pages.text = head;
        Ok(())
    }

    async fn hold(&self) -> Result<(), Error> {
        self.lease.hold().await
    }

    async fn remove(&self) -> Result<(), Error> {
        let pages = self.pages.lock().await;
        let journal = self
            .objects
            .delete(&pages.journal, &pages.journal_tag)
            .await?;
        let snapshot = match &pages.snapshot_tag {
            If::Matches(tag) => self.objects.delete(&pages.snapshot, tag).await?,
            If::Absent => true,
        };
        if !journal || !snapshot {
            return Err(self.lease.lost().await);
        }
        self.lease.release().await
    }

    async fn release(&self) -> Result<(), Error> {
        self.lease.release().await
    }
}
