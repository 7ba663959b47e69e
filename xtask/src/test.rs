//! Everything CI runs, cheapest first, with the time each part took.

use std::time::Instant;

use xshell::{Shell, cmd};

use crate::emulator::{Installed, Kind};
use crate::journeys::{Route, SHAPES, journeys, probe};
use crate::{Done, dist};

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What fits between two commits.
    Usual,
    /// Every mutation healed, many environments.
    Full,
}

/// Without `emulators` moto sees all journeys and LocalStack those of two shapes.
pub(crate) fn test(sh: &Shell, extent: Extent, emulators: Option<&[Kind]>) -> Done {
    part("format", || {
        Ok(cmd!(sh, "cargo fmt --all --check").quiet().run()?)
    })?;
    // The engine's tests alone turn on tokio's paused time; on their own, with what else links no SDK,
    // they build in seconds and leave the SDKs' features, and so their build, untouched.
    part("engine", || {
        Ok(cmd!(
            sh,
            "cargo test --quiet -p state -p reconciler -p audit -p report -p graph -p site -p oci-image"
        )
        .quiet()
        .run()?)
    })?;
    // As cargo has just built it to run this.
    part("tasks", || {
        Ok(cmd!(sh, "cargo test --quiet -p xtask").quiet().run()?)
    })?;
    part("build", || {
        Ok(cmd!(sh, "cargo build --quiet -p genu-deploy")
            .quiet()
            .run()?)
    })?;
    part("web server", || {
        let tests = dist::cargo(sh, "test", "genu-web").arg("--quiet");
        let tests = match Installed::find(sh, Kind::Moto)? {
            Some(moto) => tests.env(Kind::Moto.variable(), moto.python),
            None => tests,
        };
        Ok(tests.quiet().run()?)
    })?;
    part("unit", || {
        let packages = [
            "config",
            "blueprint",
            "preflight",
            "outputs",
            "aws",
            "genu-deploy",
        ];
        let packages = packages.iter().flat_map(|package| ["-p", package]);
        Ok(cmd!(sh, "cargo test --quiet {packages...}").quiet().run()?)
    })?;
    let binary = dist::binary(sh, "debug");
    let full = extent == Extent::Full;
    for (kind, route) in legs(emulators, full) {
        let Some(installed) = Installed::find(sh, kind)? else {
            continue;
        };
        let name = kind.name();
        part(&format!("fidelity of {name}"), || probe(sh, &installed))?;
        part(&format!("journeys on {name}"), || {
            journeys(sh, &installed, &binary, route)
        })?;
    }
    if extent == Extent::Usual {
        if emulators.is_none() {
            println!(
                "left out: all journeys but two on LocalStack: cargo xtask test --emulator all"
            );
        }
        println!(
            "left out: healing every mutation (one in eight is), 50 environments at once, the crash matrix (40 of it run): cargo xtask test --full"
        );
    }
    part("lints", || {
        let lints = cmd!(
            sh,
            "cargo clippy --quiet --workspace --all-targets -- -D warnings"
        );
        Ok(lints.quiet().run()?)
    })?;
    if cmd!(sh, "cargo deny --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok()
    {
        part("dependencies", || {
            Ok(cmd!(sh, "cargo deny --offline check bans licenses sources")
                .quiet()
                .run()?)
        })?;
    } else {
        println!("left out: dependencies (cargo-deny is not installed)");
    }
    Ok(())
}

/// Who sees which journeys.
fn legs(emulators: Option<&[Kind]>, full: bool) -> Vec<(Kind, Route<'static>)> {
    let all = Route { only: &[], full };
    let shapes = Route {
        only: &SHAPES,
        full: false,
    };
    match emulators {
        Some(kinds) => kinds.iter().map(|&kind| (kind, all)).collect(),
        None => vec![(Kind::Moto, all), (Kind::LocalStack, shapes)],
    }
}

fn part(name: &str, run: impl FnOnce() -> Done) -> Done {
    println!("=== {name}");
    let started = Instant::now();
    run().map_err(|error| format!("{name}: {error}"))?;
    println!("=== {name}: {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}
