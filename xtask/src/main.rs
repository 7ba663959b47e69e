//! Set-up, demo, tests and shipping: what the README's two commands run.

mod bench;
mod crash_matrix;
mod demo;
mod dist;
mod emulator;
mod test;
mod web;

use std::process::ExitCode;

use xshell::Shell;

const USAGE: &str = "usage: cargo xtask COMMAND

  demo           start an emulator, build, apply priv, outputs, apply again, audit, drift, heal, destroy
  test [--full]  everything CI runs; with the matrices, which take hours
  crash-matrix [PREFIX]  every changing call harmed in four ways, or those that begin so
  bench          the figures of the release binary against an emulator
  dist DIR       build the release binaries, genu-deploy and genu-web, into DIR";

/// What every task returns.
type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = || -> Done {
        let sh = Shell::new()?;
        // As cargo says now: built in one clone, this may run for another that shares its target.
        let here = std::env::var("CARGO_MANIFEST_DIR");
        let here = here.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        sh.change_dir(std::path::Path::new(&here).join(".."));
        match words.as_slice() {
            ["bench"] => bench::bench(&sh),
            ["crash-matrix", only @ ..] => crash_matrix::crash_matrix(&sh, only),
            ["demo"] => demo::demo(&sh),
            ["test"] => test::test(&sh, test::Extent::Usual),
            ["test", "--full"] => {
                test::test(&sh, test::Extent::Full)?;
                crash_matrix::crash_matrix(&sh, &[])
            }
            ["dist", dir] => dist::dist(&sh, dir),
            _ => Err(USAGE.into()),
        }
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
