//! What can happen to a call, and a script of such things.

use std::time::Duration;

use crate::Call;

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is executed; its answer never arrives.
    LoseAnswer,
    /// It never arrives.
    LoseRequest,
    /// It is not executed; the service answers 500 or 503 in its protocol's form.
    Fail(u16),
    /// It is not executed; the service says that it is called too often.
    Throttle,
    /// It is executed after a while.
    Delay(Duration),
    /// It is executed; its answer is held until [`crate::Injector::release`], or for good.
    Hold,
}

/// A fault for the nth call of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// `ec2:CreateVpc`.
    pub call: String,
    /// One-based, counted from the script's start.
    pub nth: usize,
    /// What happens.
    pub fault: Fault,
}

/// Faults in store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script(pub Vec<Planned>);

impl Script {
    /// One fault.
    #[must_use]
    pub fn one(call: impl Into<String>, nth: usize, fault: Fault) -> Self {
        Self::default().and(call, nth, fault)
    }

    /// One more.
    #[must_use]
    pub fn and(mut self, call: impl Into<String>, nth: usize, fault: Fault) -> Self {
        self.0.push(Planned {
            call: call.into(),
            nth,
            fault,
        });
        self
    }

    /// Takes out what is in store for the `nth` call of `name`.
    pub(crate) fn take(&mut self, name: &str, nth: usize) -> Option<Fault> {
        let at = self
            .0
            .iter()
            .position(|planned| planned.call == name && planned.nth == nth)?;
        Some(self.0.remove(at).fault)
    }
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Executed and answered.
    Passed,
    /// A fault of the script or the weather.
    Faulted(Fault),
    /// A token bucket was empty.
    Throttled,
    /// Something just deleted still holds on to what it is about, or something just made is not
    /// usable yet.
    TooEarly,
}

/// A call and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The call.
    pub call: Call,
    /// What became of it.
    pub fate: Fate,
}
