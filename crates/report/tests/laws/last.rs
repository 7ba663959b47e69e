//! What is told of a change between two checks.

use std::collections::BTreeSet;

use proptest::prelude::*;
use report::{Change, Check, Last, Report, fingerprint, key};

use crate::{arbitrary, sample};

const DRIFT: Check = Check::Drift;

fn keys(report: &Report) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for environment in &report.environments {
        let checked = environment.ended.as_ref().unwrap();
        let open = checked.findings.iter().filter(|each| each.is_open());
        keys.extend(open.map(|each| key(&environment.name, each)));
    }
    keys
}

/// A report whose environments could all be checked.
fn checked() -> impl Strategy<Value = Report> {
    arbitrary::report_of(DRIFT).prop_map(|mut report| {
        report.environments.retain(|each| each.ended.is_ok());
        report
    })
}

/// Two reports about the same environments.
fn pair() -> impl Strategy<Value = (Report, Report)> {
    (checked(), checked()).prop_map(|(mut one, mut two)| {
        let both = one.environments.len().min(two.environments.len());
        one.environments.truncate(both);
        two.environments.truncate(both);
        for (one, two) in one.environments.iter().zip(&mut two.environments) {
            two.name.clone_from(&one.name);
        }
        (one, two)
    })
}

fn reversed(report: &Report) -> Report {
    let mut other = report.clone();
    other.environments.reverse();
    let ended = other.environments.iter_mut().map(|each| &mut each.ended);
    for checked in ended.filter_map(|ended| ended.as_mut().ok()) {
        checked.findings.reverse();
    }
    other
}

proptest! {
    #[test]
    fn order_and_time_change_nothing(report in arbitrary::report()) {
        let before = Last::after(None, &report);
        let mut other = reversed(&report);
        other.at += 1;
        let now = Last::after(Some(&before), &other);
        prop_assert_eq!(now.at, other.at);
        prop_assert_eq!(now.since(Some(&before)), Change::default());
        prop_assert_eq!(fingerprint(&other), fingerprint(&report));
    }

    #[test]
    fn new_is_what_was_not_there_and_gone_what_is_not((one, two) in pair()) {
        let before = Last::after(None, &one);
        let now = Last::after(Some(&before), &two);
        let (was, is) = (keys(&one), keys(&two));
        let change = now.since(Some(&before));
        prop_assert!(change.new.iter().eq(is.difference(&was)));
        prop_assert!(change.gone.iter().eq(was.difference(&is)));
        prop_assert_eq!(change.is_empty(), fingerprint(&one) == fingerprint(&two));
    }

    #[test]
    fn without_a_before_all_is_new_and_nothing_is_nothing(report in checked()) {
        let change = Last::after(None, &report).since(None);
        prop_assert!(change.new.iter().eq(&keys(&report)));
        prop_assert_eq!(change.gone, Vec::<String>::new());
    }

    #[test]
    fn what_was_not_looked_at_has_not_changed(report in checked(), why in arbitrary::text()) {
        let before = Last::after(None, &report);
        let mut failed = report.clone();
        for environment in &mut failed.environments {
            environment.ended = Err(why.clone());
        }
        let now = Last::after(Some(&before), &failed);
        let change = now.since(Some(&before));
        // That it could not be checked is told once.
        prop_assert_eq!((change.new.len(), change.gone.len()), (report.environments.len(), 0));
        prop_assert!(Last::after(Some(&now), &failed).since(Some(&now)).is_empty());
        let again = Last::after(Some(&now), &report);
        prop_assert_eq!(again.since(Some(&before)), Change::default());
        let mut none = report.clone();
        none.environments.clear();
        let now = Last::after(Some(&before), &none);
        prop_assert_eq!(now.since(Some(&before)), Change::default());
    }

    #[test]
    fn it_is_kept_as_json(report in arbitrary::report()) {
        let last = Last::after(None, &report);
        let kept = serde_json::to_string(&last).unwrap();
        prop_assert_eq!(serde_json::from_str::<Last>(&kept).unwrap(), last);
    }

    #[test]
    fn another_check_is_no_before(drift in checked(), audit in arbitrary::report_of(Check::Audit)) {
        let audit = Last::after(None, &audit);
        let now = Last::after(Some(&audit), &drift);
        prop_assert_eq!(&now, &Last::after(None, &drift));
        prop_assert_eq!(now.since(Some(&audit)), now.since(None));
    }

    #[test]
    fn keys_tell_findings_apart(one in arbitrary::finding(DRIFT), two in arbitrary::finding(DRIFT)) {
        let same = (&one.rule, &one.resource, &one.details) == (&two.rule, &two.resource, &two.details);
        prop_assert_eq!(key("a", &one) == key("a", &two), same);
        prop_assert_ne!(key("a", &one), key("a b", &one));
    }
}

#[test]
fn a_change_is_told_in_a_few_words() {
    let told = |new: usize, gone: usize| {
        let some = |n| vec![String::new(); n];
        Change {
            new: some(new),
            gone: some(gone),
        }
        .to_string()
    };
    assert_eq!(told(3, 1), "3 new, 1 gone");
    assert_eq!(told(2, 0), "2 new");
    assert_eq!(told(0, 2), "2 gone");
    assert_eq!(told(0, 0), "nothing changed");
    let last = Last::after(None, &sample::drift());
    insta::assert_snapshot!(serde_json::to_string_pretty(&last).unwrap());
}
