//! Set-up, demo, tests and shipping: what the README's two commands run.

mod bench;
mod crash_matrix;
mod demo;
mod dist;
mod emulator;
mod genu_parameters;
mod iam_reference;
mod journeys;
mod live;
mod test;
mod web;

use std::process::ExitCode;

use emulator::Kind;
use xshell::Shell;

const USAGE: &str = "usage: cargo xtask COMMAND

  demo           start an emulator, build, apply priv, outputs, apply again, audit, drift, heal, destroy
  test [--full]  everything CI runs; with the matrices, which take hours
  journeys [NAME…]  the journeys alone, or those with these names, with the binary that GENU_DEPLOY names
  crash-matrix [PREFIX]  every changing call harmed in four ways, or those that begin so
  bench          the figures of the release binary against an emulator
  genu-parameters FILE RELEASE COMMIT DATE  write down what GenU's stack-input.ts of a release knows
  live           the whole journey in a real AWS account, which costs money: see the README first
  iam-reference  write crates/aws/data/iam-reference.json anew, for the actions of config/iam-policy-*.json
  dist DIR       build the release binaries, genu-deploy and genu-web, into DIR

demo, test and journeys take --emulator moto|localstack (test and journeys: all, too). Without it demo
and journeys use moto; test runs all journeys on moto and those of two shapes on LocalStack.";

/// What every task returns.
type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut run = || -> Done {
        let sh = Shell::new()?;
        // As cargo says now: built in one clone, this may run for another that shares its target.
        let here = std::env::var("CARGO_MANIFEST_DIR");
        let here = here.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        sh.change_dir(std::path::Path::new(&here).join(".."));
        let emulators = emulators(&mut words)?;
        match words.as_slice() {
            ["bench"] => bench::bench(&sh),
            ["crash-matrix", only @ ..] => crash_matrix::crash_matrix(&sh, only),
            ["demo"] => demo::demo(&sh, emulator(emulators.as_deref())?),
            ["genu-parameters", file, release, commit, date] => {
                genu_parameters::write(file, release, commit, date)
            }
            ["journeys", only @ ..] => {
                let kinds = emulators.unwrap_or_else(|| vec![Kind::Moto]);
                journeys::alone(&sh, &kinds, only)
            }
            ["iam-reference"] => iam_reference::write(&sh),
            ["live"] => live::live(&sh),
            ["test"] => test::test(&sh, test::Extent::Usual, emulators.as_deref()),
            ["test", "--full"] => {
                test::test(&sh, test::Extent::Full, emulators.as_deref())?;
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

/// Takes `--emulator …` out of the words.
fn emulators(words: &mut Vec<&str>) -> Result<Option<Vec<Kind>>, &'static str> {
    let Some(at) = words.iter().position(|word| *word == "--emulator") else {
        return Ok(None);
    };
    let kinds = words.get(at + 1).and_then(|word| Kind::named(word));
    let kinds = kinds.ok_or("--emulator takes moto, localstack or all")?;
    words.drain(at..at + 2);
    Ok(Some(kinds))
}

/// The one that is asked for; moto when none is.
fn emulator(kinds: Option<&[Kind]>) -> Result<Kind, &'static str> {
    match kinds {
        None => Ok(Kind::Moto),
        Some([kind]) => Ok(*kind),
        Some(_) => Err("a demo takes one emulator"),
    }
}
