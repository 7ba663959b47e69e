//! The journal's text: a format line, then one JSON object a line.
//!
//! A torn last line (no newline at its end) is what a crash in the middle of an append leaves; the
//! call it would have announced was never made, so it is dropped. Anything else that cannot be
//! read is an error: guessing would lose resources.

use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::{Entry, Error};

/// Format and version of the journal.
pub(crate) const FORMAT: &str = "genu-deploy/journal/1";

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    /// Whose turn it is, where several machines write: a new one's head makes the old one's next
    /// conditional write fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Uuid>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    serial: u64,
    #[serde(flatten)]
    entry: Entry,
}

/// A journal as read: its entries and how many bytes of the file are whole lines.
pub(crate) struct Parsed {
    pub(crate) entries: Vec<(u64, Entry)>,
    pub(crate) whole: u64,
}

/// The text of a journal without entries, for the turn of `lease`.
#[must_use]
pub fn head(lease: Option<Uuid>) -> String {
    let head = Head {
        format: FORMAT.into(),
        lease,
    };
    // Two plain fields always serialise.
    serde_json::to_string(&head).unwrap_or_default() + "\n"
}

/// One line, newline included.
///
/// # Errors
/// When a record's facts cannot be serialised.
pub fn line(serial: u64, entry: &Entry) -> Result<String, Error> {
    let line = Line {
        serial,
        entry: entry.clone(),
    };
    serde_json::to_string(&line)
        .map(|text| text + "\n")
        .map_err(|e| Error::Other(format!("cannot serialise a journal entry: {e}")))
}

/// Reads a journal.
pub(crate) fn parse(place: &str, text: &[u8]) -> Result<Parsed, Error> {
    let corrupt = |line: usize, reason: String| Error::Corrupt {
        place: place.to_owned(),
        line,
        reason,
    };
    let whole = text
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    let lines = std::str::from_utf8(&text[..whole]).map_err(|e| corrupt(1, e.to_string()))?;
    let mut entries = Vec::new();
    for (number, line) in lines.lines().enumerate() {
        if number == 0 {
            let head: Head = serde_json::from_str(line).map_err(|e| corrupt(1, e.to_string()))?;
            if head.format != FORMAT {
                return Err(Error::Format {
                    place: place.to_owned(),
                    found: head.format,
                    expected: FORMAT,
                });
            }
            continue;
        }
        let line: Line =
            serde_json::from_str(line).map_err(|e| corrupt(number + 1, e.to_string()))?;
        entries.push((line.serial, line.entry));
    }
    Ok(Parsed {
        entries,
        whole: whole as u64,
    })
}
