//! SARIF as code scanning reads it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use report::{Format, Report, render};
use serde_json::Value;

use crate::arbitrary;

fn runs(report: &Report) -> Vec<Value> {
    let log: Value = serde_json::from_str(&render(report, Format::Sarif).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    log["runs"].as_array().unwrap().clone()
}

fn array<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap()
}

fn prints(report: &Report) -> Vec<Vec<Value>> {
    let prints = |run: &Value| {
        let results = array(run, "results").iter();
        results
            .map(|result| result["partialFingerprints"].clone())
            .collect()
    };
    runs(report).iter().map(prints).collect()
}

proptest! {
    #[test]
    fn a_run_an_environment_and_a_result_a_finding(report in arbitrary::report()) {
        let runs = runs(&report);
        prop_assert_eq!(runs.len(), report.environments.len());
        let ids: BTreeSet<_> = runs.iter().map(|run| run["automationDetails"]["id"].to_string()).collect();
        prop_assert_eq!(ids.len(), runs.len());
        for (run, environment) in runs.iter().zip(&report.environments) {
            let (invocation, results) = (&run["invocations"][0], array(run, "results"));
            let notifications = array(invocation, "toolExecutionNotifications");
            prop_assert_eq!(&invocation["executionSuccessful"], environment.ended.is_ok());
            match &environment.ended {
                Err(why) => {
                    prop_assert_eq!(&notifications[0]["message"]["text"], why.as_str());
                    prop_assert!(results.is_empty());
                }
                Ok(checked) => {
                    prop_assert!(notifications.is_empty());
                    prop_assert_eq!(results.len(), checked.findings.len());
                    let rules = array(&run["tool"]["driver"], "rules");
                    let ids: BTreeSet<_> = rules.iter().map(|rule| rule["id"].to_string()).collect();
                    prop_assert_eq!(ids.len(), rules.len());
                    for (result, finding) in results.iter().zip(&checked.findings) {
                        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                        prop_assert_eq!(&result["ruleId"], finding.rule.as_str());
                        prop_assert_eq!(&rules[rule]["id"], finding.rule.as_str());
                        prop_assert_eq!(&result["level"], finding.severity.name());
                        let reasons = array(result, "suppressions").iter();
                        let reasons: Vec<_> = reasons.filter_map(|each| each["justification"].as_str()).collect();
                        prop_assert_eq!(reasons, finding.allowed.iter().map(String::as_str).collect::<Vec<_>>());
                    }
                }
            }
        }
    }

    #[test]
    fn fingerprints_are_one_a_result_and_do_not_depend_on_what_is_said(report in arbitrary::report()) {
        let mut other = report.clone();
        other.at += 1;
        other.version.push('1');
        let ended = other.environments.iter_mut().map(|each| &mut each.ended);
        for finding in ended.filter_map(|ended| ended.as_mut().ok()).flat_map(|each| &mut each.findings) {
            finding.message.push('x');
            finding.details.push("y".into());
        }
        let prints = prints(&report);
        prop_assert_eq!(&prints, &self::prints(&other));
        let all: Vec<_> = prints.iter().flatten().map(Value::to_string).collect();
        prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn the_location_is_the_file_and_a_relative_reference(report in arbitrary::report()) {
        for run in runs(&report) {
            for result in array(&run, "results") {
                let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
                let uri = uri.as_str().unwrap();
                let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b);
                prop_assert!(uri.bytes().all(plain), "{uri}");
                let path = percent_encoding::percent_decode_str(uri).decode_utf8().unwrap();
                prop_assert_eq!(path, report.configuration.as_str());
            }
        }
    }
}
