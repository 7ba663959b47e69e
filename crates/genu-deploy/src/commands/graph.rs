//! `graph`: the deployment as a picture, with what is live. Only looks.

use crate::cli::{Cli, GraphArgs};
use crate::exit::{DONE, Failure};
use crate::{look, picture, render, session};

pub(crate) async fn graph(cli: &Cli, args: &GraphArgs) -> Result<u8, Failure> {
    let session = session::configured(cli, args.env.as_deref()).await?;
    let reader = session.backend.reader(&session.name);
    let state = reader.load().await?;
    let (name, environment) = (&session.name, &session.environment);
    let connection = session::connect(cli, Some(environment), &state, &reader.place()).await?;
    let choices = look::Choices::none(cli);
    let look = look::towards(name, environment, &connection, &state, choices).await?;
    let drawn = picture::deployment(name, &connection, &look);
    picture::print(&drawn, args.format, args.out.as_deref())?;
    render::notes(cli, &look.observation.notes);
    Ok(DONE)
}
