//! `Accept-Encoding`. Invariant: a coding is used only when the client names it, or `*`, with a
//! weight above nothing.

use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};

/// A compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Br,
    /// gzip.
    Gzip,
}

impl Coding {
    /// As `Content-Encoding` has it.
    #[must_use]
    pub fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Br => "br",
            Self::Gzip => "gzip",
        })
    }
}

/// What a client takes, in thousandths of a weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    br: u16,
    gzip: u16,
}

impl Accepted {
    /// Reads the headers.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let (mut br, mut gzip, mut rest) = (None, None, 0);
        for value in headers.get_all(ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                let (name, weight) = weighed(part);
                match name {
                    "*" => rest = weight,
                    _ if name.eq_ignore_ascii_case("br") => br = Some(weight),
                    _ if name.eq_ignore_ascii_case("gzip") => gzip = Some(weight),
                    _ if name.eq_ignore_ascii_case("x-gzip") => gzip = Some(weight),
                    _ => {}
                }
            }
        }
        Self {
            br: br.unwrap_or(rest),
            gzip: gzip.unwrap_or(rest),
        }
    }

    /// The coding for an object that is kept: the heavier, and of equals the smaller.
    #[must_use]
    pub fn best(self) -> Option<Coding> {
        match (self.br, self.gzip) {
            (0, 0) => None,
            (br, gzip) if br >= gzip => Some(Coding::Br),
            _ => Some(Coding::Gzip),
        }
    }

    /// Whether gzip is taken: the one for streams.
    #[must_use]
    pub fn gzip(self) -> bool {
        self.gzip > 0
    }
}

fn weighed(part: &str) -> (&str, u16) {
    let mut pieces = part.split(';').map(str::trim);
    let name = pieces.next().unwrap_or_default();
    let weight = pieces.find_map(|piece| {
        let (key, value) = piece.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case("q")
            .then(|| thousandths(value.trim()))
    });
    (name, weight.unwrap_or(1000))
}

/// `0`, `1`, `0.8`, `1.000`; malformed is nothing.
fn thousandths(text: &str) -> u16 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|b| b.is_ascii_digit());
    match (whole, digits) {
        ("1", true) => 1000,
        ("0", true) => format!("{rest:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepted(text: &str) -> Accepted {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(ACCEPT_ENCODING, value);
        }
        Accepted::read(&headers)
    }

    #[test]
    fn choices() {
        for (text, expected) in [
            ("gzip, deflate, br, zstd", Some(Coding::Br)),
            ("gzip", Some(Coding::Gzip)),
            ("br;q=0.5, gzip;q=0.9", Some(Coding::Gzip)),
            ("br;q=0, gzip;q=0.001", Some(Coding::Gzip)),
            ("GZIP ; Q=1.0", Some(Coding::Gzip)),
            ("*", Some(Coding::Br)),
            ("*, br;q=0", Some(Coding::Gzip)),
            ("*;q=0", None),
            ("identity", None),
            ("gzip;q=0", None),
            ("gzip;q=high", None),
            ("", None),
        ] {
            assert_eq!(accepted(text).best(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".*|((br|gzip|\\*)(;q=[0-9.]{0,6})?,?){0,4}") {
            let _ = accepted(&text).best();
        }

        #[test]
        fn what_is_not_named_is_not_used(text in "[a-z]{1,3}(, ?[a-z]{1,3}){0,3}") {
            let named = text.split(',').any(|name| name.trim() == "br");
            prop_assert_eq!(accepted(&text).best() == Some(Coding::Br), named);
        }
    }
}
