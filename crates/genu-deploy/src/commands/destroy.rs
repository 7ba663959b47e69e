//! `destroy`: deletes what the environment owns, in reverse order, and nothing else.

use std::sync::Arc;

use aws::{Connection, GuardDuty, foreign};
use config::Environment;
use reconciler::{Action, Consent, Ledger, Outcome, Plan};
use state::{State, Store};
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::cli::{Cli, DestroyArgs};
use crate::commands::apply::{code, permitted, run, still_ours};
use crate::exit::Failure;
use crate::look::{self, Look};
use crate::{interrupt, render, session};

pub(crate) async fn destroy(cli: &Cli, args: &DestroyArgs) -> Result<u8, Failure> {
    let cancel = interrupt::token()?;
    session::must_be_answerable(args.yes)?;
    // The configuration is welcome (region, protection) and not needed.
    let configuration = if cli.config.exists() {
        Some(config::load(&cli.config)?)
    } else {
        None
    };
    let finding = async {
        let region = session::region(cli, args.env.as_deref());
        let backend = Backend::open(cli, region.as_deref()).await?;
        let asked = args.env.as_deref().map(|env| session::name_of(cli, env));
        let name = session::recorded(&backend, asked.as_deref()).await?;
        // What protects it cannot be known.
        if let Some(configuration) = configuration
            .as_ref()
            .filter(|c| c.refused.contains_key(&name))
        {
            return Err(session::refusal(configuration, &name));
        }
        let environment = configuration
            .as_ref()
            .and_then(|c| c.environments.get(&name))
            .cloned();
        let home = backend.home(&name);
        if environment.is_none() && !args.from_tags && !home.exists().await? {
            return Err(Failure::invalid(format!(
                "neither {} nor {} knows an environment {name:?}",
                cli.config.display(),
                cli.state
            ))
            .hint("say where its state is with --state, or use --from-tags"));
        }
        let place = home.place();
        let doomed = Doomed {
            name,
            environment,
            place,
        };
        Ok((doomed, home))
    };
    let (doomed, home) = interrupt::unless(&cancel, finding).await?;
    let (store, state) = session::lock(cli, &home, "destroy", &cancel).await?;
    let ended = async {
        let looking = prepare(cli, args, &doomed, &state);
        let (connection, look, guardduty) = interrupt::unless(&cancel, looking).await?;
        // Before all else: GuardDuty's interfaces stand in our subnets, and its group in our VPC.
        if !guardduty.is_empty() {
            let writes = connection.writes(Arc::clone(&store));
            let removing = async { Ok(guardduty.remove(&writes).await?) };
            interrupt::unless(&cancel, removing).await?;
        }
        carry_out(cli, args, &connection, &look, &store, state, cancel).await
    };
    let ended = ended.await;
    session::release(&store).await;
    ended
}

/// What is to be destroyed.
struct Doomed {
    name: String,
    environment: Option<Environment>,
    place: String,
}

/// Everything before the first deletion: looks, shows, checks, asks. Returns also what GuardDuty made
/// and may be deleted.
async fn prepare(
    cli: &Cli,
    args: &DestroyArgs,
    doomed: &Doomed,
    state: &State,
) -> Result<(Connection, Look, GuardDuty), Failure> {
    let Doomed {
        name,
        environment,
        place,
    } = doomed;
    let protected = match environment {
        Some(environment) => environment.closed_network_protect,
        None => state.header.as_ref().is_some_and(|h| h.protect),
    };
    if protected {
        return Err(
            Failure::new(format!("{name} is protected; nothing was changed"))
                .hint("set closedNetworkProtect = false in its configuration first"),
        );
    }
    let connection = session::connect(cli, environment.as_ref(), state, place).await?;
    let look = look::towards_nothing(name, &connection, state).await?;
    render::preview(cli, name, &connection, &look, args.yes);
    permitted(
        &look.plan,
        &Consent {
            tags_alone: args.from_tags,
            ..Consent::default()
        },
    )?;
    let mut guardduty = GuardDuty::default();
    if !look.plan.steps.is_empty() {
        let reads = connection.reads();
        guardduty = nobody_else(&reads, &look, name).await?;
        if !guardduty.is_empty() {
            may_go(args, &guardduty, &connection.region).await?;
        }
        if !args.yes {
            ask(&reads, &look, name).await?;
        }
    }
    Ok((connection, look, guardduty))
}

/// From the first deletion to the last; the state goes with it.
async fn carry_out(
    cli: &Cli,
    args: &DestroyArgs,
    connection: &Connection,
    look: &Look,
    store: &Arc<dyn Store>,
    state: State,
    cancel: CancellationToken,
) -> Result<u8, Failure> {
    let (outcome, left) = if look.plan.steps.is_empty() {
        (Outcome::default(), state)
    } else {
        let ledger = Arc::new(Ledger::new(Arc::clone(store), state));
        let outcome = run(
            cli,
            look,
            connection,
            &ledger,
            store,
            args.parallelism,
            cancel,
        )
        .await;
        (outcome, ledger.state().await)
    };
    render::summary(cli, "destroy", &outcome, None, None);
    still_ours(store).await?;
    if outcome.is_complete() && left.is_empty() {
        store.remove().await?;
    }
    Ok(code(&outcome))
}

/// Refuses while others stand on what would go; returns what GuardDuty made there.
async fn nobody_else(reads: &aws::Reads, look: &Look, name: &str) -> Result<GuardDuty, Failure> {
    let vpc = look
        .observation
        .identity(&look.catalog, blueprint::ids::VPC);
    let endpoint = look
        .observation
        .identity(&look.catalog, blueprint::ids::EXECUTE_API);
    let foreign::Others {
        mut users,
        guardduty,
    } = foreign::users(reads, vpc.as_deref(), endpoint.as_deref(), name).await?;
    let zone = look
        .observation
        .identity(&look.catalog, blueprint::ids::ZONE);
    if let Some(zone) = zone {
        let records = foreign::records(reads, &zone).await?.into_iter();
        users.extend(records.map(|record| format!("record {record} in the zone {zone}")));
    }
    if users.is_empty() {
        return Ok(guardduty);
    }
    Err(Failure::new(format!(
        "others still use this network, so nothing was changed:\n  {}",
        users.join("\n  ")
    ))
    .hint("delete those first: GenU's main stack goes before its closed network"))
}

/// Asks whether what GuardDuty made goes too, unless the command line has said so.
async fn may_go(args: &DestroyArgs, guardduty: &GuardDuty, region: &str) -> Result<(), Failure> {
    if args.delete_guardduty {
        return Ok(());
    }
    let lines = guardduty.lines().join("\n  ");
    let what = format!(
        "GuardDuty's Runtime Monitoring put this into the VPC, and the VPC cannot be deleted before it:\n  {lines}"
    );
    if !args.yes {
        anstream::eprintln!("{what}");
        let question = "Delete it, too? Only 'yes' goes on:";
        if session::confirm(question, "yes").await? {
            return Ok(());
        }
    }
    let tag = aws::GUARDDUTY_TAG;
    Err(Failure::new(format!("{what}\nnothing was changed")).hint(format!(
        "--delete-guardduty deletes it with the network; by hand: {}. GuardDuty makes it again for the next task on Fargate; it leaves an ECS cluster out that bears the tag {tag} = false before its tasks start (closedNetworkTags = {{ {tag} = \"false\" }})",
        guardduty.commands(region).join(" && ")
    )))
}

async fn ask(reads: &aws::Reads, look: &Look, name: &str) -> Result<(), Failure> {
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
    if session::confirm(&question, name).await? {
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
