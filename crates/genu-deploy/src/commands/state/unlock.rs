//! `state unlock`: breaks the lease of a run that is gone.

use tokio_util::sync::CancellationToken;

use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn unlock(
    cli: &Cli,
    env: Option<&str>,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let (backend, name) = session::on_record(cli, env).await?;
    let home = backend.home(&name);
    let Some(holder) = home.holder().await? else {
        anstream::eprintln!("{name} is not locked");
        return Ok(DONE);
    };
    anstream::eprintln!("{name} is locked by {holder}");
    let question = "If that run lives all the same, it stops within the minute. Type the environment's name to break its lock:";
    session::agreed(yes, question, &name, cancel).await?;
    let free = home.unlock(&holder).await?;
    anstream::eprintln!(
        "its lock is broken; others may take it in {} s, when whatever it had under way has ended (--lock-timeout waits for it)",
        free.as_secs()
    );
    Ok(DONE)
}
