//! What the cache holds for a key, and how old it is. Invariant: an object's weight covers its bytes
//! and both compressed forms.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use quick_cache::Weighter;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::meta::Meta;

/// What a slot, its key's entry and its headers take beside the bytes; measured generously.
const SLOT_BYTES: u64 = 1024;

/// An object that is kept.
#[derive(Debug)]
pub struct Object {
    /// Its headers.
    pub meta: Meta,
    /// Its bytes.
    pub bytes: Bytes,
    /// With brotli; `None` inside when that does not pay.
    pub br: OnceCell<Option<Bytes>>,
    /// With gzip; likewise.
    pub gzip: OnceCell<Option<Bytes>>,
}

impl Object {
    /// Most bytes that a compressed form may have: a larger one is not kept, so that the weight is
    /// known before any form is made.
    #[must_use]
    pub fn form_most(&self) -> usize {
        self.bytes.len() / 4 * 3
    }

    fn weight(&self) -> u64 {
        let forms = if self.meta.compressible {
            2 * self.form_most()
        } else {
            0
        };
        u64::try_from(self.bytes.len() + forms).unwrap_or(u64::MAX)
    }
}

/// What is known of a key.
#[derive(Debug)]
pub enum Content {
    /// The object.
    Object(Arc<Object>),
    /// There is one, too large to be kept: nobody need wait for another's fill.
    Large,
    /// There is none.
    Missing,
}

/// What is known of a key, and since when.
#[derive(Debug)]
pub struct Slot {
    /// What is known.
    pub content: Content,
    /// When S3 was last asked with success; milliseconds of this process.
    checked: AtomicU64,
    /// When S3 was last asked in vain; 0 for never since.
    failed: AtomicU64,
}

impl Slot {
    /// Of an answer to what was asked at `asked`.
    #[must_use]
    pub fn new(content: Content, asked: Instant) -> Self {
        Self {
            content,
            checked: AtomicU64::new(millis(asked)),
            failed: AtomicU64::new(0),
        }
    }

    /// S3 said, asked at `asked`, that it is as it was.
    pub fn confirm(&self, asked: Instant) {
        self.checked.store(millis(asked), Ordering::Relaxed);
        self.failed.store(0, Ordering::Relaxed);
    }

    /// S3 failed now.
    pub fn fail(&self) {
        self.failed.store(millis(Instant::now()), Ordering::Relaxed);
    }

    /// Whether S3 was asked within `window`.
    #[must_use]
    pub fn is_within(&self, window: Duration) -> bool {
        within(self.checked.load(Ordering::Relaxed), window)
    }

    /// Whether S3 failed within `pause`.
    #[must_use]
    pub fn is_paused(&self, pause: Duration) -> bool {
        let failed = self.failed.load(Ordering::Relaxed);
        failed > 0 && within(failed, pause)
    }
}

fn within(moment: u64, window: Duration) -> bool {
    let age = millis(Instant::now()).saturating_sub(moment);
    u128::from(age) < window.as_millis()
}

/// Since the first look at the clock, which counts as 1.
fn millis(at: Instant) -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let start = *START;
    let since = at.saturating_duration_since(start).as_millis();
    u64::try_from(since).unwrap_or(u64::MAX).saturating_add(1)
}

/// Bytes of a slot.
#[derive(Debug, Clone)]
pub struct Weigh;

impl Weighter<Arc<str>, Arc<Slot>> for Weigh {
    fn weight(&self, key: &Arc<str>, slot: &Arc<Slot>) -> u64 {
        let object = match &slot.content {
            Content::Object(object) => object.weight(),
            Content::Large | Content::Missing => 0,
        };
        let key = u64::try_from(key.len()).unwrap_or(u64::MAX);
        SLOT_BYTES.saturating_add(key).saturating_add(object)
    }
}
