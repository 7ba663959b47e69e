//! The emulator: installed into a cached virtual environment, started on a free loopback port.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use xshell::{Shell, cmd};

use crate::Done;

const REQUIREMENTS: &str = "localstack/requirements-moto.txt";

/// The Python that has the emulator; installed on first use, again when the pins change.
pub(crate) fn python(sh: &Shell) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let mut hash = DefaultHasher::new();
    sh.read_file(REQUIREMENTS)?.hash(&mut hash);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let cache = cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    let venv = cache.join(format!("genu-deploy/moto-{:016x}", hash.finish()));
    let python = venv.join("bin/python");
    let complete = venv.join("complete");
    if !complete.exists() {
        println!("installing the emulator (once) …");
        cmd!(sh, "python3 -m venv --clear {venv}").quiet().run()?;
        cmd!(
            sh,
            "{python} -m pip install --quiet --disable-pip-version-check -r {REQUIREMENTS}"
        )
        .quiet()
        .run()?;
        sh.write_file(complete, "")?;
    }
    Ok(python)
}

/// A running emulator; stopped when dropped.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) url: String,
}

impl Emulator {
    /// Starts it and waits until it answers.
    pub(crate) fn start(sh: &Shell) -> Result<Self, Box<dyn std::error::Error>> {
        let python = python(sh)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Command::new(python)
            .arg(sh.current_dir().join("localstack/moto_launcher.py"))
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let emulator = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
        };
        emulator.until_ready()?;
        Ok(emulator)
    }

    /// Calls since the last reset.
    pub(crate) fn calls(&self) -> Result<usize, Box<dyn std::error::Error>> {
        let mut answer = ureq::get(format!("{}/genu-calls", self.url)).call()?;
        Ok(answer.body_mut().read_to_string()?.lines().count())
    }

    /// Starts counting calls anew.
    pub(crate) fn reset_calls(&self) -> Done {
        ureq::post(format!("{}/genu-calls/reset", self.url)).send_empty()?;
        Ok(())
    }

    fn until_ready(&self) -> Done {
        let started = Instant::now();
        while ureq::get(format!("{}/genu-calls", self.url))
            .call()
            .is_err()
        {
            if started.elapsed() > Duration::from_mins(1) {
                return Err("the emulator does not answer within a minute".into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
