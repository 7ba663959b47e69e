//! What an answer's header says of an object. Invariant: made once for each answer of S3, and a
//! legal header whatever S3 says.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::DateTime;
use http::HeaderValue;

use crate::{cache_control, media};

/// Headers of an object.
#[derive(Debug, Clone)]
pub struct Meta {
    /// `ETag`, strong as S3 has it.
    pub tag: Option<HeaderValue>,
    /// When it was written, whole seconds.
    pub modified: Option<SystemTime>,
    /// `Content-Type`.
    pub kind: HeaderValue,
    /// `Content-Encoding`, when it is stored compressed.
    pub coding: Option<HeaderValue>,
    /// `Content-Disposition`.
    pub disposition: Option<HeaderValue>,
    /// `Cache-Control`.
    pub cache: HeaderValue,
    /// Bytes of the whole object.
    pub length: u64,
    /// Whether it is sent compressed to whoever takes that.
    pub compressible: bool,
}

impl Meta {
    /// Of what S3 said of `key`. The uploader's own `Cache-Control` counts, except for a page.
    #[must_use]
    pub fn of(key: &str, output: &GetObjectOutput) -> Self {
        let stored = output.content_length().unwrap_or_default();
        let length = output.content_range().and_then(whole_length);
        let length = length.unwrap_or_else(|| u64::try_from(stored).unwrap_or_default());
        let kind = media::content_type(key, output.content_type());
        let coding = output.content_encoding().and_then(own_coding);
        let text = kind.to_str().unwrap_or_default();
        let own = output.cache_control().filter(|_| !media::is_html(text));
        let rule = HeaderValue::from_static(cache_control::rule(key, text));
        Self {
            tag: output.e_tag().and_then(header),
            modified: output.last_modified().and_then(time),
            cache: own.and_then(header).unwrap_or(rule),
            disposition: output.content_disposition().and_then(header),
            compressible: coding.is_none() && media::compressible(text, length),
            length,
            coding,
            kind,
        }
    }

    /// Of an object of which S3 said only that it is as it was.
    #[must_use]
    pub fn unchanged(key: &str, tag: Option<HeaderValue>, modified: Option<SystemTime>) -> Self {
        let kind = media::content_type(key, None);
        let text = kind.to_str().unwrap_or_default();
        Self {
            tag,
            modified,
            cache: HeaderValue::from_static(cache_control::rule(key, text)),
            disposition: None,
            compressible: media::compressible(text, u64::MAX),
            length: 0,
            coding: None,
            kind,
        }
    }

    /// `Last-Modified`.
    #[must_use]
    pub fn modified_text(&self) -> Option<HeaderValue> {
        header(&httpdate::fmt_http_date(self.modified?))
    }
}

fn header(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

fn time(at: &DateTime) -> Option<SystemTime> {
    let seconds = u64::try_from(at.secs()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// The total of `bytes 0-4/10`.
fn whole_length(content_range: &str) -> Option<u64> {
    content_range.rsplit_once('/')?.1.parse().ok()
}

/// Without `aws-chunked`, which is of the upload and that some SDKs leave behind.
fn own_coding(stored: &str) -> Option<HeaderValue> {
    let parts = stored.split(',').map(str::trim);
    let parts = parts.filter(|part| !matches!(*part, "" | "aws-chunked" | "identity"));
    let own = parts.collect::<Vec<_>>().join(", ");
    (!own.is_empty()).then(|| header(&own)).flatten()
}
