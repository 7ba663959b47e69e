//! One key of a statement's `Condition`: what it takes for it to hold.

use serde_json::Value;

/// How often a key of several values has to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    One,
    Any,
    All,
}

/// One operator on one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    /// In lower case, without set and `IfExists`.
    operator: String,
    set: Set,
    if_exists: bool,
    /// In lower case: AWS does not care.
    key: String,
    values: Vec<String>,
}

impl Condition {
    /// All of a `Condition` element, sorted.
    pub(crate) fn all(block: &Value) -> Vec<Self> {
        let mut all = Vec::new();
        for (operator, keys) in block.as_object().into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                all.push(Self::new(operator, key, values));
            }
        }
        all
    }

    fn new(operator: &str, key: &str, values: &Value) -> Self {
        let operator = operator.to_lowercase();
        let (set, rest) = match operator.split_once(':') {
            Some(("foranyvalue", rest)) => (Set::Any, rest),
            Some(("forallvalues", rest)) => (Set::All, rest),
            _ => (Set::One, operator.as_str()),
        };
        let base = rest.strip_suffix("ifexists");
        Self {
            set,
            if_exists: base.is_some(),
            operator: base.unwrap_or(rest).to_owned(),
            key: key.to_lowercase(),
            values: super::document::texts(values),
        }
    }

    fn all_values(&self, suits: impl Fn(&str) -> bool) -> bool {
        !self.values.is_empty() && self.values.iter().all(|value| suits(value))
    }

    /// Holds only when `key` is there and is one of values that all suit.
    pub(crate) fn requires(&self, key: &str, suits: impl Fn(&str) -> bool) -> bool {
        let operators = [
            "stringequals",
            "stringequalsignorecase",
            "stringlike",
            "arnequals",
            "arnlike",
        ];
        // `IfExists` and `ForAllValues` hold without the key.
        self.key == key
            && !self.if_exists
            && self.set != Set::All
            && operators.contains(&self.operator.as_str())
            && self.all_values(suits)
    }

    /// Holds whenever `key` is not there, and whenever it is none of values that all suit.
    pub(crate) fn forbids_all_but(&self, key: &str, suits: impl Fn(&str) -> bool) -> bool {
        let operators = ["stringnotequals", "stringnotlike"];
        // `ForAnyValue` does not hold without the key.
        self.key == key
            && self.set != Set::Any
            && operators.contains(&self.operator.as_str())
            && self.all_values(suits)
    }

    /// Whether its key is one that AWS knows only of a call that credentials sign ("AWS global condition
    /// context keys"; `aws:PrincipalType` is there for all).
    pub(crate) fn is_about_a_principal(&self) -> bool {
        self.key.starts_with("aws:principal") && self.key != "aws:principaltype"
            || matches!(self.key.as_str(), "aws:userid" | "aws:username")
    }

    /// Whether it holds for a call that does not have its key ("IAM JSON policy elements: Condition
    /// operators").
    pub(crate) fn holds_without_its_key(&self) -> bool {
        if self.if_exists || self.set == Set::All {
            return true;
        }
        match self.operator.as_str() {
            "null" => self
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case("true")),
            operator => operator.contains("not") && self.set == Set::One,
        }
    }

    /// Holds exactly when `key` is false.
    pub(crate) fn when_false(&self, key: &str) -> bool {
        self.key == key
            && self.set == Set::One
            && self.operator == "bool"
            && self.all_values(|value| value.eq_ignore_ascii_case("false"))
    }
}
