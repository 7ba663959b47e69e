//! `state …`: looking at the state, moving it, mending it.

mod bootstrap;
mod change;
mod discover;
mod look;
mod r#move;
mod rebuild;
mod unlock;

use crate::cli::{Cli, StateCommand};
use crate::exit::Failure;
use crate::interrupt;

pub(crate) async fn state(cli: &Cli, command: &StateCommand) -> Result<u8, Failure> {
    let cancel = &interrupt::token()?;
    match command {
        StateCommand::List { env } => look::list(cli, env.as_deref()).await,
        StateCommand::Show { words } => look::show(cli, words).await,
        StateCommand::Pull { env } => look::pull(cli, env.as_deref()).await,
        StateCommand::Push {
            file,
            env,
            force,
            yes,
        } => change::push(cli, file, env.as_deref(), *force, *yes, cancel).await,
        StateCommand::Forget { words, yes } => change::forget(cli, words, *yes, cancel).await,
        StateCommand::Rebuild { env, force, yes } => {
            rebuild::rebuild(cli, env.as_deref(), *force, *yes, cancel).await
        }
        StateCommand::Unlock { env, yes } => {
            unlock::unlock(cli, env.as_deref(), *yes, cancel).await
        }
        StateCommand::Move { to, env } => r#move::r#move(cli, to, env.as_deref(), cancel).await,
        StateCommand::Discover => discover::discover(cli).await,
        StateCommand::Bootstrap { yes } => bootstrap::bootstrap(cli, *yes, cancel).await,
    }
}

/// Ids of resources have a slash, names of environments have none.
fn parted(words: &[String]) -> Result<(Option<&str>, Vec<&str>), Failure> {
    let (env, ids) = match words {
        [first, rest @ ..] if !first.contains('/') => (Some(first.as_str()), rest),
        ids => (None, ids),
    };
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    match ids.iter().find(|id| !id.contains('/')) {
        Some(odd) => Err(Failure::invalid(format!("{odd} is no resource's id"))
            .hint("`state list` has them all")),
        None if ids.is_empty() => {
            Err(Failure::invalid("no resource named")
                .hint("name one by its id, such as network/vpc"))
        }
        None => Ok((env, ids)),
    }
}
