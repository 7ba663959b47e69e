//! Who may take the deployment's roles: services of AWS, on behalf of this account alone.

use crate::policy::{Document, Principals, Statement, arn_parts, has_wildcard};
use crate::{Evidence, Flaw, Role, Rule, Severity};

/// Services that say on whose behalf they take a role, as their guides have it ("Cross-service
/// confused deputy prevention"). EC2 takes a role for its own account alone and needs no condition.
const SAY_FOR_WHOM: [&str; 5] = [
    "bedrock.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "scheduler.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "role-trust",
        severity: Severity::Error,
        title: "services of AWS alone may take the roles",
        remedy: "name the service that takes the role as its only principal; `genu-deploy apply` does",
        check: |e, _| of_trust(e, not_services),
    },
    Rule {
        id: "role-trust-deputy",
        severity: Severity::Warning,
        title: "services take the roles on behalf of this account alone",
        remedy: "require aws:SourceAccount or aws:SourceArn of this account; `genu-deploy apply` does",
        check: |e, _| of_trust(e, confused_deputy),
    },
];

fn of_trust(evidence: &Evidence, seen: fn(&Statement, &str) -> Vec<String>) -> Vec<Flaw> {
    let flaws = |role: &Role| -> Vec<Flaw> {
        let trust = Document::new(&role.trust);
        let seen = trust.allows().flat_map(|s| seen(s, &evidence.account));
        seen.map(|seen| Flaw::new(&role.ours, format!("{} {seen}", role.name)))
            .collect()
    };
    evidence.roles.iter().flat_map(flaws).collect()
}

fn not_services(statement: &Statement, _: &str) -> Vec<String> {
    let by = |who: &str| format!("may be taken by {who}");
    let named = match &statement.principals {
        Principals::Bearer | Principals::Everybody => return vec![by("everybody")],
        Principals::AllBut => return vec![by("everybody but some (NotPrincipal)")],
        Principals::Named(named) => named,
    };
    let others = named.iter();
    let others = others.filter(|(kind, name)| kind != "Service" || has_wildcard(name));
    others
        .map(|(kind, name)| by(&format!("{kind} {name}")))
        .collect()
}

fn confused_deputy(statement: &Statement, account: &str) -> Vec<String> {
    let Principals::Named(named) = &statement.principals else {
        return Vec::new();
    };
    let ours = |arn: &str| arn_parts(arn).is_some_and(|(owner, _)| owner == account);
    if statement.requires("aws:sourceaccount", |value| value == account)
        || statement.requires("aws:sourcearn", ours)
    {
        return Vec::new();
    }
    let deputies = named.iter().filter(|(kind, name)| {
        kind == "Service" && SAY_FOR_WHOM.contains(&name.trim_end_matches(".cn"))
    });
    deputies
        .map(|(_, name)| format!("may be taken by {name} on behalf of any account"))
        .collect()
}
