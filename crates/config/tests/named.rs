//! A message that names a parameter names one that there is: whoever follows it must not be refused.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use config::Environment;

/// Every `closedNetwork…` in quoted text of the sources below `dir`, up to a file's tests.
fn named(dir: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tests") {
                named(&path, into);
            }
            continue;
        }
        if path.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (at, _) in text.match_indices("closedNetwork") {
            let rest = &text[at..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
            into.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
}

#[test]
fn every_parameter_that_the_sources_name_is_one() {
    let mut words = BTreeSet::new();
    let crates = fs::read_dir(Path::new("..")).unwrap().flatten();
    for sources in crates.map(|entry| entry.path().join("src")) {
        if sources.is_dir() {
            named(&sources, &mut words);
        }
    }
    assert!(words.len() > 15, "{words:?}");
    let known = Environment::parameters();
    // The front of the names alone, with which GenU's files are searched.
    words.remove("closedNetwork");
    let unknown: Vec<&String> = words.difference(&known).collect();
    assert_eq!(unknown, Vec::<&String>::new());
}
