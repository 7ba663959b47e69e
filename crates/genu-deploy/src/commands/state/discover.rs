//! `state discover`: which deployments there are, whatever the state knows.

use serde_json::{Value, json};

use crate::backend::{Backend, settings};
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn discover(cli: &Cli) -> Result<u8, Failure> {
    let region = session::region(cli, None);
    let connection = aws::connect(&settings(cli, region.as_deref())).await?;
    let backend = Backend::open(cli, region.as_deref()).await?;
    let known = backend.environments().await?;
    let found = aws::discover(&connection.reads()).await?;
    let (account, region) = (&connection.account, &connection.region);
    if cli.json {
        let rows: Vec<Value> = found
            .iter()
            .map(|(env, of)| {
                json!({
                    "env": env,
                    "account": account,
                    "region": region,
                    "deployments": of.deployments,
                    "resources": of.resources,
                    "recorded": known.contains(env),
                })
            })
            .collect();
        anstream::println!("{}", json!({ "environments": rows }));
        return Ok(DONE);
    }
    if found.is_empty() {
        anstream::println!("nothing in account {account}, region {region} bears our tags or names");
    }
    let width = found.keys().map(String::len).max().unwrap_or_default();
    for (env, of) in &found {
        let recorded = if known.contains(env) {
            "recorded"
        } else {
            "not recorded"
        };
        let deployments: Vec<&str> = of.deployments.iter().map(String::as_str).collect();
        anstream::println!(
            "{env:width$}  {} resources, {recorded} in {}  {}",
            of.resources,
            backend.place(),
            deployments.join(" ")
        );
    }
    Ok(DONE)
}
