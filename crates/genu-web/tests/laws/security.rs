//! Security headers.

use crate::site::{BROWSER, Site};
use crate::stub::Trouble;

#[tokio::test]
async fn every_answer_bears_them() {
    let site = Site::start(|_| {}).await;
    site.stub
        .trouble("fault", Trouble::Error(500, "InternalError"));
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/deep", 200),
        ("GET", "/missing.js", 404),
        ("GET", "/a//b", 400),
        ("GET", "/fault", 502),
        ("POST", "/", 405),
        ("GET", "/healthcheck", 200),
    ] {
        for (proto, strict) in [("https", true), ("http", false), ("ftp", false)] {
            let got = site
                .send(method, path, &[BROWSER, ("x-forwarded-proto", proto)])
                .await;
            assert_eq!(got.status, status);
            assert_eq!(got.header("x-content-type-options"), "nosniff");
            assert_eq!(got.header("x-frame-options"), "DENY");
            assert_eq!(
                got.header("referrer-policy"),
                "strict-origin-when-cross-origin"
            );
            let policy = got.header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'"));
            assert!(policy.contains("https://*.execute-api.ap-northeast-1.amazonaws.com"));
            assert_eq!(
                got.headers.contains_key("strict-transport-security"),
                strict
            );
        }
    }
    let plain = site.get("/", &[]).await;
    assert!(!plain.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn the_policy_can_be_set() {
    let site = Site::start(|config| config.policy = "default-src 'none'".parse().unwrap()).await;
    let got = site.get("/", &[]).await;
    assert_eq!(got.header("content-security-policy"), "default-src 'none'");
}
