//! `JUnit` XML as a viewer reads it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use report::{Check, Checked, Finding, Format, Report, render};
use roxmltree::{Document, Node};

use crate::arbitrary;

fn count(node: Node<'_, '_>, attribute: &str) -> usize {
    node.attribute(attribute).unwrap().parse().unwrap()
}

fn children<'a>(node: Node<'a, 'a>, tag: &str) -> Vec<Node<'a, 'a>> {
    node.children()
        .filter(|child| child.has_tag_name(tag))
        .collect()
}

fn name(check: Check, finding: &Finding) -> &str {
    match check {
        Check::Drift => &finding.resource,
        Check::Audit => &finding.rule,
    }
}

/// Names of cases, and those of them that fail.
fn names(check: Check, checked: &Checked) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let passed = checked.passed.iter().map(|(name, _)| name.as_str());
    let found = checked.findings.iter().map(|each| name(check, each));
    let failing = checked.findings.iter().filter(|each| each.fails());
    (
        passed.chain(found).collect(),
        failing.map(|each| name(check, each)).collect(),
    )
}

/// Class and name of each case of a report.
fn cases(report: &Report) -> Vec<[String; 2]> {
    let text = render(report, Format::Junit).unwrap();
    let document = Document::parse(&text).unwrap();
    let cases = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    let name = |case: Node<'_, '_>| {
        ["classname", "name"].map(|each| case.attribute(each).unwrap().to_owned())
    };
    cases.map(name).collect()
}

proptest! {
    #[test]
    fn it_is_xml_with_a_case_a_name_and_a_failure_a_failing_one(report in arbitrary::report()) {
        let text = render(&report, Format::Junit).unwrap();
        let document = Document::parse(&text).unwrap();
        let suites = children(document.root_element(), "testsuite");
        prop_assert_eq!(suites.len(), report.environments.len());
        for (suite, environment) in suites.into_iter().zip(&report.environments) {
            let (cases, failures, errors) = match &environment.ended {
                Ok(checked) => {
                    let (all, failing) = names(report.check, checked);
                    (all.len() + 1, failing.len(), 0)
                }
                Err(_) => (1, 0, 1),
            };
            let inside = children(suite, "testcase");
            let having = |tag| inside.iter().filter(|case| !children(**case, tag).is_empty()).count();
            prop_assert_eq!((inside.len(), count(suite, "tests")), (cases, cases));
            prop_assert_eq!((having("failure"), count(suite, "failures")), (failures, failures));
            prop_assert_eq!((having("error"), count(suite, "errors")), (errors, errors));
            prop_assert_eq!(having("skipped"), count(suite, "skipped"));
            let seconds: f64 = suite.attribute("time").unwrap().parse().unwrap();
            prop_assert!((seconds - environment.took.as_secs_f64()).abs() < 0.001);
        }
    }

    #[test]
    fn a_finding_keeps_its_case_when_it_is_healed(mut report in arbitrary::report()) {
        let before = cases(&report);
        let check = report.check;
        let ended = report.environments.iter_mut().map(|each| &mut each.ended);
        for checked in ended.filter_map(|ended| ended.as_mut().ok()) {
            let all: Vec<_> = names(check, checked).0.into_iter().map(str::to_owned).collect();
            checked.findings.clear();
            checked.passed = all.into_iter().map(|name| (name, String::new())).collect();
        }
        prop_assert_eq!(cases(&report), before);
    }
}
