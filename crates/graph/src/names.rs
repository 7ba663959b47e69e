//! Names for forms that allow few characters in them: readable, and no two alike.

use std::collections::HashSet;

/// One name each: `name` of the id, with a number where that is taken.
pub(crate) fn unique<'a>(
    ids: impl Iterator<Item = &'a str>,
    name: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut one = |id: &str| {
        let wanted = name(id);
        let mut own = wanted.clone();
        let mut number = 2;
        while !taken.insert(own.clone()) {
            own = format!("{wanted}_{number}");
            number += 1;
        }
        own
    };
    ids.map(&mut one).collect()
}
