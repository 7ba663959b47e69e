//! What was not understood of an answer: told by its name, never left out, since an audit proves nothing
//! of what it cannot read.

use std::sync::Mutex;

/// Collects it while several looks run at once.
#[derive(Debug, Default)]
pub(super) struct Unread(Mutex<Vec<String>>);

impl Unread {
    /// Tells one part, with the thing that it belongs to: `sg-1: a rule with the range "x"`.
    pub(super) fn tell(&self, of: &str, what: &str) {
        let line = format!("{of}: {what} was not understood");
        // A look that panicked has lost nothing of what others told.
        let mut all = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        all.push(line);
    }

    /// A member that AWS's API reference has in every answer; told when it is missing.
    pub(super) fn member<T>(&self, value: Option<T>, of: &str, name: &str) -> Option<T> {
        if value.is_none() {
            self.tell(of, &format!("an answer without {name}"));
        }
        value
    }

    /// An id, or words in its place: what has none is a thing all the same.
    pub(super) fn id(&self, id: Option<String>, what: &str) -> String {
        self.member(id, what, "its id")
            .unwrap_or_else(|| format!("{what} without an id"))
    }

    /// Everything told so far, sorted.
    pub(super) fn all(&self) -> Vec<String> {
        let all = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all = all.clone();
        all.sort();
        all.dedup();
        all
    }
}
