//! What a command works on: environment, configuration, state.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use aws::{Connection, Settings};
use config::{Configuration, Environment, Model};
use state::{Home, State, Store};
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::cli::Cli;
use crate::exit::Failure;
use crate::{generation, interrupt};

/// How long a signal waits for a lock that is being taken, to give it back.
const GRACE: Duration = Duration::from_secs(1);

/// An environment of the configuration.
pub(crate) struct Session {
    pub name: String,
    pub environment: Environment,
    pub backend: Backend,
    /// What is worth knowing of the configuration.
    pub notes: Vec<String>,
}

/// Reads the configuration and picks the environment.
pub(crate) async fn configured(cli: &Cli, env: Option<&str>) -> Result<Session, Failure> {
    let configuration = config::load(&cli.config)?;
    let name = pick(&configuration, env)?;
    tell_notes(cli, &configuration, &name);
    let environment = configuration
        .environments
        .get(&name)
        .cloned()
        .unwrap_or_default();
    Ok(Session {
        backend: Backend::open(cli, environment.region.as_deref()).await?,
        notes: generation::source_note(&configuration, &name)
            .into_iter()
            .collect(),
        name,
        environment,
    })
}

/// Every closed environment of the configuration, and those that cannot be used: one of them may be
/// closed, too.
pub(crate) async fn all_configured(
    cli: &Cli,
) -> Result<(Vec<Session>, Vec<(String, Failure)>), Failure> {
    let configuration = config::load(&cli.config)?;
    if configuration.environments.is_empty() {
        let refused = configuration.refused.into_values();
        let problems: Vec<config::Problem> = refused.flat_map(|error| error.0).collect();
        if !problems.is_empty() {
            return Err(config::Error(problems).into());
        }
        return Err(Failure::invalid(format!(
            "{} has no closed environment",
            configuration.file.display()
        )));
    }
    for name in configuration.environments.keys() {
        tell_notes(cli, &configuration, name);
    }
    let region = region(cli, None);
    let backend = Backend::open(cli, region.as_deref()).await?;
    let sessions = configuration.environments.into_iter();
    let sessions = sessions.map(|(name, environment)| Session {
        backend: backend.clone(),
        notes: Vec::new(),
        name,
        environment,
    });
    let refused = configuration.refused.into_iter();
    let refused = refused.map(|(name, error)| (name, error.into()));
    Ok((sessions.collect(), refused.collect()))
}

/// What is worth knowing of an environment's configuration.
fn tell_notes(cli: &Cli, configuration: &Configuration, name: &str) {
    if let Some(written) = configuration.written.get(name).filter(|_| !cli.quiet) {
        for note in &written.notes {
            anstream::eprintln!("note: {note}");
        }
    }
}

/// The region of the environment of this name, or of the only one, when there is a configuration.
pub(crate) fn region(cli: &Cli, env: Option<&str>) -> Option<String> {
    let configuration = config::load(&cli.config).ok()?;
    let env = env.map(|env| configuration.name_of(env));
    let mut regions = configuration
        .environments
        .iter()
        .filter(|(name, _)| env.is_none_or(|env| env == *name))
        .filter_map(|(_, environment)| environment.region.clone());
    regions.next()
}

/// The name here of an environment: its own, or the one for what GenU's file calls it.
pub(crate) fn name_of(cli: &Cli, env: &str) -> String {
    match config::load(&cli.config) {
        Ok(configuration) => configuration.name_of(env).to_owned(),
        // What is recorded needs no configuration.
        Err(_) => env.to_owned(),
    }
}

/// Takes the lock of a state, waiting for it as long as the user said. A signal ends the waiting; a
/// lock that was about to be taken is given back.
pub(crate) async fn lock(
    cli: &Cli,
    home: &Arc<dyn Home>,
    command: &str,
    cancel: &CancellationToken,
) -> Result<(Arc<dyn Store>, State), Failure> {
    let locking = home.lock(command, cli.lock_timeout);
    tokio::pin!(locking);
    tokio::select! {
        taken = &mut locking => Ok(taken?),
        () = cancel.cancelled() => {
            if let Ok(Ok((store, _))) = tokio::time::timeout(GRACE, locking).await {
                release(&store).await;
            }
            Err(Failure::interrupted())
        }
    }
}

/// The state of an environment that there is, locked: a mistyped name makes none.
pub(crate) async fn lock_existing(
    cli: &Cli,
    home: &Arc<dyn Home>,
    command: &str,
    cancel: &CancellationToken,
) -> Result<(Arc<dyn Store>, State), Failure> {
    if !interrupt::unless(cancel, async { Ok(home.exists().await?) }).await? {
        return Err(
            Failure::new(format!("there is no state in {}", home.place()))
                .hint("`status` names the environments that there are"),
        );
    }
    lock(cli, home, command, cancel).await
}

/// Gives the lock back, whatever came of what it was taken for.
pub(crate) async fn release(store: &Arc<dyn Store>) {
    if let Err(error) = store.release().await {
        anstream::eprintln!("note: the lock was not given back, it ends by itself: {error}");
    }
}

pub(crate) fn pick(configuration: &Configuration, env: Option<&str>) -> Result<String, Failure> {
    let closed: Vec<&str> = names(configuration.environments.keys());
    let refused: Vec<&str> = names(configuration.refused.keys());
    let file = configuration.file.display();
    let has = || match refused.as_slice() {
        [] => listed(&closed),
        refused => format!(
            "{}; cannot be used: {}",
            listed(&closed),
            refused.join(", ")
        ),
    };
    let Some(env) = env else {
        return match (closed.as_slice(), refused.as_slice()) {
            ([only], []) => Ok((*only).to_owned()),
            ([], [only]) => Err(refusal(configuration, only)),
            _ => {
                Err(Failure::invalid("no environment named").hint(format!("{file} has: {}", has())))
            }
        };
    };
    let name = configuration.name_of(env);
    if configuration.environments.contains_key(name) {
        Ok(name.to_owned())
    } else if configuration.refused.contains_key(name) {
        Err(refusal(configuration, name))
    } else if configuration.open.iter().any(|open| open == name) {
        Err(Failure::invalid(format!(
            "{file}: env.{env} has not closedNetworkMode = true"
        ))
        .hint("genu-deploy builds closed networks only"))
    } else {
        Err(
            Failure::invalid(format!("{file} has no closed environment {env:?}"))
                .hint(format!("it has: {}", has())),
        )
    }
}

/// Why an environment cannot be used.
pub(crate) fn refusal(configuration: &Configuration, name: &str) -> Failure {
    match configuration.refused.get(name) {
        Some(error) => error.clone().into(),
        None => Failure::invalid(format!("{name} cannot be used")),
    }
}

fn names<'n>(names: impl Iterator<Item = &'n String>) -> Vec<&'n str> {
    names.map(String::as_str).collect()
}

/// The one environment that the state holds, or the one named.
pub(crate) async fn recorded(backend: &Backend, env: Option<&str>) -> Result<String, Failure> {
    if let Some(env) = env {
        return Ok(env.to_owned());
    }
    let names = backend.environments().await?;
    let place = backend.place();
    match names.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::invalid(format!("{place} holds no environment"))
            .hint("name one, or say with --state where the state is")),
        names => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Err(Failure::invalid("no environment named")
                .hint(format!("{place} holds: {}", listed(&names))))
        }
    }
}

/// Where the states are, and the environment that is meant.
pub(crate) async fn on_record(cli: &Cli, env: Option<&str>) -> Result<(Backend, String), Failure> {
    let backend = Backend::open(cli, region(cli, env).as_deref()).await?;
    let env = env.map(|env| name_of(cli, env));
    let name = recorded(&backend, env.as_deref()).await?;
    Ok((backend, name))
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}

/// Connects, and refuses a state or configuration of another account or region.
pub(crate) async fn connect(
    cli: &Cli,
    environment: Option<&Environment>,
    state: &State,
    place: &str,
) -> Result<Connection, Failure> {
    let region = environment.and_then(|environment| environment.region.clone());
    let recorded = state.header.as_ref().map(|header| header.region.clone());
    let connection = aws::connect(&Settings {
        // Without a configuration the state knows where it belongs.
        region: region.or(if environment.is_none() {
            recorded
        } else {
            None
        }),
        endpoint_url: cli.endpoint_url.clone(),
        rate_profile: cli.rate_profile,
    })
    .await?;
    if let Some(environment) = environment {
        check_place(environment, &connection)?;
    }
    if let Some(header) = &state.header
        && (header.account != connection.account || header.region != connection.region)
    {
        return Err(Failure::new(format!(
            "the state in {place} is of account {} in {}; this is account {} in {}",
            header.account, header.region, connection.account, connection.region
        ))
        .hint("use that account's credentials and region, or another directory with --state"));
    }
    Ok(connection)
}

fn check_place(environment: &Environment, connection: &Connection) -> Result<(), Failure> {
    let account = environment
        .account
        .as_ref()
        .filter(|account| !account.is_empty());
    if let Some(account) = account
        && *account != connection.account
    {
        return Err(Failure::new(format!(
            "the configuration is for account {account}; the caller {} is of account {}",
            connection.arn, connection.account
        ))
        .hint("use that account's credentials"));
    }
    // The region may come from the SDK, which the configuration's own check cannot know.
    let lists = [
        environment.model_ids.as_deref().unwrap_or_default(),
        &environment.image_generation_model_ids,
        &environment.video_generation_model_ids,
    ];
    let elsewhere = lists.into_iter().flatten().find_map(|model| match model {
        Model::InRegion { region, .. } => Some(region),
        Model::Id(_) => None,
    });
    for region in environment.model_region.iter().chain(elsewhere) {
        if *region != connection.region {
            return Err(Failure::invalid(format!(
                "models are in {region}, the network would be in {}; in closed mode both must be the same",
                connection.region
            )));
        }
    }
    Ok(())
}

/// Refuses to go on without a terminal and without consent on the command line.
pub(crate) fn must_be_answerable(yes: bool) -> Result<(), Failure> {
    if yes || std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::new("there is no terminal to ask on").hint("pass -y to go on without being asked"))
}

/// Asks; the answer must be `expected`.
pub(crate) async fn confirm(question: &str, expected: &str) -> Result<bool, Failure> {
    anstream::eprint!("{question} ");
    let _ = std::io::stderr().flush();
    // On a thread of its own: a signal is heard while it waits.
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map(|_| answer)
    });
    let answer = answer
        .await
        .map_err(|e| Failure::new(format!("cannot read the answer: {e}")))?
        .map_err(|e| Failure::new(format!("cannot read the answer: {e}")))?;
    Ok(answer.trim() == expected)
}

/// Goes on only with consent.
pub(crate) async fn agreed(
    yes: bool,
    question: &str,
    expected: &str,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    must_be_answerable(yes)?;
    if yes || interrupt::unless(cancel, confirm(question, expected)).await? {
        return Ok(());
    }
    Err(Failure::new("nothing was changed"))
}
