//! A configuration as it is written, whatever the language: environments, their fields, and where
//! each stands.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Problem};
use crate::lines::Place;

/// What a file says.
#[derive(Debug)]
pub(crate) struct Document {
    pub file: PathBuf,
    pub sections: Vec<Section>,
    /// Whether the file holds nothing but our environments: then even those that are not closed
    /// must be free of mistakes. GenU's own files hold much that is none of our business.
    pub ours: bool,
}

/// One environment.
#[derive(Debug)]
pub(crate) struct Section {
    /// The file that it stands in.
    pub file: PathBuf,
    /// As it is written there.
    pub name: String,
    /// Whether that is a name; else what stands in its place, whose name cannot be known.
    pub is_named: bool,
    /// What comes before a field in the names of keys: `env.priv`.
    pub prefix: String,
    pub place: Option<Place>,
    pub fields: Vec<Field>,
    /// What may be in it and cannot be known: spread from another file, made by a function.
    pub unread: Vec<(Place, String)>,
    /// What is worth knowing about where it comes from.
    pub notes: Vec<Problem>,
}

/// One parameter.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub key: String,
    pub place: Place,
    /// The value, or why it is none, with the place of that.
    pub value: Result<Value, (Place, String)>,
}

impl Section {
    /// A problem with `field`, at its place when it has one.
    pub(crate) fn problem(&self, field: &str, message: &str) -> Problem {
        let at = self.fields.iter().rev().find(|f| f.key == field);
        self.problem_at(at.map(|f| f.place).or(self.place), field, message)
    }

    /// A problem with `field`, or with the whole when there is none, at a place.
    pub(crate) fn problem_at(&self, at: Option<Place>, field: &str, message: &str) -> Problem {
        let key = match field {
            "" => self.prefix.clone(),
            field => format!("{}.{field}", self.prefix),
        };
        Problem::new(&self.file, at, &key, message)
    }
}

/// The file as a whole is wrong.
pub(crate) fn whole(file: &Path, at: Option<Place>, message: impl AsRef<str>) -> Error {
    Error(vec![Problem::new(file, at, "", message.as_ref())])
}
