//! `plan`: shows what would change and why, and writes nothing.

use crate::cli::{Cli, PlanArgs};
use crate::exit::{DONE, FAILED, Failure, PENDING};
use crate::{look, render, session};

pub(crate) async fn plan(cli: &Cli, args: &PlanArgs) -> Result<u8, Failure> {
    let session = session::configured(cli, args.env.as_deref()).await?;
    let reader = session.backend.reader(&session.name);
    let state = reader.load().await?;
    let connection =
        session::connect(cli, Some(&session.environment), &state, &reader.place()).await?;
    let look = look::towards(
        &session.name,
        &session.environment,
        &connection,
        &state,
        look::Choices {
            shared: &args.use_endpoints_of,
            allow_replace: &args.allow_replace,
            only: &args.only,
            ..look::Choices::none(cli)
        },
    )
    .await?;
    let json = look::plan_json(&session.name, &connection, &look.plan);
    if let Some(file) = &args.out {
        std::fs::write(file, format!("{json:#}\n"))
            .map_err(|e| Failure::new(format!("cannot write {}: {e}", file.display())))?;
    }
    if cli.json {
        anstream::println!("{json}");
    } else {
        render::preview(cli, &session.name, &connection, &look, false);
    }
    render::notes(cli, &session.notes);
    look::refused(&look.verdict)?;
    let blocked = look.plan.summary().blocked > 0;
    Ok(match () {
        () if blocked => FAILED,
        () if args.detailed_exitcode && !look.plan.is_empty() => PENDING,
        () => DONE,
    })
}
