//! What is agreed to does not count, and is never lost.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixture::{closed, tight};
use super::mutations::rows;
use crate::{Severity, is_rule, rules};

#[test]
fn every_finding_can_be_agreed_to_and_none_is_lost() {
    for row in rows() {
        let mut scene = tight();
        (row.mutate)(&mut scene);
        let before = scene.verdict();
        for finding in &before.findings {
            let key = format!("{}:{}", finding.rule, finding.resource);
            assert!(is_rule(&key), "{key}");
            scene.expected.allow.insert(key, "because".into());
        }
        let after = scene.verdict();
        assert!(after.closed() && after.findings.is_empty(), "{}", row.rule);
        assert_eq!(after.passed, before.passed);
        assert!(after.unused_allowances.is_empty());
        let allowed: Vec<_> = after
            .allowed
            .into_iter()
            .map(|(finding, _)| finding)
            .collect();
        assert_eq!(allowed, before.findings);
    }
}

/// Some rules' ids.
fn picked() -> impl Strategy<Value = BTreeSet<&'static str>> {
    let ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    prop::sample::subsequence(ids, 0..20).prop_map(BTreeSet::from_iter)
}

proptest! {
    #[test]
    fn findings_and_allowed_together_are_all_flaws(picked in picked()) {
        let mut scene = closed();
        scene.evidence.doors.internet_gateways.push("igw-1".into());
        scene.evidence.bucket = None;
        let flaws: BTreeSet<String> = scene.verdict().findings.iter().map(|f| f.evidence.clone()).collect();
        for id in &picked {
            scene.expected.allow.insert((*id).to_owned(), "because".into());
        }
        let verdict = scene.verdict();
        let allowed = verdict.allowed.iter().map(|(f, _)| f);
        prop_assert!(allowed.clone().all(|f| picked.contains(f.rule)));
        prop_assert!(verdict.findings.iter().all(|f| !picked.contains(f.rule)));
        let together: BTreeSet<String> =
            verdict.findings.iter().chain(allowed.clone()).map(|f| f.evidence.clone()).collect();
        prop_assert_eq!(together, flaws);
        let used: BTreeSet<&str> = allowed.map(|f| f.rule).collect();
        let unused: BTreeSet<&str> = verdict.unused_allowances.iter().map(String::as_str).collect();
        prop_assert!(used.is_disjoint(&unused));
        prop_assert_eq!(used.union(&unused).copied().collect::<BTreeSet<_>>(), picked);
        let errors = verdict.findings.iter().filter(|f| f.severity == Severity::Error).count();
        prop_assert_eq!(verdict.closed(), errors == 0);
    }
}

#[test]
fn the_more_exact_reason_is_told_and_what_matched_nothing_is_named() {
    let mut scene = tight();
    scene.evidence.doors.internet_gateways = vec!["igw-1".into(), "igw-2".into()];
    let allow = [
        ("internet-gateway", "all of them"),
        ("internet-gateway:igw-1", "this one"),
        ("internet-gateway:igw-3", "long gone"),
        ("flow-logs", "never needed"),
    ];
    scene.expected.allow = allow
        .map(|(key, why)| (key.to_owned(), why.to_owned()))
        .into();
    let verdict = scene.verdict();
    let reasons: Vec<&str> = verdict
        .allowed
        .iter()
        .map(|(_, why)| why.as_str())
        .collect();
    assert_eq!(reasons, ["this one", "all of them"]);
    assert_eq!(
        verdict.unused_allowances,
        ["flow-logs", "internet-gateway:igw-3"]
    );
}

#[test]
fn an_allowance_of_a_whole_rule_is_used_beside_a_more_exact_one() {
    let mut scene = tight();
    scene.evidence.doors.internet_gateways = vec!["igw-1".into()];
    let allow = [
        ("internet-gateway", "all"),
        ("internet-gateway:igw-1", "this one"),
    ];
    scene.expected.allow = allow
        .map(|(key, why)| (key.to_owned(), why.to_owned()))
        .into();
    assert!(scene.verdict().unused_allowances.is_empty());
}

#[test]
fn rules_are_known_with_a_resource_and_without() {
    for rule in rules() {
        assert!(is_rule(rule.id) && is_rule(&format!("{}:arn:aws:x:y", rule.id)));
        assert!(!is_rule(&format!("{}:", rule.id)) && !is_rule(&format!("{}x", rule.id)));
    }
    assert!(!is_rule("") && !is_rule(":igw-1"));
}
