//! What a client wants of an object. Invariant: conditions are looked at in RFC 9110's order (13.2.2):
//! first whether it changed, then whether a part will do.

use std::time::SystemTime;

use http::header::{IF_MODIFIED_SINCE, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderName, Method};

use crate::etag::{Tags, opaque};
use crate::meta::Meta;
use crate::negotiation::Accepted;
use crate::range::ByteRange;

/// What the request's header says.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The header alone.
    pub head: bool,
    /// A part; `None` for HEAD, which knows none.
    pub range: Option<ByteRange>,
    /// Compressions.
    pub accepted: Accepted,
    tags: Option<Tags>,
    since: Option<SystemTime>,
    if_range: Option<String>,
}

impl Wanted {
    /// Reads it.
    #[must_use]
    pub fn read(method: &Method, headers: &HeaderMap) -> Self {
        let tags = Tags::read(headers);
        let since = match tags {
            // The tag knows better.
            Some(_) => None,
            None => text(headers, IF_MODIFIED_SINCE),
        };
        let range = if *method == Method::GET {
            text(headers, RANGE).and_then(ByteRange::parse)
        } else {
            None
        };
        Self {
            head: *method == Method::HEAD,
            range,
            accepted: Accepted::read(headers),
            tags,
            since: since.and_then(|since| httpdate::parse_http_date(since).ok()),
            if_range: headers
                .get(IF_RANGE)
                .map(|value| value.to_str().unwrap_or_default().to_owned()),
        }
    }

    /// Whether the client has the object as it is.
    #[must_use]
    pub fn has(&self, meta: &Meta) -> bool {
        match (&self.tags, self.since) {
            (Some(tags), _) => {
                let tag = meta.tag.as_ref().and_then(|tag| tag.to_str().ok());
                tags.matches(tag.unwrap_or_default())
            }
            (None, Some(since)) => meta.modified.is_some_and(|modified| modified <= since),
            (None, None) => false,
        }
    }

    /// Whether a part of this object continues what the client has (`If-Range`): the same strong tag,
    /// or the very same date.
    #[must_use]
    pub fn may_continue(&self, meta: &Meta) -> bool {
        let Some(if_range) = &self.if_range else {
            return true;
        };
        let tag = meta.tag.as_ref().and_then(|tag| tag.to_str().ok());
        match tag {
            Some(tag) if tag == if_range => opaque(tag) == tag,
            _ => {
                let date = httpdate::parse_http_date(if_range).ok();
                date.is_some() && date == meta.modified
            }
        }
    }

    /// Whether a part is wanted on a condition.
    #[must_use]
    pub fn is_conditional_part(&self) -> bool {
        self.range.is_some() && self.if_range.is_some()
    }

    /// The tag that S3 can be asked with.
    #[must_use]
    pub fn single_tag(&self) -> Option<&str> {
        self.tags.as_ref().and_then(Tags::single)
    }

    /// The date that S3 can be asked with.
    #[must_use]
    pub fn since(&self) -> Option<SystemTime> {
        self.since
    }

    /// The same, of the whole object.
    #[must_use]
    pub fn whole(self) -> Self {
        Self {
            range: None,
            ..self
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
