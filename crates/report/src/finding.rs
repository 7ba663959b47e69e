//! One finding and how bad it is. On the allow list it is shown and fails nothing.

/// How bad a finding is. The worse is the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The check fails.
    Error,
    /// Worth a look; the check passes.
    Warning,
}

impl Severity {
    /// In lower case, as GitHub, SARIF and the metrics spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Audit: the rule's id, such as `sg-open-to-world`. Drift: `changed`, `missing` or
    /// `unexpected`.
    pub rule: String,
    /// What the rule says, in one line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// `network/vpc`, or an AWS id.
    pub resource: String,
    /// `ec2/vpc`; may be empty.
    pub kind: String,
    /// The evidence, in one line; may be empty.
    pub message: String,
    /// More evidence, such as a line a changed field.
    pub details: Vec<String>,
    /// What to do; may be empty.
    pub remedy: String,
    /// Why it is on the allow list, if it is: it is shown and does not fail.
    pub allowed: Option<String>,
}

impl Finding {
    /// The details that the message does not say already.
    pub(crate) fn more(&self) -> impl Iterator<Item = &String> {
        let details = self.details.iter();
        details.filter(|detail| **detail != self.message)
    }

    /// Does it make the check fail?
    #[must_use]
    pub fn fails(&self) -> bool {
        self.is_open() && self.severity == Severity::Error
    }

    /// Is it on no allow list?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.allowed.is_none()
    }

    /// Where it is, and the evidence: `network/vpc (ec2/vpc): evidence`.
    pub(crate) fn headline(&self) -> String {
        let mut line = self.resource.clone();
        if !self.kind.is_empty() {
            line = format!("{line} ({})", self.kind);
        }
        if !self.message.is_empty() {
            line = format!("{line}: {}", self.message);
        }
        line
    }
}
