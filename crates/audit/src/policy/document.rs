//! A document and its statements: one form for lists and single values, objects and lists of them.

use serde_json::{Value, json};

use super::condition::Condition;
use super::{arn_parts, has_wildcard, is_wild};

/// A policy document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) statements: Vec<Statement>,
}

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principals {
    /// Nobody is named: whoever has the policy.
    Bearer,
    /// Everybody.
    Everybody,
    /// `NotPrincipal`: nearly everybody.
    AllBut,
    /// By kind: `("Service", "ec2.amazonaws.com")`.
    Named(Vec<(String, String)>),
}

/// A statement.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) allows: bool,
    pub(crate) principals: Principals,
    pub(crate) actions: Vec<String>,
    pub(crate) not_actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) not_resources: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
}

impl Document {
    /// Reads a document; `Null` has no statement, and text is read as the document it holds.
    pub(crate) fn new(value: &Value) -> Self {
        let statements = match value {
            Value::Null => Vec::new(),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(value @ Value::Object(_)) => return Self::new(&value),
                _ => vec![Statement::worst()],
            },
            Value::Object(map) => match map.get("Statement") {
                Some(Value::Array(all)) => all.iter().map(Statement::new).collect(),
                Some(one) => vec![Statement::new(one)],
                None => vec![Statement::worst()],
            },
            _ => vec![Statement::worst()],
        };
        Self { statements }
    }

    pub(crate) fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.allows)
    }

    /// Statements that refuse something to everybody.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = &Statement> {
        let all = self.statements.iter();
        all.filter(|s| !s.allows && s.principals == Principals::Everybody)
    }
}

impl Statement {
    fn worst() -> Self {
        Self::new(&json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }))
    }

    fn new(value: &Value) -> Self {
        if !value.is_object() {
            return Self::worst();
        }
        Self {
            allows: value["Effect"] != "Deny",
            principals: Principals::new(value),
            actions: texts(&value["Action"]),
            not_actions: texts(&value["NotAction"]),
            resources: texts(&value["Resource"]),
            not_resources: texts(&value["NotResource"]),
            conditions: Condition::all(&value["Condition"]),
        }
    }

    /// Whether it is about all actions of `service`.
    pub(crate) fn every_action(&self, service: &str) -> bool {
        let mut actions = self.actions.iter();
        let all = format!("{service}:*");
        actions.any(|action| is_wild(action) || action.eq_ignore_ascii_case(&all))
    }

    /// Whether it is about resources of any account: `*`, `arn:aws:s3:::*`, all but some.
    pub(crate) fn any_account(&self) -> bool {
        let mut resources = self.resources.iter();
        !self.not_resources.is_empty()
            || resources.any(|resource| match arn_parts(resource) {
                // ARNs of buckets name no account.
                Some(("", rest)) => rest.starts_with(['*', '?']),
                Some((account, _)) => has_wildcard(account),
                None => has_wildcard(resource),
            })
    }

    /// Whether it holds only while `key` is one of values that suit.
    pub(crate) fn requires(&self, key: &str, suits: impl Fn(&str) -> bool) -> bool {
        self.conditions.iter().any(|c| c.requires(key, &suits))
    }

    /// Its condition, when it has exactly one: each more makes it hold less often.
    pub(crate) fn only_condition(&self) -> Option<&Condition> {
        match &self.conditions[..] {
            [condition] => Some(condition),
            _ => None,
        }
    }
}

impl Principals {
    fn new(statement: &Value) -> Self {
        if !statement["NotPrincipal"].is_null() {
            return Self::AllBut;
        }
        let named = match &statement["Principal"] {
            Value::Null => return Self::Bearer,
            Value::Object(kinds) => kinds,
            // A bare text is either everybody or no document of AWS's.
            _ => return Self::Everybody,
        };
        let mut all = Vec::new();
        for (kind, names) in named {
            for name in texts(names) {
                if kind == "AWS" && name == "*" {
                    return Self::Everybody;
                }
                all.push((kind.clone(), name));
            }
        }
        all.sort();
        Self::Named(all)
    }
}

/// The texts of an element that may be one or a list, numbers and booleans among them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}
