//! Work that many wait for and one does. Invariant: at most one flight a key, and it ends even when
//! whoever began it is gone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

/// A flight under way.
#[derive(Debug, Clone)]
pub struct Flight<T> {
    /// When it began.
    pub began: Instant,
    landing: watch::Receiver<Option<T>>,
}

impl<T: Clone> Flight<T> {
    /// What came of it; `None` when it was lost.
    pub async fn landed(mut self) -> Option<T> {
        let landing = self.landing.wait_for(Option::is_some).await.ok()?;
        landing.clone()
    }
}

/// The flights under way, by key.
#[derive(Debug)]
pub struct Flights<T> {
    under_way: Mutex<HashMap<Arc<str>, Flight<T>>>,
}

/// What boarding led to.
#[derive(Debug)]
pub enum Boarded<T> {
    /// The answer has come meanwhile.
    Settled(T),
    /// It is on its way.
    Flight(Flight<T>),
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// Joins the flight for `key`, or begins one with `work`. `settled` is asked first, while no
    /// flight can begin or end: who saw the state before a flight and boards after it needs no second.
    pub fn board<F: Future<Output = T> + Send + 'static>(
        self: &Arc<Self>,
        key: &Arc<str>,
        settled: impl FnOnce() -> Option<T>,
        work: impl FnOnce() -> F,
    ) -> Boarded<T> {
        let mut under_way = self.lock();
        let seat = match under_way.entry(Arc::clone(key)) {
            Entry::Occupied(flight) => return Boarded::Flight(flight.get().clone()),
            Entry::Vacant(seat) => seat,
        };
        if let Some(answer) = settled() {
            return Boarded::Settled(answer);
        }
        let (tell, landing) = watch::channel(None);
        let flight = Flight {
            began: Instant::now(),
            landing,
        };
        seat.insert(flight.clone());
        let ended = Ended(Arc::clone(self), Arc::clone(key));
        let work = work();
        tokio::spawn(async move {
            let answer = work.await;
            drop(ended);
            tell.send_replace(Some(answer));
        });
        Boarded::Flight(flight)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Flight<T>>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Strikes a flight off, whatever became of it.
struct Ended<T: Clone + Send + Sync + 'static>(Arc<Flights<T>>, Arc<str>);

impl<T: Clone + Send + Sync + 'static> Drop for Ended<T> {
    fn drop(&mut self) {
        self.0.lock().remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_board_and_one_flies() {
        let flights = Arc::new(Flights::default());
        let key: Arc<str> = "k".into();
        let flown = Arc::new(AtomicUsize::new(0));
        let passengers = (0..50).map(|_| {
            let (flights, key, flown) = (flights.clone(), key.clone(), flown.clone());
            tokio::spawn(async move {
                let done = flown.clone();
                let settled = || (done.load(Ordering::SeqCst) > 0).then_some(7);
                let work = move || async move {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    flown.fetch_add(1, Ordering::SeqCst);
                    7
                };
                match flights.board(&key, settled, work) {
                    Boarded::Settled(answer) => answer,
                    Boarded::Flight(flight) => flight.landed().await.unwrap(),
                }
            })
        });
        for passenger in passengers.collect::<Vec<_>>() {
            assert_eq!(passenger.await.unwrap(), 7);
        }
        assert_eq!(flown.load(Ordering::SeqCst), 1);
        assert!(flights.lock().is_empty());
    }

    #[tokio::test]
    async fn lost_flights_are_told_and_struck_off() {
        let flights: Arc<Flights<u8>> = Arc::new(Flights::default());
        let key: Arc<str> = "k".into();
        let crash = || async { panic!("on purpose") };
        let Boarded::Flight(flight) = flights.board(&key, || None, crash) else {
            panic!("nothing has landed");
        };
        assert_eq!(flight.landed().await, None);
        assert!(flights.lock().is_empty());
    }
}
