//! The two samples in each format, byte for byte, and what holds in all formats.

use insta::assert_snapshot;
use proptest::prelude::*;
use report::{Format, Report, render};

use crate::{arbitrary, prometheus, sample};

const FORMATS: [Format; 4] = [
    Format::Github,
    Format::Junit,
    Format::Prometheus,
    Format::Sarif,
];

fn told(report: &Report) {
    for format in FORMATS {
        let name = format!("{}-{format:?}", report.check.name());
        assert_snapshot!(name.to_lowercase(), render(report, format).unwrap());
    }
}

#[test]
fn drift_is_told() {
    told(&sample::drift());
}

#[test]
fn an_audit_is_told() {
    told(&sample::audit());
}

proptest! {
    #[test]
    fn what_is_allowed_fails_nowhere(mut report in arbitrary::report()) {
        let ended = report.environments.iter_mut().map(|each| &mut each.ended);
        for checked in ended.filter_map(|ended| ended.as_mut().ok()) {
            for finding in &mut checked.findings {
                finding.allowed.get_or_insert_default();
            }
        }
        report.environments.retain(|each| each.ended.is_ok());
        let github = render(&report, Format::Github).unwrap();
        prop_assert!(!github.lines().any(|line| line.starts_with("::error")));
        prop_assert!(!github.lines().any(|line| line.starts_with("::warning")));
        let junit = render(&report, Format::Junit).unwrap();
        prop_assert!(!junit.contains("<failure") && !junit.contains("<error"));
        let metrics = render(&report, Format::Prometheus).unwrap();
        for sample in prometheus::parsed(&metrics) {
            let good = ["genu_deploy_in_sync", "genu_deploy_closed"];
            prop_assert!(!good.contains(&sample.name.as_str()) || sample.value == "1");
        }
    }

    #[test]
    fn the_last_line_is_ended(report in arbitrary::report()) {
        for format in FORMATS {
            let text = render(&report, format).unwrap();
            let nothing = report.environments.is_empty() && format == Format::Prometheus;
            prop_assert!(nothing || text.ends_with('\n'), "{format:?}");
        }
    }
}
