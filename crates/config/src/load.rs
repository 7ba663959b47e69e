//! From a file to checked environments.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::check::check;
use crate::document::{Document, Place, Section, whole};
use crate::parameters::{GENU_ONLY, nearest};
use crate::{Environment, Error, Problem, cdk_json, parameter_ts, toml_source};

/// Everything a configuration holds. Environments without the closed mode are left out.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where it came from.
    pub file: PathBuf,
    /// Closed environments by name.
    pub environments: BTreeMap<String, Environment>,
    /// Where each parameter of each closed environment is written; those at their default are not
    /// listed.
    pub places: BTreeMap<String, BTreeMap<String, Place>>,
    /// Names of environments without the closed mode.
    pub open: Vec<String>,
}

/// Reads and checks a configuration: `genu.toml`, GenU's `cdk.json` or GenU's `parameter.ts`, told
/// apart by the file's extension.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn load(file: &Path) -> Result<Configuration, Error> {
    let text = fs::read_to_string(file).map_err(|e| {
        let message = match e.kind() {
            std::io::ErrorKind::NotFound => "there is no such file; name one with --config or GENU_CONFIG, or copy config/genu.toml of the source".into(),
            _ => format!("cannot be read: {e}"),
        };
        whole(file, None, message)
    })?;
    let document = match file.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => toml_source::read(file, &text)?,
        Some("json") => cdk_json::read(file, &text)?,
        Some("ts") => parameter_ts::read(file, &text)?,
        _ => {
            let message = "is none of genu.toml, cdk.json and parameter.ts: the name must end in .toml, .json or .ts";
            return Err(whole(file, None, message));
        }
    };
    checked(document)
}

fn checked(document: Document) -> Result<Configuration, Error> {
    let mut problems = Vec::new();
    let mut configuration = Configuration {
        file: document.file.clone(),
        environments: BTreeMap::new(),
        places: BTreeMap::new(),
        open: Vec::new(),
    };
    for mut section in document.sections {
        // GenU's anonymous environment.
        if section.name.is_empty() {
            section.name = "default".into();
        }
        let closed = section.fields.iter().any(|field| {
            field.key == "closedNetworkMode"
                && !matches!(field.value, Ok(Value::Bool(false) | Value::Null))
        });
        if !closed && !document.ours {
            configuration.open.push(section.name);
            continue;
        }
        match environment(&document.file, &section, &mut problems) {
            Some(environment) if environment.closed_network_mode => {
                check(&document.file, &section, &environment, &mut problems);
                let places = section.fields.iter().map(|f| (f.key.clone(), f.place));
                configuration
                    .places
                    .insert(section.name.clone(), places.collect());
                configuration.environments.insert(section.name, environment);
            }
            Some(_) => configuration.open.push(section.name),
            None => {}
        }
    }
    if problems.is_empty() {
        Ok(configuration)
    } else {
        Err(Error(problems))
    }
}

fn environment(file: &Path, section: &Section, problems: &mut Vec<Problem>) -> Option<Environment> {
    let before = problems.len();
    let name = &section.name;
    let valid = name.len() <= 16
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !valid {
        let allowed = "an environment is named with lower-case letters, digits and hyphens, at most 16, not beginning with a hyphen";
        problems.push(section.problem(file, "", allowed));
    }
    let mut fields = Map::new();
    let ours = Environment::parameters();
    for field in &section.fields {
        let key = field.key.as_str();
        let value = match &field.value {
            Ok(value) => value,
            Err((at, message)) => {
                problems.push(Problem {
                    place: Some(*at),
                    ..section.problem(file, key, message.as_str())
                });
                continue;
            }
        };
        if ours.contains(key) {
            // Null is the same as an absent key. Values are checked one by one, so that every
            // wrong one is told with its own place.
            if !value.is_null() {
                match single(key, value) {
                    Ok(()) => drop(fields.insert(key.to_owned(), value.clone())),
                    Err(message) => problems.push(section.problem(file, key, message)),
                }
            }
        } else if !GENU_ONLY.contains(&key) {
            let message = format!("unknown parameter; did you mean {}?", nearest(key, &ours));
            problems.push(section.problem(file, key, message));
        }
    }
    if problems.len() > before {
        return None;
    }
    match Environment::deserialize(Value::Object(fields)) {
        Ok(environment) => Some(environment),
        Err(e) => {
            problems.push(section.problem(file, "", e.to_string()));
            None
        }
    }
}

/// One value on its own: its type is right, or the reason why not.
fn single(key: &str, value: &Value) -> Result<(), String> {
    let alone = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
    let Err(e) = Environment::deserialize(alone) else {
        return Ok(());
    };
    let reason = e.to_string();
    let reason = reason.replace("expected a sequence", "expected a list");
    let reason = reason.replace("expected a map", "expected a table");
    Err(match key {
        "closedNetworkVpcIpv4Cidr" | "closedNetworkClientCidrs" => {
            format!("{reason}; an IPv4 range such as 10.0.0.0/16 is expected")
        }
        _ if reason.contains("untagged enum Model") => {
            "a list of model ids, or of { modelId, region }, is expected".into()
        }
        _ => reason,
    })
}
