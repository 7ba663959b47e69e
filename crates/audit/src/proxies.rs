//! Private REST APIs: reached through the VPC's endpoint and through nothing else.

use crate::policy::{Document, Statement, has_wildcard};
use crate::{Evidence, Flaw, RestApi, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "api-pinned",
        severity: Severity::Error,
        title: "our REST APIs answer through endpoints of the VPC alone",
        remedy: "deny execute-api:Invoke unless aws:SourceVpce is the API's endpoint; `genu-deploy apply` does",
        check: |e, _| unpinned(e, true),
    },
    Rule {
        id: "api-pinned-of-others",
        severity: Severity::Warning,
        title: "REST APIs of others that are bound to endpoints of the VPC answer through those alone",
        remedy: "add a resource policy that requires aws:SourceVpce or aws:SourceVpc",
        check: |e, _| unpinned(e, false),
    },
    Rule {
        id: "api-private",
        severity: Severity::Error,
        title: "our REST APIs are private",
        remedy: "change the API's endpoint type to PRIVATE",
        check: |e, _| {
            let ours = e.rest_apis.iter().filter(|api| api.ours.is_some());
            ours.filter(|api| !is_private(api))
                .map(not_private)
                .collect()
        },
    },
];

/// Whether an API has no name on the internet.
pub(crate) fn is_private(api: &RestApi) -> bool {
    api.types == ["PRIVATE"]
}

fn not_private(api: &RestApi) -> Flaw {
    let types = match &api.types[..] {
        [] => "of no known type".into(),
        all => all.join(", "),
    };
    let seen = format!("{} ({}) is {types}", api.id, api.name);
    Flaw::new(ids::name(api.ours.as_ref(), &api.id), seen)
}

fn unpinned(evidence: &Evidence, ours: bool) -> Vec<Flaw> {
    let apis = evidence.rest_apis.iter();
    let apis = apis.filter(|api| api.ours.is_some() == ours && !is_pinned(api, evidence));
    let flaw = |api: &RestApi| {
        let mut endpoints = api.endpoints.clone();
        endpoints.sort();
        let endpoints = match &endpoints[..] {
            [] => "no endpoint".into(),
            all => all.join(", "),
        };
        let seen = format!(
            "{} ({}) is bound to {endpoints}, and its policy does not hold it to that",
            api.id, api.name
        );
        Flaw::new(ids::name(api.ours.as_ref(), &api.id), seen)
    };
    apis.map(flaw).collect()
}

/// Whether the policy refuses all that comes through anything but the API's endpoints, for ours
/// those in this VPC; or allows nothing else in the first place.
fn is_pinned(api: &RestApi, evidence: &Evidence) -> bool {
    let here = |id: &str| evidence.endpoints.iter().any(|endpoint| endpoint.id == id);
    let own = |id: &str| {
        let bound = api.endpoints.iter().any(|endpoint| endpoint == id);
        bound && !has_wildcard(id) && (api.ours.is_none() || here(id))
    };
    let vpc = |id: &str| id == evidence.vpc.id;
    let document = Document::new(&api.policy);
    let refuses_others = document.refusals().any(|statement| {
        let condition = statement.only_condition();
        invokes_all(statement, &api.id)
            && condition.is_some_and(|c| {
                c.forbids_all_but("aws:sourcevpce", own) || c.forbids_all_but("aws:sourcevpc", vpc)
            })
    });
    let allows_own = document.allows().all(|statement| {
        statement.requires("aws:sourcevpce", own) || statement.requires("aws:sourcevpc", vpc)
    });
    // Without a policy nothing holds it to anything.
    !api.policy.is_null() && (refuses_others || allows_own)
}

/// Whether a statement is about every call of the API `id`.
fn invokes_all(statement: &Statement, id: &str) -> bool {
    let mut actions = statement.actions.iter();
    let invoke = actions.any(|action| action.eq_ignore_ascii_case("execute-api:Invoke"));
    let every = |resource: &String| {
        let whole = ["*", "execute-api:/*", "execute-api:*"].contains(&resource.as_str());
        whole || resource.ends_with(&format!(":{id}/*")) || resource.ends_with(&format!(":{id}*"))
    };
    (invoke || statement.every_action("execute-api")) && statement.resources.iter().any(every)
}
