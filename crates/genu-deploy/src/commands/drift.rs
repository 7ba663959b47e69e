//! `drift`: live against desired, for schedulers. No lock is taken and none is needed: nothing is
//! written, neither to AWS nor to the state.

use std::fmt::Write;

use reconciler::{Drifted, drift as drift_of};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::cli::{Cli, DriftArgs};
use crate::exit::{DONE, FAILED, Failure, PENDING};
use crate::session::Session;
use crate::{look, render, session};

/// What was found out about an environment.
struct Found {
    drifted: Vec<Drifted>,
    notes: Vec<String>,
}

pub(crate) async fn drift(cli: &Cli, args: &DriftArgs) -> Result<u8, Failure> {
    let sessions = if args.all {
        session::all_configured(cli).await?
    } else {
        vec![session::configured(cli, args.env.as_deref()).await?]
    };
    let several = sessions.len() > 1;
    let mut running = JoinSet::new();
    for session in sessions {
        let cli = cli.clone();
        running.spawn(async move { (session.name.clone(), check(&cli, &session).await) });
    }
    let mut ended = running.join_all().await;
    ended.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut lines = String::new();
    let mut code = DONE;
    for (name, found) in ended {
        match found {
            Ok(found) => {
                let json = as_json(&name, &found.drifted);
                if !found.drifted.is_empty() && code == DONE {
                    code = PENDING;
                }
                // A string takes whatever is written to it.
                let _ = writeln!(lines, "{json}");
                if !cli.json {
                    render::drift(&name, &found.drifted);
                    render::notes(cli, &found.notes);
                }
            }
            Err(failure) if several => {
                code = FAILED;
                let failure = Failure {
                    message: format!("{name}: {}", failure.message),
                    ..failure
                };
                render::failure(&failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    if cli.json {
        anstream::print!("{lines}");
    }
    if let Some(file) = &args.out {
        std::fs::write(file, lines)
            .map_err(|e| Failure::new(format!("cannot write {}: {e}", file.display())))?;
    }
    Ok(code)
}

async fn check(cli: &Cli, session: &Session) -> Result<Found, Failure> {
    let reader = session.backend.reader(&session.name);
    let state = reader.load().await?;
    let connection =
        session::connect(cli, Some(&session.environment), &state, &reader.place()).await?;
    let look = look::towards(
        &session.name,
        &session.environment,
        &connection,
        &state,
        look::Choices::default(),
    )
    .await?;
    if state.header.is_none() && look.observation.deployments().is_empty() {
        return Err(
            Failure::new(format!("{} has never been applied", session.name))
                .hint("apply it first, or say with --state where its state is"),
        );
    }
    let mut notes = look.observation.notes.clone();
    notes.extend(look.verdict.refusals.iter().cloned());
    notes.extend(look.verdict.notes.iter().cloned());
    Ok(Found {
        drifted: drift_of(&look.plan),
        notes,
    })
}

fn as_json(name: &str, drifted: &[Drifted]) -> Value {
    json!({
        "format": "genu-deploy/drift/1",
        "env": name,
        "in_sync": drifted.is_empty(),
        "drifted": drifted,
    })
}
