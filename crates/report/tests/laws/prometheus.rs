//! Metrics as the textfile collector reads them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use report::{Check, Checked, Format, Report, render};

use crate::{arbitrary, sample};

#[derive(Debug)]
pub(crate) struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: String,
}

/// Labels from after the opening brace; and what is behind the closing one.
fn labels(text: &str) -> (BTreeMap<String, String>, &str) {
    let (mut labels, mut rest) = (BTreeMap::new(), text);
    while !rest.starts_with('}') {
        let (label, behind) = rest.split_once("=\"").unwrap();
        assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        let (mut value, mut characters) = (String::new(), behind.chars());
        loop {
            match characters.next().unwrap() {
                '"' => break,
                '\\' => value.push(match characters.next().unwrap() {
                    'n' => '\n',
                    same @ ('\\' | '"') => same,
                    other => panic!("no escape: {other}"),
                }),
                other => value.push(other),
            }
        }
        assert!(labels.insert(label.to_owned(), value).is_none());
        rest = characters.as_str();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (labels, &rest[1..])
}

/// The samples of a text; fails unless it is in the format, each metric is whole and described,
/// and no series is there twice.
pub(crate) fn parsed(text: &str) -> Vec<Sample> {
    let (mut samples, mut seen, mut described) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut lines = text.split_terminator('\n').peekable();
    while let Some(help) = lines.next() {
        let (name, _) = help
            .strip_prefix("# HELP ")
            .unwrap()
            .split_once(' ')
            .unwrap();
        assert_eq!(lines.next(), Some(format!("# TYPE {name} gauge").as_str()));
        assert!(described.insert(name.to_owned()));
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let rest = line.strip_prefix(name).unwrap().strip_prefix('{').unwrap();
            let (labels, rest) = labels(rest);
            assert!(seen.insert((name.to_owned(), labels.clone())), "{line}");
            let value = rest.strip_prefix(' ').unwrap().to_owned();
            assert!(value.parse::<f64>().unwrap().is_finite());
            samples.push(Sample {
                name: name.to_owned(),
                labels,
                value,
            });
        }
    }
    samples
}

fn metrics(report: &Report) -> Vec<Sample> {
    parsed(&render(report, Format::Prometheus).unwrap())
}

/// The values of a metric in an environment.
fn of<'s>(samples: &'s [Sample], name: &str, environment: &str) -> Vec<&'s Sample> {
    let samples = samples.iter().filter(|each| each.name.ends_with(name));
    samples
        .filter(|each| each.labels["env"] == environment)
        .collect()
}

fn values<'s>(samples: &'s [Sample], name: &str, environment: &str) -> Vec<&'s str> {
    let of = of(samples, name, environment).into_iter();
    of.map(|each| each.value.as_str()).collect()
}

fn flag(set: bool) -> &'static str {
    if set { "1" } else { "0" }
}

proptest! {
    #[test]
    fn what_was_checked_is_counted_and_what_was_not_has_no_count(report in arbitrary::report()) {
        let samples = metrics(&report);
        for environment in &report.environments {
            let name = environment.name.as_str();
            let good = if report.check == Check::Drift { "_in_sync" } else { "_closed" };
            let success = flag(environment.ended.is_ok());
            prop_assert_eq!(values(&samples, "_check_success", name), [success]);
            let took = values(&samples, "_duration_seconds", name);
            prop_assert_eq!(took, [environment.took.as_secs_f64().to_string()]);
            prop_assert_eq!(values(&samples, "_timestamp_seconds", name), [report.at.to_string()]);
            match &environment.ended {
                Ok(checked) => {
                    let tally = checked.tally();
                    let open = tally.errors + tally.warnings;
                    let counts = values(&samples, "_findings", name);
                    let sum: usize = counts.iter().map(|count| count.parse::<usize>().unwrap()).sum();
                    prop_assert_eq!(sum, open);
                    prop_assert!(counts.len() >= 2);
                    prop_assert_eq!(values(&samples, "_allowed", name), [tally.allowed.to_string()]);
                    let bad = if report.check == Check::Drift { open } else { tally.errors };
                    prop_assert_eq!(values(&samples, good, name), [flag(bad == 0)]);
                    let each = of(&samples, "_finding", name);
                    prop_assert_eq!(each.is_empty(), checked.findings.is_empty());
                    let resources: BTreeSet<_> = checked.findings.iter().map(|f| f.resource.as_str()).collect();
                    let told: BTreeSet<_> = each.iter().map(|s| s.labels["resource"].as_str()).collect();
                    prop_assert_eq!(told, resources);
                }
                Err(_) => {
                    for name_of in ["_findings", "_allowed", "_finding", good] {
                        prop_assert!(of(&samples, name_of, name).is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn both_checks_can_be_collected_side_by_side(
        drift in arbitrary::report_of(Check::Drift),
        audit in arbitrary::report_of(Check::Audit),
    ) {
        let texts = [drift, audit].map(|each| render(&each, Format::Prometheus).unwrap());
        let series = texts.each_ref().map(|text| {
            let samples = parsed(text).into_iter();
            samples.map(|each| (each.name, each.labels)).collect::<BTreeSet<_>>()
        });
        prop_assert!(series[0].is_disjoint(&series[1]));
        let helps = texts.iter().flat_map(|text| text.split('\n'));
        let helps: BTreeSet<&str> = helps.filter(|line| line.starts_with("# HELP ")).collect();
        let names: BTreeSet<_> = helps.iter().map(|help| help.split(' ').nth(2)).collect();
        prop_assert_eq!(helps.len(), names.len());
    }
}

#[test]
fn the_series_of_findings_are_bounded_and_the_counts_are_not() {
    let mut report = sample::audit();
    let ended = &mut report.environments[0].ended;
    let one = ended.as_ref().unwrap().findings[0].clone();
    let many = (0..2_000).map(|n| report::Finding {
        resource: format!("sg-{n}"),
        ..one.clone()
    });
    *ended = Ok(Checked {
        findings: many.collect(),
        passed: Vec::new(),
    });
    let samples = metrics(&report);
    assert_eq!(of(&samples, "_finding", "production").len(), 500);
    let counts = values(&samples, "_findings", "production");
    assert_eq!(counts, ["2000", "0"]);
}
