//! What a client has already.

use crate::site::{BROWSER, Site, text};

#[tokio::test]
async fn what_is_had_is_not_sent_again() {
    for object_bytes in [1 << 20, 10, 0] {
        let site = Site::start(|config| {
            config.limits.object_bytes = object_bytes;
        })
        .await;
        site.stub.put("o.js", text(3000));
        site.stub.put("o.png", text(3000));
        for path in ["/o.js", "/o.png", "/", "/deep/link"] {
            for coding in ["identity", "gzip", "br", "br, gzip"] {
                let asked = [BROWSER, ("accept-encoding", coding)];
                let got = site.get(path, &asked).await;
                assert_eq!(got.status, 200);
                let tag = got.header("etag").to_owned();
                let date = got.header("last-modified").to_owned();
                let list = format!("\"x\", {tag}");
                for condition in [
                    ("if-none-match", &*tag),
                    ("if-none-match", &*list),
                    ("if-none-match", "*"),
                    ("if-modified-since", &*date),
                ] {
                    for method in ["GET", "HEAD"] {
                        let asked = [asked[0], asked[1], condition];
                        let again = site.send(method, path, &asked).await;
                        assert_eq!(again.status, 304, "{path} {coding} {condition:?}");
                        assert!(again.body.is_empty());
                        assert!(!again.headers.contains_key("content-length"));
                        for same in ["cache-control", "vary", "last-modified"] {
                            assert_eq!(
                                again.header(same),
                                got.header(same),
                                "{path} {condition:?}"
                            );
                        }
                        let bare = |tag: &str| tag.trim_start_matches("W/").to_owned();
                        assert_eq!(bare(again.header("etag")), bare(&tag));
                    }
                }
                for condition in [
                    ("if-none-match", "\"other\""),
                    ("if-modified-since", "Mon, 13 Nov 2023 00:00:00 GMT"),
                    ("if-modified-since", "not a date"),
                ] {
                    let asked = [asked[0], asked[1], condition];
                    assert_eq!(site.get(path, &asked).await.body, got.body, "{condition:?}");
                }
                // The tag knows better than the date.
                let both = [
                    asked[0],
                    asked[1],
                    ("if-none-match", "\"x\""),
                    ("if-modified-since", &*date),
                ];
                assert_eq!(site.get(path, &both).await.status, 200);
            }
        }
    }
}

#[tokio::test]
async fn head_has_the_header_of_get() {
    for object_bytes in [1 << 20, 10, 0] {
        let site = Site::start(|config| {
            config.limits.object_bytes = object_bytes;
        })
        .await;
        site.stub.put("o.js", text(3000));
        site.stub.put("o.png", text(3000));
        site.stub.put("empty.txt", "");
        for path in [
            "/o.js",
            "/o.png",
            "/empty.txt",
            "/",
            "/deep",
            "/missing.js",
            "/a//b",
            "/healthcheck",
        ] {
            for coding in ["identity", "gzip", "br"] {
                let asked = [BROWSER, ("accept-encoding", coding)];
                let mut got = site.get(path, &asked).await;
                let mut head = site.send("HEAD", path, &asked).await;
                assert!(head.body.is_empty());
                for answer in [&mut got, &mut head] {
                    let _ = answer.headers.remove("date");
                    // How it is sent, not what.
                    let _ = answer.headers.remove("transfer-encoding");
                }
                assert_eq!(
                    (head.status, &head.headers),
                    (got.status, &got.headers),
                    "{path} {coding}"
                );
            }
        }
    }
}
