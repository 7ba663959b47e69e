//! Attributes, desired and live, and the one difference between them.
//!
//! A kind says what it wants and what it sees in the same words; everything else (plan rows, drift,
//! what an update has to touch) falls out of [`Attrs::changes_from`].

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One attribute's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Attr {
    /// Known now.
    Known(Value),
    /// Desired: known once something else has been made. Live: not shown yet, as the volume of an
    /// instance that is pending.
    Unknown,
    /// Never shown and never stored; equal to itself.
    Secret,
}

impl<T: Into<Value>> From<T> for Attr {
    fn from(value: T) -> Self {
        Self::Known(value.into())
    }
}

impl Attr {
    /// A value that stands for a fact not known while planning.
    pub fn of<T: Into<Value>>(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, |v| Self::Known(v.into()))
    }

    /// A sorted list: what AWS keeps as a set.
    pub fn set<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        let mut items: Vec<String> = items.into_iter().map(Into::into).collect();
        items.sort();
        items.dedup();
        Self::Known(items.into())
    }

    /// A sorted list of facts; unknown as a whole while one of them is.
    pub fn set_of<T: Into<String>>(items: impl IntoIterator<Item = Option<T>>) -> Self {
        match items.into_iter().collect::<Option<Vec<T>>>() {
            Some(items) => Self::set(items),
            None => Self::Unknown,
        }
    }
}

impl Serialize for Attr {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(s),
            Self::Unknown => json!({ "known_after_apply": true }).serialize(s),
            Self::Secret => json!({ "secret": true }).serialize(s),
        }
    }
}

/// What a change to a field does to the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// It is modified where it stands.
    InPlace,
    /// It has to be deleted and made again.
    Replace,
    /// Somebody put it there beside ours, and it is theirs: told, and left alone.
    LeftAlone,
    /// It is modified where it stands; but what the field refers to cannot go while this stands, so
    /// when that is replaced, this is replaced with it. Settled while planning.
    Tied,
}

/// One row of a difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Field, with a dot for a key inside it: `tags.Name`.
    pub field: String,
    /// Live value.
    pub from: Attr,
    /// Desired value.
    pub to: Attr,
    /// What it takes.
    pub impact: Impact,
}

impl Change {
    /// The field without the key inside it.
    #[must_use]
    pub fn root(&self) -> &str {
        self.field.split('.').next().unwrap_or_default()
    }
}

/// A resource's attributes by field name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Attrs(BTreeMap<&'static str, Attr>);

impl Attrs {
    /// No attributes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<Attr>) -> Self {
        self.0.insert(field, value.into());
        self
    }

    /// One field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Attr> {
        self.0.get(field)
    }

    /// Field names in order.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// A digest by which a later run knows whether it wants the same.
    #[must_use]
    pub fn digest(&self) -> String {
        let whole = Sha256::digest(serde_json::json!(self).to_string());
        whole[..8].iter().fold(String::new(), |mut hex, byte| {
            // A string takes whatever is written to it.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// What has to change for `live` to become this. Fields that are not desired are not compared,
    /// nor those that are not shown yet;
    /// objects are compared key by key, and keys not desired within them likewise.
    #[must_use]
    pub fn changes_from(&self, live: &Self, impact: impl Fn(&str) -> Impact) -> Vec<Change> {
        let mut changes = Vec::new();
        for (field, to) in &self.0 {
            let from = live.get(field).cloned().unwrap_or(Attr::Known(Value::Null));
            compare(field, &from, to, impact(field), &mut changes);
        }
        changes
    }
}

fn compare(field: &str, from: &Attr, to: &Attr, impact: Impact, into: &mut Vec<Change>) {
    if let (Attr::Known(Value::Object(from)), Attr::Known(Value::Object(to))) = (from, to) {
        for (key, to) in to {
            let from = from.get(key).cloned().unwrap_or(Value::Null);
            compare(
                &format!("{field}.{key}"),
                &Attr::Known(from),
                &Attr::Known(to.clone()),
                impact,
                into,
            );
        }
    } else if *from == Attr::Unknown && *to != Attr::Unknown {
        // Not shown yet: the look that shows it will tell.
    } else if from != to || *to == Attr::Unknown {
        into.push(Change {
            field: field.to_owned(),
            from: from.clone(),
            to: to.clone(),
            impact,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                    .prop_map(|m| m.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(v in value()) {
            let attrs = Attrs::new().with("f", Attr::Known(v)).with("s", Attr::Secret);
            prop_assert_eq!(attrs.changes_from(&attrs, |_| Impact::InPlace), vec![]);
        }

        #[test]
        fn a_difference_of_leaves_is_always_seen(a in value(), b in value()) {
            let (from, to) = (Attrs::new().with("f", vec![a.clone()]), Attrs::new().with("f", vec![b.clone()]));
            prop_assert_eq!(to.changes_from(&from, |_| Impact::InPlace).is_empty(), a == b);
        }
    }

    #[test]
    fn what_is_not_shown_yet_is_no_change() {
        let hidden = Attrs::new().with("f", Attr::Unknown);
        let wanted = Attrs::new().with("f", 1);
        assert_eq!(wanted.changes_from(&hidden, |_| Impact::Replace), []);
    }

    #[test]
    fn an_unknown_value_is_always_a_change() {
        let unknown = Attrs::new().with("f", Attr::Unknown);
        assert_eq!(unknown.changes_from(&unknown, |_| Impact::InPlace).len(), 1);
    }
}
