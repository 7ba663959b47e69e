//! The emulators: started on a free loopback port, stopped when dropped.

mod install;
mod kind;
mod python;

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use xshell::Shell;

use crate::Done;

pub(crate) use install::Installed;
pub(crate) use kind::Kind;

/// A running emulator; stopped when dropped.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) url: String,
    /// From its start to its first answer.
    pub(crate) took: Duration,
    /// What it keeps on disk; gone when it is.
    _files: xshell::TempDir,
}

impl Emulator {
    /// Starts it and waits until it answers.
    pub(crate) fn start(
        sh: &Shell,
        installed: &Installed,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let files = sh.create_temp_dir()?;
        let started = Instant::now();
        let process = Command::new(&installed.python)
            .arg(sh.current_dir().join(installed.kind.launcher()))
            .arg(port.to_string())
            .env("LOCALSTACK_VOLUME_DIR", files.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut emulator = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            took: Duration::ZERO,
            _files: files,
        };
        emulator.until_ready(started)?;
        emulator.took = started.elapsed();
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

    fn until_ready(&mut self, started: Instant) -> Done {
        while ureq::get(format!("{}/genu-calls", self.url))
            .call()
            .is_err()
        {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("the emulator ended with {status}").into());
            }
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
