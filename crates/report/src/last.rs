//! What the last check found, so that whoever is told is told when something changed and not every
//! night. What is allowed is not counted: allowing a finding makes it go.
//!
//! What was not looked at has not changed: the findings of an environment that could not be checked
//! this time, or was not asked for, stay as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::hash::sha256;
use crate::{Environment, Finding, Report};

/// What would blur a key's parts.
const PART: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// Name of what could not be checked. A finding's key has more parts.
const UNCHECKED: &str = "unchecked";

/// A finding's name over time: `environment rule resource digest`, without times. Other details
/// are another finding; another wording of the title, message or remedy is not.
#[must_use]
pub fn key(environment: &str, finding: &Finding) -> String {
    let details = sha256(&finding.details);
    let (rule, resource) = (part(&finding.rule), part(&finding.resource));
    // 64 bits tell the details of one resource apart.
    let digest = &details[..16];
    format!("{} {rule} {resource} {digest}", part(environment))
}

/// A SHA-256 digest an environment of what was found in it, in lower-case hexadecimal.
#[must_use]
pub fn fingerprint(report: &Report) -> BTreeMap<String, String> {
    let of = |each: &Environment| (each.name.clone(), sha256(keys(each)));
    report.environments.iter().map(of).collect()
}

/// What is known after a check, as it is kept until the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// `genu-deploy/drift-last/1` or `genu-deploy/audit-last/1`.
    pub format: String,
    /// When the check ended, in Unix seconds.
    pub at: i64,
    /// The keys of what was found, sorted.
    pub findings: Vec<String>,
}

impl Last {
    /// What is known after `report`, when `before` was known. One of another check or format is
    /// as good as none.
    #[must_use]
    pub fn after(before: Option<&Self>, report: &Report) -> Self {
        let format = format!("genu-deploy/{}-last/1", report.check.name());
        let before = before.filter(|last| last.format == format);
        let looked_at = report.environments.iter().filter(|each| each.ended.is_ok());
        let looked_at: BTreeSet<String> = looked_at.map(|each| part(&each.name)).collect();
        let failed = report.environments.iter().flat_map(keys);
        let kept = before.into_iter().flat_map(|last| &last.findings);
        let kept = kept.filter(|key| !looked_at.contains(environment_of(key)));
        let findings: BTreeSet<String> = failed.chain(kept.cloned()).collect();
        Self {
            format,
            at: report.at,
            findings: findings.into_iter().collect(),
        }
    }

    /// What changed from `before` to this. One of another check or format is as good as none.
    #[must_use]
    pub fn since(&self, before: Option<&Self>) -> Change {
        let set = |last: &Self| last.findings.iter().cloned().collect::<BTreeSet<_>>();
        let before = before.filter(|last| last.format == self.format);
        let (before, now) = (before.map(set).unwrap_or_default(), set(self));
        Change {
            new: now.difference(&before).cloned().collect(),
            gone: before.difference(&now).cloned().collect(),
        }
    }
}

/// What changed between two checks. Shown as `3 new, 1 gone`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Keys that were not there before.
    pub new: Vec<String>,
    /// Keys that are no longer there.
    pub gone: Vec<String>,
}

impl Change {
    /// Is there nothing to tell?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty()
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.new.len(), self.gone.len()) {
            (0, 0) => f.write_str("nothing changed"),
            (new, 0) => write!(f, "{new} new"),
            (0, gone) => write!(f, "{gone} gone"),
            (new, gone) => write!(f, "{new} new, {gone} gone"),
        }
    }
}

fn keys(environment: &Environment) -> BTreeSet<String> {
    match &environment.ended {
        Ok(checked) => {
            let open = checked.findings.iter().filter(|each| each.is_open());
            open.map(|each| key(&environment.name, each)).collect()
        }
        // Without the reason: it has request ids in it.
        Err(_) => BTreeSet::from([format!("{} {UNCHECKED}", part(&environment.name))]),
    }
}

fn environment_of(key: &str) -> &str {
    key.split(' ').next().unwrap_or_default()
}

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}
