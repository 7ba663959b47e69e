//! `Cache-Control`. Invariant: only a file whose name changes with its content is kept for ever, and
//! a page is asked for anew each time.

use crate::media;

/// A name that a bundler makes from the content: never changes.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Kept, but never used without asking.
pub const REVALIDATE: &str = "no-cache";
/// Whatever is neither: at most a minute old after a deployment.
pub const SHORT: &str = "public, max-age=60";
/// Errors.
pub const NEVER: &str = "no-store";

/// The rule for the object `key` of the type `kind`.
#[must_use]
pub fn rule(key: &str, kind: &str) -> &'static str {
    if media::is_html(kind) {
        REVALIDATE
    } else if is_hashed(key) {
        IMMUTABLE
    } else {
        SHORT
    }
}

/// Whether a bundler put the content's hash into the name: below a folder `assets`, a stem that ends
/// with `-` or `.` and eight characters of base64url (Vite, Rollup) or at least 16 hexadecimal ones.
/// In doubt it is none: a copy that stays a year is worse than a question too many.
fn is_hashed(key: &str) -> bool {
    let Some((folders, name)) = key.rsplit_once('/') else {
        return false;
    };
    // `index-BfD8d2aX.js.map` is as fixed as its script.
    let name = name.strip_suffix(".map").unwrap_or(name);
    let Some((stem, _)) = name.rsplit_once('.') else {
        return false;
    };
    folders.split('/').any(|folder| folder == "assets") && (ends_short(stem) || ends_long(stem))
}

fn ends_short(stem: &str) -> bool {
    let Some((before, hash)) = stem
        .len()
        .checked_sub(8)
        .and_then(|at| stem.split_at_checked(at))
    else {
        return false;
    };
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    before.len() > 1
        && before.ends_with(['-', '.'])
        && hash.bytes().all(base64url)
        && !is_word(hash)
        && !is_size(hash)
}

fn ends_long(stem: &str) -> bool {
    let Some((before, hash)) = stem.rsplit_once(['-', '.']) else {
        return false;
    };
    !before.is_empty() && hash.len() >= 16 && hash.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `document`, `Document`, `section2`, `20240131`, `two-word`: written by people.
fn is_word(hash: &str) -> bool {
    hash.split(['-', '_']).all(|part| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let rest = letters.get(1..).unwrap_or_default();
        let lower = rest.bytes().all(|b| b.is_ascii_lowercase());
        let upper = letters.bytes().all(|b| b.is_ascii_uppercase());
        lower || upper
    })
}

/// `1280x720`.
fn is_size(hash: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let parts = hash.split_once('x');
    parts.is_some_and(|(width, height)| number(width) && number(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rules() {
        for (key, kind, expected) in [
            ("assets/index-BfD8d2aX.js", "text/javascript", IMMUTABLE),
            (
                "app/assets/index-BfD8d2aX.js.map",
                "application/json",
                IMMUTABLE,
            ),
            ("assets/a-B_d8-2aX.css", "text/css", IMMUTABLE),
            ("assets/a.3f2a9c1b.css", "text/css", IMMUTABLE),
            ("assets/a-0123456789abcdef0123.png", "image/png", IMMUTABLE),
            ("assets/page-BfD8d2aX.html", "text/html", REVALIDATE),
            ("index.html", "text/html; charset=utf-8", REVALIDATE),
            ("index-BfD8d2aX.js", "text/javascript", SHORT),
            ("sw.js", "text/javascript", SHORT),
            ("assets/my-document.js", "text/javascript", SHORT),
            ("assets/my-Document.pdf", "application/pdf", SHORT),
            ("assets/bg-1280x720.png", "image/png", SHORT),
            ("assets/bg-20240131.png", "image/png", SHORT),
            ("assets/doc-section2.pdf", "application/pdf", SHORT),
            ("assets/x-two-word.pdf", "application/pdf", SHORT),
            ("assets/BfD8d2aX.js", "text/javascript", SHORT),
            ("assets/-BfD8d2aX.js", "text/javascript", SHORT),
            ("assets/日日日日日日.js", "text/javascript", SHORT),
        ] {
            assert_eq!(rule(key, kind), expected, "{key}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(key in ".*") {
            let _ = rule(&key, "text/css");
        }

        #[test]
        fn pages_are_never_kept(key in "(assets/)?[a-zA-Z0-9.-]{1,30}") {
            prop_assert_eq!(rule(&key, "text/html; charset=utf-8"), REVALIDATE);
        }
    }
}
