//! What is kept, and how it comes in. Invariant: what is kept and what is being read into it are bounded
//! in bytes; whatever is beyond streams through.

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Collected, Limited};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::Instant;

use crate::ask::{Ask, Fetched, Reply};
use crate::config::Config;
use crate::fault::{Fault, Kind};
use crate::origin::Origin;
use crate::slot::{Content, Object, Slot, Weigh};

/// For the cache's tables alone: a single-page app has some hundred files.
const LIKELY_OBJECTS: usize = 512;
/// The part of the cache that one object may take.
const OBJECT_SHARE: u64 = 4;

/// What comes of asking S3 for many.
#[derive(Debug, Clone)]
pub enum Landing {
    /// What is known now.
    Slot(Arc<Slot>),
    /// Not kept: for the first who takes it.
    Stream(Leftover),
    /// S3 failed.
    Failed(Fault),
}

/// An object on its way that one alone can have.
#[derive(Debug, Clone)]
pub struct Leftover(Arc<Mutex<Option<Fetched>>>);

impl Leftover {
    /// For the first who asks.
    #[must_use]
    pub fn take(&self) -> Option<Fetched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The slots, and the way in.
#[derive(Debug)]
pub struct Stock {
    origin: Origin,
    slots: Cache<Arc<str>, Arc<Slot>, Weigh>,
    filling: Semaphore,
    /// Largest object that is kept; 0 when nothing is.
    object_bytes: u64,
}

impl Stock {
    /// An empty one.
    #[must_use]
    pub fn new(origin: Origin, config: &Config) -> Self {
        // One shard: an object may take its share of the whole, and the bound is exact.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(LIKELY_OBJECTS)
            .weight_capacity(config.cache_bytes)
            .build();
        let slots = match options {
            Ok(options) => Cache::with_options(
                options,
                Weigh,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            Err(_) => Cache::with_weighter(LIKELY_OBJECTS, config.cache_bytes, Weigh),
        };
        let filling = config.limits.filling_bytes.min(Semaphore::MAX_PERMITS);
        let most = config.limits.object_bytes;
        Self {
            origin,
            slots,
            filling: Semaphore::new(filling),
            object_bytes: most.min(config.cache_bytes / OBJECT_SHARE),
        }
    }

    /// The bucket.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether anything can be kept.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.object_bytes > 0
    }

    /// Bytes that are counted at present.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.slots.weight()
    }

    /// What is known of a key.
    #[must_use]
    pub fn slot(&self, key: &Arc<str>) -> Option<Arc<Slot>> {
        self.slots.get(key)
    }

    /// Asks S3 for all who wait; `slot` is what is known and no longer fresh.
    pub async fn fetch(&self, key: Arc<str>, slot: Option<Arc<Slot>>) -> Landing {
        let asked = Instant::now();
        let mut ask = Ask::whole(Arc::clone(&key));
        if let Some(Content::Object(object)) = slot.as_deref().map(|slot| &slot.content) {
            let tag = object.meta.tag.as_ref().and_then(|tag| tag.to_str().ok());
            ask.unless_tag = tag.map(str::to_owned);
        }
        let landing = match (self.origin.get(&ask).await, &slot) {
            (Ok(Reply::Unchanged(_)), Some(slot)) => {
                slot.confirm(asked);
                Landing::Slot(Arc::clone(slot))
            }
            (Ok(Reply::Missing), _) => self.keep(key, Content::Missing, asked),
            (Ok(Reply::Object(fetched)), _) => self.fill(key, fetched, asked).await,
            // Nobody asked for a part, and without a slot not for a change.
            (Ok(Reply::Unchanged(_) | Reply::Outside(_)), _) => {
                Landing::Failed(Fault::new(Kind::Broken, "Response"))
            }
            (Err(fault), _) => Landing::Failed(fault),
        };
        if let (Landing::Failed(fault), Some(slot)) = (&landing, &slot) {
            slot.fail();
            let (code, id) = (&*fault.code, fault.request_id.as_deref());
            tracing::warn!(key = &*ask.key, code, s3_request_id = id, "not revalidated");
        }
        landing
    }

    /// Reads a small object into the cache; a large one is left to be streamed.
    async fn fill(&self, key: Arc<str>, fetched: Fetched, asked: Instant) -> Landing {
        let length = fetched.length.unwrap_or(u64::MAX);
        if length > self.object_bytes {
            self.keep(key, Content::Large, asked);
            return stream(fetched);
        }
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        let permits = u32::try_from(length).unwrap_or(u32::MAX);
        // When too much is being filled, streaming needs less.
        let Ok(_permit) = self.filling.try_acquire_many(permits) else {
            return stream(fetched);
        };
        let collected = Limited::new(fetched.body, size).collect().await;
        match collected.map(Collected::to_bytes) {
            Ok(bytes) if bytes.len() == size => {
                let object = Object {
                    meta: fetched.meta,
                    bytes,
                    br: OnceCell::new(),
                    gzip: OnceCell::new(),
                };
                self.keep(key, Content::Object(Arc::new(object)), asked)
            }
            _ => Landing::Failed(Fault::new(Kind::Broken, "Body")),
        }
    }

    fn keep(&self, key: Arc<str>, content: Content, asked: Instant) -> Landing {
        let slot = Arc::new(Slot::new(content, asked));
        self.slots.insert(key, Arc::clone(&slot));
        Landing::Slot(slot)
    }
}

fn stream(fetched: Fetched) -> Landing {
    Landing::Stream(Leftover(Arc::new(Mutex::new(Some(fetched)))))
}
