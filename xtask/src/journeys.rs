//! Journeys over the binary against an emulator, with its fidelity probed first.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::emulator::{Emulator, Installed, Kind};
use crate::{Done, dist, web};

/// The default shape and the imported one, up and down.
pub(crate) const SHAPES: [&str; 2] = [
    "default_network::up_again_down",
    "shapes::a_vpc_of_ones_own_is_built_in_and_left_untouched",
];

/// Which journeys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route<'a> {
    /// Those whose names contain one of these; all when there is none.
    pub(crate) only: &'a [&'a str],
    /// What takes hours, too.
    pub(crate) full: bool,
}

/// The journeys and nothing else, over the binary that `GENU_DEPLOY` names or that is built for them.
pub(crate) fn alone(sh: &Shell, kinds: &[Kind], only: &[&str]) -> Done {
    let binary = if let Some(named) = std::env::var_os("GENU_DEPLOY") {
        named.into()
    } else {
        cmd!(sh, "cargo build --quiet -p genu-deploy")
            .quiet()
            .run()?;
        dist::binary(sh, "debug")
    };
    for &kind in kinds {
        let Some(installed) = Installed::find(sh, kind)? else {
            continue;
        };
        probe(sh, &installed)?;
        journeys(sh, &installed, &binary, Route { only, full: false })?;
    }
    Ok(())
}

/// Starts the emulator, says how long that took, and compares it with what is written about it.
pub(crate) fn probe(sh: &Shell, installed: &Installed) -> Done {
    let emulator = Emulator::start(sh, installed)?;
    let (name, python, url) = (installed.kind.name(), &installed.python, &emulator.url);
    println!("{name}: ready after {:.1} s", emulator.took.as_secs_f64());
    let script = "localstack/probe.py";
    cmd!(sh, "{python} {script} {name} {url}").quiet().run()?;
    cmd!(sh, "{python} {script} --check").quiet().run()?;
    Ok(())
}

/// Runs the journeys; what this emulator cannot show is listed at the end.
pub(crate) fn journeys(
    sh: &Shell,
    installed: &Installed,
    binary: &Path,
    Route { only, full }: Route<'_>,
) -> Done {
    let kind = installed.kind;
    let logs = sh.current_dir().join("target/emulators").join(kind.name());
    sh.remove_path(&logs)?;
    sh.create_dir(&logs)?;
    let skips = logs.join("skips");
    // Each test has a server of its own where servers cannot be copied: fewer at once.
    let threads = match kind {
        Kind::Moto => "5",
        Kind::LocalStack => "2",
    };
    let mut run = cmd!(
        sh,
        "cargo test --quiet -p journeys -- --test-threads {threads} {only...}"
    )
    .env("GENU_EMULATOR", kind.name())
    .env(kind.variable(), &installed.python)
    .env("GENU_DEPLOY", binary)
    .env("GENU_WEB", web::built(sh)?)
    .env("GENU_XTASK", std::env::current_exe()?)
    .env("GENU_EMULATOR_LOGS", &logs)
    .env("GENU_SKIPS", &skips);
    if full {
        run = run.env("GENU_FULL", "1");
    }
    run.quiet()
        .run()
        .map_err(|error| format!("{error}; what the emulators said is in {}", logs.display()))?;
    let skipped = sh.read_file(&skips).unwrap_or_default();
    let mut skipped: Vec<&str> = skipped.lines().collect();
    skipped.sort_unstable();
    println!("{}: {} journeys skipped", kind.name(), skipped.len());
    for line in skipped {
        println!("  {line}");
    }
    sh.remove_path(&logs)?;
    Ok(())
}
