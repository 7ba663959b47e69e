//! The journal's vocabulary.

use serde::{Deserialize, Serialize};

use crate::{Header, Intent, Record};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Entry {
    /// The deployment this journal belongs to; written before the first change and when it changes.
    Open(Header),
    /// A create is about to be sent.
    Intend {
        /// Resource id.
        id: String,
        /// Kind, token, time.
        intent: Intent,
    },
    /// The create was refused for certain: nothing was made.
    Refused {
        /// Resource id.
        id: String,
    },
    /// Identity is known (also after an adoption, and when facts change).
    Created {
        /// Resource id.
        id: String,
        /// What is known now.
        record: Record,
    },
    /// The resource is gone.
    Deleted {
        /// Resource id.
        id: String,
    },
    /// What a lost create left behind is gone.
    TwinDeleted {
        /// Resource id.
        id: String,
    },
    /// A value was looked up and is kept from now on.
    Pinned {
        /// Name of the value.
        name: String,
        /// The value.
        value: String,
    },
    /// A pinned value no longer holds.
    Unpinned {
        /// Name of the value.
        name: String,
    },
}
