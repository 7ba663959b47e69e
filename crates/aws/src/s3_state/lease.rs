//! The lease: a lock that ends by itself when its holder is gone.

use std::sync::Arc;
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
/// After a renewal, calls may be sent for so long: the longest time a call takes before it is given
/// up (30 s), and a margin, before the lease could end.
const SAFE: Duration = Duration::from_secs(25);
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

/// What the lease knows of itself.
#[derive(Debug)]
struct Terms {
    text: Text,
    etag: String,
    /// When the last successful renewal was sent.
    renewed: Boottime,
    lost: bool,
}

/// A lease that is held and renewed until it is released or dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    objects: Objects,
    key: String,
    env: String,
    terms: Arc<Mutex<Terms>>,
    _renewal: AbortOnDropHandle<()>,
}

/// Who holds the lease, if anybody.
pub(crate) async fn found(objects: &Objects, key: &str) -> Result<Option<Found>, Error> {
    let Some(object) = objects.get(key).await? else {
        return Ok(None);
    };
    let place = format!("s3://{}/{key}", objects.bucket);
    let text: Text = serde_json::from_slice(&object.text).map_err(|e| Error::Corrupt {
        place: place.clone(),
        line: e.line(),
        reason: e.to_string(),
    })?;
    if text.format != FORMAT {
        return Err(Error::Format {
            place,
            found: text.format,
            expected: FORMAT,
        });
    }
    let end = Duration::from_secs(text.seconds) + GRAIN;
    Ok(Some(Found {
        holder: text.holder,
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
            if let Put::Done(etag) = objects.put(key, &written, when).await? {
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
        renewed: Boottime,
    ) -> Self {
        let terms = Arc::new(Mutex::new(Terms {
            text,
            etag,
            renewed,
            lost: false,
        }));
        let (its, at, of) = (Arc::clone(&terms), objects.clone(), key.to_owned());
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                // What could not be renewed now is tried again; what is lost stays lost.
                let _ = renew(&at, &of, &mut *its.lock().await).await;
            }
        });
        Self {
            objects: objects.clone(),
            key: key.to_owned(),
            env: env.to_owned(),
            terms,
            _renewal: AbortOnDropHandle::new(renewal),
        }
    }

    /// Its id.
    pub(crate) async fn id(&self) -> Uuid {
        self.terms.lock().await.text.lease
    }

    /// Makes sure that it lasts longer than a call sent now.
    pub(crate) async fn hold(&self) -> Result<(), Error> {
        let mut terms = self.terms.lock().await;
        if !terms.lost && terms.renewed.elapsed() < SAFE {
            return Ok(());
        }
        let renewed = renew(&self.objects, &self.key, &mut terms).await;
        let lost = terms.lost;
        drop(terms);
        if lost {
            Err(self.lost().await)
        } else {
            renewed
        }
    }

    /// Who has it instead.
    pub(crate) async fn lost(&self) -> Error {
        self.terms.lock().await.lost = true;
        let by = found(&self.objects, &self.key).await.ok().flatten();
        Error::LeaseLost {
            env: self.env.clone(),
            by: by.map(|found| found.holder),
        }
    }

    /// Gives it back, unless it is somebody else's by now.
    pub(crate) async fn release(&self) -> Result<(), Error> {
        let mut terms = self.terms.lock().await;
        if !terms.lost {
            terms.lost = true;
            self.objects.delete(&self.key, &terms.etag).await?;
        }
        Ok(())
    }
}

async fn renew(objects: &Objects, key: &str, terms: &mut Terms) -> Result<(), Error> {
    if terms.lost {
        return Ok(());
    }
    let sent = Boottime::now();
    let text = Text {
        renewals: terms.text.renewals + 1,
        ..terms.text.clone()
    };
    let when = If::Matches(terms.etag.clone());
    match objects.put(key, &written(&text)?, when).await? {
        Put::Done(etag) => {
            terms.etag = etag;
            terms.text = text;
            terms.renewed = sent;
        }
        Put::Refused => terms.lost = true,
    }
    Ok(())
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
