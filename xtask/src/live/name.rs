//! The environments of live runs carry the minute they began in, which says what may be swept: nothing
//! that a person would have named, nothing that may still be under way.

use std::time::{SystemTime, SystemTimeError};

const PREFIX: &str = "live-";
/// A run takes less than half an hour; longer ones have been forgotten.
const ABANDONED: u64 = 3 * 60;
/// The first minute of 2026, before which there was no live run: `live-cafe` and `live-feed` are names
/// that somebody may have chosen, and minutes of 1970.
const FIRST: u64 = 29_453_760;

/// Minutes since 1970.
pub(crate) fn now() -> Result<u64, SystemTimeError> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(since.as_secs() / 60)
}

/// The environment of a run that begins in this minute.
pub(crate) fn of(minute: u64) -> String {
    format!("{PREFIX}{minute:x}")
}

/// Whether `env` is what a live run left behind, as seen in this minute.
pub(crate) fn abandoned(env: &str, now: u64) -> bool {
    let hex = env.strip_prefix(PREFIX);
    let minute = hex.and_then(|hex| u64::from_str_radix(hex, 16).ok());
    minute.is_some_and(|minute| {
        minute >= FIRST && of(minute) == env && now.saturating_sub(minute) > ABANDONED
    })
}

#[cfg(test)]
mod tests {
    use super::{ABANDONED, FIRST, abandoned, of};

    const NOW: u64 = FIRST + 1_000_000;

    #[test]
    fn a_name_fits_where_environments_are_named() {
        for minute in [FIRST, NOW, FIRST * 2] {
            let name = of(minute);
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.len() <= 16 && name.chars().all(fits), "{name}");
        }
    }

    #[test]
    fn only_what_is_older_than_three_hours_is_abandoned() {
        assert!(abandoned(&of(FIRST), NOW));
        assert!(abandoned(&of(NOW - ABANDONED - 1), NOW));
        for minute in [NOW - ABANDONED, NOW - 1, NOW, NOW + 1, NOW * 2] {
            assert!(!abandoned(&of(minute), NOW), "{minute}");
        }
    }

    #[test]
    fn nothing_that_somebody_else_named_is_abandoned() {
        let old = format!("{FIRST:x}");
        let names = [
            String::new(),
            old.clone(),
            "priv".to_owned(),
            "live".to_owned(),
            "live-".to_owned(),
            "live-cafe".to_owned(),
            "live-feed".to_owned(),
            "live-1".to_owned(),
            "live-eu".to_owned(),
            of(FIRST - 1),
            format!("live-0{old}"),
            format!("live-+{old}"),
            format!("live-{}", old.to_uppercase()),
            format!("live-{old}-2"),
            format!("live-{old} "),
            format!("Live-{old}"),
            format!("alive-{old}"),
            format!("live--{old}"),
            format!("live-{old}{old}{old}"),
        ];
        for name in names {
            assert!(!abandoned(&name, NOW), "{name:?}");
        }
    }
}
