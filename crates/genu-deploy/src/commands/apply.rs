//! `apply`: brings the environment to what the configuration says.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::Connection;
use reconciler::{Consent, Execution, Fault, Id, Ledger, Outcome, Plan, Refusal, execute};
use serde_json::Value;
use state::{Entry, Header, State, Store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::cli::{ApplyArgs, Cli};
use crate::exit::{DONE, FAILED, Failure, INTERRUPTED, PARTLY};
use crate::look::{self, Choices, Look};
use crate::session::Session;
use crate::{audits, commands::recorded, interrupt, render, session};

pub(crate) async fn apply(cli: &Cli, args: &ApplyArgs) -> Result<u8, Failure> {
    let cancel = interrupt::token()?;
    session::must_be_answerable(args.yes || args.plan.is_some())?;
    let finding = session::configured(cli, args.env.as_deref());
    let session = interrupt::unless(&cancel, finding).await?;
    let home = session.backend.home(&session.name);
    let (store, state) = session::lock(cli, &home, "apply", &cancel).await?;
    let place = home.place();
    let ended = async {
        let looking = prepare(cli, args, &session, &state, &place);
        let (connection, look) = interrupt::unless(&cancel, looking).await?;
        carry_out(
            cli,
            args,
            &session,
            &connection,
            &look,
            &store,
            state,
            cancel,
        )
        .await
    };
    let ended = ended.await;
    session::release(&store).await;
    ended
}

/// Everything before the first change: looks, shows, checks, asks.
async fn prepare(
    cli: &Cli,
    args: &ApplyArgs,
    session: &Session,
    state: &State,
    place: &str,
) -> Result<(Connection, Look), Failure> {
    let (name, environment) = (&session.name, &session.environment);
    let connection = session::connect(cli, Some(environment), state, place).await?;
    let look = look::towards(
        name,
        environment,
        &connection,
        state,
        Choices {
            shared: &args.use_endpoints_of,
            allow_replace: &args.allow_replace,
            only: &args.only,
            ..Choices::none(cli)
        },
    )
    .await?;
    if let Some(file) = &args.plan {
        same_as_saved(file, &look::plan_json(name, &connection, &look.plan))?;
    }
    let yes = args.yes || args.plan.is_some();
    render::preview(cli, name, &connection, &look, yes);
    render::notes(cli, &session.notes);
    look::refused(&look.verdict)?;
    permitted(
        &look.plan,
        &Consent {
            tags_alone: args.adopt,
            replace: look.agreed(&args.allow_replace),
        },
    )?;
    if !args.no_preflight {
        let subject = look.subject(name, environment);
        let verdict = preflight::account(&connection.reads(), &subject, &connection.arn).await;
        render::notes(cli, &verdict.notes);
        look::refused(&verdict).map_err(|failure| {
            failure.hint("--no-preflight goes on without asking for rights and quotas first")
        })?;
    }
    let asks = !yes && !look.plan.is_empty();
    if asks && !session::confirm("Apply this plan? Only 'yes' goes on:", "yes").await? {
        return Err(Failure::new("not applied; nothing was changed"));
    }
    Ok((connection, look))
}

/// From the first change to the outputs.
async fn carry_out(
    cli: &Cli,
    args: &ApplyArgs,
    session: &Session,
    connection: &Connection,
    look: &Look,
    store: &Arc<dyn Store>,
    state: State,
    cancel: CancellationToken,
) -> Result<u8, Failure> {
    let ledger = Arc::new(Ledger::new(Arc::clone(store), state));
    // An apply that finds everything right writes nothing at all.
    let nothing = look.plan.is_empty() && look.pins.is_empty() && !look.observation.is_pending();
    let outcome = if nothing {
        Outcome::default()
    } else {
        let header = Header {
            env: session.name.clone(),
            account: connection.account.clone(),
            region: connection.region.clone(),
            deployment: look.marks.deployment,
            protect: session.environment.closed_network_protect,
        };
        let opening = async {
            ledger.open(header).await?;
            for (name, value) in look.pins.clone() {
                ledger
                    .record(match value {
                        Some(value) => Entry::Pinned { name, value },
                        None => Entry::Unpinned { name },
                    })
                    .await?;
            }
            Ok::<(), Fault>(())
        };
        if let Err(fault) = opening.await {
            still_ours(store).await?;
            return Err(fault.into());
        }
        run(
            cli,
            look,
            connection,
            &ledger,
            store,
            args.parallelism,
            cancel,
        )
        .await
    };
    let keys = serde_json::json!(blueprint::tag_keys(&session.environment)).to_string();
    let pinned = ledger
        .state()
        .await
        .pins
        .get(crate::pins::TAG_KEYS)
        .cloned();
    // Of a part nobody knows whether the last of its tags is off.
    if outcome.is_complete()
        && look.left_out.is_empty()
        && pinned.is_some_and(|pinned| pinned != keys)
    {
        let name = crate::pins::TAG_KEYS.to_owned();
        ledger.record(Entry::Pinned { name, value: keys }).await?;
    }
    let state = ledger.state().await;
    let outputs = recorded::outputs_of(&state);
    let verdict = if outcome.is_complete() {
        let made = audits::made(&session.environment, connection, &state).await;
        Some(made.map(|audited| audited.verdict))
    } else {
        None
    };
    render::summary(cli, "apply", &outcome, Some(&outputs), verdict.as_ref());
    still_ours(store).await?;
    Ok(code(&outcome))
}

/// An error when the lease was lost on the way.
pub(super) async fn still_ours(store: &Arc<dyn Store>) -> Result<(), Failure> {
    match store.hold().await {
        Err(lost @ state::Error::LeaseLost { .. }) => Err(lost.into()),
        _ => Ok(()),
    }
}

/// Carries the plan out, shows its progress and writes the snapshot.
pub(super) async fn run(
    cli: &Cli,
    look: &Look,
    connection: &Connection,
    ledger: &Arc<Ledger>,
    store: &Arc<dyn Store>,
    parallelism: u16,
    cancel: CancellationToken,
) -> Outcome {
    let (events, listener) = mpsc::unbounded_channel();
    let shown = tokio::spawn(render::progress(
        cli.json,
        cli.quiet,
        listener,
        cancel.clone(),
    ));
    let _watch = AbortOnDropHandle::new(tokio::spawn(watch(Arc::clone(store), cancel.clone())));
    let outcome = execute(Execution {
        writes: Arc::new(connection.writes(Arc::clone(store))),
        catalog: &look.catalog,
        desired: &look.desired,
        observation: &look.observation,
        plan: &look.plan,
        ledger: Arc::clone(ledger),
        marks: look.marks.clone(),
        parallelism: usize::from(parallelism),
        events,
        cancel,
    })
    .await;
    // The last sender is gone with the execution; what it sent is shown to the end.
    let _ = shown.await;
    if let Err(error) = ledger.compact().await {
        // Not an error of the run: the journal has everything.
        anstream::eprintln!("note: {error}; the journal has everything");
    }
    outcome
}

/// Ends the run when the lease is lost: nothing that it still waits for is its own to touch.
async fn watch(store: Arc<dyn Store>, cancel: CancellationToken) {
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        if let Err(state::Error::LeaseLost { .. }) = store.hold().await {
            cancel.cancel();
            return;
        }
    }
}

pub(super) fn code(outcome: &Outcome) -> u8 {
    match outcome {
        outcome if outcome.interrupted => INTERRUPTED,
        outcome if outcome.is_complete() => DONE,
        outcome if outcome.done.is_empty() => FAILED,
        _ => PARTLY,
    }
}

/// Turns a refusal into words; nothing has been changed.
pub(super) fn permitted(plan: &Plan, consent: &Consent) -> Result<(), Failure> {
    let lines = |steps: &[(Id, String)]| {
        let lines: Vec<String> = steps
            .iter()
            .map(|(id, why)| format!("  {id}: {why}"))
            .collect();
        lines.join("\n")
    };
    plan.permitted(consent).map_err(|refusal| match refusal {
        Refusal::Blocked(steps) => Failure::new(format!(
            "these steps are blocked, so nothing was changed:\n{}",
            lines(&steps)
        )),
        Refusal::TagsAlone(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            Failure::new(format!(
                "{} resources bear our tags, but the state does not know them; nothing was changed:\n  {}",
                ids.len(),
                ids.join(", ")
            ))
            .hint("if they are this deployment's: `apply --adopt` takes them over, `destroy --from-tags` deletes them")
        }
        Refusal::Replace(steps) => {
            let flags = flags(&steps);
            Failure::new(format!(
                "others hold on to what would be replaced, so nothing was changed:\n{}",
                lines(&steps)
            ))
            .hint(format!("if that is what you want: {}", flags.join(" ")))
        }
    })
}

/// The options that agree to replacing `steps`, whole groups where there are many.
fn flags(steps: &[(Id, String)]) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    for (id, _) in steps {
        groups.entry(id.group()).or_default().push(id);
    }
    let flag = |what: String| format!("--allow-replace '{what}'");
    let flags = groups.into_iter().flat_map(|(group, ids)| match ids.len() {
        0..=2 => ids
            .iter()
            .map(|id| format!("--allow-replace {id}"))
            .collect(),
        _ => vec![flag(format!("{group}/*"))],
    });
    flags.collect()
}

fn same_as_saved(file: &std::path::Path, now: &Value) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|e| Failure::new(format!("cannot read {}: {e}", file.display())))?;
    let saved: Value = serde_json::from_str(&text)
        .map_err(|e| Failure::new(format!("{} is no saved plan: {e}", file.display())))?;
    if saved["format"] != now["format"] {
        let format = &saved["format"];
        return Err(Failure::new(format!(
            "{} has the format {format}",
            file.display()
        )));
    }
    if saved != *now {
        return Err(Failure::new(format!(
            "{} is not what would be done now: the world or the configuration has moved on",
            file.display()
        ))
        .hint("make a new plan and look at it"));
    }
    Ok(())
}
