//! What can go wrong with a state, said for people.

use std::path::PathBuf;

use crate::Holder;

/// Errors of reading and writing a state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, "write", "read".
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A line other than a torn last one cannot be read.
    #[error("{place}, line {line}: cannot be read ({reason})")]
    Corrupt {
        /// The file or object.
        place: String,
        /// One-based line.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// The file was written by another version of the format.
    #[error("{place} has the format {found:?}; this version reads {expected:?} only")]
    Format {
        /// The file or object.
        place: String,
        /// What it says.
        found: String,
        /// What is understood.
        expected: &'static str,
    },
    /// Somebody else is changing this environment.
    #[error("the state of {env} is locked by {holder}")]
    Locked {
        /// Environment.
        env: String,
        /// Who holds it.
        holder: Holder,
        /// What would free it.
        hint: String,
    },
    /// Somebody else took the lease over while this process could not renew it.
    #[error("the lease of {env} was lost{}; nothing more is changed", by.as_ref().map(|by| format!(" to {by}")).unwrap_or_default())]
    LeaseLost {
        /// Environment.
        env: String,
        /// Who holds it now.
        by: Option<Holder>,
    },
    /// A store that is not a file system failed.
    #[error("{message}")]
    Remote {
        /// In the service's words.
        message: String,
        /// What helps, when we know.
        hint: Option<String>,
    },
    /// A value of ours could not be put into words.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// The error with its causes, for people.
    #[must_use]
    pub fn with_causes(&self) -> String {
        let mut message = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        message
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
