//! The state while it is being written: durable first, then in memory.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use state::{Entry, Header, Intent, Record, State, Store};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{Class, Fault, Id};

/// An intent no older than this is sent again with its own token after a restart; AWS forgets
/// tokens later than that, and an old `RunInstances` token answers with a terminated instance.
const TOKEN_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// The one writer of a state.
pub struct Ledger {
    store: Arc<dyn Store>,
    state: Mutex<State>,
}

impl Ledger {
    /// Continues `state` in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, state: State) -> Self {
        Self {
            store,
            state: Mutex::new(state),
        }
    }

    /// The state as it is now.
    pub async fn state(&self) -> State {
        self.state.lock().await.clone()
    }

    /// Makes an entry durable, then takes it in.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn record(&self, entry: Entry) -> Result<(), Fault> {
        let mut state = self.state.lock().await;
        let serial = state.serial + 1;
        self.store.append(serial, &entry).await.map_err(|e| {
            Fault::new(Class::Refused, "state", e.with_causes())
                .hint("nothing is lost: make room or repair access, then run the same again")
        })?;
        state.apply(serial, entry);
        Ok(())
    }

    /// Opens the journal for a deployment, once.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub async fn open(&self, header: Header) -> Result<(), Fault> {
        if self.state.lock().await.header.as_ref() == Some(&header) {
            return Ok(());
        }
        self.record(Entry::Open(header)).await
    }

    /// Writes the snapshot and starts the journal anew.
    ///
    /// # Errors
    /// When the snapshot could not be written; the journal then still has everything.
    pub async fn compact(&self) -> Result<(), state::Error> {
        let state = self.state.lock().await;
        self.store.compact(&state).await
    }

    /// The intent to send for `id`: the unanswered one while its token is young, else a fresh one,
    /// made durable.
    pub(crate) async fn intend(
        &self,
        id: &Id,
        kind: &str,
        needs: &[Id],
        reuse: bool,
    ) -> Result<Uuid, Fault> {
        if reuse && let Some(intent) = self.state.lock().await.intents.get(id.as_str()) {
            let age = Timestamp::now().duration_since(intent.at);
            if age < TOKEN_LIFE {
                return Ok(intent.token);
            }
        }
        let intent = Intent {
            kind: kind.to_owned(),
            token: Uuid::new_v4(),
            at: Timestamp::now(),
            needs: needs.iter().map(ToString::to_string).collect(),
        };
        let token = intent.token;
        let id = id.to_string();
        self.record(Entry::Intend { id, intent }).await?;
        Ok(token)
    }

    pub(crate) async fn refused(&self, id: &Id) -> Result<(), Fault> {
        self.record(Entry::Refused { id: id.to_string() }).await
    }

    /// Records identity and facts, unless they are on record already. `wanted` is the digest of what
    /// was wanted, once it is there; until then the one on record stays.
    pub(crate) async fn created(
        &self,
        id: &Id,
        kind: &str,
        out: Value,
        needs: &[Id],
        wanted: Option<String>,
    ) -> Result<(), Fault> {
        let needs: Vec<String> = needs.iter().map(ToString::to_string).collect();
        let known = self.state.lock().await;
        let on_record = known.records.get(id.as_str());
        let wanted = wanted.or(on_record.and_then(|record| record.wanted.clone()));
        if let Some(record) = on_record
            && record.wanted == wanted
            && record.out == out
            && record.needs == needs
            && !known.intents.contains_key(id.as_str())
        {
            return Ok(());
        }
        drop(known);
        let record = Record {
            kind: kind.to_owned(),
            out,
            needs,
            at: Timestamp::now(),
            wanted,
        };
        let id = id.to_string();
        self.record(Entry::Created { id, record }).await
    }

    pub(crate) async fn deleted(&self, id: &Id) -> Result<(), Fault> {
        let entry = match id.as_str().split_once('~') {
            Some((id, _)) => Entry::TwinDeleted { id: id.into() },
            None => Entry::Deleted { id: id.to_string() },
        };
        self.record(entry).await
    }
}
