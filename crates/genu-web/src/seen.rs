//! What came of looking for an object, and what the cache had to do with it.

use std::sync::Arc;

use crate::ask::Fetched;
use crate::meta::Meta;
use crate::slot::Object;

/// How the cache took part in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// From the cache alone.
    Hit,
    /// From the cache or S3, after S3 was asked whether it is as it was.
    Revalidated,
    /// From S3, and kept if it can be.
    Miss,
    /// From the cache, since S3 fails or is slow.
    Stale,
    /// From S3, past the cache.
    Bypass,
}

impl Seen {
    /// As the log has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Revalidated => "revalidated",
            Self::Miss => "miss",
            Self::Stale => "stale",
            Self::Bypass => "bypass",
        }
    }
}

/// What was found.
#[derive(Debug)]
pub enum Found {
    /// A whole object, in memory.
    Kept(Arc<Object>),
    /// An object or a part of one, on its way.
    Streamed(Fetched),
    /// As the client has it.
    Unchanged(Meta),
    /// No such key.
    Missing,
    /// Outside its range.
    Outside(Option<u64>),
}
