//! `validate`: what the configuration says, resolved, and where each value comes from.

use std::collections::BTreeMap;

use config::{Configuration, Environment, Problem, Written};
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

/// An environment as resolved.
struct Shown<'c> {
    name: &'c str,
    written: &'c Written,
    parameters: Vec<Resolved>,
}

pub(crate) fn validate(cli: &Cli, env: Option<&str>) -> Result<u8, Failure> {
    let configuration = config::load(&cli.config)?;
    let names: Vec<String> = match env {
        Some(env) => vec![session::pick(&configuration, Some(env))?],
        None => configuration.environments.keys().cloned().collect(),
    };
    let shown: Vec<Shown<'_>> = names
        .iter()
        .filter_map(|name| shown(&configuration, name))
        .collect();
    // Asked for all, none is passed over.
    let refused: BTreeMap<&String, &config::Error> = match env {
        Some(_) => BTreeMap::new(),
        None => configuration.refused.iter().collect(),
    };
    if cli.json {
        anstream::println!("{}", as_json(&configuration, &shown, &refused));
    } else {
        for environment in &shown {
            let notes = &environment.written.notes;
            render::resolved(
                &environment.written.file,
                environment.name,
                &environment.parameters,
            );
            for note in notes {
                anstream::println!("  note: {note}");
            }
        }
        let file = configuration.file.display();
        match (names.is_empty(), refused.is_empty()) {
            (true, true) => anstream::println!("{file}: valid, no closed environment"),
            (true, false) => {}
            (false, _) => anstream::println!("{file}: valid: {}", names.join(", ")),
        }
    }
    let notes = names.iter();
    let notes = notes.filter_map(|name| generation::source_note(&configuration, name));
    render::notes(cli, &notes.collect::<Vec<String>>());
    if refused.is_empty() {
        return Ok(DONE);
    }
    let problems = refused.values().flat_map(|error| error.0.clone());
    let failure = Failure::from(config::Error(problems.collect()));
    Err(match names.as_slice() {
        [] => failure,
        usable => failure.hint(format!(
            "the others can be used, named: {}",
            usable.join(", ")
        )),
    })
}

fn shown<'c>(configuration: &'c Configuration, name: &'c str) -> Option<Shown<'c>> {
    let environment: &Environment = configuration.environments.get(name)?;
    let written = configuration.written.get(name)?;
    let fields = serde_json::to_value(environment).ok()?;
    let fields = fields.as_object()?.clone();
    let parameters = fields.into_iter().map(|(name, value)| Resolved {
        line: written.places.get(&name).map(|(line, _)| *line),
        value: match name.as_str() {
            "closedNetworkOnPremisesS3" => environment.on_premises_s3().into(),
            _ => value,
        },
        name,
    });
    Some(Shown {
        name,
        written,
        parameters: parameters.collect(),
    })
}

fn as_json(
    configuration: &Configuration,
    shown: &[Shown<'_>],
    refused: &BTreeMap<&String, &config::Error>,
) -> Value {
    let environments = shown.iter().map(|environment| {
        let parameters = environment.parameters.iter().map(parameter).collect();
        (environment.name.to_owned(), Value::Object(parameters))
    });
    let notes = shown.iter().map(|environment| {
        let notes: Vec<Value> = environment.written.notes.iter().map(problem).collect();
        (environment.name.to_owned(), notes.into())
    });
    let refused = refused.iter().map(|(name, error)| {
        let problems: Vec<Value> = error.0.iter().map(problem).collect();
        ((*name).clone(), problems.into())
    });
    let refused: Map<String, Value> = refused.collect();
    json!({
        "valid": refused.is_empty(),
        "file": configuration.file.display().to_string(),
        "environments": environments.collect::<Map<String, Value>>(),
        "open": configuration.open,
        "notes": notes.collect::<Map<String, Value>>(),
        "refused": refused,
    })
}

fn parameter(parameter: &Resolved) -> (String, Value) {
    let from = match parameter.line {
        Some(line) => json!({ "line": line }),
        None => json!("default"),
    };
    let value = json!({ "value": parameter.value, "from": from });
    (parameter.name.clone(), value)
}

fn problem(problem: &Problem) -> Value {
    json!({
        "file": problem.file.display().to_string(),
        "line": problem.place.map(|(line, _)| line),
        "key": problem.key,
        "message": problem.message,
    })
}
