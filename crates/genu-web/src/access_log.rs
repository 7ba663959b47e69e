//! One line of JSON for each request, when its answer has ended. Invariant: a query string, where
//! secrets are, is never written.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use crate::body::{Body, BoxError};
use crate::fault::Fault;
use crate::seen::Seen;

/// A longer path is cut: it is a scanner's.
const PATH_BYTES: usize = 1024;

/// What a line says.
#[derive(Debug)]
pub struct Line {
    began: Instant,
    method: Method,
    path: String,
    /// Of the answer.
    pub status: StatusCode,
    /// What the cache did, when it was asked.
    pub seen: Option<Seen>,
    /// What S3 could not do.
    pub fault: Option<Fault>,
}

impl Line {
    /// Of a request that begins now.
    #[must_use]
    pub fn new(method: &Method, path: &str) -> Self {
        Self {
            began: Instant::now(),
            method: method.clone(),
            // In a request path every byte is ASCII.
            path: path.get(..PATH_BYTES).unwrap_or(path).to_owned(),
            status: StatusCode::OK,
            seen: None,
            fault: None,
        }
    }

    fn write(&self, bytes: u64, complete: bool) {
        let fault = self.fault.as_ref();
        tracing::info!(
            method = self.method.as_str(),
            path = self.path,
            status = self.status.as_u16(),
            bytes,
            duration_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            cache = self.seen.map(Seen::name),
            complete,
            s3_code = fault.map(|fault| &*fault.code),
            s3_request_id = fault.and_then(|fault| fault.request_id.as_deref()),
            "request"
        );
    }
}

/// A body that writes its line when it has ended, and holds the request's place until then.
#[derive(Debug)]
pub struct Logged {
    body: Body,
    line: Option<Line>,
    expected: Option<u64>,
    bytes: u64,
    ended: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Logged {
    /// Around a body; without a line it writes none.
    #[must_use]
    pub fn new(body: Body, line: Option<Line>, place: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            expected: body.size_hint().exact(),
            body,
            line,
            bytes: 0,
            ended: false,
            _place: place,
        }
    }
}

impl http_body::Body for Logged {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.bytes += u64::try_from(length).unwrap_or(0);
            }
            Some(Err(_)) => {}
            None => self.ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let complete = self.ended || self.body.is_end_stream() || self.expected == Some(self.bytes);
        if let Some(line) = &self.line {
            line.write(self.bytes, complete);
        }
    }
}
