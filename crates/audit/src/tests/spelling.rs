//! However a policy document is spelled, the verdict is the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::{Scene, tight};
use super::mutations::rows;

/// A spelling: how lists, keys, booleans and the document itself are written.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
struct Spelling {
    collapse: bool,
    shout: bool,
    booleans: bool,
    reverse: bool,
    as_text: bool,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    any::<[bool; 5]>().prop_map(|[collapse, shout, booleans, reverse, as_text]| Spelling {
        collapse,
        shout,
        booleans,
        reverse,
        as_text,
    })
}

impl Spelling {
    fn document(self, policy: &Value) -> Value {
        let Some(statement) = policy.get("Statement") else {
            return policy.clone();
        };
        let statement = self.list(statement, |item| self.statement(item));
        let policy = json!({ "Version": "2012-10-17", "Statement": statement });
        if self.as_text {
            policy.to_string().into()
        } else {
            policy
        }
    }

    /// A list of one and the one itself are the same, and order says nothing.
    fn list(self, value: &Value, each: impl Fn(&Value) -> Value) -> Value {
        let items = value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()]);
        let mut items: Vec<Value> = items.iter().map(each).collect();
        if self.reverse {
            items.reverse();
        }
        if self.collapse && items.len() == 1 {
            return items.remove(0);
        }
        items.into()
    }

    fn statement(self, statement: &Value) -> Value {
        let Some(statement) = statement.as_object() else {
            return statement.clone();
        };
        let spelled = statement.iter().map(|(key, value)| {
            let value = match key.as_str() {
                "Action" | "Resource" => self.list(value, Value::clone),
                "Principal" if value == "*" && self.shout => json!({ "AWS": "*" }),
                "Condition" => self.conditions(value),
                _ => value.clone(),
            };
            (key.clone(), value)
        });
        spelled.collect()
    }

    fn conditions(self, block: &Value) -> Value {
        let Some(block) = block.as_object() else {
            return block.clone();
        };
        let spelled = block.iter().map(|(operator, keys)| {
            let keys = keys.as_object().unwrap().iter();
            let keys = keys.map(|(key, value)| {
                let key = if self.shout {
                    key.to_uppercase()
                } else {
                    key.to_lowercase()
                };
                (key, self.list(value, |value| self.value(value)))
            });
            (operator.clone(), keys.collect::<Value>())
        });
        spelled.collect()
    }

    fn value(self, value: &Value) -> Value {
        match value.as_str() {
            Some("true") if self.booleans => true.into(),
            Some("false") if self.booleans => false.into(),
            _ => value.clone(),
        }
    }

    fn all(self, mut scene: Scene) -> Scene {
        let e = &mut scene.evidence;
        let endpoints = e.endpoints.iter_mut().map(|endpoint| &mut endpoint.policy);
        let apis = e.rest_apis.iter_mut().map(|api| &mut api.policy);
        let bucket = e.bucket.iter_mut().map(|bucket| &mut bucket.policy);
        for policy in endpoints.chain(apis).chain(bucket) {
            *policy = self.document(policy);
        }
        for role in &mut e.roles {
            role.trust = self.document(&role.trust);
            for policy in role.inline.values_mut() {
                *policy = self.document(policy);
            }
        }
        scene
    }
}

fn told(scene: &Scene) -> Vec<(&'static str, String)> {
    let findings = scene.verdict().findings.into_iter();
    findings
        .map(|finding| (finding.rule, finding.resource))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn spelling_changes_no_verdict(spelling in spelling()) {
        for row in rows() {
            let mut scene = tight();
            (row.mutate)(&mut scene);
            prop_assert_eq!(told(&scene), told(&spelling.all(scene.clone())), "{}", row.rule);
        }
    }
}
