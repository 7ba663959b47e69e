//! What has to hold before the first change: found out by looking, told all at once.
//!
//! A check that itself fails is a note, never a refusal: whoever may not ask may still be able to
//! build.

mod account;
mod cognito;
mod domain;
mod endpoint_policies;
mod imported;
mod logs;
mod names;
mod offers;
mod quotas;
mod rights;

use aws::kinds::VpcEndpoint;
use aws::{Aws, Reads, Surroundings};
use config::Environment;
use reconciler::{Action, Attr, Desired, Fault, Kind, Plan, Step};

pub use account::account;
pub use imported::drawable;

/// What the checks found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What cannot work; with one of these nothing is changed.
    pub refusals: Vec<String>,
    /// Worth knowing.
    pub notes: Vec<String>,
}

impl Verdict {
    fn refuse(&mut self, what: impl Into<String>) {
        self.refusals.push(what.into());
    }

    fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    fn unchecked(&mut self, what: &str, fault: &Fault) {
        self.note(format!("{what} could not be checked: {fault}"));
    }
}

/// What is checked against what.
pub struct Subject<'a> {
    /// Environment name.
    pub name: &'a str,
    /// Its configuration.
    pub env: &'a Environment,
    /// What it is built into.
    pub around: &'a Surroundings,
    /// What it should be.
    pub desired: &'a Desired<Aws>,
    /// The way there.
    pub plan: &'a Plan,
    /// The VPC, as far as there is one.
    pub vpc: Option<String>,
    /// Our private zone, when there is one.
    pub zone: Option<String>,
    /// Other environments of ours whose endpoints may be used.
    pub shared: &'a [String],
}

impl Subject<'_> {
    /// Services of the interface endpoints that are still to be made, as their steps name them.
    fn interfaces_made(&self) -> impl Iterator<Item = &str> {
        let steps = self.plan.steps.iter();
        let made = steps
            .filter(|step| step.action == Action::Create && step.kind == VpcEndpoint::NAME)
            .filter(|step| value_of(step, "type") == Some("Interface"));
        made.filter_map(|step| value_of(step, "service"))
    }
}

/// What a step wants a field to be, when that is a text known by now.
fn value_of<'s>(step: &'s Step, field: &str) -> Option<&'s str> {
    let change = step.changes.iter().find(|change| change.field == field)?;
    match &change.to {
        Attr::Known(value) => value.as_str(),
        _ => None,
    }
}

/// Checks the shape of the network: the VPC of the user's own, the endpoints, the domain.
pub async fn shape(reads: &Reads, subject: &Subject<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    imported::check(subject, &mut verdict);
    cognito::check(subject, &mut verdict);
    let mut of_domain = Verdict::default();
    let looking = async {
        let offers = offers::check(reads, subject, &mut verdict).await;
        domain::check(reads, subject, &offers, &mut of_domain).await;
        offers
    };
    let (offers, names) = tokio::join!(looking, names::look(reads, subject));
    if let Some(names) = names {
        names::judge(names, subject, &offers, &mut verdict);
    }
    verdict.refusals.extend(of_domain.refusals);
    verdict.notes.extend(of_domain.notes);
    logs::check(reads, subject, &mut verdict).await;
    verdict
}
