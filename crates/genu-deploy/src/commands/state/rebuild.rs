//! `state rebuild`: the state, written anew from the resources' tags alone.

use state::{Header, Home, State, Store};
use tokio_util::sync::CancellationToken;

use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::look::Choices;
use crate::session::Session;
use crate::{interrupt, look, render, session};

pub(super) async fn rebuild(
    cli: &Cli,
    env: Option<&str>,
    force: bool,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    session::must_be_answerable(yes)?;
    let finding = session::configured(cli, env);
    let session = interrupt::unless(cancel, finding).await?;
    let home = session.backend.home(&session.name);
    if let Ok(state) = home.load().await
        && !state.records.is_empty()
        && !force
    {
        return Err(Failure::new(format!(
            "the state in {} can be read and has {} resources; nothing was changed",
            home.place(),
            state.records.len()
        ))
        .hint("`apply --adopt` takes over what it lacks; --force writes it anew all the same"));
    }
    // Nobody else changes anything between the look and what is written of it.
    let store = home.lock_anew("state rebuild", cli.lock_timeout).await?;
    let written = from_tags(cli, &session, &*home, &*store, yes, cancel).await;
    session::release(&store).await;
    written
}

async fn from_tags(
    cli: &Cli,
    session: &Session,
    home: &dyn Home,
    store: &dyn Store,
    yes: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let (name, environment) = (&session.name, &session.environment);
    let nothing = State::default();
    let place = home.place();
    let looking = async {
        let connection = session::connect(cli, Some(environment), &nothing, &place).await?;
        let look =
            look::towards(name, environment, &connection, &nothing, Choices::none(cli)).await?;
        Ok((connection, look))
    };
    let (connection, look) = interrupt::unless(cancel, looking).await?;
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
    let count = records.len();
    let question = format!(
        "{count} resources bear the tags of {name} in account {} in {}. They become the state in {place}. Type the environment's name to go on:",
        connection.account, connection.region
    );
    session::agreed(yes, &question, name, cancel).await?;
    let pins = look.pins.iter();
    let pins = pins.filter_map(|(pin, value)| Some((pin.clone(), value.clone()?)));
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
    let kept = home.keep_aside().await?;
    store.compact(&state).await?;
    if let Some(kept) = kept {
        anstream::eprintln!("what was there is kept as {kept}");
    }
    anstream::eprintln!("{count} resources recorded; `plan` says what differs");
    Ok(DONE)
}
