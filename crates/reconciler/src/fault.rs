//! Failed calls, classified by what to do about them.

use std::fmt;

/// What a failure means for the next move. A cloud maps its error codes to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Too many calls: wait longer and longer, then the same again.
    Throttled,
    /// Something global (an IAM role, a service-linked role) is not visible here yet.
    Propagating,
    /// Something just made is not visible to this call yet.
    NotVisible,
    /// Something else still holds on to it.
    InUse,
    /// Nobody knows whether the call was executed: connection lost, time-out, 5xx.
    Ambiguous,
    /// It is not there. A delete takes this as done.
    Gone,
    /// It is there already.
    Exists,
    /// The token was used before: for something that is gone by now, or for another request.
    TokenSpent,
    /// The caller may not.
    Denied,
    /// The request itself is wrong, or anything else that trying again does not help.
    Refused,
}

/// A failed call: what, with AWS's own words, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it means.
    pub class: Class,
    /// The operation, `ec2:CreateVpc`.
    pub operation: String,
    /// The service's error code.
    pub code: Option<String>,
    /// The service's words.
    pub message: String,
    /// The request id, for a support case.
    pub request_id: Option<String>,
    /// What helps, when we know.
    pub hint: Option<String>,
}

impl Fault {
    /// A failure that is not an answer of the service.
    #[must_use]
    pub fn new(class: Class, operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            class,
            operation: operation.into(),
            code: None,
            message: message.into(),
            request_id: None,
            hint: None,
        }
    }

    /// Adds what helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if let Some(code) = &self.code {
            write!(f, ": {code}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(request) = &self.request_id {
            write!(f, " (request {request})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
