//! SARIF 2.1.0: a run an environment, a result a finding. An environment that could not be checked
//! is a run without results whose invocation failed.

mod log;
mod rules;

use std::collections::BTreeMap;

use chrono::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::hash::sha256;
use crate::{Checked, Environment, Finding, Report};
use log::{
    ArtifactLocation, AutomationDetails, Driver, Invocation, Location, Log, LogicalLocation,
    Notification, PhysicalLocation, Region, Rule, Run, SarifResult, Suppression, Text, Tool,
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What a relative path keeps as a URI reference. Not the colon: before it would be a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

pub(crate) fn render(report: &Report) -> serde_json::Result<String> {
    let uri = utf8_percent_encode(&report.configuration, PATH).to_string();
    let runs = report.environments.iter();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: runs.map(|each| run(report, each, &uri)).collect(),
    };
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

fn run<'a>(report: &'a Report, environment: &'a Environment, uri: &'a str) -> Run<'a> {
    let (rules, results, failure) = match &environment.ended {
        Ok(checked) => {
            let rules = rules::rules(report.check, checked);
            let results = results(&environment.name, checked, &rules, uri);
            (rules, results, None)
        }
        // Without an array of results code scanning refuses the whole file.
        Err(why) => (Vec::new(), Vec::new(), Some(why)),
    };
    let notification = |why: &'a String| Notification {
        level: "error",
        message: Text { text: why.into() },
    };
    let ended = DateTime::from_timestamp(report.at, 0);
    Run {
        tool: Tool {
            driver: Driver {
                name: "genu-deploy",
                version: &report.version,
                rules,
            },
        },
        automation_details: AutomationDetails {
            // All up to the last slash is code scanning's category.
            id: format!("genu-deploy/{}/{}/", report.check.name(), environment.name),
        },
        invocations: [Invocation {
            execution_successful: failure.is_none(),
            end_time_utc: ended.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            tool_execution_notifications: failure.map(notification).into_iter().collect(),
        }],
        results,
        properties: BTreeMap::from([
            ("account", environment.account.as_str()),
            ("environment", environment.name.as_str()),
            ("region", environment.region.as_str()),
        ]),
    }
}

fn results<'a>(
    environment: &'a str,
    checked: &'a Checked,
    rules: &[Rule<'_>],
    uri: &'a str,
) -> Vec<SarifResult<'a>> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut one = |finding: &'a Finding| {
        let print = sha256([environment, &finding.rule, &finding.resource]);
        let nth = seen.entry(print.clone()).or_default();
        *nth += 1;
        result(environment, finding, rules, uri, format!("{print}:{nth}"))
    };
    checked.findings.iter().map(&mut one).collect()
}

fn result<'a>(
    environment: &str,
    finding: &'a Finding,
    rules: &[Rule<'_>],
    uri: &'a str,
    print: String,
) -> SarifResult<'a> {
    let index = rules.partition_point(|rule| rule.id < finding.rule.as_str());
    let help = rules.get(index).map_or("", |rule| rule.help.text.as_ref());
    let location = Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri },
            // Code scanning wants a line.
            region: Region { start_line: 1 },
        },
        logical_locations: [LogicalLocation {
            name: &finding.resource,
            fully_qualified_name: format!("{environment}/{}", finding.resource),
            kind: "resource",
        }],
    };
    let suppression = |reason: &'a String| Suppression {
        kind: "external",
        status: "accepted",
        justification: reason,
    };
    SarifResult {
        rule_id: &finding.rule,
        rule_index: index,
        level: finding.severity.name(),
        message: Text {
            text: text(finding, help).into(),
        },
        locations: [location],
        // Code scanning knows the first one alone, and takes it for a hash of the line unless it is
        // given: all findings of a rule would be one alert, for all are on line 1.
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", print.clone()),
            ("genuDeployFinding/v1", print),
        ]),
        // Empty for the others: in a run, either every result has it or none.
        suppressions: finding.allowed.iter().map(suppression).collect(),
        properties: [("kind", &finding.kind), ("resource", &finding.resource)]
            .into_iter()
            .map(|(name, value)| (name, value.as_str()))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    }
}

/// Braces stay single: viewers show the text as it is when there are no arguments.
fn text(finding: &Finding, help: &str) -> String {
    let mut lines = vec![finding.headline()];
    lines.extend(finding.more().cloned());
    if !finding.remedy.is_empty() && finding.remedy != help {
        lines.push(format!("Remedy: {}", finding.remedy));
    }
    lines.join("\n")
}
