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
    #[error("{}, line {line}: not a journal entry ({reason})", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// One-based line.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// The file was written by another version of the format.
    #[error("{} has the format {found:?}; this version reads {expected:?} only", path.display())]
    Format {
        /// The file.
        path: PathBuf,
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
    },
    /// A store that is not a file system failed.
    #[error("{0}")]
    Other(String),
}

impl Error {
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
