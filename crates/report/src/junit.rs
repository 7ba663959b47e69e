//! `JUnit` XML: a suite an environment, a case a rule (audit) or a resource (drift). A case has the
//! same name whether it passes or fails, so that a viewer's history and its "newly failing" hold.
//!
//! A warning, or a finding that is allowed, is a *skipped* case: GitLab shows no output of a case
//! that passed, and Jenkins hides it, but both count skipped cases, show their text, and fail
//! nothing because of them.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use quick_junit::{
    NonSuccessKind, Report as Xml, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use crate::{Check, Checked, Environment, Finding, Report};

pub(crate) fn render(report: &Report) -> Result<String, SerializeError> {
    let mut xml = Xml::new(format!("genu-deploy {}", report.check.name()));
    if let Some(at) = DateTime::from_timestamp(report.at, 0) {
        xml.set_timestamp(at);
    }
    let times = report.environments.iter().map(|each| each.took);
    xml.set_time(times.fold(Duration::ZERO, Duration::saturating_add));
    xml.add_test_suites(report.environments.iter().map(|each| suite(report, each)));
    // The library leaves out all else that XML cannot hold.
    let nowhere = ['\u{fffe}', '\u{ffff}'];
    Ok(xml.to_string()?.replace(nowhere, "\u{fffd}"))
}

fn suite(report: &Report, environment: &Environment) -> TestSuite {
    let mut suite = TestSuite::new(environment.name.as_str());
    if let Some(at) = DateTime::from_timestamp(report.at, 0) {
        suite.set_timestamp(at);
    }
    suite.set_time(environment.took);
    suite.add_properties([
        ("account", environment.account.as_str()),
        ("region", environment.region.as_str()),
        ("configuration", report.configuration.as_str()),
        ("version", report.version.as_str()),
    ]);
    // GitLab shows the class as the suite; Jenkins takes what is before the last dot as a package.
    let class = format!("genu-deploy.{}.{}", report.check.name(), environment.name);
    let mut add = |name: &str, status, time| {
        let mut case = TestCase::new(name, status);
        case.set_classname(class.as_str()).set_time(time);
        suite.add_test_case(case);
    };
    // A case of the check itself: it has the time, and the error when the check failed.
    let whole = format!("{} check", report.check.name());
    match &environment.ended {
        Ok(checked) => {
            add(&whole, TestCaseStatus::success(), environment.took);
            for (name, findings) in cases(report.check, checked) {
                add(name, status(&findings), Duration::ZERO);
            }
        }
        Err(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!("the {whole} failed"));
            status.set_type("error").set_description(why.as_str());
            add(&whole, status, environment.took);
        }
    }
    suite
}

/// Findings by case, those without any too. GitLab leaves out all but the first of a name.
fn cases(check: Check, checked: &Checked) -> BTreeMap<&str, Vec<&Finding>> {
    let mut cases: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for (name, _) in &checked.passed {
        cases.entry(name).or_default();
    }
    for finding in &checked.findings {
        let name = match check {
            Check::Drift => &finding.resource,
            Check::Audit => &finding.rule,
        };
        cases.entry(name).or_default().push(finding);
    }
    cases
}

fn status(findings: &[&Finding]) -> TestCaseStatus {
    // The worst one speaks for the case.
    let Some(worst) = findings.iter().min_by_key(|f| (!f.is_open(), f.severity)) else {
        return TestCaseStatus::success();
    };
    let mut status = if worst.fails() {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::skipped()
    };
    let state = state(worst);
    let more = match findings.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    status.set_type(state);
    status.set_message(format!("{state}: {}{more}", worst.title));
    let texts: Vec<String> = findings.iter().map(|finding| text(finding)).collect();
    status.set_description(texts.join("\n\n"));
    status
}

fn state(finding: &Finding) -> &'static str {
    if finding.is_open() {
        finding.severity.name()
    } else {
        "allowed"
    }
}

/// All of it: GitLab shows an element's text and not its message.
fn text(finding: &Finding) -> String {
    let (state, rule) = (state(finding), &finding.rule);
    let mut lines = vec![
        format!("{state}: {} [{rule}]", finding.title),
        finding.headline(),
    ];
    lines.extend(finding.more().map(|detail| format!("  {detail}")));
    if !finding.remedy.is_empty() {
        lines.push(format!("Remedy: {}", finding.remedy));
    }
    if let Some(reason) = &finding.allowed {
        lines.push(format!("Allowed: {reason}"));
    }
    lines.join("\n")
}
