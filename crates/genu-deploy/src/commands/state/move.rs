//! `state move`: from a directory to S3, or back.

use std::sync::Arc;

use state::{Home, State, Store};
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn r#move(
    cli: &Cli,
    to: &str,
    env: Option<&str>,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let (from, name) = session::on_record(cli, env).await?;
    let region = session::region(cli, Some(&name));
    let target = Backend::at(cli, to, region.as_deref()).await?;
    if target.place().trim_end_matches('/') == from.place().trim_end_matches('/') {
        return Err(Failure::invalid(format!("the state is in {to} already")));
    }
    let (source, state) =
        session::lock_existing(cli, &from.home(&name), "state move", cancel).await?;
    let moved = to_target(cli, &state, &source, &target.home(&name), cancel).await;
    // A removed state has given its lock back.
    session::release(&source).await;
    moved?;
    anstream::eprintln!(
        "{} resources of {name} are recorded in {} now; use --state {to}, or GENU_STATE",
        state.records.len(),
        target.place()
    );
    Ok(DONE)
}

/// There first, read back, and only then no longer here: a crash in between leaves both, and the same
/// command goes on.
async fn to_target(
    cli: &Cli,
    state: &State,
    source: &Arc<dyn Store>,
    target: &Arc<dyn Home>,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    if state.header.is_none() {
        return Err(Failure::new(
            "there is nothing to move: nothing was ever applied",
        ));
    }
    let (store, there) = session::lock(cli, target, "state move", cancel).await?;
    let moving = async {
        let same = |of: &State| of.header.as_ref().map(|h| h.deployment);
        if there.header.is_some() && (same(&there) != same(state) || there.serial > state.serial) {
            return Err(Failure::new(format!(
                "{} holds a state already; nothing was changed",
                target.place()
            ))
            .hint("it is another deployment's or a newer one: look at it with `state list`"));
        }
        store.compact(state).await?;
        let read = target.load().await?;
        if read != *state {
            return Err(Failure::new(format!(
                "what was written to {} reads otherwise; the state stays where it was",
                target.place()
            )));
        }
        source.remove().await?;
        Ok(())
    };
    let moved = moving.await;
    session::release(&store).await;
    moved
}
