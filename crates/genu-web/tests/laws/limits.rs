//! Bounds.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::site::{Site, moment, open, text};
use crate::stub::Trouble;

#[tokio::test]
async fn beyond_the_bound_requests_are_turned_away_and_health_is_not() {
    let site = Arc::new(Site::start(|config| config.limits.requests = 2).await);
    site.stub
        .trouble("*", Trouble::Late(Duration::from_millis(600)));
    let slow = [("/a.js"), ("/b.js")].map(|path| {
        let site = Arc::clone(&site);
        tokio::spawn(async move { site.get(path, &[]).await.status })
    });
    moment(200).await;
    let got = site.get("/c.js", &[]).await;
    assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, "1"));
    assert_eq!(site.get("/healthcheck", &[]).await.body, "ok\n");
    for status in slow {
        assert_eq!(status.await.unwrap(), 404);
    }
    assert_eq!(site.get("/c.js", &[]).await.status, 404);
    assert_eq!(site.stub.calls().len(), 3);
}

#[tokio::test]
async fn health_never_asks_s3() {
    let site = Site::start(|config| config.endpoint = Some("http://127.0.0.1:1".into())).await;
    let got = site.get("/healthcheck", &[]).await;
    assert_eq!(
        (got.status.as_u16(), got.header("cache-control")),
        (200, "no-store")
    );
    assert!(site.stub.calls().is_empty());
}

#[tokio::test]
async fn a_header_that_never_ends_is_given_up() {
    let site = Site::start(|config| config.limits.header = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up_and_its_place_freed() {
    let site = Site::start(|config| {
        config.limits.write = Duration::from_millis(300);
        config.limits.requests = 1;
    })
    .await;
    site.stub.put("large.bin", text(40 << 20));
    let stuck = open(site.port, "GET", "/large.bin", &[]).await.unwrap();
    assert_eq!(site.get("/", &[]).await.status, 503);
    moment(1500).await;
    assert_eq!(site.get("/", &[]).await.status, 200);
    drop(stuck);
}
