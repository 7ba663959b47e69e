//! From a request's path to the key of an object. Invariant: a key never holds a `.` or `..`
//! segment, an empty segment or a control character, and always begins with the prefix.

use percent_encoding::percent_decode_str;

/// What S3 allows, in bytes.
const LONGEST: usize = 1024;
/// The page of the app.
pub const INDEX: &str = "index.html";

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An object, by its key.
    Key(String),
    /// Nothing that can be an object: a folder, or longer than a key can be.
    Nothing,
}

/// Why a path is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// Not one that starts at the root.
    #[error("the path does not begin with a slash")]
    Form,
    /// A `%` without two hexadecimal digits.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Escape,
    /// Not text.
    #[error("the path is not UTF-8")]
    Encoding,
    /// A `.` or `..` segment.
    #[error("the path has a dot segment")]
    Dots,
    /// Two slashes in a row.
    #[error("the path has an empty segment")]
    Empty,
    /// A control character.
    #[error("the path has a control character")]
    Control,
}

/// Decodes `path` (without query) to what it names in a bucket, below `prefix`. A `+` stays.
///
/// # Errors
/// When the path is malformed or tries to climb.
pub fn decode(path: &str, prefix: &str) -> Result<Target, BadPath> {
    let path = path.strip_prefix('/').ok_or(BadPath::Form)?;
    if !well_escaped(path.as_bytes()) {
        return Err(BadPath::Escape);
    }
    let decoded = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| BadPath::Encoding)?;
    if decoded.contains(char::is_control) {
        return Err(BadPath::Control);
    }
    // S3 does not know backslashes; whatever reads the log or the bucket may.
    let climbs = |part| matches!(part, "." | "..");
    if decoded.split(['/', '\\']).any(climbs) {
        return Err(BadPath::Dots);
    }
    if decoded.is_empty() {
        return Ok(Target::Key(format!("{prefix}{INDEX}")));
    }
    let (parts, folder) = match decoded.strip_suffix('/') {
        Some(parts) => (parts, true),
        None => (&*decoded, false),
    };
    if parts.split('/').any(str::is_empty) {
        return Err(BadPath::Empty);
    }
    if folder || prefix.len() + decoded.len() > LONGEST {
        return Ok(Target::Nothing);
    }
    Ok(Target::Key(format!("{prefix}{decoded}")))
}

fn well_escaped(path: &[u8]) -> bool {
    path.iter().enumerate().all(|(at, byte)| {
        let digit = |offset| path.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        *byte != b'%' || (digit(1) && digit(2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(path: &str) -> Result<String, BadPath> {
        decode(path, "").map(|target| match target {
            Target::Key(key) => key,
            Target::Nothing => "-".into(),
        })
    }

    #[test]
    fn paths() {
        for (path, expected) in [
            ("/", Ok("index.html")),
            ("/a/b.js", Ok("a/b.js")),
            ("/a+b", Ok("a+b")),
            ("/a%20b%2Bc", Ok("a b+c")),
            ("/%E6%97%A5", Ok("日")),
            ("/a%2Fb", Ok("a/b")),
            ("/%252e%252e/x", Ok("%2e%2e/x")),
            ("/...", Ok("...")),
            ("/a/", Ok("-")),
            ("//", Err(BadPath::Empty)),
            ("/a//b", Err(BadPath::Empty)),
            ("/%2Fa", Err(BadPath::Empty)),
            ("/..", Err(BadPath::Dots)),
            ("/a/%2e%2E/b", Err(BadPath::Dots)),
            ("/a/..%2fb", Err(BadPath::Dots)),
            ("/a\\..\\b", Err(BadPath::Dots)),
            ("/./a", Err(BadPath::Dots)),
            ("/%", Err(BadPath::Escape)),
            ("/%4", Err(BadPath::Escape)),
            ("/%zz", Err(BadPath::Escape)),
            ("/%ff", Err(BadPath::Encoding)),
            ("/%c3%28", Err(BadPath::Encoding)),
            ("/a%00", Err(BadPath::Control)),
            ("*", Err(BadPath::Form)),
        ] {
            assert_eq!(key(path), expected.map(str::to_owned), "{path}");
        }
        let long = format!("/{}", "a".repeat(1024));
        assert_eq!(key(&long).unwrap().len(), 1024);
        assert_eq!(decode(&long, "p/"), Ok(Target::Nothing));
    }

    proptest! {
        #[test]
        fn never_climbs(path in "/(\\.|%2[eE]|/|%2[fF]|\\\\|%5[cC]|a|%25|\\+|é|%C3%A9|%00){0,12}") {
            if let Ok(Target::Key(key)) = decode(&path, "app/") {
                let inner = key.strip_prefix("app/").unwrap();
                prop_assert!(!inner.is_empty() && !inner.chars().any(char::is_control));
                for part in inner.split(['/', '\\']) {
                    prop_assert!(part != ".." && part != ".");
                }
                prop_assert!(inner.split('/').all(|part| !part.is_empty()));
            }
        }

        #[test]
        fn never_panics(path in ".*", prefix in ".*") {
            let _ = decode(&path, &prefix);
        }

        #[test]
        fn encoding_and_decoding_is_nothing(key in "[a-zA-Z0-9 +%&?#é日_-]{1,30}(/[a-z+ %]{1,8}){0,3}") {
            const SET: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'/');
            let path = percent_encoding::utf8_percent_encode(&key, SET).to_string();
            prop_assert_eq!(decode(&format!("/{path}"), ""), Ok(Target::Key(key)));
        }
    }
}
