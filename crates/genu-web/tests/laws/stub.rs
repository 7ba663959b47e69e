//! A small S3: `GetObject` and `HeadObject` with tags, ranges and conditions, faults and delays; it
//! writes down every call.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::header::{
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// An object of the stub.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(crate) kind: Option<String>,
    pub(crate) cache_control: Option<String>,
    tag: String,
    modified: SystemTime,
}

/// What goes wrong with a key; `*` is every key.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// An error of S3.
    Error(u16, &'static str),
    /// It comes so late.
    Late(Duration),
    /// After half of the body it waits so long.
    Pause(Duration),
    /// After half of the body the connection ends.
    Cut,
}

/// A call, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) key: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Default)]
struct State {
    objects: HashMap<String, Object>,
    troubles: HashMap<String, Trouble>,
    calls: Vec<Call>,
}

/// The stub; it runs as long as its runtime.
#[derive(Clone)]
pub(crate) struct Stub {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

impl Stub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        let serving = stub.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let stub = serving.clone();
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let stub = stub.clone();
                    async move { Ok::<_, Infallible>(stub.answer(&request).await) }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        stub
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Puts an object; its tag is of its bytes.
    pub(crate) fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let sum = bytes.iter().fold(7_u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
        });
        let object = Object {
            kind: None,
            cache_control: None,
            tag: format!("\"{sum:x}-{}\"", bytes.len()),
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
            bytes,
        };
        self.lock().objects.insert(key.to_owned(), object);
    }

    pub(crate) fn change(&self, key: &str, change: impl FnOnce(&mut Object)) {
        change(self.lock().objects.get_mut(key).unwrap());
    }

    pub(crate) fn remove(&self, key: &str) {
        self.lock().objects.remove(key);
    }

    pub(crate) fn trouble(&self, key: &str, trouble: Trouble) {
        self.lock().troubles.insert(key.to_owned(), trouble);
    }

    pub(crate) fn heal(&self) {
        self.lock().troubles.clear();
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    pub(crate) fn forget(&self) {
        self.lock().calls.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        // `/bucket/key`, as path-style has it.
        let path = percent_encoding::percent_decode_str(request.uri().path());
        let path = path.decode_utf8().unwrap().into_owned();
        let key = path.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
        let (object, trouble) = {
            let mut state = self.lock();
            let call = Call {
                method: request.method().clone(),
                key: key.clone(),
                headers: request.headers().clone(),
            };
            state.calls.push(call);
            let trouble = state.troubles.get(&key).or_else(|| state.troubles.get("*"));
            (state.objects.get(&key).cloned(), trouble.cloned())
        };
        match trouble {
            Some(Trouble::Error(status, code)) => return error(status, code, ""),
            Some(Trouble::Late(late)) => tokio::time::sleep(late).await,
            _ => {}
        }
        let Some(object) = object else {
            return error(404, "NoSuchKey", "");
        };
        let mut response = object.answer(request.headers());
        if *request.method() == Method::HEAD {
            *response.body_mut() = full(Bytes::new());
        }
        match trouble {
            Some(Trouble::Pause(pause)) => response.map(|body| halved(body, Ok(pause))),
            Some(Trouble::Cut) => response.map(|body| halved(body, Err(()))),
            _ => response,
        }
    }
}

impl Object {
    fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let text = |name| {
            asked
                .get(name)
                .and_then(|v| http::HeaderValue::to_str(v).ok())
        };
        let length = self.bytes.len();
        let mut builder = Response::builder()
            .header(ETAG, &self.tag)
            .header("x-amz-request-id", "STUB")
            .header(LAST_MODIFIED, httpdate::fmt_http_date(self.modified));
        let same = match (text(IF_NONE_MATCH), text(IF_MODIFIED_SINCE)) {
            (Some(tag), _) => tag == self.tag,
            (None, Some(since)) => httpdate::parse_http_date(since).unwrap() >= self.modified,
            (None, None) => false,
        };
        if same {
            let status = builder.status(StatusCode::NOT_MODIFIED);
            return status.body(full(Bytes::new())).unwrap();
        }
        builder = builder.header(
            CONTENT_TYPE,
            self.kind.as_deref().unwrap_or("binary/octet-stream"),
        );
        if let Some(cache_control) = &self.cache_control {
            builder = builder.header("cache-control", cache_control);
        }
        let Some(range) = text(RANGE) else {
            let builder = builder.header(CONTENT_LENGTH, length);
            return builder.body(full(self.bytes.clone())).unwrap();
        };
        // Written apart from the server's own reading of ranges.
        let (first, last) = range
            .strip_prefix("bytes=")
            .unwrap()
            .split_once('-')
            .unwrap();
        let part = match (first, last) {
            ("", last) => length.saturating_sub(last.parse().unwrap())..length,
            (first, "") => first.parse().unwrap()..length,
            (first, last) => {
                let last: usize = last.parse().unwrap_or(usize::MAX);
                first.parse().unwrap()..last.saturating_add(1).min(length)
            }
        };
        if part.is_empty() {
            let size = format!("<ActualObjectSize>{length}</ActualObjectSize>");
            return error(416, "InvalidRange", &size);
        }
        builder
            .status(StatusCode::PARTIAL_CONTENT)
            .header(
                CONTENT_RANGE,
                format!("bytes {}-{}/{length}", part.start, part.end - 1),
            )
            .header(CONTENT_LENGTH, part.len())
            .body(full(self.bytes.slice(part)))
            .unwrap()
    }
}

fn error(status: u16, code: &str, more: &str) -> Response<Body> {
    let xml = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message>{more}</Error>"
    );
    Response::builder()
        .status(status)
        .header("x-amz-request-id", "STUB")
        .header(CONTENT_TYPE, "application/xml")
        .body(full(xml))
        .unwrap()
}

fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn halved(body: Body, then: Result<Duration, ()>) -> Body {
    let steps = futures_util::stream::unfold((Some(body), None), move |(body, rest)| async move {
        match (body, rest) {
            (Some(body), _) => {
                let mut first = body.collect().await.unwrap().to_bytes();
                let rest = first.split_off(first.len() / 2);
                Some((Ok(Frame::data(first)), (None, Some(rest))))
            }
            (None, Some(rest)) => {
                let frame = match then {
                    Ok(pause) => {
                        tokio::time::sleep(pause).await;
                        Ok(Frame::data(rest))
                    }
                    Err(()) => Err(std::io::Error::other("cut")),
                };
                Some((frame, (None, None)))
            }
            (None, None) => None,
        }
    });
    StreamBody::new(steps).boxed_unsync()
}
