//! The `Range` header. Invariant: a resolved part is never empty and lies within the object.

use std::fmt;
use std::ops::Range;

/// One range of bytes, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From an offset to the end.
    From(u64),
    /// From the first to the last offset, both included.
    Span(u64, u64),
    /// The last bytes, so many.
    Last(u64),
}

/// No byte of the object is in the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the range lies outside the object")]
pub struct Unsatisfiable;

impl ByteRange {
    /// Reads a header. `None` when it is malformed, in another unit or of several ranges: then it is
    /// as if it were not there (RFC 9110, 14.2).
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (unit, set) = header.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = set.trim().split_once('-')?;
        match (first.trim(), last.trim()) {
            ("", last) => Some(Self::Last(number(last)?)),
            (first, "") => Some(Self::From(number(first)?)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Span(first, last))
            }
        }
    }

    /// The part of an object of `length` bytes.
    ///
    /// # Errors
    /// When no byte is in it.
    pub fn resolve(self, length: u64) -> Result<Range<u64>, Unsatisfiable> {
        let part = match self {
            Self::From(first) => first..length,
            Self::Span(first, last) => first..last.saturating_add(1).min(length),
            Self::Last(count) => length.saturating_sub(count)..length,
        };
        if part.start < part.end {
            Ok(part)
        } else {
            Err(Unsatisfiable)
        }
    }
}

/// As S3 is asked for it.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::From(first) => write!(f, "bytes={first}-"),
            Self::Span(first, last) => write!(f, "bytes={first}-{last}"),
            Self::Last(count) => write!(f, "bytes=-{count}"),
        }
    }
}

/// Digits alone; what no object can have is as good as the most.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers() {
        for (header, expected) in [
            ("bytes=0-0", Some(ByteRange::Span(0, 0))),
            ("Bytes= 5 - ", Some(ByteRange::From(5))),
            ("bytes=-3", Some(ByteRange::Last(3))),
            (
                "bytes=0-99999999999999999999",
                Some(ByteRange::Span(0, u64::MAX)),
            ),
            ("bytes=3-2", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
            ("bytes", None),
            ("", None),
        ] {
            assert_eq!(ByteRange::parse(header), expected, "{header}");
        }
    }

    #[test]
    fn outside() {
        assert_eq!(ByteRange::From(5).resolve(5), Err(Unsatisfiable));
        assert_eq!(ByteRange::Last(0).resolve(5), Err(Unsatisfiable));
        assert_eq!(ByteRange::Last(3).resolve(0), Err(Unsatisfiable));
        assert_eq!(ByteRange::Last(9).resolve(5), Ok(0..5));
        assert_eq!(ByteRange::Span(3, u64::MAX).resolve(5), Ok(3..5));
    }

    fn any_range() -> impl Strategy<Value = ByteRange> {
        prop_oneof![
            any::<u64>().prop_map(ByteRange::From),
            any::<(u64, u64)>().prop_map(|(a, b)| ByteRange::Span(a.min(b), a.max(b))),
            any::<u64>().prop_map(ByteRange::Last),
            (0..20_u64).prop_map(ByteRange::From),
            (0..20_u64, 0..20_u64).prop_map(|(a, b)| ByteRange::Span(a.min(b), a.max(b))),
        ]
    }

    proptest! {
        #[test]
        fn never_panics(header in ".*|bytes=[0-9-, ]*") {
            let _ = ByteRange::parse(&header);
        }

        #[test]
        fn within(range in any_range(), length in prop_oneof![any::<u64>(), 0..30_u64]) {
            if let Ok(part) = range.resolve(length) {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }

        #[test]
        fn written_and_read_is_the_same(range in any_range()) {
            prop_assert_eq!(ByteRange::parse(&range.to_string()), Some(range));
        }
    }
}
