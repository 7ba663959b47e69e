//! The snapshot's text: the whole state as one JSON object, with its format.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, State};

const FORMAT: &str = "genu-deploy/state/1";

#[derive(Serialize, Deserialize)]
struct Snapshot {
    format: String,
    /// Whose turn it is, as in the journal's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Uuid>,
    #[serde(flatten)]
    state: State,
}

/// The text of a snapshot, newline included, for the turn of `lease`.
///
/// # Errors
/// When a record's facts cannot be serialised.
pub fn text(state: &State, lease: Option<Uuid>) -> Result<String, Error> {
    let snapshot = Snapshot {
        format: FORMAT.into(),
        lease,
        state: state.clone(),
    };
    serde_json::to_string_pretty(&snapshot)
        .map(|text| text + "\n")
        .map_err(|e| Error::Other(format!("cannot serialise the state: {e}")))
}

/// Reads a snapshot; `place` names it in errors.
///
/// # Errors
/// When it cannot be read or has another format.
pub fn parse(place: &str, text: &[u8]) -> Result<State, Error> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let corrupt = |e: serde_json::Error| Error::Corrupt {
        place: place.to_owned(),
        line: e.line(),
        reason: e.to_string(),
    };
    let head: Head = serde_json::from_slice(text).map_err(corrupt)?;
    if head.format != FORMAT {
        return Err(Error::Format {
            place: place.to_owned(),
            found: head.format,
            expected: FORMAT,
        });
    }
    let snapshot: Snapshot = serde_json::from_slice(text).map_err(corrupt)?;
    Ok(snapshot.state)
}
