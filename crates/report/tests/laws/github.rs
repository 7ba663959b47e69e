//! Workflow commands as the runner reads them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use report::{Format, Report, render};

use crate::arbitrary;

#[derive(Debug, PartialEq)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

/// The runner's own order: the percent sign last.
fn unescaped(text: &str, codes: &[(&str, &str)]) -> String {
    let text = codes
        .iter()
        .fold(text.to_owned(), |text, (code, character)| {
            text.replace(code, character)
        });
    text.replace("%25", "%")
}

/// A line is what ends with either character, as for the runner.
fn lines(text: &str) -> Vec<&str> {
    let text = text.strip_suffix('\n').unwrap();
    text.split(['\r', '\n']).collect()
}

fn command(line: &str) -> Option<Command> {
    let (head, data) = line.strip_prefix("::")?.split_once("::")?;
    let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
    let both = [("%0D", "\r"), ("%0A", "\n")];
    let all = [both[0], both[1], ("%3A", ":"), ("%2C", ",")];
    let properties = rest.split(',').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap();
        (key.to_owned(), unescaped(value, &all))
    });
    Some(Command {
        name: name.to_owned(),
        properties: properties.collect(),
        data: unescaped(data, &both),
    })
}

/// What each finding and failure should be, in order: command, title's start, text's start.
fn expected(report: &Report) -> Vec<(&str, String, String)> {
    let mut all = Vec::new();
    for environment in &report.environments {
        let name = &environment.name;
        match &environment.ended {
            Err(why) => all.push(("error", format!("{name}: "), why.clone())),
            Ok(checked) => all.extend(checked.findings.iter().map(|finding| {
                let name = match (&finding.allowed, finding.fails()) {
                    (Some(_), _) => "notice",
                    (None, true) => "error",
                    (None, false) => "warning",
                };
                let title = format!("{}: {}", environment.name, finding.title);
                (name, title, finding.resource.clone())
            })),
        }
    }
    all
}

proptest! {
    #[test]
    fn the_runner_reads_what_was_said(report in arbitrary::report()) {
        let text = render(&report, Format::Github).unwrap();
        let lines = lines(&text);
        let (summary, lines) = lines.split_last().unwrap();
        prop_assert!(summary.starts_with("genu-deploy "), "{summary}");
        prop_assert!(!summary.contains("##["), "{summary}");
        let commands: Option<Vec<_>> = lines.iter().map(|line| command(line)).collect();
        let commands = commands.unwrap();
        let groups = commands.iter().filter(|each| each.name == "group").count();
        let ends = commands.iter().filter(|each| each.name == "endgroup").count();
        let environments = report.environments.len();
        prop_assert_eq!((groups, ends), if environments > 1 { (environments, environments) } else { (0, 0) });
        let said: Vec<_> = commands.iter().filter(|each| !each.name.ends_with("group")).collect();
        let expected = expected(&report);
        prop_assert_eq!(said.len(), expected.len());
        for (said, (name, title, text)) in said.iter().zip(expected) {
            prop_assert_eq!(said.name.as_str(), name);
            prop_assert_eq!(&said.properties["file"], &report.configuration);
            prop_assert!(said.properties["title"].starts_with(&title), "{said:?}");
            prop_assert!(said.data.starts_with(&text), "{said:?}");
        }
    }
}
