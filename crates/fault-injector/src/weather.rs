//! Faults by seed: the same seed, the same faults, whatever the order in which calls arrive.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use fastrand::Rng;

use crate::{Call, Fault};

/// A climate of faults. Whether the nth call of an operation is hit depends on seed, operation and
/// n alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// The seed.
    pub seed: u64,
    /// How many of a hundred changing calls are hit.
    pub changes: u8,
    /// How many of a hundred reads are hit.
    pub reads: u8,
    /// How many calls of one operation are hit in a row at most, so that retries come through.
    pub in_a_row: u8,
}

/// A weather and what it did so far.
#[derive(Debug, Default)]
pub(crate) struct Sequence {
    hits: HashMap<String, u8>,
}

impl Sequence {
    /// What the weather has for the `nth` call of this name.
    pub(crate) fn fault(&mut self, weather: Weather, call: &Call, nth: usize) -> Option<Fault> {
        let name = call.name();
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut dice = Rng::with_seed(hasher.hash_one((weather.seed, &name, nth)));
        let chance = if call.changes() {
            weather.changes
        } else {
            weather.reads
        };
        let row = self.hits.entry(name).or_default();
        if dice.u8(0..100) >= chance || *row >= weather.in_a_row {
            *row = 0;
            return None;
        }
        *row += 1;
        Some(match dice.u8(0..6) {
            0 => Fault::LoseAnswer,
            1 => Fault::LoseRequest,
            2 => Fault::Fail(500),
            3 => Fault::Fail(503),
            4 => Fault::Throttle,
            _ => Fault::Delay(Duration::from_millis(dice.u64(10..400))),
        })
    }
}
