//! Exit codes, and errors on their way to them.

use reconciler::Fault;

/// Done, nothing to do.
pub(crate) const DONE: u8 = 0;
/// Failed.
pub(crate) const FAILED: u8 = 1;
/// Changes pending.
pub(crate) const PENDING: u8 = 2;
/// Partly applied.
pub(crate) const PARTLY: u8 = 3;
/// Configuration or command line invalid.
pub(crate) const INVALID: u8 = 4;
/// Lock held by another.
pub(crate) const LOCKED: u8 = 5;
/// Interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// An error for people.
#[derive(Debug)]
pub(crate) struct Failure {
    pub code: u8,
    pub message: String,
    pub hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            code: FAILED,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: INVALID,
            ..Self::new(message)
        }
    }

    /// A signal came before the first change.
    pub(crate) fn interrupted() -> Self {
        Self {
            code: INTERRUPTED,
            ..Self::new("interrupted while looking; nothing was changed")
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            hint: fault.hint.clone(),
            ..Self::new(fault.to_string())
        }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<state::Error> for Failure {
    fn from(error: state::Error) -> Self {
        let message = error.with_causes();
        match error {
            state::Error::Locked { hint, .. } => Self {
                code: LOCKED,
                ..Self::new(message)
            }
            .hint(hint),
            state::Error::LeaseLost { .. } => Self {
                code: LOCKED,
                ..Self::new(message)
            }
            .hint("what was under way is in the state; when the other run has ended, the same command goes on"),
            state::Error::Remote { hint, .. } => Self {
                hint,
                ..Self::new(message)
            },
            state::Error::Format { .. } => {
                Self::new(message).hint("use the version of genu-deploy that wrote it")
            }
            state::Error::Corrupt { .. } => Self::new(message).hint(
                "`state rebuild` moves it aside and writes it anew from the resources' tags",
            ),
            _ => Self::new(message),
        }
    }
}
