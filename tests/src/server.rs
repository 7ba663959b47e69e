//! An emulator as a process, with its log and its files.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::emulator::here;
use crate::product::Product;

/// Stopped when dropped; its log stays when the test has failed.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    log: PathBuf,
    /// What it keeps on disk.
    _files: tempfile::TempDir,
}

impl Server {
    /// Starts it on a free port and waits until it answers.
    pub(crate) fn launch(product: Product, environment: &[(&str, &str)]) -> Self {
        let launcher = here().join("../localstack").join(product.launcher());
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let files = tempfile::tempdir().unwrap();
        let log = logs().join(format!("{}-{port}.log", product.name()));
        let output = File::create(&log).unwrap();
        let process = Command::new(product.python())
            .arg(launcher)
            .arg(port.to_string())
            .envs(environment.iter().copied())
            .env("GENU_END_WITH_PARENT", "1")
            .env("LOCALSTACK_VOLUME_DIR", files.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .expect("the emulator's Python starts");
        let mut server = Self {
            port,
            process,
            log,
            _files: files,
        };
        server.until_ready();
        server
    }

    fn until_ready(&mut self) {
        let started = Instant::now();
        let at = format!("http://127.0.0.1:{}/genu-calls", self.port);
        while ureq::get(&at).call().is_err() {
            let dead = self.process.try_wait().unwrap().is_some();
            assert!(
                !dead && started.elapsed() < Duration::from_mins(1),
                "the emulator does not answer: {}",
                std::fs::read_to_string(&self.log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The end of the log, and where it lies.
    pub(crate) fn tell(&self) {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(30).collect();
        for line in tail.into_iter().rev() {
            eprintln!("emulator: {line}");
        }
        eprintln!("emulator: all of it is in {}", self.log.display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            self.tell();
        } else {
            let _ = std::fs::remove_file(&self.log);
        }
    }
}

/// Where logs are kept: `GENU_EMULATOR_LOGS`, which `cargo xtask test` sets and empties.
fn logs() -> PathBuf {
    let named = std::env::var_os("GENU_EMULATOR_LOGS").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(&std::env::temp_dir()).to_owned())
}
