//! Answers that are no object. Invariant: plain text, never kept by anybody.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use crate::body::{Body, empty, full};
use crate::cache_control;
use crate::fault::{Fault, Kind};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// What an overloaded S3 is given, seconds.
const S3_PAUSE: u16 = 2;

/// 416.
#[must_use]
pub fn outside(length: Option<u64>) -> Response<Body> {
    let mut answer = told(StatusCode::RANGE_NOT_SATISFIABLE);
    let text = length.map(|length| format!("bytes */{length}"));
    if let Some(text) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
        answer.headers_mut().insert(CONTENT_RANGE, text);
    }
    answer
}

/// 502, or 503 with `Retry-After`.
#[must_use]
pub fn failed(fault: &Fault) -> Response<Body> {
    match fault.kind {
        Kind::Broken => told(StatusCode::BAD_GATEWAY),
        Kind::Busy => busy(S3_PAUSE),
    }
}

/// 503: come again in so many seconds.
#[must_use]
pub fn busy(seconds: u16) -> Response<Body> {
    let mut answer = told(StatusCode::SERVICE_UNAVAILABLE);
    answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    answer
}

/// A status and its name, never kept.
#[must_use]
pub fn told(status: StatusCode) -> Response<Body> {
    said(status, format!("{status}\n"))
}

/// A status and a text, never kept.
pub fn said(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let text = text.into();
    let mut answer = Response::new(empty());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, TEXT);
    headers.insert(CONTENT_LENGTH, text.len().into());
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(cache_control::NEVER),
    );
    *answer.body_mut() = full(text);
    answer
}
