//! When to try again: the class is decided anew at every attempt, so that a throttle in the middle
//! of a propagation wait backs off as a throttle does.

use std::time::Duration;

use tokio::time::Instant;

use crate::Class;

/// Whether a read that failed so is worth repeating.
pub(crate) fn is_passing(class: Class) -> bool {
    matches!(
        class,
        Class::Throttled | Class::Ambiguous | Class::NotVisible | Class::Propagating
    )
}

/// Attempts at one call so far.
pub(crate) struct Retry {
    started: Instant,
    deadline: Duration,
    attempts: u32,
    same: u32,
    last: Option<Class>,
}

impl Retry {
    pub(crate) fn new(deadline: Duration) -> Self {
        Self {
            started: Instant::now(),
            deadline,
            attempts: 1,
            same: 0,
            last: None,
        }
    }

    /// How long to wait before the next attempt; `None` when there should be none.
    pub(crate) fn after(&mut self, class: Class) -> Option<Duration> {
        self.same = if self.last == Some(class) {
            self.same + 1
        } else {
            0
        };
        self.last = Some(class);
        self.attempts += 1;
        let doubled = |first: f64, most: f64| {
            let exponent = i32::try_from(self.same.min(10)).unwrap_or(10);
            Duration::from_secs_f64((first * 2f64.powi(exponent)).min(most))
        };
        let (delay, budget) = match class {
            Class::Throttled => (doubled(1.0, 8.0), self.deadline),
            Class::InUse => (doubled(0.5, 4.0), self.deadline),
            // Two minutes: what Terraform's AWS provider gives IAM, and EC2 after a create.
            Class::Propagating | Class::NotVisible => (doubled(0.25, 2.0), Duration::from_mins(2)),
            Class::Ambiguous => (doubled(1.0, 8.0), Duration::from_secs(47)),
            Class::Gone | Class::Exists | Class::TokenSpent | Class::Denied | Class::Refused => {
                return None;
            }
        };
        (self.started.elapsed() + delay <= budget.min(self.deadline)).then_some(delay)
    }

    /// How often and how long, for the one line that is printed on giving up.
    pub(crate) fn spent(&self) -> String {
        let seconds = self.started.elapsed().as_secs();
        format!("{} attempts in {seconds} s", self.attempts)
    }
}
