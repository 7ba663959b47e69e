//! One environment as written -> as it is used, checked, with what is worth knowing of it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::check::check;
use crate::document::{Field, Section};
use crate::parameters::{OURS, UNSET_WHEN_EMPTY, is_known, near_miss, nearest};
use crate::{Environment, Error, Problem, names, notes};

/// Unknown parameters that are told one by one.
const MANY: usize = 20;

/// Unknown parameters whose like is looked for.
const GUESSED: usize = 500;

/// The environment; `None` when it has not the closed mode.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn resolve(
    section: &Section,
    ours: bool,
) -> Result<Option<(Environment, Vec<Problem>)>, Error> {
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    let name = &section.name;
    if ours && !names::is_valid(name) {
        problems.push(section.problem("", names::ALLOWED));
    } else if !ours && !names::is_valid(name) && names::of_genu(name).is_none() {
        let message = format!(
            "GenU takes any name, here it is a part of others: {}",
            names::ALLOWED
        );
        problems.push(section.problem("", &message));
    }
    let mut fields = Map::new();
    let mut guesses = 0;
    for field in &section.fields {
        let key = field.key.as_str();
        if OURS.contains(key) {
            match looked_at(field) {
                Ok(Some(value)) => drop(fields.insert(key.to_owned(), value)),
                Ok(None) => drop(fields.remove(key)),
                Err((at, message)) => problems.push(section.problem_at(Some(at), key, &message)),
            }
        } else if !is_known(key) {
            guesses += 1;
            let unknown = if guesses > GUESSED {
                "unknown parameter".to_owned()
            } else {
                unknown(key, ours)
            };
            let unknown = section.problem_at(Some(field.place), key, &unknown);
            if ours {
                problems.push(unknown);
            } else {
                notes.push(unknown);
            }
        }
    }
    shorten(&mut notes, section);
    // No subnets of no VPC: GenU's users empty both.
    if !fields.contains_key("closedNetworkVpcId")
        && fields
            .get("closedNetworkSubnetIds")
            .is_some_and(|ids| *ids == Value::Array(Vec::new()))
    {
        fields.remove("closedNetworkSubnetIds");
    }
    if problems.is_empty() {
        match Environment::deserialize(Value::Object(fields)) {
            Ok(environment) if environment.closed_network_mode => {
                check(section, ours, &environment, &mut problems);
                notes.extend(notes::of(section, ours, &environment));
                if problems.is_empty() {
                    return Ok(Some((environment, notes)));
                }
            }
            Ok(_) => return Ok(None),
            Err(e) => problems.push(section.problem("", &e.to_string())),
        }
    }
    Err(Error(problems))
}

fn unknown(key: &str, ours: bool) -> String {
    let (nearest, _) = nearest(key);
    if ours {
        return format!("unknown parameter; did you mean {nearest}?");
    }
    let known = "is no parameter that is known here, and is not looked at";
    if key.starts_with("closedNetwork") {
        return format!("{known}; did you mean {nearest}?");
    }
    match near_miss(key) {
        Some(meant) => format!("{known}; did you mean {meant}?"),
        None => known.into(),
    }
}

/// A file of GenU's may hold any number of parameters that are somebody else's.
fn shorten(notes: &mut Vec<Problem>, section: &Section) {
    if let Some(more) = notes.len().checked_sub(MANY).filter(|more| *more > 0) {
        // Those that may be ours are told first.
        notes.sort_by_key(|note| !note.message.contains("did you mean"));
        notes.truncate(MANY);
        let message = format!("{more} more parameters are not known here, and are not looked at");
        notes.push(section.problem("", &message));
    }
}

/// The value of a parameter that is looked at; `None` for one that is as good as absent. Values are
/// checked one by one, so that every wrong one is told with its own place.
fn looked_at(field: &Field) -> Result<Option<Value>, ((usize, usize), String)> {
    let value = field.value.clone()?;
    let empty = value.as_str().is_some_and(str::is_empty);
    if value.is_null() || empty && UNSET_WHEN_EMPTY.contains(&field.key.as_str()) {
        return Ok(None);
    }
    let value = without_nulls(value);
    match single(&field.key, &value) {
        Ok(()) => Ok(Some(value)),
        Err(message) => Err((field.place, message)),
    }
}

/// Members that are null are as good as absent, at any depth.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            members
                .map(|(key, value)| (key, without_nulls(value)))
                .collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        value => value,
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
