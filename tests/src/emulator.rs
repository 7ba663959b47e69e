//! moto, started and stopped by the test itself.

use std::collections::BTreeSet;
use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running emulator; stopped when dropped.
#[derive(Debug)]
pub struct Emulator {
    process: Child,
    port: u16,
    log: tempfile::NamedTempFile,
}

impl Emulator {
    /// Starts moto with the project's extensions.
    ///
    /// # Panics
    /// When it does not answer within a minute; its log is printed.
    #[must_use]
    pub fn start(environment: &[(&str, &str)]) -> Self {
        let python = std::env::var_os("GENU_MOTO_PYTHON")
            .map(PathBuf::from)
            .expect("GENU_MOTO_PYTHON names the emulator's Python; `cargo xtask test` sets it");
        // As cargo says now: built in one clone, this may run for another that shares its target.
        let here = std::env::var("CARGO_MANIFEST_DIR");
        let here = here.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let launcher = PathBuf::from(here).join("../localstack/moto_launcher.py");
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = tempfile::NamedTempFile::new().unwrap();
        let output = || Stdio::from(File::options().append(true).open(log.path()).unwrap());
        let process = Command::new(python)
            .arg(launcher)
            .arg(port.to_string())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .spawn()
            .expect("the emulator's Python starts");
        let mut emulator = Self { process, port, log };
        let started = Instant::now();
        while ureq::get(emulator.at("/genu-calls")).call().is_err() {
            let dead = emulator.process.try_wait().unwrap().is_some();
            assert!(
                !dead && started.elapsed() < Duration::from_mins(1),
                "the emulator does not answer: {}",
                std::fs::read_to_string(emulator.log.path()).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        emulator
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    /// Calls since the last reset, `service:Operation` each.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let mut answer = ureq::get(self.at("/genu-calls")).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// Calls that are no reads.
    #[must_use]
    pub fn changing_calls(&self) -> Vec<String> {
        let reads = ["Describe", "Get", "List", "Head", "GET ", "HEAD "];
        let changes = |call: &String| {
            let operation = call.split_once(':').map_or("", |(_, operation)| operation);
            !reads.iter().any(|read| operation.starts_with(read))
        };
        self.calls().into_iter().filter(changes).collect()
    }

    /// Starts counting anew.
    pub fn reset_calls(&self) {
        ureq::post(self.at("/genu-calls/reset"))
            .send_empty()
            .unwrap();
    }

    /// From now on every call needs the rights to make it.
    ///
    /// # Panics
    /// When the emulator does not answer.
    pub fn enforce(&self) {
        ureq::post(self.at("/moto-api/reset-auth"))
            .send("0")
            .unwrap();
    }

    /// Everything that is live, by the emulator's own books: `vpc vpc-…` and so on.
    #[must_use]
    pub fn inventory(&self) -> BTreeSet<String> {
        let mut answer = ureq::get(self.at("/genu-inventory")).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log.path()).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            for line in tail.into_iter().rev() {
                eprintln!("emulator: {line}");
            }
        }
    }
}
