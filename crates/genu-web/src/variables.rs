//! Environment variables. Invariant: a bad value is told in one line, with its name and what is
//! wanted; an empty value is no value.

use std::fmt;

/// A variable that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue {
    /// Name of the variable.
    pub variable: &'static str,
    /// What it has to be.
    pub wanted: &'static str,
    /// What it was; `None` when it is missing.
    pub value: Option<String>,
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} is {value:?}: {}", self.variable, self.wanted),
            None => write!(f, "{} is not set: {}", self.variable, self.wanted),
        }
    }
}

/// Reads variables and gathers what is bad.
#[derive(Debug)]
pub struct Reader<L> {
    look: L,
    /// What could not be used.
    pub bad: Vec<BadValue>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    /// One that has read nothing.
    pub fn new(look: L) -> Self {
        Self {
            look,
            bad: Vec::new(),
        }
    }

    /// A variable that may be missing; an empty one is.
    pub fn optional<T>(
        &mut self,
        variable: &'static str,
        wanted: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = (self.look)(variable).filter(|value| !value.is_empty())?;
        let parsed = parse(&value);
        if parsed.is_none() {
            self.bad.push(BadValue {
                variable,
                wanted,
                value: Some(value),
            });
        }
        parsed
    }

    /// A variable that must be there.
    pub fn required<T>(
        &mut self,
        variable: &'static str,
        wanted: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let before = self.bad.len();
        let value = self.optional(variable, wanted, parse);
        if value.is_none() && self.bad.len() == before {
            self.bad.push(BadValue {
                variable,
                wanted,
                value: None,
            });
        }
        value
    }
}
