//! The rules of a run, each once, by id: those that were broken and, of an audit, those that held.

use std::collections::BTreeMap;

use super::log::{Configuration, Rule, Tags, Text};
use crate::{Check, Checked, Finding, Severity};

/// What is known of a rule from what was found.
#[derive(Default)]
struct Known<'a> {
    title: &'a str,
    remedy: &'a str,
    worst: Option<Severity>,
}

pub(super) fn rules(check: Check, checked: &Checked) -> Vec<Rule<'_>> {
    let mut known: BTreeMap<&str, Known<'_>> = BTreeMap::new();
    for finding in &checked.findings {
        known.entry(&finding.rule).or_default().learn(finding);
    }
    // A drift check passes resources, not rules.
    if check == Check::Audit {
        for (id, title) in &checked.passed {
            let rule = known.entry(id).or_default();
            if rule.title.is_empty() {
                rule.title = title;
            }
        }
    }
    known
        .into_iter()
        .map(|(id, rule)| rule.told(check, id))
        .collect()
}

impl<'a> Known<'a> {
    fn learn(&mut self, finding: &'a Finding) {
        if self.title.is_empty() {
            self.title = &finding.title;
        }
        if self.remedy.is_empty() {
            self.remedy = &finding.remedy;
        }
        let severity = finding.severity;
        self.worst = Some(self.worst.map_or(severity, |worst| worst.min(severity)));
    }

    fn told(self, check: Check, id: &'a str) -> Rule<'a> {
        let title = if self.title.is_empty() {
            id
        } else {
            self.title
        };
        // Code scanning wants a help text of every rule.
        let help = if self.remedy.is_empty() {
            title
        } else {
            self.remedy
        };
        let level = |severity: Severity| Configuration {
            level: severity.name(),
        };
        let tag = match check {
            Check::Drift => "drift",
            Check::Audit => "security",
        };
        Rule {
            id,
            short_description: Text { text: title.into() },
            help: Text { text: help.into() },
            default_configuration: self.worst.map(level),
            properties: Tags { tags: [tag] },
        }
    }
}
