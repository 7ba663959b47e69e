//! A configuration as it is written, whatever the language: environments, their fields, and where
//! each stands.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Error, Problem};

/// One-based line and column.
pub type Place = (usize, usize);

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
    pub name: String,
    /// What comes before a field in the names of keys: `env.priv`.
    pub prefix: String,
    pub place: Option<Place>,
    pub fields: Vec<Field>,
}

/// One parameter.
#[derive(Debug)]
pub(crate) struct Field {
    pub key: String,
    pub place: Place,
    /// The value, or why it is none, with the place of that.
    pub value: Result<Value, (Place, String)>,
}

impl Section {
    /// A problem with `field`, at its place when it has one.
    pub(crate) fn problem(&self, file: &Path, field: &str, message: impl Into<String>) -> Problem {
        let at = self.fields.iter().rev().find(|f| f.key == field);
        Problem {
            file: file.to_owned(),
            place: at.map(|f| f.place).or(self.place),
            key: match field {
                "" => self.prefix.clone(),
                field => format!("{}.{field}", self.prefix),
            },
            message: message.into(),
        }
    }
}

/// Where an offset in bytes is.
pub(crate) fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}

/// The file as a whole is wrong.
pub(crate) fn whole(file: &Path, at: Option<Place>, message: impl Into<String>) -> Error {
    Error(vec![Problem {
        file: file.to_owned(),
        place: at,
        key: String::new(),
        message: message.into(),
    }])
}
