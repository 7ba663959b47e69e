//! The state in a local directory: `<state>/<env>/{state.json,journal.jsonl,lock}`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::{Entry, Error, Holder, State, Store, journal, lock};

const FORMAT: &str = "genu-deploy/state/1";

#[derive(Serialize, Deserialize)]
struct Snapshot {
    format: String,
    #[serde(flatten)]
    state: State,
}

/// Names of the environments that have a state below `root`, sorted.
///
/// # Errors
/// When the directory exists and cannot be read.
pub fn environments(root: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("read", root)(e)),
    };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            let path = entry.path();
            path.join("state.json").exists() || path.join("journal.jsonl").exists()
        })
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// Reads a state; cannot write by type.
#[derive(Debug, Clone)]
pub struct LocalReader {
    dir: PathBuf,
    env: String,
}

impl LocalReader {
    /// The state of `env` below `root`; nothing is touched.
    #[must_use]
    pub fn new(root: &Path, env: &str) -> Self {
        Self {
            dir: root.join(env),
            env: env.to_owned(),
        }
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Who is changing this environment right now.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        lock::holder(&self.dir.join("lock"))
    }

    /// Loads snapshot and journal; an absent state is an empty one.
    ///
    /// # Errors
    /// When a file cannot be read or has another format.
    pub fn load(&self) -> Result<State, Error> {
        self.replay().map(|(state, _)| state)
    }

    /// Takes the lock and opens the state for writing.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process holds it; else as [`Self::load`].
    pub fn lock(&self, command: &str) -> Result<(LocalWriter, State), Error> {
        fs::create_dir_all(&self.dir).map_err(Error::io("create", &self.dir))?;
        let lock = lock::take(&self.dir.join("lock"), &self.env, command)?;
        let (state, whole) = self.replay()?;
        let path = self.dir.join("journal.jsonl");
        if whole == 0 {
            replace(&path, journal::empty().as_bytes())?;
        }
        let journal = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        if whole > 0 {
            // A torn tail would glue itself to the next entry.
            journal
                .set_len(whole)
                .map_err(Error::io("truncate", &path))?;
        }
        let writer = LocalWriter {
            dir: self.dir.clone(),
            journal: Mutex::new(journal),
            _lock: lock,
        };
        Ok((writer, state))
    }

    /// The journal is read before the snapshot: a compaction in between then only makes entries
    /// appear in both, which the serial sorts out.
    fn replay(&self) -> Result<(State, u64), Error> {
        let path = self.dir.join("journal.jsonl");
        let parsed = match read(&path)? {
            Some(text) => journal::parse(&path, &text)?,
            None => journal::Parsed {
                entries: Vec::new(),
                whole: 0,
            },
        };
        let mut state = self.snapshot()?;
        for (serial, entry) in parsed.entries {
            if serial > state.serial {
                state.apply(serial, entry);
            }
        }
        Ok((state, parsed.whole))
    }

    fn snapshot(&self) -> Result<State, Error> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let path = self.dir.join("state.json");
        let Some(text) = read(&path)? else {
            return Ok(State::default());
        };
        let corrupt = |e: serde_json::Error| Error::Corrupt {
            path: path.clone(),
            line: e.line(),
            reason: e.to_string(),
        };
        let head: Head = serde_json::from_slice(&text).map_err(corrupt)?;
        if head.format != FORMAT {
            return Err(Error::Format {
                path,
                found: head.format,
                expected: FORMAT,
            });
        }
        let snapshot: Snapshot = serde_json::from_slice(&text).map_err(corrupt)?;
        Ok(snapshot.state)
    }
}

/// The one writer of a local state; holds the lock until dropped.
#[derive(Debug)]
pub struct LocalWriter {
    dir: PathBuf,
    journal: Mutex<File>,
    _lock: File,
}

impl LocalWriter {
    /// Removes the state's files after everything it described is gone.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn remove(self) -> Result<(), Error> {
        // The snapshot last: whatever is left after a crash still loads to the empty state.
        for name in ["journal.jsonl", "state.json", "lock"] {
            let path = self.dir.join(name);
            match fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", path)(e));
                }
                _ => {}
            }
        }
        // Left in place when somebody keeps files of their own in it.
        let _ = fs::remove_dir(&self.dir);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Store for LocalWriter {
    async fn append(&self, serial: u64, entry: &Entry) -> Result<(), Error> {
        let path = self.dir.join("journal.jsonl");
        let line = journal::line(serial, entry)?;
        let mut file = self
            .journal
            .lock()
            .map_err(|_| Error::Other("the journal's writer panicked".into()))?;
        let whole = file.metadata().map_err(Error::io("read", &path))?.len();
        let written = file
            .write_all(line.as_bytes())
            .and_then(|()| file.sync_data());
        written.map_err(|e| {
            // On a full disk half a line may stand there; the next append must not continue it.
            let _ = file.set_len(whole);
            Error::io("write", path)(e)
        })
    }

    async fn compact(&self, state: &State) -> Result<(), Error> {
        let snapshot = Snapshot {
            format: FORMAT.into(),
            state: state.clone(),
        };
        let mut text = serde_json::to_vec_pretty(&snapshot)
            .map_err(|e| Error::Other(format!("cannot serialise the state: {e}")))?;
        text.push(b'\n');
        replace(&self.dir.join("state.json"), &text)?;
        let path = self.dir.join("journal.jsonl");
        let mut file = self
            .journal
            .lock()
            .map_err(|_| Error::Other("the journal's writer panicked".into()))?;
        replace(&path, journal::empty().as_bytes())?;
        *file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", path)(e)),
    }
}

/// Write beside it, fsync, rename over it, fsync the directory.
fn replace(path: &Path, text: &[u8]) -> Result<(), Error> {
    let beside = path.with_extension("tmp");
    let mut file = File::create(&beside).map_err(Error::io("create", &beside))?;
    file.write_all(text)
        .and_then(|()| file.sync_all())
        .map_err(Error::io("write", &beside))?;
    fs::rename(&beside, path).map_err(Error::io("replace", path))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("sync", dir))
}
