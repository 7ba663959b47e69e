//! Which object a path leads to, and when it leads to the app's page.

use http::Method;

use crate::site::{BROWSER, PAGE, Site};

#[tokio::test]
async fn keys_reach_s3_as_they_are() {
    let site = Site::start(|config| config.prefix = "app/".into()).await;
    for (path, key) in [
        ("/a+b.txt", "app/a+b.txt"),
        ("/a%20b%25.txt", "app/a b%.txt"),
        ("/%E6%97%A5%E6%9C%AC/x.txt", "app/日本/x.txt"),
        ("/a%3Fb=c&d.txt?e=f", "app/a?b=c&d.txt"),
        ("/%2e%2e%2e/x~!$'()*,;:@.txt", "app/.../x~!$'()*,;:@.txt"),
    ] {
        site.stub.put(key, key.to_owned());
        assert_eq!(site.get(path, &[]).await.body, key, "{path}");
    }
}

#[tokio::test]
async fn malformed_paths_never_reach_s3() {
    let site = Site::uncached().await;
    for path in [
        "/..%2findex.html",
        "/a/%2e%2e/b",
        "//x",
        "/a//b",
        "/%ff",
        "/%zz",
        "/%00",
    ] {
        assert_eq!(site.get(path, &[BROWSER]).await.status, 400, "{path}");
    }
    assert!(site.stub.calls().is_empty());
}

#[tokio::test]
async fn a_missing_object_is_the_page_for_whoever_navigates_and_404_for_all_else() {
    for cached in [true, false] {
        let site = Site::start(|config| {
            if !cached {
                config.cache_bytes = 0;
            }
        })
        .await;
        site.stub.put("chat.js", "code");
        let navigate = ("sec-fetch-mode", "navigate");
        for (path, headers, page) in [
            ("/chat/1?x=y", BROWSER, true),
            ("/chat/1", navigate, true),
            ("/chat/", BROWSER, true),
            ("/v1.2", BROWSER, true),
            ("/chat/1", ("accept", "*/*"), false),
            ("/missing.js", BROWSER, false),
            ("/missing.css", navigate, false),
            ("/chat/", ("accept", "application/json"), false),
        ] {
            for method in ["GET", "HEAD"] {
                let got = site.send(method, path, &[headers]).await;
                assert_eq!(got.status, if page { 200 } else { 404 }, "{method} {path}");
                assert_eq!(got.body == PAGE, page && method == "GET", "{method} {path}");
                let kept = if page { "no-cache" } else { "no-store" };
                assert_eq!(got.header("cache-control"), kept);
                assert_eq!(got.header("vary").contains("sec-fetch-mode"), page);
            }
        }
        assert_eq!(site.get("/", &[]).await.body, PAGE);
        assert_eq!(site.get("/chat.js", &[BROWSER]).await.body, "code");
        site.stub.remove("index.html");
        crate::site::moment(10).await;
    }
    let site = Site::uncached().await;
    site.stub.remove("index.html");
    assert_eq!(site.get("/", &[BROWSER]).await.status, 404);
    assert_eq!(site.stub.calls().len(), 1);
    assert_eq!(site.get("/chat", &[BROWSER]).await.status, 404);
}

#[tokio::test]
async fn only_reading_is_allowed() {
    let site = Site::uncached().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        for path in ["/", "/healthcheck"] {
            let got = site.send(method, path, &[]).await;
            assert_eq!(
                (got.status.as_u16(), got.header("allow")),
                (405, "GET, HEAD")
            );
        }
    }
    assert!(site.stub.calls().is_empty());
}

#[tokio::test]
async fn one_get_object_for_each_uncached_request() {
    let site = Site::uncached().await;
    site.stub.put("a.js", crate::site::text(5000));
    let tag = site.get("/a.js", &[]).await.header("etag").to_owned();
    let requests = [
        ("GET", ("accept", "*/*"), 200),
        ("HEAD", ("accept", "*/*"), 200),
        ("GET", ("range", "bytes=1-5"), 206),
        ("GET", ("range", "bytes=9999-"), 416),
        ("GET", ("if-none-match", &*tag), 304),
        ("GET", ("accept-encoding", "br, gzip"), 200),
    ];
    for (method, header, status) in requests {
        site.stub.forget();
        assert_eq!(
            site.send(method, "/a.js", &[header]).await.status,
            status,
            "{header:?}"
        );
        let calls = site.stub.calls();
        let seen = calls
            .iter()
            .map(|call| (&call.method, &*call.key))
            .collect::<Vec<_>>();
        assert_eq!(seen, [(&Method::GET, "a.js")], "{method} {header:?}");
    }
}

#[tokio::test]
async fn types_and_lifetimes() {
    let site = Site::start(|_| {}).await;
    for (key, stored, own, kind, lifetime) in [
        (
            "assets/i-BfD8d2aX.js",
            None,
            None,
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            "page.html",
            Some("text/html"),
            Some("max-age=99"),
            "text/html",
            "no-cache",
        ),
        (
            "sw.js",
            None,
            None,
            "text/javascript; charset=utf-8",
            "public, max-age=60",
        ),
        (
            "logo.svg",
            None,
            Some("max-age=99"),
            "image/svg+xml",
            "max-age=99",
        ),
        (
            "data",
            Some("text/csv"),
            None,
            "text/csv",
            "public, max-age=60",
        ),
    ] {
        site.stub.put(key, "x");
        site.stub.change(key, |object| {
            object.kind = stored.map(str::to_owned);
            object.cache_control = own.map(str::to_owned);
        });
        let got = site.get(&format!("/{key}"), &[]).await;
        assert_eq!(
            (got.header("content-type"), got.header("cache-control")),
            (kind, lifetime),
            "{key}"
        );
    }
}
