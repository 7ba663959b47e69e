//! The cache in front of the bucket. Invariant: an object is served without a word from S3 for the
//! freshness window alone, and beyond it only when S3 fails or is slow, for the grace alone.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout_at;

use crate::ask::{Ask, Reply};
use crate::config::Config;
use crate::fault::{Fault, Kind};
use crate::flights::{Boarded, Flight, Flights};
use crate::limits::Limits;
use crate::origin::Origin;
use crate::seen::{Found, Seen};
use crate::slot::{Content, Object, Slot};
use crate::stock::{Landing, Stock};

type Answer = (Seen, Result<Found, Fault>);

/// The cache and the bucket behind it.
#[derive(Debug)]
pub struct Shelf {
    stock: Arc<Stock>,
    flights: Arc<Flights<Landing>>,
    fresh: Duration,
    limits: Limits,
}

impl Shelf {
    /// An empty one.
    #[must_use]
    pub fn new(origin: Origin, config: &Config) -> Self {
        Self {
            stock: Arc::new(Stock::new(origin, config)),
            flights: Arc::new(Flights::default()),
            fresh: config.fresh,
            limits: config.limits.clone(),
        }
    }

    /// Bytes that the cache counts at present.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.stock.weight()
    }

    /// Finds what is asked for. The conditions of `ask` spare bytes and bind nobody: whoever asks
    /// has to look at them again.
    pub async fn find(&self, ask: &Ask) -> Answer {
        if let Some(slot) = self.stock.slot(&ask.key) {
            match (&slot.content, slot.is_within(self.fresh)) {
                (Content::Object(object), true) => {
                    return (Seen::Hit, Ok(Found::Kept(Arc::clone(object))));
                }
                (Content::Object(object), false) => {
                    return self.revalidate(ask, &slot, object).await;
                }
                (Content::Missing, true) => return (Seen::Hit, Ok(Found::Missing)),
                (Content::Large, true) => return self.bypass(ask).await,
                (Content::Missing | Content::Large, false) => {}
            }
        }
        // For a part nobody waits for the whole.
        if !self.stock.keeps() || ask.range.is_some() {
            return self.bypass(ask).await;
        }
        match self.board(&ask.key, None) {
            Boarded::Settled(landing) => self.take(ask, Seen::Hit, landing).await,
            Boarded::Flight(flight) => {
                let landing = flight.landed().await;
                self.take(ask, Seen::Miss, landing.unwrap_or_else(lost))
                    .await
            }
        }
    }

    async fn revalidate(&self, ask: &Ask, slot: &Arc<Slot>, object: &Arc<Object>) -> Answer {
        let stale = || (Seen::Stale, Ok(Found::Kept(Arc::clone(object))));
        let grace = slot.is_within(self.fresh.saturating_add(self.limits.grace));
        if grace && slot.is_paused(self.limits.pause) {
            return stale();
        }
        let flight = match self.board(&ask.key, Some(slot)) {
            Boarded::Settled(landing) => return self.take(ask, Seen::Hit, landing).await,
            Boarded::Flight(flight) => flight,
        };
        let landing = if grace {
            self.patiently(flight).await
        } else {
            Some(flight.landed().await.unwrap_or_else(lost))
        };
        match landing {
            None => stale(),
            Some(Landing::Failed(_)) if grace => stale(),
            Some(landing) => self.take(ask, Seen::Revalidated, landing).await,
        }
    }

    /// `None` when it takes too long; the flight goes on.
    async fn patiently(&self, flight: Flight<Landing>) -> Option<Landing> {
        let until = flight.began + self.limits.patience;
        let landing = timeout_at(until, flight.landed()).await.ok()?;
        Some(landing.unwrap_or_else(lost))
    }

    fn board(&self, key: &Arc<str>, slot: Option<&Arc<Slot>>) -> Boarded<Landing> {
        let settled = || {
            let slot = self.stock.slot(key)?;
            slot.is_within(self.fresh).then_some(Landing::Slot(slot))
        };
        self.flights.board(key, settled, || {
            let (stock, key, slot) = (Arc::clone(&self.stock), Arc::clone(key), slot.cloned());
            async move { stock.fetch(key, slot).await }
        })
    }

    async fn take(&self, ask: &Ask, seen: Seen, landing: Landing) -> Answer {
        match landing {
            Landing::Failed(fault) => (seen, Err(fault)),
            Landing::Slot(slot) => match &slot.content {
                Content::Object(object) => (seen, Ok(Found::Kept(Arc::clone(object)))),
                Content::Missing => (seen, Ok(Found::Missing)),
                Content::Large => self.bypass(ask).await,
            },
            Landing::Stream(leftover) => {
                // Whoever wants a part leaves the whole to the next.
                let whole = if ask.range.is_none() {
                    leftover.take()
                } else {
                    None
                };
                match whole {
                    Some(fetched) => (seen, Ok(Found::Streamed(fetched))),
                    None => self.bypass(ask).await,
                }
            }
        }
    }

    async fn bypass(&self, ask: &Ask) -> Answer {
        let found = self.stock.origin().get(ask).await.map(|reply| match reply {
            Reply::Object(fetched) => Found::Streamed(fetched),
            Reply::Unchanged(meta) => Found::Unchanged(meta),
            Reply::Missing => Found::Missing,
            Reply::Outside(length) => Found::Outside(length),
        });
        (Seen::Bypass, found)
    }
}

fn lost() -> Landing {
    Landing::Failed(Fault::new(Kind::Broken, "Lost"))
}
