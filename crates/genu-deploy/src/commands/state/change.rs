//! `state push`, `forget`: what is recorded, changed by hand.

use std::io::Read;
use std::path::Path;

use state::{Entry, State};
use tokio_util::sync::CancellationToken;

use super::parted;
use crate::backend::Backend;
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn push(
    cli: &Cli,
    file: &Path,
    env: Option<&str>,
    force: bool,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let place = file.display().to_string();
    let cannot = |e: std::io::Error| Failure::new(format!("cannot read {place}: {e}"));
    let text = if file == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text).map_err(cannot)?;
        text
    } else {
        std::fs::read(file).map_err(cannot)?
    };
    let pushed = state::snapshot::parse(&place, &text)?;
    let Some(header) = &pushed.header else {
        return Err(Failure::new(format!(
            "{place} is the state of no deployment"
        )));
    };
    let name = env.unwrap_or(&header.env).to_owned();
    if name != header.env {
        let of = &header.env;
        return Err(Failure::new(format!(
            "{place} is the state of {of}, not of {name}"
        )));
    }
    let backend = Backend::open(cli, Some(&header.region)).await?;
    let (store, there) = session::lock(cli, &backend.home(&name), "state push", cancel).await?;
    let ended = async {
        fits(&pushed, &there, force)?;
        let question = format!(
            "The state of {name} in {} ({} resources) is written over with {} resources. Type the environment's name to go on:",
            backend.place(),
            there.records.len(),
            pushed.records.len()
        );
        session::agreed(yes, &question, &name, cancel).await?;
        let serial = pushed.serial.max(there.serial) + 1;
        store
            .compact(&State {
                serial,
                ..pushed.clone()
            })
            .await?;
        anstream::eprintln!(
            "{} resources recorded; `plan` says what differs",
            pushed.records.len()
        );
        Ok(DONE)
    };
    let ended = ended.await;
    session::release(&store).await;
    ended
}

/// Refuses what would lose something, unless forced.
fn fits(pushed: &State, there: &State, force: bool) -> Result<(), Failure> {
    let (Some(header), false) = (&there.header, force) else {
        return Ok(());
    };
    let another = pushed.header.as_ref().map(|h| h.deployment) != Some(header.deployment);
    let why = match () {
        () if another => "it is another deployment's",
        () if pushed.serial < there.serial => "it is older than what is there",
        () => return Ok(()),
    };
    Err(
        Failure::new(format!("not pushed: {why}; nothing was changed"))
            .hint("`state pull` keeps what is there; --force writes over it"),
    )
}

pub(super) async fn forget(
    cli: &Cli,
    words: &[String],
    yes: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let (env, ids) = parted(words)?;
    let (backend, name) = session::on_record(cli, env).await?;
    let (store, mut state) =
        session::lock_existing(cli, &backend.home(&name), "state forget", cancel).await?;
    let ended = async {
        let known = |id: &&&str| state.records.contains_key(**id) || state.intended(id);
        if let Some(odd) = ids.iter().find(|id| !known(id)) {
            return Err(Failure::new(format!(
                "nothing is recorded of {odd} in {name}; nothing was changed"
            ))
            .hint("`state list` has them all"));
        }
        let question = format!(
            "{} would be forgotten, not deleted. Type the environment's name to go on:",
            ids.join(", ")
        );
        session::agreed(yes, &question, &name, cancel).await?;
        for id in &ids {
            let entry = Entry::Deleted {
                id: (*id).to_owned(),
            };
            let serial = state.serial + 1;
            store.append(serial, &entry).await?;
            state.apply(serial, entry);
        }
        store.compact(&state).await?;
        anstream::eprintln!(
            "forgotten: {}; what is still there, `plan` shows as found by its tags",
            ids.join(", ")
        );
        Ok(DONE)
    };
    let ended = ended.await;
    session::release(&store).await;
    ended
}
