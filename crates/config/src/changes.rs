//! What a TypeScript file does to its constants after their declaration: assignments, deletions,
//! methods that change what they are called on, and calls that may. Nothing is run, so what such a
//! statement changes cannot be known, only that it does, and where.

mod aliases;
mod finder;

use std::collections::BTreeMap;

use oxc_ast::ast::Program;

use self::finder::Finder;
use crate::bindings::Bindings;
use crate::error::quoted;
use crate::lines::{Lines, Place};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The member that is changed, or in which something is; `None` when that cannot be known.
    pub key: Option<String>,
    pub place: Place,
    /// The statement, as it is written.
    pub text: String,
    /// The constant, as the statement means it.
    name: String,
    /// Whether it is handed to something that may change it.
    handed: bool,
}

impl Change {
    /// Why the value cannot be known.
    pub(crate) fn why(&self) -> String {
        let (name, text) = (quoted(&self.name), &self.text);
        if self.handed {
            format!(
                "{name} is handed to {text}, which may change it and would have to be run; hand over a copy, {{ ...{} }}",
                self.name
            )
        } else {
            format!(
                "{name} is changed after its declaration, by {text}, which would have to be run; write the values where it is declared"
            )
        }
    }
}

/// All changes, by the name of the constant.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    by_name: BTreeMap<String, Vec<Change>>,
}

impl Changes {
    pub(crate) fn of_program(
        text: &str,
        lines: &Lines<'_>,
        bindings: &Bindings<'_, '_>,
        program: &Program<'_>,
    ) -> Self {
        Finder::found_in(text, lines, bindings, program)
    }

    /// What is done to one constant.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &Change> {
        self.by_name.get(name).into_iter().flatten()
    }

    fn add(&mut self, name: &str, change: Change) {
        let changes = self.by_name.entry(name.to_owned()).or_default();
        // One of a kind is enough: each member that is changed, and one that cannot be known.
        if changes.iter().all(|known| known.key != change.key) {
            changes.push(change);
        }
    }
}
