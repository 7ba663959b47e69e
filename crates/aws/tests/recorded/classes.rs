//! What every recorded error means for the next move, as a table whose changes show.

use std::fmt::Write as _;

use super::{Recording, checked_in};
use crate::classify::class_of;
use crate::hints::hint_for;

#[test]
fn every_recorded_error_has_its_class_and_its_hint() {
    let mut table = String::new();
    let mut errors = 0;
    for recording in Recording::all() {
        let Some(error) = recording.told.get("error") else {
            continue;
        };
        errors += 1;
        let code = error["code"].as_str().unwrap();
        let message = error["message"].as_str().unwrap_or_default();
        let status = u16::try_from(error["status"].as_u64().unwrap()).unwrap();
        let label = recording.label();
        let class = class_of(&label, code, message, status);
        writeln!(table, "{class:?}: {label}: {status} {code}: {message}").unwrap();
        if let Some(hint) = hint_for(&label, code, message, class) {
            writeln!(table, "    {hint}").unwrap();
        }
    }
    assert_eq!(errors, 124);
    checked_in("classes.txt", &table);
}
