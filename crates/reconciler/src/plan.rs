//! Thinking: from what is desired and what was seen to steps. Pure; writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use state::State;

use crate::attrs::{Attr, Attrs, Change, Impact};
use crate::catalog::Fact;
use crate::desired::{AnyNode, Given};
use crate::kind::{Candidate, Cloud, Health, Mark};
use crate::observe::{Observation, Observed};
use crate::ownership::{How, Standing};
use crate::tags::{Marks, Tags};
use crate::{AnyKind, Catalog, Desired, Facts, Id};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Make it.
    Create,
    /// Take it into the state as it is (and change what differs).
    Adopt,
    /// Change it where it stands.
    Update,
    /// Delete it and make it again.
    Replace,
    /// Delete it.
    Delete,
    /// Leave it.
    None,
    /// Cannot be done; see why.
    Blocked,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that have nothing to do with each other, each asked for by itself"
)]
pub struct Step {
    /// Resource.
    pub id: Id,
    /// Kind name.
    pub kind: &'static str,
    /// What.
    pub action: Action,
    /// Why.
    pub why: String,
    /// Field by field.
    pub changes: Vec<Change>,
    /// What others put beside ours: told, and left alone.
    #[serde(skip)]
    pub left_alone: Vec<Change>,
    /// Only a replacement helps, and it loses what others may hold on to; blocked until it is
    /// allowed by name.
    #[serde(skip)]
    pub loses: bool,
    /// What it is built on.
    pub needs: Vec<Id>,
    /// Taking it over was not announced by our own journal and needs consent.
    #[serde(skip)]
    pub by_tags_alone: bool,
    /// Others hold on to it: replacing it needs consent.
    #[serde(skip)]
    pub held: bool,
    /// It is replaced only because these are, and consent to theirs covers it.
    #[serde(skip)]
    pub follows: BTreeSet<Id>,
    /// Its update gives new facts to what is built on it.
    #[serde(skip)]
    pub moves: bool,
    /// Nothing is wrong with it but what it waits for.
    #[serde(skip)]
    pub waits: bool,
    /// Others own it: built on, never touched.
    #[serde(skip)]
    pub external: bool,
}

/// How many steps of each action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the actions")]
pub struct Summary {
    pub create: usize,
    pub adopt: usize,
    pub update: usize,
    pub replace: usize,
    pub delete: usize,
    pub unchanged: usize,
    pub blocked: usize,
}

/// The way from live to desired.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Plan {
    /// Creates in build order, deletes after them in the opposite one.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Counts by action.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut sum = Summary::default();
        for step in &self.steps {
            *match step.action {
                Action::Create => &mut sum.create,
                Action::Adopt => &mut sum.adopt,
                Action::Update => &mut sum.update,
                Action::Replace => &mut sum.replace,
                Action::Delete => &mut sum.delete,
                Action::None => &mut sum.unchanged,
                Action::Blocked => &mut sum.blocked,
            } += 1;
        }
        sum
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.action == Action::None)
    }
}

/// The id under which the twin of a lost create is deleted.
pub(crate) fn twin_id(id: &Id, identity: &str) -> Id {
    Id::new(format!("{id}~{identity}"))
}

/// Plans from what was seen to what is desired. `allowed` are replacements that may lose something.
#[must_use]
pub fn plan<C: Cloud>(
    desired: &Desired<C>,
    catalog: &Catalog<C>,
    observation: &Observation,
    state: &State,
    marks: &Marks,
    allowed: &BTreeSet<Id>,
) -> Plan {
    let mut steps: Vec<Step> = desired.givens().map(external).collect();
    let mut facts = desired.given_facts();
    let mut fate = Fate::default();
    for node in desired.nodes() {
        let mut step = make(node.as_ref(), observation, state, marks, &facts, &fate);
        if step.loses && !allowed.contains(&step.id) {
            step.action = Action::Blocked;
            step.why = format!(
                "{}; making it again loses what there is: --allow-replace {}",
                step.why, step.id
            );
        }
        match step.action {
            // It stands, and others can stand on it as before.
            Action::Blocked if step.loses => {
                if let Some(ours) = observation.ours(&step.id) {
                    facts.insert(step.id.clone(), ours.out.clone());
                }
            }
            Action::Blocked => {
                fate.blocked.insert(step.id.clone());
            }
            Action::Replace => {
                let causes = if step.follows.is_empty() {
                    BTreeSet::from([step.id.clone()])
                } else {
                    step.follows.clone()
                };
                fate.replaced.insert(step.id.clone(), causes);
            }
            Action::Create => {}
            _ if step.moves => {}
            _ => {
                if let Some(ours) = observation.ours(&step.id) {
                    facts.insert(step.id.clone(), ours.out.clone());
                }
            }
        }
        steps.push(step);
    }
    let wanted: BTreeSet<&Id> = desired.ids().collect();
    steps.extend(removals(
        catalog,
        observation,
        state,
        "no longer wanted",
        |id| !wanted.contains(id),
    ));
    Plan { steps }
}

/// Plans the removal of everything that is ours.
#[must_use]
pub fn plan_destroy<C: Cloud>(
    catalog: &Catalog<C>,
    observation: &Observation,
    state: &State,
) -> Plan {
    Plan {
        steps: removals(catalog, observation, state, "all of it goes", |_| true),
    }
}

/// The tags a resource should bear: its own, and the marks.
pub(crate) fn tags_of<C: Cloud>(node: &dyn AnyNode<C>, marks: &Marks) -> Tags {
    let mut tags = node.tags().clone();
    tags.extend(marks.of(node.id()));
    tags
}

/// What differs between a live resource and its desired form, tags included.
pub(crate) fn differences<C: Cloud>(
    node: &dyn AnyNode<C>,
    live: &Candidate<Fact>,
    marks: &Marks,
    facts: &Facts,
) -> Vec<Change> {
    let kind = node.kind();
    let mut changes = node
        .attrs(facts)
        .changes_from(&live.attrs, |field| kind.impact(field));
    if let (true, Mark::Tags(tags)) = (kind.taggable(), &live.mark) {
        let json = |tags: &Tags| Attr::Known(serde_json::json!(tags));
        let wanted = tags_of(node, marks);
        let gone = tags
            .iter()
            .filter(|(key, _)| marks.once_ours.contains(*key) && !wanted.contains_key(*key));
        changes.extend(gone.map(|(key, value)| Change {
            field: format!("tags.{key}"),
            from: value.as_str().into(),
            to: Attr::Known(serde_json::Value::Null),
            impact: Impact::InPlace,
        }));
        let to = Attrs::new().with("tags", json(&wanted));
        let from = Attrs::new().with("tags", json(tags));
        changes.extend(to.changes_from(&from, |_| Impact::InPlace));
    }
    changes
}

/// What becomes of the steps planned so far, as far as it concerns those built on them.
#[derive(Default)]
struct Fate {
    blocked: BTreeSet<Id>,
    /// What is replaced, and the first causes of it.
    replaced: BTreeMap<Id, BTreeSet<Id>>,
}

fn step(id: &Id, kind: &'static str, action: Action, why: impl Into<String>) -> Step {
    Step {
        id: id.clone(),
        kind,
        action,
        why: why.into(),
        changes: Vec::new(),
        left_alone: Vec::new(),
        loses: false,
        moves: false,
        waits: false,
        needs: Vec::new(),
        by_tags_alone: false,
        held: false,
        follows: BTreeSet::new(),
        external: false,
    }
}

fn external(given: &Given) -> Step {
    let why = format!(
        "{} is external: used as it is, never changed",
        given.identity
    );
    Step {
        external: true,
        ..step(&given.id, given.kind, Action::None, why)
    }
}

fn make<C: Cloud>(
    node: &dyn AnyNode<C>,
    observation: &Observation,
    state: &State,
    marks: &Marks,
    facts: &Facts,
    fate: &Fate,
) -> Step {
    let kind = node.kind();
    let mut step = Step {
        needs: node.needs(),
        held: kind.held(),
        ..step(node.id(), kind.name(), Action::None, "")
    };
    let seen = observation.seen.get(node.id()).map(|o| &o.standing);
    let in_the_way = step.needs.iter().find(|id| fate.blocked.contains(id));
    match seen {
        Some(Standing::Refused { reason, hint }) => {
            step.action = Action::Blocked;
            step.why = format!("{reason}; {hint}");
        }
        _ if in_the_way.is_some() => {
            step.action = Action::Blocked;
            step.waits = true;
            step.why = in_the_way.map_or_else(String::new, |id| format!("needs {id}"));
        }
        None | Some(Standing::Absent) => {
            step.action = Action::Create;
            step.why = match state.records.get(step.id.as_str()) {
                Some(_) => "recorded, but no longer there".into(),
                None if state.intended(step.id.as_str()) => "its creation was interrupted".into(),
                None => "not there yet".into(),
            };
            step.changes = node
                .attrs(facts)
                .changes_from(&Attrs::new(), |_| Impact::InPlace);
        }
        Some(Standing::Ours(how, live)) => {
            (step.left_alone, step.changes) = differences(node, live, marks, facts)
                .into_iter()
                .partition(|change| change.impact == Impact::LeftAlone);
            step.by_tags_alone = *how == How::Tagged;
            step.moves = kind.update_moves() && step.changes.iter().any(|c| c.root() != "tags");
            let causes: BTreeSet<Id> = step
                .needs
                .iter()
                .filter_map(|need| fate.replaced.get(need))
                .flatten()
                .cloned()
                .collect();
            untie(&mut step.changes, !causes.is_empty());
            let record = state.records.get(step.id.as_str());
            let wanted = record.and_then(|record| record.wanted.as_ref());
            let as_before = wanted.is_some_and(|wanted| *wanted == node.attrs(facts).digest());
            decide(&mut step, *how, live, as_before);
            let mut replacing = step
                .changes
                .iter()
                .filter(|change| change.impact == Impact::Replace);
            if live.health == Health::Ready && replacing.any(|change| change.to == Attr::Unknown) {
                if !causes.is_empty() {
                    let causes: Vec<&str> = causes.iter().map(Id::as_str).collect();
                    step.why = format!("goes and comes with {}", causes.join(", "));
                }
                step.follows = causes;
            }
        }
    }
    step
}

/// What is tied to something that is replaced goes with it, everything else stays.
fn untie(changes: &mut [Change], something_is_replaced: bool) {
    for change in changes {
        if change.impact == Impact::Tied {
            change.impact = match change.to {
                Attr::Unknown if something_is_replaced => Impact::Replace,
                _ => Impact::InPlace,
            };
        }
    }
}

/// `as_before`: the same is wanted as when it was brought here last, so others changed what differs.
fn decide(step: &mut Step, how: How, live: &Candidate<Fact>, as_before: bool) {
    let replace: Vec<&str> = step
        .changes
        .iter()
        .filter(|change| change.impact == Impact::Replace)
        .map(|change| change.field.as_str())
        .collect();
    (step.action, step.why) = if let Health::Leaving(why) = &live.health {
        step.held = false;
        // How something differs that is going is of no interest.
        step.changes.clear();
        (
            Action::Replace,
            format!("it is being deleted ({why}): made again once it is gone"),
        )
    } else if let Health::Unfinished(why) = &live.health {
        step.held = false;
        (
            Action::Replace,
            format!("its creation was never finished: {why}"),
        )
    } else if let Health::Broken(why) = &live.health {
        step.loses = step.held;
        (Action::Replace, format!("it is broken: {why}"))
    } else if !replace.is_empty() {
        (
            Action::Replace,
            if as_before {
                format!(
                    "undoes drift in {}, in place impossible",
                    replace.join(", ")
                )
            } else {
                format!("{} cannot change in place", replace.join(", "))
            },
        )
    } else if how == How::Tagged {
        (
            Action::Adopt,
            "found by its tags; the state does not know it".into(),
        )
    } else if how == How::Intended {
        (
            Action::Adopt,
            "made by an interrupted run of ours; found again".into(),
        )
    } else if !step.changes.is_empty() {
        let fields: BTreeSet<&str> = step.changes.iter().map(Change::root).collect();
        let fields: Vec<&str> = fields.into_iter().collect();
        let tags_only = fields == ["tags"];
        let fields = fields.join(", ");
        if as_before && !tags_only {
            (Action::Update, format!("undoes drift in {fields}"))
        } else {
            (Action::Update, format!("differs in {fields}"))
        }
    } else if live.health == Health::Pending {
        (Action::None, "not ready yet".into())
    } else {
        (Action::None, String::new())
    };
}

fn removals<C: Cloud>(
    catalog: &Catalog<C>,
    observation: &Observation,
    state: &State,
    why: &str,
    unwanted: impl Fn(&Id) -> bool,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let needs = built_on(catalog, observation, state);
    for kind in catalog.iter().collect::<Vec<_>>().into_iter().rev() {
        for (id, seen) in observation.seen.iter().rev() {
            if seen.kind != kind.name() || !unwanted(id) {
                continue;
            }
            if let Some(step) = removal(kind.as_ref(), id, seen, state, &needs, why) {
                steps.push(step);
            }
        }
        let twins = observation
            .twins
            .iter()
            .filter(|(_, k, _)| *k == kind.name());
        for (id, _, twin) in twins {
            let identity = kind.identity(&twin.out);
            let why = format!("{identity} is what a create of {id} left whose answer was lost");
            steps.push(step(
                &twin_id(id, &identity),
                kind.name(),
                Action::Delete,
                why,
            ));
        }
    }
    steps
}

fn removal<C: Cloud>(
    kind: &dyn AnyKind<C>,
    id: &Id,
    seen: &Observed,
    state: &State,
    needs: &BTreeMap<Id, Vec<Id>>,
    why: &str,
) -> Option<Step> {
    let (action, why, by_tags_alone) = match &seen.standing {
        Standing::Ours(How::Tagged, live) if matches!(live.mark, Mark::Child(_)) => (
            Action::Delete,
            "stands in what is ours, and nothing asks for it".into(),
            // Whoever has the parent has it.
            false,
        ),
        Standing::Ours(how, live) => (
            Action::Delete,
            match (how, &live.health) {
                (_, Health::Leaving(what)) => format!("is being deleted already: {what}"),
                (How::Tagged, _) => "bears our tags; the state does not know it".into(),
                _ => why.to_owned(),
            },
            *how == How::Tagged,
        ),
        // Recorded and gone: the record goes too.
        Standing::Absent
            if state.records.contains_key(id.as_str()) || state.intended(id.as_str()) =>
        {
            let left = if state.records.contains_key(id.as_str()) {
                "already gone; only the record is left"
            } else {
                "its creation was announced, and nothing came of it"
            };
            (Action::Delete, left.into(), false)
        }
        Standing::Absent => return None,
        // Not wanted and not on record: somebody else's business.
        Standing::Refused { .. } if !state.records.contains_key(id.as_str()) => return None,
        Standing::Refused { reason, hint } => (Action::Blocked, format!("{reason}; {hint}"), false),
    };
    Some(Step {
        needs: needs.get(id).cloned().unwrap_or_default(),
        by_tags_alone,
        held: kind.held(),
        ..step(id, kind.name(), action, why)
    })
}

/// What each live resource is built on: as recorded, else every live resource of the kinds that
/// its kind needs, and of its own kind those that it is seen to stand on.
pub(crate) fn built_on<C: Cloud>(
    catalog: &Catalog<C>,
    observation: &Observation,
    state: &State,
) -> BTreeMap<Id, Vec<Id>> {
    let mut needs = BTreeMap::new();
    for (id, seen) in &observation.seen {
        let on_record = state.records.get(id.as_str());
        let ids = match (on_record, catalog.get(seen.kind)) {
            (Some(record), _) => record.needs.iter().map(Id::new).collect(),
            (None, Some(kind)) => {
                let kinds = kind.needs();
                let others = observation.seen.iter();
                let alike = |other: &Id| {
                    let pair = observation.ours(id).zip(observation.ours(other));
                    pair.is_some_and(|(one, other)| kind.stands_on(&one.attrs, &other.attrs))
                };
                others
                    .filter(|(other, o)| {
                        let same = o.kind == kind.name() && alike(other);
                        *other != id && (same || kinds.contains(&o.kind))
                    })
                    .map(|(other, _)| other.clone())
                    .collect()
            }
            (None, None) => Vec::new(),
        };
        needs.insert(id.clone(), ids);
    }
    needs
}
