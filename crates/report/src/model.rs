//! What was checked and what was found. Plain data: whoever checks fills it in.

use std::ops::AddAssign;
use std::time::Duration;

use crate::{Finding, Severity};

/// Which check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Is the environment as it was left?
    Drift,
    /// Is the network closed?
    Audit,
}

impl Check {
    /// The command's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drift => "drift",
            Self::Audit => "audit",
        }
    }
}

/// What a check that came to its end found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Findings, allowed ones too.
    pub findings: Vec<Finding>,
    /// What is as it should be, each with a title. Audit: rules. Drift: resources.
    pub passed: Vec<(String, String)>,
}

impl Checked {
    /// The findings counted.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for finding in &self.findings {
            match (&finding.allowed, finding.severity) {
                (Some(_), _) => tally.allowed += 1,
                (None, Severity::Error) => tally.errors += 1,
                (None, Severity::Warning) => tally.warnings += 1,
            }
        }
        tally
    }
}

/// Findings, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Open errors.
    pub errors: usize,
    /// Open warnings.
    pub warnings: usize,
    /// Findings on the allow list, whatever their severity.
    pub allowed: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.errors += more.errors;
        self.warnings += more.warnings;
        self.allowed += more.allowed;
    }
}

/// One environment's part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name; no two of a report share one.
    pub name: String,
    /// AWS account id.
    pub account: String,
    /// AWS region.
    pub region: String,
    /// How long the check took.
    pub took: Duration,
    /// What was found; or, when the check itself failed, why.
    pub ended: Result<Checked, String>,
}

/// One run of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which check.
    pub check: Check,
    /// Version of genu-deploy.
    pub version: String,
    /// Path of the configuration file, relative to the repository: where findings are located.
    pub configuration: String,
    /// Environments, in the order in which they are told.
    pub environments: Vec<Environment>,
    /// When it ended, in Unix seconds.
    pub at: i64,
}
