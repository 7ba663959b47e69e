//! The figures the project holds itself to, measured on the release binary against the emulator.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use xshell::{Shell, cmd};

use crate::emulator::{Emulator, Installed, Kind};
use crate::{Done, dist, web};

pub(crate) fn bench(sh: &Shell) -> Done {
    cmd!(sh, "cargo build --release -p genu-deploy")
        .quiet()
        .run()?;
    let binary = dist::binary(sh, "release");
    let megabytes = std::fs::metadata(&binary)?.len() / 1_000_000;
    row(
        "binary, stripped",
        &format!("{megabytes} MB"),
        "under 40 MB",
    );

    // The best of ten: the rest is the machine's noise.
    let help = (0..10)
        .map(|_| run(sh, &binary, &[], &["--help"]))
        .collect::<Result<Vec<_>, _>>()?;
    let help = help.iter().map(|(took, _)| *took).min().unwrap_or_default();
    row("--help", &format!("{} ms", help.as_millis()), "under 20 ms");

    // As shipped: packing it is a part of every plan.
    let web = web::shipped(sh)?.display().to_string();
    let emulator = Emulator::start(sh, &Installed::must(sh, Kind::Moto)?)?;
    let dir = sh.create_temp_dir()?;
    let state = dir.path().join("state").display().to_string();
    let with = |arguments: &[&'static str]| -> Vec<String> {
        let words = ["--state", &state]
            .into_iter()
            .chain(arguments.iter().copied());
        words.map(ToOwned::to_owned).collect()
    };
    let environment = [
        ("AWS_ENDPOINT_URL", emulator.url.as_str()),
        ("GENU_WEB_BINARY", &web),
    ];
    let timed = |arguments: &[&'static str]| {
        let words = with(arguments);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        run(sh, &binary, &environment, &words)
    };
    let (up, memory) = timed(&["apply", "priv", "-y", "-q"])?;
    row(
        "apply, default network",
        &format!("{:.1} s", up.as_secs_f64()),
        "under 20 s",
    );
    row(
        "peak memory",
        &format!("{} MB", memory / 1_000),
        "under 80 MB",
    );
    emulator.reset_calls()?;
    let (plan, _) = timed(&["plan", "priv"])?;
    row(
        "second plan",
        &format!("{:.2} s", plan.as_secs_f64()),
        "under 3 s",
    );
    row(
        "calls of a second plan",
        &emulator.calls()?.to_string(),
        "at most 66",
    );
    let (down, _) = timed(&["destroy", "priv", "-y", "-q"])?;
    row("destroy", &format!("{:.1} s", down.as_secs_f64()), "");
    Ok(())
}

fn row(what: &str, value: &str, goal: &str) {
    println!("{what:24} {value:>10}   {goal}");
}

/// Wall-clock time and peak resident memory in kB of a run.
fn run(
    sh: &Shell,
    binary: &Path,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Result<(Duration, u64), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let mut child = Command::new(binary)
        .args(arguments)
        .current_dir(sh.current_dir())
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "bench")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let mut peak = 0;
    loop {
        peak = peak.max(high_water(&child).unwrap_or_default());
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                return Err(format!("{arguments:?} ended with {status}").into());
            }
            return Ok((started.elapsed(), peak));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// `VmHWM` of a running process, kB.
fn high_water(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
