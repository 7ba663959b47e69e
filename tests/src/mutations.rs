//! Changes behind the tool's back, one for every managed field: the helper that makes them, and the
//! fields as the kinds list them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Emulator, Sandbox};

/// One change.
#[derive(Debug, Clone, Deserialize)]
pub struct Mutation {
    /// Name in the table.
    pub name: String,
    /// Resource.
    pub id: String,
    /// Field; empty for the whole resource.
    pub field: String,
    /// How it is told: `changed`, `missing` or `unexpected`.
    pub what: String,
    /// The deployment that has the field.
    pub shape: String,
    /// What else is told, as `what id field`.
    pub also: Vec<String>,
    /// Replacements that `apply` has to be allowed.
    pub allow: Vec<String>,
    /// It is another thing afterwards: `apply` has to be told to adopt it.
    pub adopt: bool,
    /// Why `apply` leaves it, where it does.
    pub stays: Option<String>,
}

impl Mutation {
    /// Everything that drift should tell of it, as `what id field`.
    #[must_use]
    pub fn told(&self) -> BTreeSet<String> {
        let own = format!("{} {} {}", self.what, self.id, self.field);
        let own = own.trim_end().to_owned();
        self.also.iter().cloned().chain([own]).collect()
    }

    /// How `apply` undoes it.
    #[must_use]
    pub fn apply(&self) -> Vec<&str> {
        let allowed = self.allow.iter().flat_map(|id| ["--allow-replace", id]);
        let adopting = self.adopt.then_some("--adopt");
        let words = ["apply", "-y"].into_iter();
        words.chain(allowed).chain(adopting).collect()
    }
}

/// All of them, and the fields without one.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// In a fixed order.
    pub entries: Vec<Mutation>,
    /// Why a field has none, by `kind field`.
    pub exempt: BTreeMap<String, String>,
}

/// `tests/mutations`, running; ended when dropped.
#[derive(Debug)]
pub struct Helper {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts it with the emulator's Python.
    #[must_use]
    pub fn start() -> Self {
        let mut process = Command::new(crate::product::Product::in_use().python())
            .arg(crate::emulator::here().join("mutations"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take(), process.stdout.take());
        Self {
            process,
            input: input.unwrap(),
            output: BufReader::new(output.unwrap()),
        }
    }

    fn ask(&mut self, order: &Value) -> Value {
        writeln!(self.input, "{order}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// What it can do.
    #[must_use]
    pub fn table(&mut self) -> Table {
        serde_json::from_value(self.ask(&json!({ "list": true }))).unwrap()
    }

    /// Makes a change in an emulator; `records` are those of the deployment's state.
    ///
    /// # Errors
    /// The helper's traceback.
    pub fn make(
        &mut self,
        mutation: &Mutation,
        emulator: &Emulator,
        records: &Value,
    ) -> Result<(), String> {
        let order = json!({ "run": mutation.name, "url": emulator.url(), "records": records });
        match self.ask(&order)["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(()),
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Kind and facts of everything on record, by id.
#[must_use]
pub fn records(sandbox: &Sandbox) -> BTreeMap<String, (String, Value)> {
    let text = std::fs::read_to_string(sandbox.path(".genu/priv/state.json")).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let records = state["records"].as_object().unwrap().iter();
    records
        .map(|(id, record)| {
            let kind = record["kind"].as_str().unwrap().to_owned();
            (id.clone(), (kind, record["out"].clone()))
        })
        .collect()
}

/// What a report of drift tells, as `what id field`; keys that only repeat a field stand as `*`.
#[must_use]
pub fn told(drift: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for found in drift["drifted"].as_array().unwrap() {
        let of = format!("{} {}", word(&found["what"]), word(&found["id"]));
        let changes = found["changes"].as_array().unwrap();
        if changes.is_empty() {
            all.insert(of.clone());
        }
        let fields = changes.iter().map(|change| general(word(&change["field"])));
        all.extend(fields.map(|field| format!("{of} {field}")));
    }
    all
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A field without what is merely a name of somebody's: methods, headers, policies.
fn general(field: &str) -> String {
    const MAPS: [&str; 4] = [
        "methods.*.parameters",
        "methods.*.integration.headers",
        "methods.*.integration.parameters",
        "methods.*.integration.templates",
    ];
    if let Some(rest) = field.strip_prefix("inline.documents.") {
        let inside = rest.split_once('.').map(|(_, inside)| inside);
        return joined("inline.documents.*", inside);
    }
    let Some(rest) = field.strip_prefix("methods.") else {
        return field.to_owned();
    };
    // Paths have dots of their own.
    let parts = ["authorization", "needs_key", "parameters", "integration"];
    let inside = parts
        .iter()
        .filter_map(|part| rest.find(&format!(".{part}")));
    let inside = inside.min().map(|at| &rest[at + 1..]);
    let whole = joined("methods.*", inside);
    let map = MAPS.iter().find(|map| whole.starts_with(*map));
    map.map_or(whole.clone(), |map| (*map).to_owned())
}

fn joined(front: &str, rest: Option<&str>) -> String {
    rest.map_or(front.to_owned(), |rest| format!("{front}.{rest}"))
}

/// Every managed field as `kind field`: those that a plan for an empty account shows, and those that
/// a kind's source names beside them because nothing is what they should be.
///
/// # Panics
/// When the kinds' sources are not where they were.
#[must_use]
pub fn fields(plans: &[Value]) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for step in plans
        .iter()
        .flat_map(|plan| plan["steps"].as_array().unwrap())
    {
        for change in step["changes"].as_array().unwrap() {
            let mut leaves = Vec::new();
            leaves_of(word(&change["field"]), &change["to"], &mut leaves);
            let kind = word(&step["kind"]);
            fields.extend(
                leaves
                    .iter()
                    .map(|leaf| format!("{kind} {}", general(leaf))),
            );
        }
    }
    let kinds = crate::emulator::here().join("../crates/aws/src/kinds");
    let mut named = BTreeSet::new();
    for file in std::fs::read_dir(kinds).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            named.extend(named_in(&path));
        }
    }
    assert!(named.len() > 100, "{named:?}");
    let known = |field: &String| {
        let inside = format!("{field}.");
        fields.iter().any(|f| f == field || f.starts_with(&inside))
    };
    let others: Vec<String> = named.into_iter().filter(|field| !known(field)).collect();
    fields.extend(others);
    fields
}

fn leaves_of(field: &str, value: &Value, into: &mut Vec<String>) {
    match value.as_object() {
        Some(map) if map.contains_key("known_after_apply") || map.contains_key("secret") => {
            into.push(field.to_owned());
        }
        // Keys that are not desired are not compared.
        Some(map) => {
            for (key, value) in map {
                leaves_of(&format!("{field}.{key}"), value, into);
            }
        }
        None => into.push(field.to_owned()),
    }
}

/// What the source of one kind says: its fields, its tags, and that it can be gone.
fn named_in(path: &Path) -> BTreeSet<String> {
    let source = std::fs::read_to_string(path).unwrap();
    let quoted = |text: &str| text.split('"').nth(1).map(ToOwned::to_owned);
    let name = source.split_once("const NAME: &'static str = ");
    let kind = name.and_then(|(_, rest)| quoted(rest)).unwrap();
    let mut fields = BTreeSet::from([format!("{kind} missing")]);
    if source.contains("const TAGGABLE: bool = true") {
        fields.insert(format!("{kind} tags.Name"));
    }
    let calls = source.split(".with(").skip(1);
    let calls = calls.filter(|call| call.trim_start().starts_with('"'));
    fields.extend(calls.filter_map(|call| Some(format!("{kind} {}", quoted(call)?))));
    fields
}
