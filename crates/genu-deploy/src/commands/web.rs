//! `web …`: the app's files in the bucket that the web server serves.

mod push;
mod status;
mod transfer;

use aws::{Connection, WebFiles};
use state::{State, Store};
use std::sync::Arc;

use crate::cli::{Cli, WebCommand};
use crate::commands::recorded::outputs_of;
use crate::exit::Failure;
use crate::session;

pub(crate) async fn web(cli: &Cli, command: &WebCommand) -> Result<u8, Failure> {
    match command {
        WebCommand::Push(args) => push::push(cli, args).await,
        WebCommand::Status { env } => status::status(cli, env.as_deref()).await,
    }
}

/// The bucket of a deployment, in the account and region that its state belongs to.
struct Place {
    connection: Connection,
    bucket: String,
}

impl Place {
    async fn of(cli: &Cli, name: &str, state: &State, place: &str) -> Result<Self, Failure> {
        let outputs = outputs_of(state);
        let bucket = outputs.get("WebBucketName").and_then(|name| name.as_str());
        let Some(bucket) = bucket else {
            return Err(
                Failure::new(format!("no web bucket is recorded of {name} in {place}"))
                    .hint("apply it first, or say with --state where its state is"),
            );
        };
        Ok(Self {
            bucket: bucket.to_owned(),
            connection: session::connect(cli, None, state, place).await?,
        })
    }

    /// Its objects: to be changed while `fence` holds, without one to be looked at.
    fn files(&self, fence: Option<&Arc<dyn Store>>) -> WebFiles {
        self.connection.web_files(&self.bucket, fence.cloned())
    }
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}
