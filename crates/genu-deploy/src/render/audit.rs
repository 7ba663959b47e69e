//! A verdict that a person can hand on: the worst first, each with what was seen and what to do.

use audit::{Severity, Verdict};
use owo_colors::OwoColorize;
use unicode_width::UnicodeWidthStr;

use crate::audits;

/// Prints the verdict of an environment.
pub(crate) fn audit(name: &str, verdict: &Verdict) {
    let all = || {
        let allowed = verdict.allowed.iter().map(|(finding, _)| finding);
        verdict.findings.iter().chain(allowed)
    };
    let width = all()
        .map(|finding| finding.rule.width())
        .max()
        .unwrap_or_default();
    for severity in [Severity::Error, Severity::Warning] {
        let sign = match severity {
            Severity::Error => "error  ".red().bold().to_string(),
            Severity::Warning => "warning".yellow().to_string(),
        };
        let findings = verdict.findings.iter();
        for finding in findings.filter(|finding| finding.severity == severity) {
            let rule = format!("{:width$}", finding.rule);
            anstream::println!("  {sign}  {rule}  {}", finding.resource.bold());
            anstream::println!("           {}", finding.evidence);
            anstream::println!("           {}", finding.remedy.dimmed());
        }
    }
    for (finding, reason) in &verdict.allowed {
        let rule = format!("{:width$}", finding.rule);
        anstream::println!("  allowed  {rule}  {}", finding.resource);
        anstream::println!("           {}", format!("because {reason}").dimmed());
    }
    anstream::println!("{}: {}", name.bold(), audits::line(verdict));
}
