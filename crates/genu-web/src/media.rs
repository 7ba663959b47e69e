//! Media types: of an object, and what follows from one. Invariant: a type is always a legal header.

use http::HeaderValue;

/// Below this, compression costs more than it saves (a packet is about 1,400 bytes).
const COMPRESSED_FROM: u64 = 1024;
const UNKNOWN: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What S3 says when nobody told it.
fn says_nothing(stored: &str) -> bool {
    matches!(
        stored.trim(),
        "" | "binary/octet-stream" | "application/octet-stream"
    )
}

/// The type of the object `key`: as stored in S3, else by its extension.
#[must_use]
pub fn content_type(key: &str, stored: Option<&str>) -> HeaderValue {
    let stored = stored.filter(|stored| !says_nothing(stored));
    if let Some(stored) = stored.and_then(|stored| HeaderValue::from_str(stored).ok()) {
        return stored;
    }
    HeaderValue::from_str(&site::media_type(key)).unwrap_or(UNKNOWN)
}

/// Whether the last segment of a path names a file that is no page.
#[must_use]
pub fn is_asset(name: &str) -> bool {
    site::guess(name).is_some_and(|guess| !is_html(guess))
}

/// Whether a type is a page.
#[must_use]
pub fn is_html(kind: &str) -> bool {
    matches!(essence(kind), "text/html" | "application/xhtml+xml")
}

/// Whether an object of this type and length gains by compression.
#[must_use]
pub fn compressible(kind: &str, length: u64) -> bool {
    let kind = essence(kind);
    let text = kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(
            kind,
            "application/javascript"
                | "application/x-javascript"
                | "application/json"
                | "application/xml"
                | "application/wasm"
                | "application/vnd.ms-fontobject"
                | "font/ttf"
                | "font/otf"
        );
    text && length > COMPRESSED_FROM && kind != "text/event-stream"
}

fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or(kind).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn types() {
        for (key, stored, expected) in [
            ("a.js", None, "text/javascript; charset=utf-8"),
            ("a.mjs", None, "application/javascript"),
            ("x/index.html", None, "text/html; charset=utf-8"),
            (
                "a.css",
                Some("binary/octet-stream"),
                "text/css; charset=utf-8",
            ),
            ("a.css", Some("text/plain"), "text/plain"),
            ("a.svg", None, "image/svg+xml"),
            ("a.wasm", None, "application/wasm"),
            ("a.json", None, "application/json"),
            ("a.woff2", None, "font/woff2"),
            ("a.js.map", None, "application/json"),
            ("m.webmanifest", None, "application/manifest+json"),
            ("a.b/noext", None, "application/octet-stream"),
            ("a.png", Some("bad\nheader"), "image/png"),
        ] {
            assert_eq!(content_type(key, stored), expected, "{key} {stored:?}");
        }
    }

    #[test]
    fn text_gains_and_pictures_do_not() {
        assert!(compressible("text/javascript; charset=utf-8", 1025));
        assert!(compressible("image/svg+xml", 5000));
        assert!(!compressible("text/html", 1024));
        assert!(!compressible("image/png", 5000));
        assert!(!compressible("font/woff2", 5000));
    }

    proptest! {
        #[test]
        fn never_panics(key in ".*", stored in ".*") {
            let _ = content_type(&key, Some(&stored));
        }
    }
}
