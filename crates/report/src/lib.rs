//! What a scheduled check found, told to machines. Pure: the same report is the same text, byte
//! for byte; nothing is read, and no clock is asked.
//!
//! A finding on the allow list is told in every format, and fails in none. What could not be
//! checked is told as an error of its own, never as "nothing found".

mod finding;
mod github;
mod hash;
mod junit;
mod last;
mod model;
mod prometheus;
mod sarif;

pub use finding::{Finding, Severity};
pub use last::{Change, Last, fingerprint, key};
pub use model::{Check, Checked, Environment, Report, Tally};

/// A machine's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// GitHub Actions workflow commands, for a step's standard output.
    Github,
    /// `JUnit` XML, for Jenkins, GitLab and the like.
    Junit,
    /// Prometheus text exposition format 0.0.4, for `node_exporter`'s textfile collector.
    Prometheus,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// A library could not write its format.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The XML.
    #[error("the JUnit report could not be written: {0}")]
    Junit(#[from] quick_junit::SerializeError),
    /// The JSON.
    #[error("the SARIF log could not be written: {0}")]
    Sarif(#[from] serde_json::Error),
}

/// The report in `format`, its last line ended.
///
/// # Errors
///
/// When the XML or JSON library refuses, which neither does for texts and numbers.
pub fn render(report: &Report, format: Format) -> Result<String, Unwritable> {
    match format {
        Format::Github => Ok(github::render(report)),
        Format::Junit => Ok(junit::render(report)?),
        Format::Prometheus => Ok(prometheus::render(report)),
        Format::Sarif => Ok(sarif::render(report)?),
    }
}
