//! What a deployment remembers: an index of resource identities and a log of intents.
//!
//! Live AWS is the truth; losing everything in here loses nothing that the ownership tags cannot
//! find again. What the state adds is speed (identities without a search), certainty (a recorded
//! identity beats a copied tag) and crash safety (an intent on disk before every create).
//!
//! No secret is ever part of a record: private keys live in SSM only.

mod entry;
mod error;
mod journal;
mod local;
mod lock;
mod model;

pub use entry::Entry;
pub use error::Error;
pub use local::{LocalReader, LocalWriter, environments};
pub use lock::Holder;
pub use model::{Header, Intent, Record, State};

/// Where entries go before the calls they announce: the write side of a state store.
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
}
