//! Files as GenU's users write them, each with what has to come of it: `cases/expected.tsv`.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::Path;

use config::{Configuration, Error};
use serde_json::Value;

/// What came of one environment, with everything that is said about it.
fn outcome(configuration: &Result<Configuration, Error>, name: &str) -> (&'static str, String) {
    let configuration = match configuration {
        Ok(configuration) => configuration,
        Err(error) => return ("error", error.to_string()),
    };
    let name = configuration.name_of(name);
    if let Some(error) = configuration.refused.get(name) {
        return ("refused", error.to_string());
    }
    let (Some(environment), Some(written)) = (
        configuration.environments.get(name),
        configuration.written.get(name),
    ) else {
        let open = configuration.open.iter().any(|open| open == name);
        return (if open { "open" } else { "absent" }, String::new());
    };
    let notes = written.notes.iter().map(|note| format!("note: {note}\n"));
    let values = serde_json::to_value(environment).unwrap();
    let values = values
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| match value {
            Value::Null => format!("{key}=-\n"),
            Value::String(text) => format!("{key}={text}\n"),
            other => format!("{key}={other}\n"),
        });
    ("usable", notes.chain(values).collect())
}

#[test]
fn every_case_comes_out_as_expected() {
    let cases = Path::new("tests/cases");
    let expected = std::fs::read_to_string(cases.join("expected.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [file, name, comes_to, says, why] = columns[..] else {
            panic!("five columns are expected: {line}");
        };
        let (came_to, said) = outcome(&config::load(&cases.join(file)), name);
        let missing = says
            .split(';')
            .map(str::trim)
            .filter(|part| match part.strip_prefix('!') {
                Some(absent) => said.contains(absent),
                None => !said.contains(part),
            });
        let missing: Vec<&str> = missing.collect();
        if came_to != comes_to || !missing.is_empty() {
            wrong.push(format!(
                "{file} {name} ({why}): {came_to}, expected {comes_to}; amiss: {missing:?}\n{said}"
            ));
        }
        count += 1;
    }
    assert!(count > 80, "{count}");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Every file of the folder is used.
#[test]
fn every_file_is_a_case() {
    let expected = include_str!("cases/expected.tsv");
    let mut folders = vec![std::path::PathBuf::from("tests/cases")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix("tests/cases").unwrap();
            // What stands beside a cdk.json is read with it.
            let read_with = path.with_file_name("cdk.json").exists();
            let named = expected.contains(&format!("\n{}\t", name.display()));
            assert!(
                named || read_with || name == Path::new("expected.tsv"),
                "{path:?}"
            );
        }
    }
}
