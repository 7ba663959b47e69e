//! Places, notes, outputs, summaries and errors.

use std::path::Path;

use audit::{Severity, Verdict};
use aws::Connection;
use jiff::Timestamp;
use owo_colors::OwoColorize;
use reconciler::Outcome;
use serde_json::{Map, Value, json};
use state::{Holder, State};

use crate::audits;
use crate::cli::Cli;
use crate::commands::Resolved;
use crate::exit::{Failure, INTERRUPTED};
use crate::look::Look;

/// Prints a failure to stderr.
pub(crate) fn failure(failure: &Failure) {
    if failure.code == INTERRUPTED {
        anstream::eprintln!("{}", failure.message);
        return;
    }
    anstream::eprintln!("{} {}", "error:".red().bold(), failure.message);
    if let Some(hint) = &failure.hint {
        anstream::eprintln!("{} {hint}", "hint:".cyan().bold());
    }
}

/// Says where the environment is, before anything else.
fn place(cli: &Cli, name: &str, connection: &Connection) {
    if !cli.quiet {
        anstream::eprintln!(
            "environment {} · account {} · region {}",
            name.bold(),
            connection.account.bold(),
            connection.region.bold()
        );
    }
}

/// What is to be done, where, and what is worth knowing about it. Unless the question is
/// `answered` already, whoever is asked has to see what about.
pub(crate) fn preview(cli: &Cli, name: &str, connection: &Connection, look: &Look, answered: bool) {
    place(cli, name, connection);
    let unseen = cli.json || cli.quiet && answered;
    if !unseen {
        super::plan(&look.plan, cli.verbose > 0);
    }
    notes(cli, &look.observation.notes);
    notes(cli, &look.verdict.notes);
}

/// Things worth telling that change nothing.
pub(crate) fn notes(cli: &Cli, notes: &[String]) {
    if !cli.quiet {
        for note in notes {
            anstream::eprintln!("{} {note}", "note:".cyan());
        }
    }
}

/// Outputs as an aligned table.
pub(crate) fn outputs(all: &Map<String, Value>) {
    let width = all.keys().map(String::len).max().unwrap_or_default();
    for (name, value) in all {
        anstream::println!("{name:width$}  {}", bare(value));
    }
}

/// The parameters of an environment, and where each value comes from.
pub(crate) fn resolved(file: &Path, name: &str, parameters: &[Resolved]) {
    anstream::println!("{}", name.bold());
    let from = |parameter: &Resolved| match parameter.line {
        Some(line) => format!("{}:{line}", file.display()),
        None => "default".to_owned(),
    };
    let width = |text: &dyn Fn(&Resolved) -> usize| parameters.iter().map(text).max();
    let names = width(&|p| p.name.len()).unwrap_or_default();
    let places = width(&|p| from(p).len()).unwrap_or_default();
    for parameter in parameters {
        let name = &parameter.name;
        let value = match &parameter.value {
            Value::Null => "-".into(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let from = format!("{:places$}", from(parameter));
        anstream::println!("  {name:names$}  {}  {value}", from.dimmed());
    }
}

/// One value as a script wants it.
pub(crate) fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(bare).collect();
            items.join(" ")
        }
        other => other.to_string(),
    }
}

/// How a run ended, with the outputs after an apply.
pub(crate) fn summary(
    cli: &Cli,
    command: &str,
    outcome: &Outcome,
    all: Option<&Map<String, Value>>,
    audit: Option<&Result<Verdict, Failure>>,
) {
    let result = match outcome {
        o if o.interrupted => "interrupted",
        o if o.is_complete() => "done",
        o if o.done.is_empty() => "failed",
        _ => "partly",
    };
    let (done, failed, blocked) = (
        outcome.done.len(),
        outcome.failed.len(),
        outcome.blocked.len(),
    );
    if cli.json {
        let mut line = json!({
            "event": "summary",
            "action": command,
            "result": result,
            "done": done,
            "failed": failed,
            "blocked": blocked,
        });
        if let Some(all) = all {
            line["outputs"] = Value::Object(all.clone());
        }
        if let Some(Ok(verdict)) = audit {
            line["audit"] = json!({
                "closed": verdict.closed(),
                "errors": audits::count(verdict, Severity::Error),
                "warnings": audits::count(verdict, Severity::Warning),
            });
        }
        anstream::println!("{line}");
        return;
    }
    if !cli.quiet {
        let text = match result {
            "done" if done == 0 => format!("{command}: nothing had to be changed."),
            "done" => format!("{command}: {done} steps done."),
            "interrupted" => {
                format!("{command}: interrupted after {done} steps; the same command goes on.")
            }
            _ => format!(
                "{command}: {done} steps done, {failed} failed, {blocked} not started; the same command goes on once the cause is mended."
            ),
        };
        anstream::eprintln!("\n{text}");
        match audit {
            Some(Ok(verdict)) => anstream::eprintln!("audit: {}", audits::line(verdict)),
            Some(Err(failure)) => {
                anstream::eprintln!("{} no audit: {}", "note:".cyan(), failure.message);
            }
            None => {}
        }
    }
    if let Some(all) = all.filter(|all| !all.is_empty()) {
        outputs(all);
    }
}

/// What is recorded of an environment.
pub(crate) fn status(
    name: &str,
    state: &State,
    latest: Option<Timestamp>,
    holder: Option<&Holder>,
) {
    let place = state
        .header
        .as_ref()
        .map_or("not applied yet".to_owned(), |header| {
            format!("account {} · region {}", header.account, header.region)
        });
    anstream::println!("{}  {place}", name.bold());
    let age = latest.map_or("never changed".to_owned(), |at| {
        format!("last change {at:.0}")
    });
    anstream::println!("  {} resources, {age}", state.records.len());
    if !state.intents.is_empty() {
        let ids: Vec<&str> = state.intents.keys().map(String::as_str).collect();
        anstream::println!("  interrupted while creating: {}", ids.join(", "));
    }
    match holder {
        Some(holder) => anstream::println!("  locked by {holder}"),
        None => anstream::println!("  not locked"),
    }
}
