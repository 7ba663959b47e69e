//! What holds of all rules together.

use std::collections::BTreeSet;

use super::fixture::{Scene, closed, tight};
use super::mutations::{HARMLESS, rows};
use crate::{Verdict, rules, themes};

fn fired(verdict: &Verdict) -> BTreeSet<&'static str> {
    verdict
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect()
}

#[test]
fn the_deployment_as_shipped_is_closed() {
    let verdict = closed().verdict();
    assert!(verdict.closed(), "{:#?}", verdict.findings);
    insta::assert_json_snapshot!(verdict.findings);
}

#[test]
fn a_tight_deployment_has_no_finding_at_all() {
    let verdict = tight().verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.passed.len(), rules().count());
}

#[test]
fn every_mutation_makes_exactly_its_rule_and_companions_fire() {
    for (at, row) in rows().enumerate() {
        let mut scene = tight();
        (row.mutate)(&mut scene);
        let verdict = scene.verdict();
        let with = row.with.iter().copied();
        let wanted: BTreeSet<&str> = with.chain([row.rule]).collect();
        assert_eq!(
            fired(&verdict),
            wanted,
            "row {at}, {}: {:#?}",
            row.rule,
            verdict.findings
        );
        let all: BTreeSet<_> = wanted.iter().chain(&verdict.passed).copied().collect();
        assert_eq!(
            all.len(),
            rules().count(),
            "{} neither fires nor passes",
            row.rule
        );
    }
}

#[test]
fn harmless_changes_make_nothing_fire() {
    for (what, mutate) in HARMLESS {
        let mut scene = tight();
        mutate(&mut scene);
        assert_eq!(scene.verdict().findings, [], "{what}");
    }
}

#[test]
fn every_rule_has_a_mutation() {
    let mutated: BTreeSet<&str> = rows().map(|row| row.rule).collect();
    let all: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    let missing: Vec<_> = all.difference(&mutated).collect();
    let unknown: Vec<_> = mutated.difference(&all).collect();
    assert!(missing.is_empty(), "rules without a mutation: {missing:?}");
    assert!(unknown.is_empty(), "mutations of no rule: {unknown:?}");
}

#[test]
fn ids_are_unique_kebab_case_and_sorted_within_their_themes() {
    let ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(BTreeSet::from_iter(&ids).len(), ids.len());
    for id in ids {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(kebab), "{id}");
        assert!(
            !id.starts_with('-') && !id.ends_with('-') && !id.contains("--"),
            "{id}"
        );
    }
    for (theme, rules) in themes() {
        assert!(rules.is_sorted_by_key(|rule| rule.id), "{theme}");
    }
}

#[test]
fn titles_and_remedies_are_one_line_without_a_full_stop() {
    for rule in rules() {
        for text in [rule.title, rule.remedy] {
            assert!(
                !text.is_empty() && !text.contains('\n') && !text.ends_with('.'),
                "{text}"
            );
        }
    }
}

/// Turns every list around that AWS tells in no order.
fn reversed(mut scene: Scene) -> Scene {
    let e = &mut scene.evidence;
    e.groups.iter_mut().for_each(|group| group.rules.reverse());
    e.route_tables
        .iter_mut()
        .for_each(|table| table.routes.reverse());
    e.acls.iter_mut().for_each(|acl| acl.entries.reverse());
    e.groups.reverse();
    e.route_tables.reverse();
    e.acls.reverse();
    e.subnets.reverse();
    e.interfaces.reverse();
    e.endpoints.reverse();
    e.instances.reverse();
    e.rest_apis.reverse();
    e.roles.reverse();
    e.doors.peerings.reverse();
    e.vpc.ranges.reverse();
    scene.expected.clients.reverse();
    scene
}

#[test]
fn the_order_in_which_aws_tells_things_does_not_matter() {
    for row in rows() {
        let mut scene = tight();
        (row.mutate)(&mut scene);
        let other = reversed(scene.clone());
        assert_eq!(scene.verdict(), other.verdict(), "{}", row.rule);
        let pictures = [scene, other].map(|s| crate::reach(&s.evidence, &s.expected));
        assert_eq!(pictures[0], pictures[1], "{}", row.rule);
    }
}

#[test]
fn a_finding_is_told_with_these_words() {
    let mut scene = tight();
    scene.evidence.doors.internet_gateways.push("igw-1".into());
    let finding = scene.verdict().findings.remove(0);
    insta::assert_json_snapshot!(finding, @r#"
    {
      "rule": "internet-gateway",
      "severity": "error",
      "resource": "igw-1",
      "evidence": "igw-1 is attached to vpc-1",
      "remedy": "detach the internet gateway from the VPC"
    }
    "#);
}

/// All that the rules say of the mutations, for a person to read.
#[test]
fn evidence_reads_well() {
    let mut told = BTreeSet::new();
    for row in rows() {
        let mut scene = tight();
        (row.mutate)(&mut scene);
        let findings = scene.verdict().findings.into_iter();
        told.extend(findings.map(|f| format!("{}  {}  {}", f.rule, f.resource, f.evidence)));
    }
    let told: Vec<String> = told.into_iter().collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Whoever reads the README learns every rule's name and weight from its table.
#[test]
fn the_readme_names_every_rule() {
    let readme = include_str!("../../../../README.md");
    let row = |id: &str| {
        let quoted = format!("`{id}`");
        let mut rows = readme.lines().filter(|line| line.starts_with("| "));
        rows.find(|line| line.contains(&quoted))
            .map(ToOwned::to_owned)
    };
    for rule in crate::rules() {
        let row = row(rule.id).unwrap_or_else(|| panic!("{} is not in the README", rule.id));
        let columns: Vec<&str> = row.split('|').collect();
        let column = match rule.severity {
            crate::Severity::Error => columns[2],
            crate::Severity::Warning => columns[3],
        };
        assert!(
            column.contains(rule.id),
            "{} is in the wrong column",
            rule.id
        );
    }
    let count = format!(
        "**It proves that the closed network is closed**: {} rules",
        crate::rules().count()
    );
    assert!(readme.contains(&count), "{count}");
}
