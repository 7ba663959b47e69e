//! The state in a local directory: `<state>/<env>/{state.json,journal.jsonl,lock}`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::{
    DRIFT_LAST, Entry, Error, Holder, Home, Notes, Reader, State, Store, journal, lock, replay,
    snapshot,
};

const SNAPSHOT: &str = "state.json";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";

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
        .filter(|entry| is_there(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn is_there(dir: &Path) -> bool {
    dir.join(SNAPSHOT).exists() || dir.join(JOURNAL).exists()
}

/// The state of one environment in a directory.
#[derive(Debug, Clone)]
pub struct Local {
    dir: PathBuf,
    env: String,
}

impl Local {
    /// The state of `env` below `root`; nothing is touched.
    #[must_use]
    pub fn new(root: &Path, env: &str) -> Self {
        Self {
            dir: root.join(env),
            env: env.to_owned(),
        }
    }

    fn replay(&self) -> Result<(State, u64), Error> {
        let (journal_at, snapshot_at) = (self.dir.join(JOURNAL), self.dir.join(SNAPSHOT));
        let journal = read(&journal_at)?;
        let snapshot = read(&snapshot_at)?;
        replay(
            (&snapshot_at.display().to_string(), snapshot.as_deref()),
            (&journal_at.display().to_string(), journal.as_deref()),
        )
    }

    async fn take(&self, command: &str, patience: Duration) -> Result<File, Error> {
        fs::create_dir_all(&self.dir).map_err(Error::io("create", &self.dir))?;
        let started = Instant::now();
        loop {
            match lock::take(&self.dir.join(LOCK), &self.env, command) {
                Err(Error::Locked { .. }) if started.elapsed() < patience => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                taken => return taken,
            }
        }
    }

    /// `whole` bytes of the journal are kept: a torn tail would glue itself to the next entry.
    fn open(&self, lock: File, whole: u64) -> Result<Arc<dyn Store>, Error> {
        let path = self.dir.join(JOURNAL);
        if whole == 0 {
            replace(&path, journal::head(None).as_bytes())?;
        }
        let journal = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        if whole > 0 {
            journal
                .set_len(whole)
                .map_err(Error::io("truncate", &path))?;
        }
        Ok(self.writer(lock, journal))
    }

    fn writer(&self, lock: File, journal: File) -> Arc<dyn Store> {
        Arc::new(Writer {
            dir: self.dir.clone(),
            journal: Mutex::new(journal),
            lock: Mutex::new(Some(lock)),
        })
    }
}

#[async_trait::async_trait]
impl Reader for Local {
    async fn load(&self) -> Result<State, Error> {
        self.replay().map(|(state, _)| state)
    }

    async fn exists(&self) -> Result<bool, Error> {
        Ok(is_there(&self.dir))
    }

    async fn holder(&self) -> Result<Option<Holder>, Error> {
        Ok(lock::holder(&self.dir.join(LOCK)))
    }

    fn place(&self) -> String {
        self.dir.display().to_string()
    }
}

#[async_trait::async_trait]
impl Notes for Local {
    async fn note(&self, name: &str) -> Result<Option<String>, Error> {
        let text = read(&self.dir.join(name))?;
        Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
    }

    async fn keep(&self, name: &str, text: &str) -> Result<(), Error> {
        fs::create_dir_all(&self.dir).map_err(Error::io("create", &self.dir))?;
        replace(&self.dir.join(name), text.as_bytes())
    }
}

#[async_trait::async_trait]
impl Home for Local {
    async fn lock(
        &self,
        command: &str,
        patience: Duration,
    ) -> Result<(Arc<dyn Store>, State), Error> {
        let lock = self.take(command, patience).await?;
        let (state, whole) = self.replay()?;
        Ok((self.open(lock, whole)?, state))
    }

    async fn lock_anew(&self, command: &str, patience: Duration) -> Result<Arc<dyn Store>, Error> {
        let lock = self.take(command, patience).await?;
        let path = self.dir.join(JOURNAL);
        let journal = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        Ok(self.writer(lock, journal))
    }

    async fn keep_aside(&self) -> Result<Option<String>, Error> {
        let at = jiff::Timestamp::now().as_second();
        let mut kept = None;
        for name in [JOURNAL, SNAPSHOT] {
            let to = self.dir.join(format!("{name}.kept-{at}"));
            match fs::copy(self.dir.join(name), &to) {
                Ok(_) => kept = Some(format!("{}/*.kept-{at}", self.dir.display())),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(Error::io("copy to", to)(e)),
            }
        }
        Ok(kept)
    }

    async fn unlock(&self, holder: &Holder) -> Result<Duration, Error> {
        Err(Error::Locked {
            env: self.env.clone(),
            holder: holder.clone(),
            hint: format!(
                "a lock in a directory is the operating system's and goes with its process: stop process {}",
                holder.pid
            ),
        })
    }
}

/// The one writer of a local state.
#[derive(Debug)]
struct Writer {
    dir: PathBuf,
    journal: Mutex<File>,
    lock: Mutex<Option<File>>,
}

impl Writer {
    fn journal(&self) -> Result<MutexGuard<'_, File>, Error> {
        self.journal
            .lock()
            .map_err(|_| Error::Other("the journal's writer panicked".into()))
    }
}

#[async_trait::async_trait]
impl Store for Writer {
    async fn append(&self, serial: u64, entry: &Entry) -> Result<(), Error> {
        let path = self.dir.join(JOURNAL);
        let line = journal::line(serial, entry)?;
        let mut file = self.journal()?;
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
        replace(
            &self.dir.join(SNAPSHOT),
            snapshot::text(state, None)?.as_bytes(),
        )?;
        let path = self.dir.join(JOURNAL);
        let mut file = self.journal()?;
        replace(&path, journal::head(None).as_bytes())?;
        *file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        Ok(())
    }

    async fn hold(&self) -> Result<(), Error> {
        // The operating system's lock lasts as long as the process.
        Ok(())
    }

    async fn remove(&self) -> Result<(), Error> {
        // The snapshot last: whatever is left after a crash still loads to the empty state.
        for name in [DRIFT_LAST, JOURNAL, SNAPSHOT, LOCK] {
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

    async fn release(&self) -> Result<(), Error> {
        if let Ok(mut lock) = self.lock.lock() {
            lock.take();
        }
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
