//! What a rule is: data, and one pure function that looks for flaws.

use serde::Serialize;

use crate::{Evidence, Expected};

/// How much a flaw weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The network is not closed, or cannot be shown to be.
    Error,
    /// Worth knowing; the network is closed all the same.
    Warning,
}

/// Something that holds in a closed network.
#[derive(Debug)]
pub struct Rule {
    /// In kebab-case; allowances name it, so it never changes.
    pub id: &'static str,
    /// How much a flaw weighs.
    pub severity: Severity,
    /// What holds when it passes.
    pub title: &'static str,
    /// What to do about a flaw.
    pub remedy: &'static str,
    pub(crate) check: fn(&Evidence, &Expected) -> Vec<Flaw>,
}

/// Where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// Our id when there is one, else the AWS id.
    pub resource: String,
    /// What exactly was seen, in one line, with AWS ids.
    pub evidence: String,
}

impl Flaw {
    pub(crate) fn new(resource: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            evidence: evidence.into(),
        }
    }
}
