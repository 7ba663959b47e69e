//! `state rebuild`: the state, written anew from the resources' tags alone.

use state::{Header, State};

use super::agreed;
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::{look, render, session};

pub(super) async fn rebuild(cli: &Cli, env: Option<&str>, yes: bool) -> Result<u8, Failure> {
    let session = session::configured(cli, env).await?;
    let (name, environment) = (&session.name, &session.environment);
    let home = session.backend.home(name);
    let nothing = State::default();
    let connection = session::connect(cli, Some(environment), &nothing, &home.place()).await?;
    let look = look::towards(name, environment, &connection, &nothing, &[]).await?;
    render::notes(cli, &look.observation.notes);
    let records = reconciler::records(&look.catalog, &look.desired, &look.observation);
    if records.is_empty() {
        return Err(Failure::new(format!(
            "nothing in account {} in {} bears the tags of {name}",
            connection.account, connection.region
        )));
    }
    for (id, record) in &records {
        anstream::eprintln!("  {id}  {}", record.kind);
    }
    let question = format!(
        "{} resources bear the tags of {name} in account {} in {}. They become the state in {}. Type the environment's name to go on:",
        records.len(),
        connection.account,
        connection.region,
        home.place()
    );
    agreed(yes, &question, name).await?;
    let (store, aside) = home.lock_anew("state rebuild").await?;
    let count = records.len();
    let pins = look
        .pins
        .iter()
        .filter_map(|(pin, value)| Some((pin.clone(), value.clone()?)));
    let state = State {
        // More than any journal that this one takes the place of.
        serial: u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(1),
        header: Some(Header {
            env: name.clone(),
            account: connection.account.clone(),
            region: connection.region.clone(),
            deployment: look.marks.deployment,
            protect: environment.closed_network_protect,
        }),
        records,
        pins: pins.collect(),
        ..nothing
    };
    let written = store.compact(&state).await;
    session::release(&store).await;
    written?;
    if let Some(aside) = aside {
        anstream::eprintln!("what was there and could not be read is kept as {aside}");
    }
    anstream::eprintln!("{count} resources recorded; `plan` says what differs");
    Ok(DONE)
}
