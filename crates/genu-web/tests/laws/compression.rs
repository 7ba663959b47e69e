//! Compressed forms.

use std::io::Read;

use crate::site::{Got, Site, text};

fn plain(got: &Got) -> Vec<u8> {
    let mut bytes = Vec::new();
    match got.header("content-encoding") {
        "gzip" => {
            let mut decoder = flate2::read::GzDecoder::new(&*got.body);
            let _ = decoder.read_to_end(&mut bytes).unwrap();
        }
        "br" => brotli::BrotliDecompress(&mut &*got.body, &mut bytes).unwrap(),
        "" => bytes.extend_from_slice(&got.body),
        other => panic!("{other}"),
    }
    bytes
}

#[tokio::test]
async fn a_form_is_smaller_the_same_and_weakly_tagged() {
    let cases = [
        ("br, gzip", "br", "gzip"),
        ("gzip, deflate", "gzip", "gzip"),
        ("br", "br", ""),
        ("br;q=0.1, gzip", "gzip", "gzip"),
        ("identity", "", ""),
        ("br;q=0, gzip;q=0", "", ""),
    ];
    for object_bytes in [1 << 20, 10, 0] {
        let site = Site::start(|config| config.limits.object_bytes = object_bytes).await;
        site.stub.put("o.js", text(200_000));
        let strong = site.get("/o.js", &[]).await.header("etag").to_owned();
        for (accepted, kept, streamed) in cases {
            let got = site.get("/o.js", &[("accept-encoding", accepted)]).await;
            let coding = if object_bytes > 10 { kept } else { streamed };
            assert_eq!(got.header("content-encoding"), coding, "{accepted}");
            assert_eq!(plain(&got), text(200_000));
            assert_eq!(got.header("vary"), "accept-encoding");
            if coding.is_empty() {
                assert_eq!(got.header("etag"), strong);
                assert_eq!(got.header("accept-ranges"), "bytes");
            } else {
                assert_eq!(got.header("etag"), format!("W/{strong}"));
                assert!(got.body.len() < 100_000);
                assert!(!got.headers.contains_key("accept-ranges"));
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_shrink_stays_as_it_is() {
    let site = Site::start(|_| {}).await;
    let mut seed = 1_u64;
    let noise = (0..5000).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        u8::try_from(seed >> 56).unwrap()
    });
    site.stub.put("noise.txt", noise.collect::<Vec<_>>());
    site.stub.put("small.js", text(1024));
    site.stub.put("picture.png", text(5000));
    site.stub.put("done.js", text(5000));
    for key in ["noise.txt", "small.js", "picture.png"] {
        let got = site
            .get(&format!("/{key}"), &[("accept-encoding", "br, gzip")])
            .await;
        assert_eq!(got.header("content-encoding"), "", "{key}");
        assert!(!got.header("etag").starts_with("W/"));
    }
}

#[tokio::test]
async fn streams_beyond_the_bound_are_sent_as_they_are() {
    let site = Site::start(|config| {
        config.cache_bytes = 0;
        config.limits.streams_compressed = 1;
    })
    .await;
    // Larger than all buffers on the way, so that the first stays open.
    site.stub.put("o.js", text(40 << 20));
    let gzip = [("accept-encoding", "gzip")];
    let first = crate::site::open(site.port, "GET", "/o.js", &gzip)
        .await
        .unwrap();
    assert_eq!(first.headers()["content-encoding"], "gzip");
    let second = crate::site::open(site.port, "GET", "/o.js", &gzip)
        .await
        .unwrap();
    assert!(!second.headers().contains_key("content-encoding"));
    drop((first, second));
    crate::site::moment(200).await;
    let third = crate::site::open(site.port, "GET", "/o.js", &gzip)
        .await
        .unwrap();
    assert_eq!(third.headers()["content-encoding"], "gzip");
}
