//! Questions to S3 and what it says. Invariant: whatever is no object is told apart: unchanged,
//! missing, outside its range.

use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_s3::primitives::SdkBody;
use http::HeaderValue;

use crate::meta::Meta;
use crate::range::ByteRange;

/// What S3 is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The object.
    pub key: Arc<str>,
    /// A part of it.
    pub range: Option<ByteRange>,
    /// Only when it does not bear this tag.
    pub unless_tag: Option<String>,
    /// Only when it was written later.
    pub since: Option<SystemTime>,
}

impl Ask {
    /// For a whole object, whatever it is.
    #[must_use]
    pub fn whole(key: Arc<str>) -> Self {
        Self {
            key,
            range: None,
            unless_tag: None,
            since: None,
        }
    }
}

/// An object that comes.
#[derive(Debug)]
pub struct Fetched {
    /// Its headers.
    pub meta: Meta,
    /// `Content-Range`, when it is a part.
    pub part: Option<HeaderValue>,
    /// Bytes that come; `None` when S3 does not say.
    pub length: Option<u64>,
    /// The bytes.
    pub body: SdkBody,
}

/// What S3 says.
#[derive(Debug)]
pub enum Reply {
    /// Here it is.
    Object(Fetched),
    /// As it was.
    Unchanged(Meta),
    /// No such key.
    Missing,
    /// No byte of it is in the range; its length, when S3 says.
    Outside(Option<u64>),
}
