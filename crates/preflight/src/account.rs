//! Whether the caller may build, and the account has room.

use aws::Reads;
use reconciler::Action;

use crate::{Subject, Verdict, quotas, rights};

/// Checks rights and quotas before the first change; nothing is asked when nothing is made.
pub async fn account(reads: &Reads, subject: &Subject<'_>, caller: &str) -> Verdict {
    let mut verdict = Verdict::default();
    let makes = |action| matches!(action, Action::Create | Action::Replace);
    if !subject.plan.steps.iter().any(|step| makes(step.action)) {
        return verdict;
    }
    let (rights, quotas) = tokio::join!(
        rights::check(reads, subject, caller),
        quotas::check(reads, subject)
    );
    for part in [rights, quotas] {
        verdict.refusals.extend(part.refusals);
        verdict.notes.extend(part.notes);
    }
    verdict
}
