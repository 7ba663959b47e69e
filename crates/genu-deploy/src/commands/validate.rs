//! `validate`: what the configuration says, resolved, and where each value comes from.

use std::collections::BTreeMap;

use config::{Configuration, Environment, Place};
use serde_json::{Map, Value, json};

use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::{generation, render, session};

/// One parameter as resolved.
pub(crate) struct Resolved {
    pub name: String,
    pub value: Value,
    /// Line of the file; `None` is the default.
    pub line: Option<usize>,
}

pub(crate) fn validate(cli: &Cli, env: Option<&str>) -> Result<u8, Failure> {
    let configuration = config::load(&cli.config)?;
    let names: Vec<String> = match env {
        Some(env) => vec![session::pick(&configuration, Some(env))?],
        None => configuration.environments.keys().cloned().collect(),
    };
    let resolved: BTreeMap<&String, Vec<Resolved>> = names
        .iter()
        .filter_map(|name| Some((name, resolved(&configuration, name)?)))
        .collect();
    if cli.json {
        let environments: Map<String, Value> = resolved
            .into_iter()
            .map(|(name, parameters)| (name.clone(), as_json(parameters)))
            .collect();
        let file = configuration.file.display().to_string();
        let answer = json!({ "valid": true, "file": file, "environments": environments });
        anstream::println!("{answer}");
    } else {
        for (name, parameters) in &resolved {
            render::resolved(&configuration.file, name, parameters);
        }
        let file = configuration.file.display();
        if names.is_empty() {
            anstream::println!("{file}: valid, no closed environment");
        } else {
            anstream::println!("{file}: valid: {}", names.join(", "));
        }
    }
    let notes = names.iter();
    let notes = notes.filter_map(|name| generation::source_note(&configuration, name));
    render::notes(cli, &notes.collect::<Vec<String>>());
    Ok(DONE)
}

fn resolved(configuration: &Configuration, name: &str) -> Option<Vec<Resolved>> {
    let environment: &Environment = configuration.environments.get(name)?;
    let places: &BTreeMap<String, Place> = configuration.places.get(name)?;
    let fields = serde_json::to_value(environment).ok()?;
    let fields = fields.as_object()?.clone();
    Some(
        fields
            .into_iter()
            .map(|(name, value)| Resolved {
                line: places.get(&name).map(|(line, _)| *line),
                value: match name.as_str() {
                    "closedNetworkOnPremisesS3" => environment.on_premises_s3().into(),
                    _ => value,
                },
                name,
            })
            .collect(),
    )
}

fn as_json(parameters: Vec<Resolved>) -> Value {
    let parameters = parameters.into_iter().map(|parameter| {
        let from = match parameter.line {
            Some(line) => json!({ "line": line }),
            None => json!("default"),
        };
        (
            parameter.name,
            json!({ "value": parameter.value, "from": from }),
        )
    });
    Value::Object(parameters.collect())
}
