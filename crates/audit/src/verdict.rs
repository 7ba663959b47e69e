//! What the rules found, all told: every flaw is a finding or is agreed to, never dropped.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{Evidence, Expected, Flaw, Rule, Severity, rules};

/// A flaw, with the rule that found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Our id when there is one, else the AWS id.
    pub resource: String,
    /// What exactly was seen.
    pub evidence: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// What an audit comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What counts, in the order of the rules.
    pub findings: Vec<Finding>,
    /// Rules without a flaw.
    pub passed: Vec<&'static str>,
    /// What is agreed to, each with its reason.
    pub allowed: Vec<(Finding, String)>,
    /// Allowances that nothing came under.
    pub unused_allowances: Vec<String>,
}

impl Verdict {
    /// Whether the network is closed: no finding is an error.
    #[must_use]
    pub fn closed(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|finding| finding.severity != Severity::Error)
    }
}

/// Holds the evidence against every rule.
#[must_use]
pub fn audit(evidence: &Evidence, expected: &Expected) -> Verdict {
    let mut verdict = Verdict::default();
    let mut used = BTreeSet::new();
    for rule in rules() {
        // AWS tells things in no order.
        let flaws: BTreeSet<Flaw> = (rule.check)(evidence, expected).into_iter().collect();
        if flaws.is_empty() {
            verdict.passed.push(rule.id);
        }
        for flaw in flaws {
            let keys = [format!("{}:{}", rule.id, flaw.resource), rule.id.to_owned()];
            let finding = finding(rule, flaw);
            let mut reason = None;
            for key in keys {
                // Both count as used; the more exact one has the reason.
                if let Some(why) = expected.allow.get(&key) {
                    reason.get_or_insert(why);
                    used.insert(key);
                }
            }
            match reason {
                Some(why) => verdict.allowed.push((finding, why.clone())),
                None => verdict.findings.push(finding),
            }
        }
    }
    let unused = expected.allow.keys().filter(|key| !used.contains(*key));
    verdict.unused_allowances = unused.cloned().collect();
    verdict
}

fn finding(rule: &Rule, flaw: Flaw) -> Finding {
    Finding {
        rule: rule.id,
        severity: rule.severity,
        resource: flaw.resource,
        evidence: flaw.evidence,
        remedy: rule.remedy,
    }
}
