//! A state written anew from what was seen: for when it is lost or cannot be read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use state::{Record, State};

use crate::observe::Observation;
use crate::plan::built_on;
use crate::{Catalog, Cloud, Desired};

/// The records of everything that was seen and bears our marks. What is desired is built on what
/// its node needs, anything else on whatever its kind may need.
#[must_use]
pub fn records<C: Cloud>(
    catalog: &Catalog<C>,
    desired: &Desired<C>,
    observation: &Observation,
) -> BTreeMap<String, Record> {
    let guessed = built_on(catalog, observation, &State::default());
    let seen = observation.seen.iter();
    let records = seen.filter_map(|(id, seen)| {
        let ours = observation.ours(id)?;
        let kind = catalog.get(seen.kind)?;
        let needs = match desired.get(id) {
            Some(node) => node.needs(),
            None => guessed.get(id).cloned().unwrap_or_default(),
        };
        let record = Record {
            kind: seen.kind.to_owned(),
            out: kind.encode(&ours.out),
            needs: needs.iter().map(ToString::to_string).collect(),
            at: Timestamp::now(),
            wanted: None,
        };
        Some((id.to_string(), record))
    });
    records.collect()
}
