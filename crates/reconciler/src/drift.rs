//! What a plan says about the world: where it is not as it was left.

use serde::Serialize;
use serde_json::Value;

use crate::kind::{Cloud, Mark};
use crate::plan::tags_of;
use crate::{Action, Attr, Change, Desired, Id, Impact, Marks, Observation, Plan, Step};

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// It is there, and other than it should be.
    Changed,
    /// It is not there.
    Missing,
    /// Something was added within what is ours, or is no longer wanted.
    Unexpected,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drifted {
    /// Resource.
    pub id: Id,
    /// Kind name.
    pub kind: &'static str,
    /// How it differs.
    pub what: What,
    /// Why, where no field says it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Field by field: `from` is theirs, `to` ours.
    pub changes: Vec<Change>,
}

/// The drift that `plan` would undo. Consequences are left out: what only follows from a
/// replacement, waits for something blocked, or is not known before something else is made again.
#[must_use]
pub fn drift(plan: &Plan) -> Vec<Drifted> {
    plan.steps.iter().flat_map(of_step).collect()
}

fn of_step(step: &Step) -> Vec<Drifted> {
    let beside = (!step.left_alone.is_empty()).then(|| Drifted {
        id: step.id.clone(),
        kind: step.kind,
        what: What::Unexpected,
        why: "somebody else's; apply leaves it alone".into(),
        changes: step.left_alone.clone(),
    });
    let mut found = undone(step);
    found.extend(beside);
    found
}

/// What carrying the step out would undo.
fn undone(step: &Step) -> Vec<Drifted> {
    let one = |what, why: &str, changes| Drifted {
        id: step.id.clone(),
        kind: step.kind,
        what,
        why: why.to_owned(),
        changes,
    };
    match step.action {
        Action::None => Vec::new(),
        Action::Create => vec![one(What::Missing, "", Vec::new())],
        Action::Delete => vec![one(What::Unexpected, &step.why, Vec::new())],
        Action::Blocked if step.loses => vec![one(What::Changed, &step.why, step.changes.clone())],
        Action::Blocked if step.waits => Vec::new(),
        Action::Blocked => vec![one(What::Unexpected, &step.why, Vec::new())],
        Action::Update | Action::Replace | Action::Adopt => {
            let own = step
                .changes
                .iter()
                .filter(|change| change.to != Attr::Unknown);
            let (added, changed): (Vec<Change>, Vec<Change>) = own.cloned().partition(is_addition);
            let broken = step.action == Action::Replace
                && step.follows.is_empty()
                && step.changes.is_empty();
            let mut found = Vec::new();
            if !changed.is_empty() || broken {
                let why = if broken { step.why.as_str() } else { "" };
                found.push(one(What::Changed, why, changed));
            }
            if !added.is_empty() {
                found.push(one(What::Unexpected, "", added));
            }
            found
        }
    }
}

/// Tags that others put on what is ours: keys that nobody here ever asked for. AWS's own do not
/// count.
#[must_use]
pub fn extra_tags<C: Cloud>(
    desired: &Desired<C>,
    observation: &Observation,
    marks: &Marks,
) -> Vec<Drifted> {
    let nodes = desired.nodes().filter(|node| node.kind().taggable());
    let extra = nodes.filter_map(|node| {
        let Mark::Tags(live) = &observation.ours(node.id())?.mark else {
            return None;
        };
        let wanted = tags_of(node.as_ref(), marks);
        let others = live.iter().filter(|(key, _)| {
            !wanted.contains_key(*key)
                && !marks.once_ours.contains(*key)
                && !key.starts_with("aws:")
        });
        let changes = others.map(|(key, value)| Change {
            field: format!("tags.{key}"),
            from: value.as_str().into(),
            to: Attr::Known(Value::Null),
            impact: Impact::LeftAlone,
        });
        let changes: Vec<Change> = changes.collect();
        (!changes.is_empty()).then(|| Drifted {
            id: node.id().clone(),
            kind: node.kind().name(),
            what: What::Unexpected,
            why: "somebody else's; apply leaves it alone".into(),
            changes,
        })
    });
    extra.collect()
}

/// Everything that should be there is, and more.
fn is_addition(change: &Change) -> bool {
    match (&change.from, &change.to) {
        (Attr::Known(Value::Array(theirs)), Attr::Known(Value::Array(ours))) => {
            theirs.len() > ours.len() && ours.iter().all(|item| theirs.contains(item))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(from: Value, to: Attr) -> Change {
        Change {
            field: "f".into(),
            from: Attr::Known(from),
            to,
            impact: Impact::InPlace,
        }
    }

    fn step(action: Action, changes: Vec<Change>) -> Step {
        Step {
            id: Id::new("a/b"),
            kind: "k",
            action,
            why: "why".into(),
            changes,
            left_alone: Vec::new(),
            loses: false,
            moves: false,
            waits: false,
            needs: Vec::new(),
            by_tags_alone: false,
            held: false,
            follows: std::collections::BTreeSet::new(),
            external: false,
        }
    }

    #[test]
    fn what_was_added_is_told_from_what_was_changed() {
        let both = vec![
            change(json!(["a", "b"]), json!(["a"]).into()),
            change(json!(["b"]), json!(["a"]).into()),
            change(json!(1), json!(2).into()),
        ];
        let found = of_step(&step(Action::Update, both));
        let found: Vec<_> = found.iter().map(|d| (d.what, d.changes.len())).collect();
        assert_eq!(found, [(What::Changed, 2), (What::Unexpected, 1)]);
    }

    #[test]
    fn consequences_are_no_drift_and_causes_are() {
        let follows = vec![change(json!("old"), Attr::Unknown)];
        assert_eq!(of_step(&step(Action::Replace, follows)), []);
        assert_eq!(of_step(&step(Action::Adopt, Vec::new())), []);
        let broken = of_step(&step(Action::Replace, Vec::new()));
        assert_eq!(
            (broken[0].what, broken[0].why.as_str()),
            (What::Changed, "why")
        );
        let missing = of_step(&step(Action::Create, Vec::new()));
        assert_eq!(missing[0].what, What::Missing);
    }
}
