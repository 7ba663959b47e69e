//! A part of a plan: what was chosen, and what it cannot do without.

use std::collections::BTreeSet;

use crate::{Action, Id, Plan, Step};

impl Plan {
    /// Leaves out every step but those of `chosen`, what they cannot do without, and what stands on
    /// what they delete. Says what is left out.
    pub fn only(&mut self, chosen: &BTreeSet<Id>) -> Vec<Id> {
        let mut kept = chosen.clone();
        loop {
            // On facts that a left-out step would have changed, nothing is built.
            let makes =
                |step: &Step| step.moves || matches!(step.action, Action::Create | Action::Replace);
            let needed = self.steps.iter().filter(|step| kept.contains(&step.id));
            let needed: BTreeSet<&Id> = needed.flat_map(|step| &step.needs).collect();
            let more = self.steps.iter().filter(|step| {
                let on_deleted = step.action == Action::Delete
                    && step.needs.iter().any(|need| kept.contains(need));
                !kept.contains(&step.id)
                    && (needed.contains(&step.id) && makes(step)
                        || on_deleted
                        || !step.follows.is_disjoint(&kept))
            });
            let more: Vec<Id> = more.map(|step| step.id.clone()).collect();
            if more.is_empty() {
                break;
            }
            kept.extend(more);
        }
        let mut left_out = Vec::new();
        self.steps.retain_mut(|step| {
            if kept.contains(&step.id) || step.action == Action::None {
                return true;
            }
            left_out.push(step.id.clone());
            // What stands is still built on.
            let stands = matches!(step.action, Action::Update | Action::Adopt)
                || step.action == Action::Blocked && step.loses;
            (step.action, step.why) = (Action::None, "left out".into());
            step.changes.clear();
            stands
        });
        left_out
    }
}
