//! The commands that need the state alone.

use std::io::Write;

use clap::CommandFactory;
use jiff::Timestamp;
use outputs::Sources;
use serde_json::{Map, Value, json};
use state::State;

use crate::backend::Backend;
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::{render, session};

const SOURCES: Sources = Sources {
    vpc: blueprint::ids::VPC,
    subnets: blueprint::ids::SUBNETS,
    execute_api: blueprint::ids::EXECUTE_API,
    bucket: blueprint::ids::BUCKET,
    load_balancer: blueprint::ids::LOAD_BALANCER,
    user_pool_proxy: blueprint::ids::USER_POOL_PROXY,
    identity_pool_proxy: blueprint::ids::IDENTITY_POOL_PROXY,
    resolver: blueprint::ids::RESOLVER,
    key_pair: blueprint::ids::KEY_PAIR,
    instance: blueprint::ids::INSTANCE,
    domain: blueprint::ids::DOMAIN,
    external_vpc: blueprint::ids::EXTERNAL_VPC,
    external_subnet: blueprint::ids::EXTERNAL_SUBNET,
    external_execute_api: blueprint::ids::EXTERNAL_EXECUTE_API,
};

/// All outputs of a state.
pub(super) fn outputs_of(state: &State) -> Map<String, Value> {
    outputs::outputs(state, &SOURCES)
}

pub(crate) async fn outputs(
    cli: &Cli,
    env: Option<&str>,
    name: Option<&str>,
) -> Result<u8, Failure> {
    let backend = Backend::open(cli, session::region(cli, env).as_deref()).await?;
    // `outputs WebUrl` with one environment recorded names an output.
    let (env, name) = match (env, name) {
        (Some(word), None) => {
            let known = backend.environments().await?;
            if known.len() == 1 && known[0] != word {
                (None, Some(word))
            } else {
                (Some(word), None)
            }
        }
        pair => pair,
    };
    let env = env.map(|env| session::name_of(cli, env));
    let env = session::recorded(&backend, env.as_deref()).await?;
    let state = backend.reader(&env).load().await?;
    if state.records.is_empty() {
        return Err(Failure::new(format!("nothing is recorded of {env}"))
            .hint("apply it first, or say with --state where its state is"));
    }
    let all = outputs_of(&state);
    match name {
        None if cli.json => anstream::println!("{}", Value::Object(all)),
        None => render::outputs(&all),
        Some(name) => {
            let value = all.get(name).ok_or_else(|| {
                let names: Vec<&str> = all.keys().map(String::as_str).collect();
                Failure::new(format!("{env} has no output {name}"))
                    .hint(format!("it has: {}", names.join(", ")))
            })?;
            anstream::println!("{}", render::bare(value));
        }
    }
    Ok(DONE)
}

pub(crate) async fn status(cli: &Cli, env: Option<&str>) -> Result<u8, Failure> {
    let backend = Backend::open(cli, session::region(cli, env).as_deref()).await?;
    let names = match env {
        Some(env) => vec![session::name_of(cli, env)],
        None => backend.environments().await?,
    };
    let mut rows = Vec::new();
    for name in names {
        let reader = backend.reader(&name);
        let state = reader.load().await?;
        let holder = reader.holder().await?;
        let latest: Option<Timestamp> = state.records.values().map(|record| record.at).max();
        if !cli.json {
            render::status(&name, &state, latest, holder.as_ref());
        }
        rows.push(json!({
            "env": name,
            "account": state.header.as_ref().map(|h| &h.account),
            "region": state.header.as_ref().map(|h| &h.region),
            "resources": state.records.len(),
            "unanswered_creates": state.intents.keys().collect::<Vec<_>>(),
            "last_change": latest,
            "lock": holder,
        }));
    }
    if cli.json {
        anstream::println!("{}", json!({ "environments": rows }));
    } else if rows.is_empty() {
        anstream::println!("{} holds no environment", backend.place());
    }
    Ok(DONE)
}

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "genu-deploy", &mut script);
    std::io::stdout()
        .write_all(&script)
        .map_err(|e| Failure::new(format!("cannot write: {e}")))?;
    Ok(DONE)
}
