//! `state unlock`: breaks the lease of a run that is gone.

use super::{agreed, recorded};
use crate::cli::Cli;
use crate::exit::{DONE, Failure};

pub(super) async fn unlock(cli: &Cli, env: Option<&str>, yes: bool) -> Result<u8, Failure> {
    let (backend, name) = recorded(cli, env).await?;
    let home = backend.home(&name);
    let Some(holder) = home.holder().await? else {
        anstream::eprintln!("{name} is not locked");
        return Ok(DONE);
    };
    anstream::eprintln!("{name} is locked by {holder}");
    let question =
        "If that run lives, it stops where it is. Type the environment's name to break its lock:";
    agreed(yes, question, &name).await?;
    home.unlock(&holder).await?;
    anstream::eprintln!("unlocked");
    Ok(DONE)
}
