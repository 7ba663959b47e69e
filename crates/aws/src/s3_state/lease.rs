//! The lease: a lock that ends by itself when its holder is gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use state::{Error, Holder};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::objects::{If, Objects, Put};

const FORMAT: &str = "genu-deploy/lock/1";
/// Without a renewal for so long, others may take it over.
const LENGTH: Duration = Duration::from_mins(1);
/// Between two renewals.
const RENEWAL: Duration = Duration::from_secs(10);
/// After a renewal, calls may be sent for so long: when the last of them is given up, the lease has
/// not ended yet.
const SAFE: Duration = Duration::from_secs(25);
/// After so long a call is given up.
const CALL: Duration = crate::connect::CALL;
/// What a lease that was broken is held by.
const UNLOCK: &str = "state unlock";
/// S3's times have seconds.
const GRAIN: Duration = Duration::from_secs(2);

/// The lock's text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Text {
    format: String,
    holder: Holder,
    lease: Uuid,
    /// Length, seconds, as its holder understands it.
    seconds: u64,
    /// Makes every renewal another object.
    renewals: u64,
}

/// Somebody's lease, as found.
pub(crate) struct Found {
    pub holder: Holder,
    pub etag: String,
    /// Until it may be taken over; `None` when it may be already.
    pub left: Option<Duration>,
}

/// What a renewal needs to know.
#[derive(Debug)]
struct Terms {
    text: Text,
    etag: String,
}

/// What the lease and its renewal share.
#[derive(Debug)]
struct Shared {
    objects: Objects,
    key: String,
    /// Held while a renewal is under way.
    terms: Mutex<Terms>,
    /// When the last successful renewal was sent; apart, so that nobody waits for one under way to
    /// know that the last still lasts.
    renewed: std::sync::Mutex<Boottime>,
    lost: AtomicBool,
}

/// A lease that is held and renewed until it is released or dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    env: String,
    id: Uuid,
    shared: Arc<Shared>,
    _renewal: AbortOnDropHandle<()>,
}

/// Who holds the lease, if anybody.
pub(crate) async fn found(objects: &Objects, key: &str) -> Result<Option<Found>, Error> {
    let Some(object) = objects.get(key).await? else {
        return Ok(None);
    };
    // What cannot be read is somebody's all the same, and ends like any other.
    let text = serde_json::from_slice::<Text>(&object.text).ok();
    let text = text.filter(|text| text.format == FORMAT);
    let length = text
        .as_ref()
        .map_or(LENGTH, |text| Duration::from_secs(text.seconds));
    let end = length + GRAIN;
    Ok(Some(Found {
        holder: text.map_or_else(Holder::unknown, |text| text.holder),
        etag: object.etag,
        left: end.checked_sub(object.age).filter(|left| !left.is_zero()),
    }))
}

impl Lease {
    /// Takes the lease, waiting for it as long as `patience`.
    pub(crate) async fn take(
        objects: &Objects,
        key: &str,
        env: &str,
        command: &str,
        patience: Duration,
    ) -> Result<Self, Error> {
        let started = Instant::now();
        let text = Text {
            format: FORMAT.into(),
            holder: Holder::me(command),
            lease: Uuid::new_v4(),
            seconds: LENGTH.as_secs(),
            renewals: 0,
        };
        let written = written(&text)?;
        loop {
            let sent = Boottime::now();
            let when = match found(objects, key).await? {
                None => If::Absent,
                Some(Found {
                    left: None, etag, ..
                }) => If::Matches(etag),
                Some(Found {
                    left: Some(left), ..
                }) if started.elapsed() < patience => {
                    let rest = patience.saturating_sub(started.elapsed());
                    tokio::time::sleep(left.min(rest).min(Duration::from_secs(2))).await;
                    continue;
                }
                Some(Found { holder, left, .. }) => {
                    let left = left.unwrap_or_default().as_secs();
                    return Err(Error::Locked {
                        env: env.to_owned(),
                        holder,
                        hint: format!(
                            "wait for it to end (--lock-timeout), or, if it is gone, for its lease: {left} s unless it is renewed"
                        ),
                    });
                }
            };
            if let Put::Done(etag) = objects.put(key, &written, &when).await? {
                return Ok(Self::held(objects, key, env, text, etag, sent));
            }
        }
    }

    fn held(
        objects: &Objects,
        key: &str,
        env: &str,
        text: Text,
        etag: String,
        sent: Boottime,
    ) -> Self {
        let id = text.lease;
        let shared = Arc::new(Shared {
            objects: objects.clone(),
            key: key.to_owned(),
            terms: Mutex::new(Terms { text, etag }),
            renewed: std::sync::Mutex::new(sent),
            lost: AtomicBool::new(false),
        });
        let renewing = Arc::clone(&shared);
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                // What could not be renewed now is tried again; what is lost stays lost.
                let _ = renewing.renew().await;
            }
        });
        Self {
            env: env.to_owned(),
            id,
            shared,
            _renewal: AbortOnDropHandle::new(renewal),
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Makes sure that it lasts longer than a call sent now.
    pub(crate) async fn hold(&self) -> Result<(), Error> {
        if !self.shared.is_lost() && !self.shared.is_old() {
            return Ok(());
        }
        let renewed = self.shared.renew().await;
        if self.shared.is_lost() {
            return Err(self.lost().await);
        }
        renewed
    }

    /// Who has it instead.
    pub(crate) async fn lost(&self) -> Error {
        self.shared.lost.store(true, Ordering::SeqCst);
        let by = found(&self.shared.objects, &self.shared.key).await;
        Error::LeaseLost {
            env: self.env.clone(),
            by: by.ok().flatten().map(|found| found.holder),
        }
    }

    /// Gives it back, unless it is somebody else's by now.
    pub(crate) async fn release(&self) -> Result<(), Error> {
        let giving = async {
            let terms = self.shared.terms.lock().await;
            if !self.shared.lost.swap(true, Ordering::SeqCst) {
                let Shared { objects, key, .. } = &*self.shared;
                objects.delete(key, &terms.etag).await?;
            }
            Ok(())
        };
        in_time(giving).await
    }
}

impl Shared {
    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    fn is_old(&self) -> bool {
        let renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        renewed.elapsed() >= SAFE
    }

    /// Renews it. One that took too long may have been executed: the next writes the same text, and
    /// finds it there.
    async fn renew(&self) -> Result<(), Error> {
        in_time(async {
            let mut terms = self.terms.lock().await;
            if self.is_lost() {
                return Ok(());
            }
            let sent = Boottime::now();
            let text = Text {
                renewals: terms.text.renewals + 1,
                ..terms.text.clone()
            };
            let when = If::Matches(terms.etag.clone());
            let words = written(&text)?;
            let put = self.objects.put(&self.key, &words, &when).await?;
            let etag = match put {
                Put::Done(etag) => Some(etag),
                Put::Refused => {
                    let there = self.objects.get(&self.key).await?;
                    let ours = there.filter(|there| there.text == words.as_bytes());
                    ours.map(|there| there.etag)
                }
            };
            match etag {
                Some(etag) => {
                    *terms = Terms { text, etag };
                    *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = sent;
                }
                // Another's text, or none, stands there.
                None => self.lost.store(true, Ordering::SeqCst),
            }
            Ok(())
        })
        .await
    }
}

/// Ends the lease of `holder`: it becomes one that nobody renews, and lasts until whoever lives all
/// the same has noticed and its last call has ended.
pub(crate) async fn end(
    objects: &Objects,
    key: &str,
    env: &str,
    holder: &Holder,
) -> Result<Duration, Error> {
    let rest = SAFE + CALL;
    let text = Text {
        format: FORMAT.into(),
        holder: Holder::me(UNLOCK),
        lease: Uuid::new_v4(),
        seconds: rest.as_secs(),
        renewals: 0,
    };
    let text = written(&text)?;
    loop {
        let Some(there) = found(objects, key).await? else {
            return Ok(Duration::ZERO);
        };
        // Of an unreadable one only the time of reading it differs.
        let same = there.holder.pid == holder.pid
            && there.holder.host == holder.host
            && (holder.pid == 0 || there.holder == *holder);
        if !same {
            return Err(Error::Locked {
                env: env.to_owned(),
                holder: there.holder,
                hint: "it is somebody else's by now: look again".into(),
            });
        }
        // One that was renewed between the look and this is the same lease all the same.
        let when = If::Matches(there.etag);
        if objects.put(key, &text, &when).await? != Put::Refused {
            return Ok(rest + GRAIN);
        }
    }
}

async fn in_time<T>(doing: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let done = tokio::time::timeout(RENEWAL, doing).await;
    done.unwrap_or_else(|_| {
        Err(Error::Remote {
            message: format!("S3 did not answer within {} s", RENEWAL.as_secs()),
            hint: None,
        })
    })
}

fn written(text: &Text) -> Result<String, Error> {
    serde_json::to_string(text).map_err(|e| Error::Other(format!("cannot serialise the lock: {e}")))
}

/// A time on the clock that runs on while the machine sleeps: a lease does, too.
#[derive(Debug, Clone, Copy)]
struct Boottime(Duration);

impl Boottime {
    fn now() -> Self {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        let nanos = u32::try_from(now.tv_nsec).unwrap_or_default();
        Self(Duration::new(seconds, nanos))
    }

    fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}
