//! A server in this process, with its stub, and a client.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::Credentials;
use genu_web::{App, Config, serve};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::stub::Stub;

pub(crate) const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
pub(crate) const PAGE: &str = "<!doctype html><title>the app</title>";

/// What a client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    /// A header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// A server and its stub.
pub(crate) struct Site {
    pub(crate) stub: Stub,
    pub(crate) port: u16,
    pub(crate) app: Arc<App>,
}

impl Site {
    /// One with an `index.html`; no retries, so that each call is one.
    pub(crate) async fn start(adjust: impl FnOnce(&mut Config)) -> Self {
        let stub = Stub::start().await;
        stub.put("index.html", PAGE);
        let mut config = config(&stub.endpoint());
        config.limits.attempts = 1;
        adjust(&mut config);
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let app = Arc::new(App::new(&config, Some(credentials)).await.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(serve(listener, Arc::clone(&app), pending()));
        Self { stub, port, app }
    }

    /// Without a cache.
    pub(crate) async fn uncached() -> Self {
        Self::start(|config| config.cache_bytes = 0).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Got {
        self.send("GET", path, headers).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Got {
        send(self.port, method, path, headers).await.unwrap()
    }
}

/// The settings that the environment would give.
pub(crate) fn config(endpoint: &str) -> Config {
    Config::read(|name| match name {
        "BUCKET_NAME" => Some("site".into()),
        "AWS_REGION" => Some("ap-northeast-1".into()),
        "AWS_ENDPOINT_URL" => Some(endpoint.to_owned()),
        _ => None,
    })
    .unwrap()
}

/// One request on a connection of its own, and the whole answer.
pub(crate) async fn send(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Got, hyper::Error> {
    let (parts, body) = open(port, method, path, headers).await?.into_parts();
    Ok(Got {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await?.to_bytes(),
    })
}

/// One request, and the answer's beginning.
pub(crate) async fn open(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<http::Response<Incoming>, hyper::Error> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "app");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sender
        .send_request(request.body(Empty::<Bytes>::new()).unwrap())
        .await
}

/// Text that compresses, not all alike.
pub(crate) fn text(length: usize) -> Bytes {
    let words = (0..).flat_map(|n: u32| {
        format!("const v{n} = {};\n", n.wrapping_mul(2_654_435_761)).into_bytes()
    });
    words.take(length).collect()
}

pub(crate) async fn moment(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
