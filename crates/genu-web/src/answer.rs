//! From what was found to an answer. Invariant: 304 has no body, a part is never compressed, HEAD has
//! GET's header, and a changed form bears a weak tag.

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY,
};
use http::{HeaderValue, Response, StatusCode};

use crate::ask::Fetched;
use crate::body::{Body, empty, full, streamed};
use crate::compress::Compressor;
use crate::etag::weak;
use crate::meta::Meta;
use crate::negotiation::Coding;
use crate::refusal;
use crate::slot::Object;
use crate::wanted::Wanted;

const BYTES: HeaderValue = HeaderValue::from_static("bytes");

/// An object in memory.
pub async fn kept(wanted: &Wanted, object: &Object, compressor: &Compressor) -> Response<Body> {
    let meta = &object.meta;
    if wanted.has(meta) {
        return unchanged(wanted, meta);
    }
    if let Some(range) = wanted.range.filter(|_| wanted.may_continue(meta)) {
        let Ok(part) = range.resolve(meta.length) else {
            return refusal::outside(Some(meta.length));
        };
        let at = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = object.bytes.slice(at(part.start)..at(part.end));
        let text = format!("bytes {}-{}/{}", part.start, part.end - 1, meta.length);
        let content_range = HeaderValue::from_str(&text).ok();
        return plain(wanted, meta, content_range, length_of(&bytes), full(bytes));
    }
    let coding = wanted.accepted.best().filter(|_| meta.compressible);
    if let Some(coding) = coding
        && let Some(form) = compressor.object(object, coding).await
    {
        return compressed(wanted, meta, coding, Some(length_of(&form)), full(form));
    }
    let bytes = object.bytes.clone();
    plain(wanted, meta, None, length_of(&bytes), full(bytes))
}

/// An object, or a part of one, on its way.
pub fn fetched(wanted: &Wanted, fetched: Fetched, compressor: &Compressor) -> Response<Body> {
    let Fetched {
        meta,
        part,
        length,
        mut body,
    } = fetched;
    if wanted.has(&meta) {
        return unchanged(wanted, &meta);
    }
    if part.is_none() && meta.compressible && wanted.accepted.gzip() {
        match compressor.stream(body) {
            Ok(stream) => return compressed(wanted, &meta, Coding::Gzip, None, stream),
            Err(as_it_was) => body = as_it_was,
        }
    }
    plain(
        wanted,
        &meta,
        part,
        length.unwrap_or(meta.length),
        streamed(body),
    )
}

/// 304.
#[must_use]
pub fn unchanged(wanted: &Wanted, meta: &Meta) -> Response<Body> {
    let changed_form = meta.compressible && wanted.accepted.best().is_some();
    described(StatusCode::NOT_MODIFIED, meta, changed_form)
}

fn plain(
    wanted: &Wanted,
    meta: &Meta,
    part: Option<HeaderValue>,
    length: u64,
    body: Body,
) -> Response<Body> {
    let status = match part {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    };
    let mut answer = described(status, meta, false);
    let headers = answer.headers_mut();
    headers.insert(ACCEPT_RANGES, BYTES);
    headers.insert(CONTENT_LENGTH, length.into());
    let own = [
        (CONTENT_RANGE, part),
        (CONTENT_ENCODING, meta.coding.clone()),
    ];
    for (name, value) in own {
        value.map(|value| headers.insert(name, value));
    }
    with_body(wanted, answer, meta, body)
}

fn compressed(
    wanted: &Wanted,
    meta: &Meta,
    coding: Coding,
    length: Option<u64>,
    body: Body,
) -> Response<Body> {
    let mut answer = described(StatusCode::OK, meta, true);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_ENCODING, coding.name());
    length.map(|length| headers.insert(CONTENT_LENGTH, length.into()));
    with_body(wanted, answer, meta, body)
}

fn with_body(
    wanted: &Wanted,
    mut answer: Response<Body>,
    meta: &Meta,
    body: Body,
) -> Response<Body> {
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, meta.kind.clone());
    let disposition = meta.disposition.clone();
    disposition.map(|value| headers.insert(CONTENT_DISPOSITION, value));
    if !wanted.head {
        *answer.body_mut() = body;
    }
    answer
}

/// The headers that 200, 206 and 304 have alike.
fn described(status: StatusCode, meta: &Meta, changed_form: bool) -> Response<Body> {
    let mut answer = Response::new(empty());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, meta.cache.clone());
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(tag) = &meta.tag {
        let tag = if changed_form { weak(tag) } else { tag.clone() };
        headers.insert(ETAG, tag);
    }
    meta.modified_text()
        .map(|modified| headers.insert(LAST_MODIFIED, modified));
    answer
}

fn length_of(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
