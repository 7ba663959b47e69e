//! What the engine tells while it works.

use std::time::Duration;

use crate::{Action, Fault, Id};

/// Something happened to a step.
#[derive(Debug, Clone)]
pub struct Event {
    /// Resource.
    pub id: Id,
    /// Kind name.
    pub kind: &'static str,
    /// What the step does.
    pub action: Action,
    /// Since the step was started.
    pub elapsed: Duration,
    /// What happened.
    pub note: Note,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Note {
    /// It was started.
    Started,
    /// It waits for this, in AWS's words where there are any.
    Progress(String),
    /// It is done.
    Done,
    /// It failed.
    Failed(Fault),
    /// It was not started because of another.
    Blocked {
        /// The one that failed.
        by: Id,
    },
    /// It was left at a safe point because of a signal.
    Interrupted,
}
