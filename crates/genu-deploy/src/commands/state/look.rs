//! `state list`, `show`, `pull`.

use serde_json::{Value, json};

use super::parted;
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn list(cli: &Cli, env: Option<&str>) -> Result<u8, Failure> {
    let (backend, name) = session::on_record(cli, env).await?;
    let state = backend.reader(&name).load().await?;
    let catalog = aws::catalog();
    let rows: Vec<(&String, &String, String)> = state
        .records
        .iter()
        .map(|(id, record)| {
            let kind = catalog.get(&record.kind);
            let identity = kind.and_then(|kind| Some(kind.identity(&kind.decode(&record.out)?)));
            (id, &record.kind, identity.unwrap_or_default())
        })
        .collect();
    if cli.json {
        let rows = rows.iter();
        let rows: Vec<Value> = rows
            .map(|(id, kind, identity)| json!({ "id": id, "kind": kind, "identity": identity }))
            .collect();
        anstream::println!("{}", Value::Array(rows));
        return Ok(DONE);
    }
    let ids = rows
        .iter()
        .map(|(id, ..)| id.len())
        .max()
        .unwrap_or_default();
    let kinds = rows.iter().map(|(_, kind, _)| kind.len()).max();
    let kinds = kinds.unwrap_or_default();
    for (id, kind, identity) in rows {
        anstream::println!("{id:ids$}  {kind:kinds$}  {identity}");
    }
    for (id, intent) in &state.intents {
        anstream::println!(
            "{id:ids$}  {:kinds$}  (create unanswered since {:.0})",
            intent.kind,
            intent.at
        );
    }
    Ok(DONE)
}

pub(super) async fn show(cli: &Cli, words: &[String]) -> Result<u8, Failure> {
    let (env, ids) = parted(words)?;
    let (backend, name) = session::on_record(cli, env).await?;
    let state = backend.reader(&name).load().await?;
    for id in ids {
        let (record, intent) = (state.records.get(id), state.intents.get(id));
        if record.is_none() && intent.is_none() {
            return Err(
                Failure::new(format!("nothing is recorded of {id} in {name}"))
                    .hint("`state list` has them all"),
            );
        }
        let shown = json!({ "id": id, "record": record, "unanswered_create": intent });
        anstream::println!("{shown:#}");
    }
    Ok(DONE)
}

pub(super) async fn pull(cli: &Cli, env: Option<&str>) -> Result<u8, Failure> {
    let (backend, name) = session::on_record(cli, env).await?;
    let state = backend.reader(&name).load().await?;
    anstream::print!("{}", state::snapshot::text(&state, None)?);
    Ok(DONE)
}
