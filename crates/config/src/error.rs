//! What is wrong with a configuration: file, line, key, and what is allowed.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::lines::Place;

/// Characters that a message may have.
const MESSAGE: usize = 400;

/// Characters that the name of a key may have in a message.
const KEY: usize = 80;

/// Characters of a file that a message repeats.
const QUOTE: usize = 60;

/// Problems that are told at once.
const MANY: usize = 50;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File.
    pub file: PathBuf,
    /// One-based line and column, when there is a place.
    pub place: Option<(usize, usize)>,
    /// `env.priv.closedNetworkVpcIpv4Cidr`; empty for the file as a whole.
    pub key: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl Problem {
    /// A problem, told in a length that a terminal bears, whatever is in the file.
    pub(crate) fn new(file: &Path, place: Option<Place>, key: &str, message: &str) -> Self {
        Self {
            file: file.to_owned(),
            place,
            key: shown(key, KEY),
            message: shown(message, MESSAGE),
        }
    }
}

/// Text of a file inside a message: its first line, not too long, and nothing that a terminal would
/// obey.
pub(crate) fn quoted(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let mut short = shown(first, QUOTE);
    if first.len() < text.len() && !short.ends_with('…') {
        short.push_str(" …");
    }
    if short.contains('`') {
        short
    } else {
        format!("`{short}`")
    }
}

/// At most so many characters, without control characters.
fn shown(text: &str, most: usize) -> String {
    let mut short: String = text
        .chars()
        .take(most)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": ")?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.message)
    }
}

/// Everything that is wrong with a configuration, told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub Vec<Problem>);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.iter().take(MANY);
        let lines: Vec<String> = lines.map(ToString::to_string).collect();
        write!(f, "{}", lines.join("\n"))?;
        match self.0.len().checked_sub(MANY) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for Error {}
