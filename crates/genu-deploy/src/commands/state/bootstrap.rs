//! `state bootstrap`: the bucket for states.

use aws::Bootstrap;
use tokio_util::sync::CancellationToken;

use crate::backend::{address, settings};
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn bootstrap(
    cli: &Cli,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let Some(address) = address(&cli.state)? else {
        return Err(Failure::invalid(format!(
            "--state {} is a directory, which needs no preparation",
            cli.state
        ))
        .hint("name the bucket: --state s3://BUCKET/PREFIX"));
    };
    let bucket = &address.bucket;
    let settings = settings(cli, session::region(cli, None).as_deref());
    let found = Bootstrap::look(&settings, &address).await?;
    if found.lacks.is_empty() {
        anstream::eprintln!("{bucket} is as it should be");
        return Ok(DONE);
    }
    let names: Vec<&str> = found.lacks.iter().map(|setting| setting.name()).collect();
    let what = if found.exists {
        "is there and gets"
    } else {
        "is made, with"
    };
    let Bootstrap { owner, region, .. } = &found;
    let question = format!(
        "The bucket {bucket} in account {owner}, region {region}, {what}: {}. Only 'yes' goes on:",
        names.join(", ")
    );
    session::agreed(yes, &question, "yes", cancel).await?;
    found.make().await?;
    anstream::eprintln!("{bucket}: {}", names.join(", "));
    Ok(DONE)
}
