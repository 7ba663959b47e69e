//! From a file to checked environments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::document::{Document, Section, whole};
use crate::error::quoted;
use crate::lines::Place;
use crate::{
    Environment, Error, Problem, cdk_json, names, parameter_ts, resolve, source, toml_source,
};

/// How many environments a configuration may have.
const MANY: usize = 500;

/// Everything a configuration holds.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where it came from.
    pub file: PathBuf,
    /// Closed environments by name.
    pub environments: BTreeMap<String, Environment>,
    /// How each closed environment is written.
    pub written: BTreeMap<String, Written>,
    /// Names of environments without the closed mode.
    pub open: Vec<String>,
    /// Environments of GenU's files that cannot be used, and why: they cannot be read, or something
    /// in them is wrong. Whether they are closed may be unknown.
    pub refused: BTreeMap<String, Error>,
}

/// How an environment is written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The file, which may be another than the configuration's: GenU prefers `parameter.ts` to
    /// `cdk.json`.
    pub file: PathBuf,
    /// What the file calls it; empty for GenU's environment without a name.
    pub name: String,
    /// Where each parameter is written; those at their default are not listed.
    pub places: BTreeMap<String, Place>,
    /// What is worth knowing and no error.
    pub notes: Vec<Problem>,
}

impl Configuration {
    /// The name here of an environment, by that name or by the one that the file has for it.
    #[must_use]
    pub fn name_of<'n>(&'n self, name: &'n str) -> &'n str {
        let known = self.environments.contains_key(name)
            || self.refused.contains_key(name)
            || self.open.iter().any(|open| open == name);
        if known {
            return name;
        }
        let mut written = self.written.iter();
        let found = written.find(|(_, written)| written.name == name);
        found.map_or(name, |(ours, _)| ours)
    }
}

/// Reads and checks a configuration: `genu.toml`, GenU's `cdk.json` or GenU's `parameter.ts`, told
/// apart by the file's extension.
///
/// # Errors
/// Everything that is wrong with it, each with its place. In GenU's files what is wrong with one
/// environment is in `refused`.
pub fn load(file: &Path) -> Result<Configuration, Error> {
    let text = source::read(file)?;
    let document = match file.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => toml_source::read(file, &text)?,
        Some("json") => cdk_json::read(file, &text)?,
        Some("ts") => parameter_ts::read(file, &text)?.ok_or_else(|| {
            let message = "has no constant `envs`; is this GenU's parameter.ts?";
            whole(file, None, message)
        })?,
        _ => {
            let message = "is none of genu.toml, cdk.json and parameter.ts: the name must end in .toml, .json or .ts";
            return Err(whole(file, None, message));
        }
    };
    checked(document)
}

fn checked(document: Document) -> Result<Configuration, Error> {
    if document.sections.len() > MANY {
        let message = format!(
            "has {} environments, which is more than {MANY}; is it the right file?",
            document.sections.len()
        );
        return Err(whole(&document.file, None, message));
    }
    let mut problems = Vec::new();
    let mut configuration = Configuration {
        file: document.file.clone(),
        environments: BTreeMap::new(),
        written: BTreeMap::new(),
        open: Vec::new(),
        refused: BTreeMap::new(),
    };
    for (name, sections) in by_name(document.sections, document.ours) {
        let section = match sections.as_slice() {
            [section] => section,
            several => {
                let twice = same_name(&name, several);
                configuration.refused.insert(name, twice);
                continue;
            }
        };
        match judged(section, document.ours) {
            Ok(Some((environment, notes))) => {
                let places = section.fields.iter().map(|f| (f.key.clone(), f.place));
                let written = Written {
                    file: section.file.clone(),
                    name: section.name.clone(),
                    places: places.collect(),
                    notes: section.notes.iter().cloned().chain(notes).collect(),
                };
                configuration.written.insert(name.clone(), written);
                configuration.environments.insert(name, environment);
            }
            Ok(None) => configuration.open.push(name),
            Err(error) if document.ours => problems.extend(error.0),
            Err(error) => drop(configuration.refused.insert(name, error)),
        }
    }
    if problems.is_empty() {
        Ok(configuration)
    } else {
        Err(Error(problems))
    }
}

/// The environments by their names here.
fn by_name(sections: Vec<Section>, ours: bool) -> BTreeMap<String, Vec<Section>> {
    let mut by_name: BTreeMap<String, Vec<Section>> = BTreeMap::new();
    for mut section in sections {
        let name = if ours || !section.is_named || names::is_valid(&section.name) {
            section.name.clone()
        } else {
            names::of_genu(&section.name).unwrap_or_else(|| section.name.clone())
        };
        if !ours && name != section.name && names::is_valid(&name) {
            let message = match section.name.as_str() {
                "" => format!("GenU's environment without a name is {name} here"),
                other => format!(
                    "GenU's environment {} is {name} here: {}",
                    quoted(other),
                    names::ALLOWED
                ),
            };
            let note = section.problem("", &message);
            section.notes.push(note);
        }
        by_name.entry(name).or_default().push(section);
    }
    by_name
}

/// Several environments that come to the same name here.
fn same_name(name: &str, sections: &[Section]) -> Error {
    let written: Vec<String> = sections
        .iter()
        .map(|section| quoted(&section.name))
        .collect();
    let message = format!(
        "{} would both be {name} here, and are two environments to GenU; rename one",
        written.join(" and ")
    );
    Error(
        sections
            .iter()
            .map(|section| section.problem("", &message))
            .collect(),
    )
}

/// The environment with what is worth knowing of it; `None` for one without the closed mode.
fn judged(section: &Section, ours: bool) -> Result<Option<(Environment, Vec<Problem>)>, Error> {
    let mode = section
        .fields
        .iter()
        .rev()
        .find(|field| field.key == "closedNetworkMode");
    let off = match mode.map(|field| &field.value) {
        Some(Ok(Value::Bool(false) | Value::Null)) => true,
        None => section.unread.is_empty(),
        Some(_) => false,
    };
    if off && !ours {
        return Ok(None);
    }
    let unread = section.unread.iter();
    let mut problems: Vec<Problem> = unread
        .map(|(at, why)| section.problem_at(Some(*at), "", why))
        .collect();
    // Whether it is closed is unknown, and so is all that comes before: told once.
    if problems.is_empty()
        && let Some(field) = mode
        && let Err((at, why)) = &field.value
    {
        problems.push(section.problem_at(Some(*at), &field.key, why));
    }
    if !problems.is_empty() {
        return Err(Error(problems));
    }
    resolve::resolve(section, ours)
}
