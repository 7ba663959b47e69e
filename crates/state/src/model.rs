//! The state itself: what replaying a journal yields.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Entry;

/// How long after a lost create a twin of it is believed to be one: lists lag by seconds, rarely
/// minutes, and a licence to delete must not outlive its reason.
const TWIN_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Which deployment a state belongs to. Fixed when the first change is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Environment name, `priv`.
    pub env: String,
    /// Twelve-digit account id.
    pub account: String,
    /// Region name.
    pub region: String,
    /// The value of the tag `genu-deploy:deployment`.
    pub deployment: Uuid,
    /// `closedNetworkProtect` as last applied, so that `destroy` honours it without a configuration.
    pub protect: bool,
}

/// One live resource that is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Kind name, `ec2/vpc`.
    pub kind: String,
    /// The kind's own identity and facts, in its serialised form.
    pub out: Value,
    /// Ids this one was built on; deletion runs against these arrows.
    pub needs: Vec<String>,
    /// When it was recorded.
    pub at: Timestamp,
    /// Digest of what was wanted when it was last brought there: what differs although the same is
    /// wanted still was changed by somebody else. Absent from states of before, and while it is not
    /// there yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
}

/// A create that was announced and not yet answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Kind name.
    pub kind: String,
    /// Idempotency token of the call, fresh for each intent.
    pub token: Uuid,
    /// When it was announced.
    pub at: Timestamp,
    /// Ids the resource is to be built on.
    pub needs: Vec<String>,
}

/// Index and intents of one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Number of the last entry contained.
    pub serial: u64,
    /// `None` until the first change.
    pub header: Option<Header>,
    /// By resource id.
    pub records: BTreeMap<String, Record>,
    /// Creates in flight, by resource id.
    pub intents: BTreeMap<String, Intent>,
    /// Creates whose answer was lost and that were given up for a fresh intent: a twin that turns
    /// up later and matches one of these is ours to delete.
    pub lost: BTreeMap<String, Vec<Intent>>,
    /// Values looked up once and then pinned, such as the Windows image.
    #[serde(default)]
    pub pins: BTreeMap<String, String>,
}

impl State {
    /// Takes one entry in. Replaying is deterministic: the same entries give the same state.
    pub fn apply(&mut self, serial: u64, entry: Entry) {
        self.serial = serial;
        match entry {
            Entry::Open(header) => self.header = Some(header),
            Entry::Intend { id, intent } => {
                if let Some(unanswered) = self.intents.insert(id.clone(), intent) {
                    self.lost.entry(id).or_default().push(unanswered);
                }
            }
            Entry::Refused { id } => {
                self.intents.remove(&id);
            }
            Entry::Created { id, record } => {
                self.intents.remove(&id);
                self.records.insert(id, record);
            }
            Entry::Deleted { id } => {
                self.records.remove(&id);
                self.intents.remove(&id);
                self.lost.remove(&id);
            }
            Entry::TwinDeleted { id } => {
                self.lost.remove(&id);
            }
            Entry::Pinned { name, value } => {
                self.pins.insert(name, value);
            }
            Entry::Unpinned { name } => {
                self.pins.remove(&name);
            }
        }
    }

    /// Whether our own journal holds an intent to create `id`, answered or given up.
    #[must_use]
    pub fn intended(&self, id: &str) -> bool {
        self.intents.contains_key(id) || self.lost.contains_key(id)
    }

    /// Whether a create of `id` was given up so lately that what it made may still come to light.
    #[must_use]
    pub fn lost_lately(&self, id: &str) -> bool {
        let now = Timestamp::now();
        let lost = self.lost.get(id).into_iter().flatten();
        lost.into_iter()
            .any(|intent| now.duration_since(intent.at) < TWIN_LIFE)
    }

    /// Whether nothing is left that a later run would have to look after.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.intents.is_empty() && self.lost.is_empty()
    }
}
