//! Parts of objects.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::site::{Site, text};

/// Headers, then status and `Content-Range`.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

/// Cached, too large to be cached, without a cache.
async fn sites() -> Vec<Site> {
    let cached = Site::start(|_| {}).await;
    let streamed = Site::start(|config| config.limits.object_bytes = 100).await;
    let uncached = Site::uncached().await;
    for site in [&cached, &streamed, &uncached] {
        site.stub.put("o.js", text(3000));
    }
    let _ = cached.get("/o.js", &[]).await;
    let _ = streamed.get("/o.js", &[]).await;
    vec![cached, streamed, uncached]
}

#[test]
fn parts_joined_are_the_object() {
    let runtime = Runtime::new().unwrap();
    let sites = runtime.block_on(sites());
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    });
    let cuts = proptest::collection::btree_set(1..3000_usize, 0..5);
    let law = |cuts: std::collections::BTreeSet<usize>| {
        let bounds = [0]
            .into_iter()
            .chain(cuts)
            .chain([3000])
            .collect::<Vec<_>>();
        for site in &sites {
            let mut whole = Vec::new();
            for part in bounds.windows(2) {
                let range = format!("bytes={}-{}", part[0], part[1] - 1);
                let headers = [("range", &*range), ("accept-encoding", "br, gzip")];
                let got = runtime.block_on(site.get("/o.js", &headers));
                prop_assert_eq!(got.status, 206);
                prop_assert_eq!(got.header("content-encoding"), "");
                let expected = format!("bytes {}-{}/3000", part[0], part[1] - 1);
                prop_assert_eq!(got.header("content-range"), expected);
                prop_assert_eq!(got.header("content-length"), got.body.len().to_string());
                whole.extend_from_slice(&got.body);
            }
            prop_assert_eq!(whole, text(3000));
        }
        Ok(())
    };
    runner.run(&cuts, law).unwrap();
}

#[tokio::test]
async fn every_way_to_keep_an_object_answers_alike() {
    let sites = sites().await;
    let tag = sites[0].get("/o.js", &[]).await.header("etag").to_owned();
    let weak = format!("W/{tag}");
    let date = "Tue, 14 Nov 2023 22:13:20 GMT";
    let cases: [Case<'_>; 13] = [
        (&[("range", "bytes=0-")], 206, "bytes 0-2999/3000"),
        (&[("range", "bytes=-1")], 206, "bytes 2999-2999/3000"),
        (&[("range", "bytes=2990-9999")], 206, "bytes 2990-2999/3000"),
        (&[("range", "bytes=3000-")], 416, "bytes */3000"),
        (&[("range", "bytes=0-1,5-6")], 200, ""),
        (&[("range", "lines=0-1")], 200, ""),
        (
            &[("range", "bytes=0-1"), ("if-range", &tag)],
            206,
            "bytes 0-1/3000",
        ),
        (
            &[("range", "bytes=0-1"), ("if-range", date)],
            206,
            "bytes 0-1/3000",
        ),
        (&[("range", "bytes=0-1"), ("if-range", &weak)], 200, ""),
        (
            &[("range", "bytes=0-1"), ("if-range", "\"other\"")],
            200,
            "",
        ),
        (
            &[("range", "bytes=9000-"), ("if-range", "\"other\"")],
            200,
            "",
        ),
        (
            &[
                ("range", "bytes=0-1"),
                ("if-range", "Tue, 14 Nov 2023 22:13:21 GMT"),
            ],
            200,
            "",
        ),
        (&[("range", "bytes=0-1"), ("if-none-match", &tag)], 304, ""),
    ];
    for (headers, status, range) in cases {
        let mut answers = Vec::new();
        for site in &sites {
            let mut got = site.get("/o.js", headers).await;
            assert_eq!(got.status, status, "{headers:?}");
            assert_eq!(got.header("content-range"), range, "{headers:?}");
            let _ = got.headers.remove("date");
            answers.push(got);
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{headers:?}"
        );
        let head = sites[0].send("HEAD", "/o.js", headers).await;
        assert_eq!(
            head.status,
            if status == 304 { 304 } else { 200 },
            "{headers:?}"
        );
    }
}
