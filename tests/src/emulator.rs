//! moto, started and stopped by the test itself.

use std::collections::BTreeSet;
use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::Sandbox;

/// A running emulator; stopped when dropped.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    /// `None` for a copy: it is asked to end, and ends with its parent.
    process: Option<(Child, tempfile::NamedTempFile)>,
}

/// Warm, with what the emulator makes by itself; copies of it cost milliseconds. It ends with the test's process.
static PRISTINE: OnceLock<Emulator> = OnceLock::new();

impl Emulator {
    /// An emulator of its own for each caller.
    ///
    /// # Panics
    /// When it does not answer within a minute; its log is printed.
    #[must_use]
    pub fn start(environment: &[(&str, &str)]) -> Self {
        if environment.is_empty() {
            return PRISTINE.get_or_init(Self::warm).fork();
        }
        Self::launch(environment)
    }

    /// One that has loaded whatever a plan makes it load: its copies then need not.
    fn warm() -> Self {
        let emulator = Self::launch(&[]);
        let _ = Sandbox::new(&emulator).run(&["plan"]).expect(0);
        emulator
    }

    fn launch(environment: &[(&str, &str)]) -> Self {
        let python = std::env::var_os("GENU_MOTO_PYTHON")
            .map(PathBuf::from)
            .expect("GENU_MOTO_PYTHON names the emulator's Python; `cargo xtask test` sets it");
        let launcher = here().join("../localstack/moto_launcher.py");
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = tempfile::NamedTempFile::new().unwrap();
        let output = || Stdio::from(File::options().append(true).open(log.path()).unwrap());
        let mut process = Command::new(python)
            .arg(launcher)
            .arg(port.to_string())
            .envs(environment.iter().copied())
            .env("GENU_END_WITH_PARENT", "1")
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .spawn()
            .expect("the emulator's Python starts");
        let started = Instant::now();
        let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
        while ureq::get(at("/genu-calls")).call().is_err() {
            let dead = process.try_wait().unwrap().is_some();
            assert!(
                !dead && started.elapsed() < Duration::from_mins(1),
                "the emulator does not answer: {}",
                std::fs::read_to_string(log.path()).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        let process = Some((process, log));
        Self { port, process }
    }

    /// A second emulator with a copy of everything that is in this one.
    ///
    /// # Panics
    /// When this one does not answer.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut answer = ureq::post(self.at("/genu-fork")).send_empty().unwrap();
        let port = answer.body_mut().read_to_string().unwrap().parse().unwrap();
        Self {
            port,
            process: None,
        }
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
        let Some((process, log)) = &mut self.process else {
            // It goes without an answer.
            let _ = ureq::post(self.at("/genu-exit")).send_empty();
            return;
        };
        let _ = process.kill();
        let _ = process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(log.path()).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            for line in tail.into_iter().rev() {
                eprintln!("emulator: {line}");
            }
        }
    }
}

/// The folder of this crate, as cargo says now: built in one clone, this may run for another that
/// shares its target.
pub(crate) fn here() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR");
    here.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned())
        .into()
}
