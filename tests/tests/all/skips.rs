//! What localstack/README.md says of skipped journeys is what the journeys say.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use journeys::skipped_on_localstack;

fn here() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).to_owned()
}

/// The lines for all tests of one file that begin with `needs!`.
fn lines_of(path: &Path) -> Vec<String> {
    let module = path.file_stem().unwrap().to_str().unwrap();
    let source = std::fs::read_to_string(path).unwrap();
    let functions = source.split("\nfn ").skip(1);
    let needy = functions.filter_map(|text| {
        let (name, body) = text.split_once("() {\n    needs!(")?;
        let needed: Vec<&str> = body.split(')').next()?.split(", ").collect();
        // Only where it comes first, and not in a later function of the file.
        let first = !name.contains('\n');
        first.then(|| skipped_on_localstack(&format!("{module}::{name}"), &needed))?
    });
    needy.collect()
}

#[test]
fn the_list_of_skips_is_true() {
    let tests = std::fs::read_dir(here().join("tests/all")).unwrap();
    let files = tests.map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    let files: Vec<PathBuf> = files.filter(|path| !path.ends_with("skips.rs")).collect();
    let skipped: BTreeSet<String> = files.iter().flat_map(|path| lines_of(path)).collect();
    let sources = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    let needs: usize = sources.map(|text| text.matches("needs!(").count()).sum();
    assert_eq!(skipped.len(), needs, "needs! comes first in a test");
    let readme = std::fs::read_to_string(here().join("../localstack/README.md")).unwrap();
    let (_, list) = readme.split_once("<!-- skips -->\n").unwrap();
    let (list, _) = list.split_once("<!-- /skips -->").unwrap();
    let told: BTreeSet<String> = list.lines().map(ToOwned::to_owned).collect();
    assert_eq!(told, skipped);
}
