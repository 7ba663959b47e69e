//! The local lock: an operating-system file lock, gone with its process.
//!
//! The text in the file only names the holder for the refusal; it is never consulted to decide
//! whether the lock is held.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id on `host`.
    pub pid: u32,
    /// Host name.
    pub host: String,
    /// What it is doing, `apply`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// This process.
    #[must_use]
    pub fn me(command: &str) -> Self {
        Self {
            pid: std::process::id(),
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
            command: command.to_owned(),
            since: Timestamp::now(),
        }
    }
}

impl Holder {
    /// Somebody of whom nothing can be read.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            pid: 0,
            host: "an unknown host".into(),
            command: "an unnamed command".into(),
            since: Timestamp::now(),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}`, process {} on {}, since {:.0}",
            self.command, self.pid, self.host, self.since
        )
    }
}

/// Takes the lock or says who has it.
pub(super) fn take(path: &Path, env: &str, command: &str) -> Result<File, Error> {
    let mut file = open(path)?;
    match file.try_lock() {
        // Whoever held it may have removed it with the state meanwhile: then it locks nothing.
        Ok(()) if file.metadata().is_ok_and(|it| it.nlink() == 0) => {
            return take(path, env, command);
        }
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::Locked {
                env: env.to_owned(),
                holder: read(&mut file).unwrap_or_else(Holder::unknown),
                hint: "wait for it to end; the lock goes with its process".into(),
            });
        }
        Err(TryLockError::Error(e)) => return Err(Error::io("lock", path)(e)),
    }
    let text = serde_json::to_string(&Holder::me(command)).unwrap_or_default();
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .map_err(Error::io("write", path))?;
    Ok(file)
}

/// Who holds the lock right now, if anybody.
pub(super) fn holder(path: &Path) -> Option<Holder> {
    let mut file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read(&mut file),
        _ => None,
    }
}

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(Error::io("open", path))
}

fn read(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
