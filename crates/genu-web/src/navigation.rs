//! When a missing object is a page of the app. Invariant: a missing asset is never answered with
//! the app's page, whoever asks.

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName};

use crate::media;

/// Tells what a browser asks for: `navigate` for a page.
pub const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether a request with these headers for this (decoded) path goes to a page of the app.
#[must_use]
pub fn is_navigation(headers: &HeaderMap, path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    wants_page(headers) && !media::is_asset(last)
}

fn wants_page(headers: &HeaderMap) -> bool {
    let mode = headers.get(SEC_FETCH_MODE);
    mode.is_some_and(|mode| mode == "navigate")
        || headers.get_all(ACCEPT).iter().any(|accept| {
            let accept = accept.to_str().unwrap_or_default();
            let mut kinds = accept.split([',', ';']).map(str::trim);
            kinds.any(|kind| kind.eq_ignore_ascii_case("text/html"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.insert(name, value.parse().unwrap());
        map
    }

    #[test]
    fn a_page_and_no_asset() {
        let browser = headers("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let typed = headers("sec-fetch-mode", "navigate");
        let script = headers("accept", "*/*");
        for (path, page) in [
            ("/chat/1", true),
            ("/", true),
            ("/chat/", true),
            ("/v1.2", true),
            ("/user/john.doe", true),
            ("/old.html", true),
            ("/assets/index-BfD8d2aX.js", false),
            ("/a.JS", false),
            ("/a.css", false),
            ("/a.js.map", false),
            ("/favicon.ico", false),
            ("/manifest.webmanifest", false),
            ("/x.json", false),
            ("/x.woff2", false),
            ("/x.wasm", false),
        ] {
            assert_eq!(is_navigation(&browser, path), page, "{path}");
            assert_eq!(is_navigation(&typed, path), page, "{path}");
            assert!(!is_navigation(&script, path), "{path}");
            assert!(!is_navigation(&HeaderMap::new(), path), "{path}");
        }
    }
}
