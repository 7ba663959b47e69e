//! `destroy`: deletes what the environment owns, in reverse order, and nothing else.

use std::sync::Arc;

use aws::foreign;
use reconciler::{Action, Consent, Ledger, Plan};
use state::{LocalReader, LocalWriter, Store};

use crate::cli::{Cli, DestroyArgs};
use crate::commands::apply::{code, permitted, run};
use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::{interrupt, look, render, session};

pub(crate) async fn destroy(cli: &Cli, args: &DestroyArgs) -> Result<u8, Failure> {
    session::must_be_answerable(args.yes)?;
    // The configuration is welcome (region, protection) and not needed.
    let configuration = if cli.config.exists() {
        Some(config::load(&cli.config)?)
    } else {
        None
    };
    let name = session::recorded(cli, args.env.as_deref())?;
    let environment = configuration
        .as_ref()
        .and_then(|c| c.environments.get(&name))
        .cloned();
    let reader = LocalReader::new(&session::root(cli)?, &name);
    if environment.is_none() && !reader.dir().exists() && !args.from_tags {
        return Err(Failure::invalid(format!(
            "neither {} nor {} knows an environment {name:?}",
            cli.config.display(),
            cli.state
        ))
        .hint("say where its state is with --state, or use --from-tags"));
    }
    let cancel = interrupt::token()?;
    let (writer, state) = reader.lock("destroy")?;
    let protected = environment
        .as_ref()
        .is_some_and(|e| e.closed_network_protect)
        || environment.is_none() && state.header.as_ref().is_some_and(|h| h.protect);
    if protected {
        return Err(
            Failure::new(format!("{name} is protected; nothing was changed"))
                .hint("set closedNetworkProtect = false in its configuration first"),
        );
    }
    let connection = session::connect(cli, environment.as_ref(), &state, reader.dir()).await?;
    let look = tokio::select! {
        look = look::towards_nothing(&name, &connection, &state) => look?,
        () = cancel.cancelled() => return Ok(INTERRUPTED),
    };
    render::preview(cli, &name, &connection, &look, args.yes);
    permitted(
        &look.plan,
        &Consent {
            tags_alone: args.from_tags,
            ..Consent::default()
        },
    )?;
    if look.plan.steps.is_empty() {
        if state.is_empty() {
            writer.remove()?;
        }
        render::summary(cli, "destroy", &reconciler::Outcome::default(), None);
        return Ok(DONE);
    }
    let reads = connection.reads();
    nobody_else(&reads, &look, &name).await?;
    if !args.yes {
        ask(&reads, &look, &name).await?;
    }
    let writer = Arc::new(writer);
    let store: Arc<dyn Store> = Arc::<LocalWriter>::clone(&writer);
    let ledger = Arc::new(Ledger::new(store, state));
    let outcome = run(cli, &look, &connection, &ledger, args.parallelism, cancel).await;
    let left = ledger.state().await;
    drop(ledger);
    if outcome.is_complete() && left.is_empty() {
        forget(writer)?;
    }
    render::summary(cli, "destroy", &outcome, None);
    Ok(code(&outcome))
}

/// The files go with the last resource.
fn forget(writer: Arc<LocalWriter>) -> Result<(), Failure> {
    if let Some(writer) = Arc::into_inner(writer) {
        writer.remove()?;
    }
    Ok(())
}

/// Refuses while others stand on what would go.
async fn nobody_else(reads: &aws::Reads, look: &look::Look, name: &str) -> Result<(), Failure> {
    let vpc = look
        .observation
        .identity(&look.catalog, blueprint::ids::VPC);
    let endpoint = look
        .observation
        .identity(&look.catalog, blueprint::ids::EXECUTE_API);
    let mut users = foreign::users(reads, vpc.as_deref(), endpoint.as_deref(), name).await?;
    let zone = look
        .observation
        .identity(&look.catalog, blueprint::ids::ZONE);
    if let Some(zone) = zone {
        let records = foreign::records(reads, &zone).await?.into_iter();
        users.extend(records.map(|record| format!("record {record} in the zone {zone}")));
    }
    if users.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "others still use this network, so nothing was changed:\n  {}",
        users.join("\n  ")
    ))
    .hint("delete those first: GenU's main stack goes before its closed network"))
}

async fn ask(reads: &aws::Reads, look: &look::Look, name: &str) -> Result<(), Failure> {
    let deletions = count(&look.plan);
    let bucket = look.observation.fact(&look.catalog, blueprint::ids::BUCKET);
    let bucket = bucket.and_then(|fact| fact["name"].as_str().map(ToOwned::to_owned));
    let contents = match &bucket {
        Some(bucket) => {
            let (objects, bytes, more) = foreign::objects(reads, bucket).await?;
            let more = if more { "more than " } else { "" };
            format!(", with {more}{objects} objects ({bytes} bytes) in {bucket}")
        }
        None => String::new(),
    };
    let question = format!(
        "{deletions} resources would be deleted{contents}. Type the environment's name to go on:"
    );
    if session::confirm(&question, name)? {
        Ok(())
    } else {
        Err(Failure::new("not destroyed; nothing was changed"))
    }
}

fn count(plan: &Plan) -> usize {
    plan.steps
        .iter()
        .filter(|step| step.action == Action::Delete)
        .count()
}
