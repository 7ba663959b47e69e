//! Entity tags. Invariant: what we change in an object's bytes (compression) bears the weak form of
//! its tag, so a part is never joined to it.

use http::{HeaderMap, HeaderValue, header::IF_NONE_MATCH};

/// What `If-None-Match` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`.
    Any,
    /// The opaque parts, quotes included, without `W/`.
    Some(Vec<String>),
}

impl Tags {
    /// Reads the headers; `None` when there is none. Malformed tags match nothing.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let mut tags = Vec::new();
        let mut any = false;
        for value in headers.get_all(IF_NONE_MATCH) {
            let text = value.to_str().unwrap_or_default();
            any |= text.trim() == "*";
            // Between quotes, every second piece is a tag: one may hold a comma.
            let inner = text.split('"').skip(1).step_by(2);
            let whole = text.bytes().filter(|b| *b == b'"').count() / 2;
            tags.extend(inner.take(whole).map(|tag| format!("\"{tag}\"")));
        }
        if any {
            Some(Self::Any)
        } else {
            headers
                .contains_key(IF_NONE_MATCH)
                .then_some(Self::Some(tags))
        }
    }

    /// Weak comparison with a tag (RFC 9110, 8.8.3.2).
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Some(tags) => tags.iter().any(|known| known == opaque(tag)),
        }
    }

    /// The tag, when it is exactly one: what S3 can be asked with.
    #[must_use]
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::Some(tags) => match tags.as_slice() {
                [tag] => Some(tag),
                _ => None,
            },
            Self::Any => None,
        }
    }
}

/// A tag without `W/`.
#[must_use]
pub fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The weak form of a tag.
#[must_use]
pub fn weak(tag: &HeaderValue) -> HeaderValue {
    let text = tag.to_str().unwrap_or_default();
    let weak = HeaderValue::from_str(&format!("W/{}", opaque(text)));
    weak.unwrap_or_else(|_| tag.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<Tags> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_str(text).ok()?);
        Tags::read(&headers)
    }

    #[test]
    fn lists() {
        let tags = read(r#"W/"a", "b,c" , d"#).unwrap();
        assert!(tags.matches(r#""a""#) && tags.matches(r#"W/"a""#));
        assert!(tags.matches(r#""b,c""#));
        assert!(!tags.matches(r#""d""#) && !tags.matches(r#"", ""#));
        assert_eq!(tags.single(), None);
        assert_eq!(read(r#"W/"a""#).unwrap().single(), Some(r#""a""#));
        assert_eq!(read("*"), Some(Tags::Any));
        assert_eq!(read("\"open"), Some(Tags::Some(vec![])));
        assert_eq!(Tags::read(&HeaderMap::new()), None);
        assert_eq!(weak(&HeaderValue::from_static("\"a\"")), "W/\"a\"");
    }

    proptest! {
        #[test]
        fn a_listed_tag_matches(tags in proptest::collection::vec("[!#-~]{0,8}", 1..5)) {
            let list = tags.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>();
            let read = read(&list.join(", ")).unwrap();
            for tag in &list {
                prop_assert!(read.matches(tag));
            }
        }

        #[test]
        fn never_panics(text in ".*") {
            let _ = read(&text);
        }
    }
}
