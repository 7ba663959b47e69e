//! What S3 cannot do.

use std::time::{Duration, Instant};

use crate::site::{BROWSER, PAGE, Site, open, send, text};
use crate::stub::Trouble;

const FAULTS: [(u16, &str, u16); 9] = [
    (403, "AccessDenied", 502),
    (403, "InvalidObjectState", 502),
    (403, "ExpiredToken", 502),
    (404, "NoSuchBucket", 502),
    (400, "InvalidRequest", 502),
    (500, "InternalError", 502),
    (503, "SlowDown", 503),
    (503, "ServiceUnavailable", 503),
    (429, "TooManyRequests", 503),
];

#[tokio::test]
async fn a_fault_is_never_the_page() {
    for cached in [true, false] {
        for (status, code, told) in FAULTS {
            let site = Site::start(|config| {
                if !cached {
                    config.cache_bytes = 0;
                }
            })
            .await;
            site.stub.trouble("chat", Trouble::Error(status, code));
            // Also with the page at hand.
            assert_eq!(site.get("/", &[]).await.body, PAGE);
            for header in [BROWSER, ("accept", "*/*"), ("range", "bytes=0-1")] {
                let got = site.get("/chat", &[header]).await;
                assert_eq!(got.status, told, "{code}");
                assert_ne!(got.body, PAGE);
                assert_eq!(got.header("cache-control"), "no-store");
                assert_eq!(
                    got.headers.contains_key("retry-after"),
                    told == 503,
                    "{code}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_fault_of_the_page_is_a_fault() {
    let site = Site::start(|_| {}).await;
    site.stub
        .trouble("index.html", Trouble::Error(403, "AccessDenied"));
    assert_eq!(site.get("/chat", &[BROWSER]).await.status, 502);
    assert_eq!(site.get("/", &[BROWSER]).await.status, 502);
    // And it is not kept.
    site.stub.heal();
    assert_eq!(site.get("/", &[BROWSER]).await.status, 200);
}

#[tokio::test]
async fn a_silent_s3_is_busy_and_an_absent_one_broken() {
    let site = Site::start(|config| config.limits.first_byte = Duration::from_millis(200)).await;
    site.stub
        .trouble("*", Trouble::Late(Duration::from_secs(30)));
    let began = Instant::now();
    let got = site.get("/", &[BROWSER]).await;
    assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, "2"));
    assert!(began.elapsed() < Duration::from_secs(5));
    let site = Site::start(|config| config.endpoint = Some("http://127.0.0.1:1".into())).await;
    assert_eq!(site.get("/", &[BROWSER]).await.status, 502);
}

#[tokio::test]
async fn s3_is_tried_three_times() {
    let site = Site::start(|config| config.limits.attempts = 3).await;
    site.stub.trouble("*", Trouble::Error(503, "SlowDown"));
    assert_eq!(site.get("/", &[]).await.status, 503);
    assert_eq!(site.stub.calls().len(), 3);
    site.stub.heal();
    site.stub.forget();
    assert_eq!(site.get("/", &[]).await.status, 200);
    assert_eq!(site.stub.calls().len(), 1);
}

#[tokio::test]
async fn a_broken_body_is_never_a_whole_answer() {
    let site = Site::start(|config| config.limits.object_bytes = 10_000).await;
    site.stub.put("small.js", text(5000));
    site.stub.put("large.js", text(500_000));
    site.stub.trouble("*", Trouble::Cut);
    assert_eq!(site.get("/small.js", &[]).await.status, 502);
    for coding in ["identity", "gzip"] {
        let got = send(
            site.port,
            "GET",
            "/large.js",
            &[("accept-encoding", coding)],
        )
        .await;
        // Told before the answer began, or broken off.
        let status = got.map(|got| got.status.as_u16());
        assert!(matches!(status, Err(_) | Ok(502)), "{coding} {status:?}");
    }
    site.stub.heal();
    assert_eq!(site.get("/small.js", &[]).await.body, text(5000));
}

#[tokio::test]
async fn a_large_object_arrives_while_s3_still_sends() {
    use http_body_util::BodyExt;

    let site = Site::start(|_| {}).await;
    site.stub.put("large.bin", text(3 << 20));
    site.stub
        .trouble("*", Trouble::Pause(Duration::from_secs(2)));
    let began = Instant::now();
    let mut answer = open(site.port, "GET", "/large.bin", &[]).await.unwrap();
    let mut bytes = 0;
    while bytes < 1 << 20 {
        bytes += answer
            .frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .len();
    }
    assert!(began.elapsed() < Duration::from_secs(2));
    bytes += answer.collect().await.unwrap().to_bytes().len();
    assert_eq!(bytes, 3 << 20);
    assert!(began.elapsed() >= Duration::from_secs(2));
}
