//! Recorded answers of AWS (`tests/fixtures/recorded`), through the SDK's own parsers into the code that
//! reads them. Compiled into the library's own tests, since what reads is private to it.

mod answers;
mod classes;
mod denials;
mod reads;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const RECORDED: &str = "../../tests/fixtures/recorded";

/// A recorded answer.
struct Recording {
    /// `ec2/DescribeVpcs-not-found`.
    name: String,
    /// `DescribeVpcs`.
    operation: String,
    told: Value,
}

impl Recording {
    fn of(name: &str) -> Self {
        let text = fs::read_to_string(format!("{RECORDED}/{name}.json"));
        let text = text.unwrap_or_else(|e| panic!("{name}: {e}"));
        let told: Value = serde_json::from_str(&text).unwrap();
        Self {
            name: name.to_owned(),
            operation: told["operation"].as_str().unwrap().to_owned(),
            told,
        }
    }

    /// Every recording, in the order of their names.
    fn all() -> Vec<Self> {
        let entries = |folder: &Path| {
            let entries = fs::read_dir(folder).unwrap().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            paths
        };
        let folders = entries(Path::new(RECORDED));
        let folders = folders.iter().filter(|path| path.is_dir());
        let files = folders.flat_map(|folder| entries(folder));
        files
            .map(|file| {
                let name = file.strip_prefix(RECORDED).unwrap().with_extension("");
                Self::of(name.to_str().unwrap())
            })
            .collect()
    }

    fn service(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// The operation with its service's IAM prefix.
    fn label(&self) -> String {
        let service = match self.service() {
            "elbv2" => "elasticloadbalancing",
            service => service,
        };
        format!("{service}:{}", self.operation)
    }
}

/// A table that is checked in is what is found now; `GENU_WRITE=1` writes it anew.
fn checked_in(file: &str, fresh: &str) {
    let path = format!("{RECORDED}/{file}");
    if std::env::var_os("GENU_WRITE").is_some() {
        fs::write(&path, fresh).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    for (line, (was, is)) in known.lines().zip(fresh.lines()).enumerate() {
        assert_eq!(was, is, "{file}, line {}: if right, GENU_WRITE=1", line + 1);
    }
    assert_eq!(known.lines().count(), fresh.lines().count(), "{file}");
}
