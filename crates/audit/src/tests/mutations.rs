//! One change a row, and exactly the rules that it makes fire.

mod access;
mod bucket;
mod endpoints;
mod groups;
mod harmless;
mod network;
mod roles;
mod web;

use super::fixture::Scene;

pub(super) use harmless::HARMLESS;

/// A change to a tight deployment.
pub(super) struct Row {
    /// The rule that it is about.
    pub(super) rule: &'static str,
    /// Rules that cannot but fire, too.
    pub(super) with: &'static [&'static str],
    pub(super) mutate: fn(&mut Scene),
}

const fn row(rule: &'static str, mutate: fn(&mut Scene)) -> Row {
    with(rule, &[], mutate)
}

const fn with(rule: &'static str, with: &'static [&'static str], mutate: fn(&mut Scene)) -> Row {
    Row { rule, with, mutate }
}

/// All rows.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [
        network::ROWS,
        groups::ROWS,
        endpoints::ROWS,
        web::ROWS,
        bucket::ROWS,
        access::ROWS,
        roles::ROWS,
    ]
    .into_iter()
    .flatten()
}
