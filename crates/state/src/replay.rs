//! From snapshot and journal to the state they stand for, wherever they are kept.

use crate::{Error, State, journal, snapshot};

/// A piece of a state as it was read: where, and its bytes; `None` when there is none.
pub type Piece<'a> = (&'a str, Option<&'a [u8]>);

/// The state, and how many bytes of the journal are whole lines.
///
/// Read the journal before the snapshot: a compaction in between then only makes entries appear in
/// both, which the serial sorts out.
///
/// # Errors
/// When a piece cannot be read or has another format.
pub fn replay(snapshot: Piece<'_>, journal: Piece<'_>) -> Result<(State, u64), Error> {
    let mut state = match snapshot {
        (place, Some(text)) => snapshot::parse(place, text)?,
        (_, None) => State::default(),
    };
    let (place, Some(text)) = journal else {
        return Ok((state, 0));
    };
    let parsed = journal::parse(place, text)?;
    for (serial, entry) in parsed.entries {
        if serial > state.serial {
            state.apply(serial, entry);
        }
    }
    Ok((state, parsed.whole))
}
