//! What another way to Cognito does to those who sign in now.

use reconciler::{Action, Plan};

use crate::{Subject, Verdict};

pub(crate) fn check(subject: &Subject<'_>, verdict: &mut Verdict) {
    let made: Vec<&str> = subject.interfaces_made().collect();
    let ending = |service: &&str| service.ends_with(".cognito-idp");
    if made.iter().any(ending) {
        // "Access Amazon Cognito using an interface endpoint", Amazon Cognito developer guide.
        verdict.note("through PrivateLink nobody can sign in to a user pool that has a domain (managed login, SAML, client credentials), by password neither: Domain and CustomDomain of GenU's user pool must be empty in `aws cognito-idp describe-user-pool`");
        if let Some(imported) = &subject.around.imported {
            verdict.note(format!(
                "private DNS of cognito-idp and cognito-identity holds for the whole of {}: what uses Cognito there goes through the new endpoints, and user pools with a domain are no longer reached from it",
                imported.vpc
            ));
        }
    }
    ends(subject.plan, verdict);
}

/// Whoever uses what goes can no longer sign in.
fn ends(plan: &Plan, verdict: &mut Verdict) {
    let goes = |id: &str| {
        let mut steps = plan.steps.iter();
        steps.any(|step| step.id.as_str() == id && step.action == Action::Delete)
    };
    if goes(blueprint::ids::USER_POOL_PROXY) {
        verdict.note("the Cognito proxies go: an app built for them, in a browser's cache too, can no longer sign in; closedNetworkCognito = \"both\" keeps them while the new app is pushed and picked up");
    }
    if goes(blueprint::ids::COGNITO) {
        verdict.note("the endpoints of Cognito go: an app built for them, in a browser's cache too, can no longer sign in; closedNetworkCognito = \"both\" keeps them while the other app is pushed and picked up");
    }
}
