//! `genu-deploy`: brings GenU's closed network up, keeps it right, takes it down.

mod audits;
mod backend;
mod checks;
mod cli;
mod commands;
mod exit;
mod generation;
mod interrupt;
mod look;
mod notify;
mod picture;
mod pins;
mod render;
mod session;
mod web_image;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::exit::Failure;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap prints each where it belongs.
            let code = if error.use_stderr() {
                exit::INVALID
            } else {
                exit::DONE
            };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    cli.color.write_global();
    log(&cli);
    match run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            render::failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}

fn run(cli: &Cli) -> Result<u8, Failure> {
    let mut runtime = match &cli.command {
        // Little or nothing is under way at once.
        Command::Validate { .. }
        | Command::Outputs { .. }
        | Command::Status { .. }
        | Command::Completions { .. } => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = runtime
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::new(format!("cannot start: {e}")))?;
    let ended = runtime.block_on(async {
        match &cli.command {
            Command::Validate { env } => commands::validate(cli, env.as_deref()),
            Command::Plan(args) => commands::plan(cli, args).await,
            Command::Drift(args) => commands::drift(cli, args).await,
            Command::Audit(args) => commands::audit(cli, args).await,
            Command::Graph(args) => commands::graph(cli, args).await,
            Command::Apply(args) => commands::apply(cli, args).await,
            Command::Destroy(args) => commands::destroy(cli, args).await,
            Command::Outputs { env, name } => {
                commands::outputs(cli, env.as_deref(), name.as_deref()).await
            }
            Command::Status { env } => commands::status(cli, env.as_deref()).await,
            Command::Image(command) => commands::image(cli, command).await,
            Command::Web(command) => commands::web(cli, command).await,
            Command::State(command) => commands::state(cli, command).await,
            Command::Completions { shell } => commands::completions(*shell),
        }
    });
    // Pollers and idle connections need no orderly end.
    runtime.shutdown_background();
    ended
}

/// `-v` logs every AWS call, `-vv` the SDK's own words; `RUST_LOG` overrides both. Never bodies: an
/// answer can hold a private key.
fn log(cli: &Cli) {
    let level = match cli.verbose {
        0 => "off",
        1 => "off,genu_deploy::calls=debug",
        _ => "info,genu_deploy::calls=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .with_target(false)
        .init();
}
