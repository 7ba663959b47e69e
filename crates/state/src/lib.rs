//! What a deployment remembers: an index of resource identities and a log of intents.
//!
//! Live AWS is the truth; losing everything in here loses nothing that the ownership tags cannot
//! find again. What the state adds is speed (identities without a search), certainty (a recorded
//! identity beats a copied tag) and crash safety (an intent on disk before every create).
//!
//! No secret is ever part of a record: private keys live in SSM only.

mod entry;
mod error;
pub mod journal;
mod local;
mod lock;
mod model;
mod replay;
pub mod snapshot;

use std::sync::Arc;
use std::time::Duration;

pub use entry::Entry;
pub use error::Error;
pub use local::{Local, environments};
pub use lock::Holder;
pub use model::{Header, Intent, Record, State};
pub use replay::{Piece, replay};

/// The read side of one environment's state: cannot write by type.
#[async_trait::async_trait]
pub trait Reader: Send + Sync {
    /// Loads snapshot and journal; an absent state is an empty one.
    ///
    /// # Errors
    /// When something cannot be read or has another format.
    async fn load(&self) -> Result<State, Error>;

    /// Whether there is anything to load.
    ///
    /// # Errors
    /// When that cannot be found out.
    async fn exists(&self) -> Result<bool, Error>;

    /// Who is changing this environment right now.
    ///
    /// # Errors
    /// When that cannot be found out.
    async fn holder(&self) -> Result<Option<Holder>, Error>;

    /// Where it is, for people.
    fn place(&self) -> String;
}

/// The state of one environment for those who may change it.
#[async_trait::async_trait]
pub trait Home: Reader {
    /// Takes the lock, waiting for it as long as `patience`, and opens the state for writing.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process still holds it; else as [`Reader::load`].
    async fn lock(
        &self,
        command: &str,
        patience: Duration,
    ) -> Result<(Arc<dyn Store>, State), Error>;

    /// Takes the lock without reading what is there: for those who are about to write all of it anew,
    /// with [`Store::compact`].
    ///
    /// # Errors
    /// As [`Self::lock`].
    async fn lock_anew(&self, command: &str, patience: Duration) -> Result<Arc<dyn Store>, Error>;

    /// Copies what is there beside it, before it is written anew. Says where; `None` when there is
    /// nothing.
    ///
    /// # Errors
    /// When it cannot be copied.
    async fn keep_aside(&self) -> Result<Option<String>, Error>;

    /// Breaks the lock of `holder`, of which the caller knows that it is gone. Says after what time
    /// others may take it: by then a holder that lives all the same has stopped.
    ///
    /// # Errors
    /// When it is held by another by now, or cannot be broken.
    async fn unlock(&self, holder: &Holder) -> Result<Duration, Error>;
}

/// The file of what the last check for drift found.
pub const DRIFT_LAST: &str = "drift-last.json";

/// Small texts kept beside a state, outside its journal and its lock: nothing rests on them, and
/// they go with the state.
#[async_trait::async_trait]
pub trait Notes: Send + Sync {
    /// The text of this name.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    async fn note(&self, name: &str) -> Result<Option<String>, Error>;

    /// Writes the text of this name, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn keep(&self, name: &str, text: &str) -> Result<(), Error>;
}

/// The one writer of a state, while it holds the lock.
#[async_trait::async_trait]
pub trait Store: Send + Sync {
    /// Makes `entry` durable. When this returns, a crash no longer loses it.
    ///
    /// # Errors
    /// When the entry could not be made durable; the caller must not make the call it announces.
    async fn append(&self, serial: u64, entry: &Entry) -> Result<(), Error>;

    /// Replaces snapshot and journal by `state`. A crash at any point leaves either the old pair
    /// or the new one, both of which load to the same state.
    ///
    /// # Errors
    /// When the snapshot could not be made durable; the journal is then untouched.
    async fn compact(&self, state: &State) -> Result<(), Error>;

    /// Makes sure that nobody else can become the writer before a call sent now has ended.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] when somebody else may be it already: nothing may be changed any more.
    async fn hold(&self) -> Result<(), Error>;

    /// Removes everything after all that it described is gone.
    ///
    /// # Errors
    /// When something cannot be removed.
    async fn remove(&self) -> Result<(), Error>;

    /// Gives the lock back. Without it, a local lock goes with its process, a lease when its time is
    /// over.
    ///
    /// # Errors
    /// When it cannot be given back.
    async fn release(&self) -> Result<(), Error>;
}
