//! Reading `genu.toml`: one table an environment, `[env.priv]`, every value with its place.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::check::check;
use crate::input::{Environment, GENU_ONLY, OURS};
use crate::{Error, Problem};

/// Everything a configuration holds. Environments without the closed mode are left out.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where it came from.
    pub file: PathBuf,
    /// Closed environments by name.
    pub environments: BTreeMap<String, Environment>,
    /// Names of environments without the closed mode.
    pub open: Vec<String>,
}

/// Places of values within the text.
pub(crate) struct Places<'a> {
    pub file: &'a Path,
    text: &'a str,
    spans: BTreeMap<String, Range<usize>>,
}

impl Places<'_> {
    /// A problem with `key`, at its place when it has one.
    pub(crate) fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        Problem {
            file: self.file.to_owned(),
            place: self.spans.get(key).map(|span| place(self.text, span.start)),
            key: key.to_owned(),
            message: message.into(),
        }
    }
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// Reads and checks a configuration.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn load(file: &Path) -> Result<Configuration, Error> {
    let whole = |message: String, place| {
        Error(vec![Problem {
            file: file.to_owned(),
            place,
            key: String::new(),
            message,
        }])
    };
    let text = fs::read_to_string(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => whole(
            "there is no such file; name one with --config or GENU_CONFIG, or copy config/genu.toml of the source".into(),
            None,
        ),
        _ => whole(format!("cannot be read: {e}"), None),
    })?;
    let table = DeTable::parse(&text).map_err(|e| {
        whole(
            e.message().to_owned(),
            e.span().map(|span| place(&text, span.start)),
        )
    })?;
    let mut places = Places {
        file,
        text: &text,
        spans: BTreeMap::new(),
    };
    let mut problems = Vec::new();
    let mut configuration = Configuration {
        file: file.to_owned(),
        environments: BTreeMap::new(),
        open: Vec::new(),
    };
    for (key, value) in table.get_ref() {
        places.spans.insert(key.get_ref().to_string(), key.span());
        let DeValue::Table(environments) = value.get_ref() else {
            problems.push(places.problem(
                key.get_ref(),
                "unknown; environments are tables, [env.NAME]",
            ));
            continue;
        };
        if key.get_ref() != "env" {
            problems.push(places.problem(
                key.get_ref(),
                "unknown table; environments are tables, [env.NAME]",
            ));
            continue;
        }
        for (name, value) in environments {
            let name_text = name.get_ref().to_string();
            places.spans.insert(format!("env.{name_text}"), name.span());
            match environment(&mut places, &name_text, value, &mut problems) {
                Some(environment) if environment.closed_network_mode => {
                    check(&places, &name_text, &environment, &mut problems);
                    configuration.environments.insert(name_text, environment);
                }
                Some(_) => configuration.open.push(name_text),
                None => {}
            }
        }
    }
    if problems.is_empty() {
        Ok(configuration)
    } else {
        Err(Error(problems))
    }
}

fn environment(
    places: &mut Places<'_>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<Environment> {
    let key = format!("env.{name}");
    let valid = name.len() <= 16
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !valid {
        let allowed = "an environment is named with lower-case letters, digits and hyphens, at most 16, not beginning with a hyphen";
        problems.push(places.problem(&key, allowed));
    }
    let DeValue::Table(table) = value.get_ref() else {
        problems.push(places.problem(&key, "must be a table, [env.NAME]"));
        return None;
    };
    let before = problems.len();
    let mut fields = toml::Table::new();
    for (field, value) in table {
        let (field, span) = (field.get_ref().to_string(), field.span());
        let full = format!("{key}.{field}");
        places.spans.insert(full.clone(), span);
        if OURS.contains(&field.as_str()) {
            // Checked one by one, so that every wrong value is told with its own place.
            match single(&field, value) {
                Ok(value) => {
                    fields.insert(field, value);
                }
                Err(message) => problems.push(places.problem(&full, message)),
            }
        } else if !GENU_ONLY.contains(&field.as_str()) {
            let known = OURS.iter().chain(GENU_ONLY);
            let nearest = known.max_by(|a, b| {
                strsim::jaro_winkler(a, &field).total_cmp(&strsim::jaro_winkler(b, &field))
            });
            let nearest = nearest.map_or(String::new(), |n| format!("; did you mean {n}?"));
            problems.push(places.problem(&full, format!("unknown parameter{nearest}")));
        }
    }
    if problems.len() > before {
        return None;
    }
    match Environment::deserialize(fields) {
        Ok(environment) => Some(environment),
        Err(e) => {
            problems.push(places.problem(&key, e.message()));
            None
        }
    }
}

/// One value on its own: its type is right, or the reason why not.
fn single(field: &str, value: &Spanned<DeValue<'_>>) -> Result<toml::Value, String> {
    let value = owned(value.get_ref());
    let mut alone = toml::Table::new();
    alone.insert(field.to_owned(), value.clone());
    match Environment::deserialize(alone) {
        Ok(_) => Ok(value),
        Err(e) => {
            let reason = e.message().lines().next().unwrap_or_default().to_owned();
            Err(match field {
                "closedNetworkVpcIpv4Cidr" | "closedNetworkClientCidrs" => {
                    format!("{reason}; an IPv4 range such as 10.0.0.0/16 is expected")
                }
                _ => reason,
            })
        }
    }
}

fn owned(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(s) => toml::Value::String(s.to_string()),
        DeValue::Integer(i) => i64::from_str_radix(&i.as_str().replace('_', ""), i.radix())
            .map_or(toml::Value::String(i.as_str().into()), toml::Value::Integer),
        DeValue::Float(f) => toml::Value::Float(f.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => toml::Value::Boolean(*b),
        DeValue::Datetime(d) => toml::Value::Datetime(*d),
        DeValue::Array(items) => {
            toml::Value::Array(items.iter().map(|item| owned(item.get_ref())).collect())
        }
        DeValue::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), owned(value.get_ref())))
                .collect(),
        ),
    }
}
