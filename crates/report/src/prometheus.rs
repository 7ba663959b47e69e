//! Gauges for `node_exporter`'s textfile collector. What was counted is there, 0 too; what could
//! not be checked has no count, so that no alert takes it for "nothing found" (`check_success` is
//! 0 then).
//!
//! The files of a drift check and of an audit can be collected side by side: a metric of both has
//! the same help and a `check` label.

mod exposition;
mod gauges;

use std::collections::BTreeMap;

use crate::{Check, Checked, Environment, Report};
use gauges::Gauges;

/// Findings of an environment that get a series of their own at most, the failing ones first. The
/// counts are of all.
const SERIES: usize = 500;

/// An environment's labels.
type Place<'a> = [(&'static str, &'a str); 3];

pub(crate) fn render(report: &Report) -> String {
    let mut gauges = Gauges::new(report.check);
    for environment in &report.environments {
        let place = [
            ("env", environment.name.as_str()),
            ("account", environment.account.as_str()),
            ("region", environment.region.as_str()),
        ];
        run(&mut gauges, report, environment, place);
        if let Ok(checked) = &environment.ended {
            counts(&mut gauges, report.check, checked, place);
            each(&mut gauges, report.check, checked, place);
        }
    }
    gauges.to_string()
}

fn run(gauges: &mut Gauges, report: &Report, environment: &Environment, place: Place<'_>) {
    let [env, account, region] = place;
    let labels = [("check", report.check.name()), env, account, region];
    let success = u8::from(environment.ended.is_ok());
    gauges.success.set(&labels, success);
    gauges.took.set(&labels, environment.took.as_secs_f64());
    gauges.at.set(&labels, report.at);
}

fn counts(gauges: &mut Gauges, check: Check, checked: &Checked, place: Place<'_>) {
    let (by, always): (_, &[&str]) = match check {
        Check::Drift => ("what", &["changed", "missing", "unexpected"]),
        Check::Audit => ("severity", &["error", "warning"]),
    };
    let mut counts: BTreeMap<&str, usize> = always.iter().map(|what| (*what, 0)).collect();
    for finding in checked.findings.iter().filter(|each| each.is_open()) {
        let what = match check {
            Check::Drift => finding.rule.as_str(),
            Check::Audit => finding.severity.name(),
        };
        *counts.entry(what).or_default() += 1;
    }
    let [env, account, region] = place;
    for (what, count) in counts {
        let labels = [env, account, region, (by, what)];
        gauges.findings.set(&labels, count);
    }
    let tally = checked.tally();
    let good = match check {
        Check::Drift => tally.errors + tally.warnings == 0,
        Check::Audit => tally.errors == 0,
    };
    gauges.allowed.set(&place, tally.allowed);
    gauges.good.set(&place, u8::from(good));
}

fn each(gauges: &mut Gauges, check: Check, checked: &Checked, place: Place<'_>) {
    let mut found: Vec<_> = checked.findings.iter().collect();
    found.sort_by_key(|each| (!each.fails(), &each.rule, &each.resource));
    let [env, ..] = place;
    for finding in found.into_iter().take(SERIES) {
        let labels = [
            ("check", check.name()),
            env,
            ("rule", &finding.rule),
            ("resource", &finding.resource),
            ("severity", finding.severity.name()),
            ("allowed", if finding.is_open() { "no" } else { "yes" }),
        ];
        gauges.each.set(&labels, 1);
    }
}
