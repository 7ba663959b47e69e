//! Policies of endpoints: what other accounts have is not reached through them unless it is named.

use crate::endpoints::name;
use crate::policy::{Document, Principals, Statement, is_wild};
use crate::{Endpoint, Evidence, Expected, Flaw, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "endpoint-gateway-policy",
        severity: Severity::Error,
        title: "gateway endpoints reach what is this account's alone, and what they name",
        remedy: "give the endpoint a policy that requires aws:ResourceAccount to be this account",
        check: gateway_policy,
    },
    Rule {
        id: "endpoint-interface-policy",
        severity: Severity::Warning,
        title: "interface endpoints have policies of their own",
        remedy: "give the endpoints policies; with AWS's default whoever brings credentials of another account reaches it through them",
        check: interface_policy,
    },
];

/// `logs`, of `com.amazonaws.<region>.logs`.
fn short(service: &str) -> &str {
    let at = service.split('.').position(|part| part == "amazonaws");
    let rest = at.and_then(|at| service.splitn(at + 3, '.').last());
    rest.unwrap_or(service)
}

fn gateway_policy(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let gateways = evidence.endpoints.iter().filter(|e| e.kind == "Gateway");
    let flaw = |endpoint: &Endpoint| {
        let Endpoint { id, service, .. } = endpoint;
        let seen = format!("{id} ({service}) reaches what any account has");
        Flaw::new(name(endpoint), seen)
    };
    let account = &evidence.account;
    let open = gateways.filter(|endpoint| reaches_any_account(endpoint, account));
    open.map(flaw).collect()
}

/// Whether the policy lets through to what is not `account`'s, without naming it. AWS tells no
/// policy where its default holds, full access.
fn reaches_any_account(endpoint: &Endpoint, account: &str) -> bool {
    let document = Document::new(&endpoint.policy);
    let ours = |value: &str| value == account;
    let mut refusals = document.refusals();
    let service = short(&endpoint.service);
    let refuses_others = refusals.any(|statement| {
        let condition = statement.only_condition();
        statement.every_action(service)
            && statement.resources.iter().any(|resource| resource == "*")
            && condition.is_some_and(|c| c.forbids_all_but("aws:resourceaccount", ours))
    });
    let mut allows = document.allows();
    let own = |statement: &Statement| {
        let organisation = |value: &str| !value.contains(['*', '?']);
        ["aws:resourceaccount", "s3:resourceaccount"]
            .iter()
            .any(|key| statement.requires(key, ours))
            || statement.requires("aws:resourceorgid", organisation)
    };
    endpoint.policy.is_null()
        || !refuses_others && allows.any(|statement| statement.any_account() && !own(statement))
}

/// Whether one statement allows everything to everybody, under no condition.
fn is_full_access(endpoint: &Endpoint) -> bool {
    let document = Document::new(&endpoint.policy);
    let full = |statement: &Statement| {
        let open = matches!(
            statement.principals,
            Principals::Everybody | Principals::AllBut
        );
        // The prefix of a service's actions is not always its endpoint's name.
        let mut actions = statement.actions.iter();
        let actions = actions.any(|action| is_wild(action) || action.ends_with(":*"));
        let resources = statement.resources.iter().any(|r| is_wild(r));
        open && statement.conditions.is_empty()
            && (actions || !statement.not_actions.is_empty())
            && (resources || !statement.not_resources.is_empty())
    };
    endpoint.policy.is_null() || document.allows().any(full)
}

/// One flaw for all: this is how AWS makes them.
fn interface_policy(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let interfaces = evidence.endpoints.iter().filter(|e| e.kind == "Interface");
    // GuardDuty looks after the policy of its own.
    let full = interfaces.filter(|e| is_full_access(e) && !e.of_guardduty);
    let mut services: Vec<&str> = full.map(|endpoint| short(&endpoint.service)).collect();
    services.sort_unstable();
    services.dedup();
    if services.is_empty() {
        return Vec::new();
    }
    let vpc = &evidence.vpc.id;
    let seen = format!("{vpc}: full access through {}", services.join(", "));
    vec![Flaw::new(ids::vpc(evidence), seen)]
}
