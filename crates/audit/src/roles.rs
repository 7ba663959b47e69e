//! What the deployment's roles may do: named actions on named resources.

use crate::policy::{Document, Statement, arn_parts, has_wildcard, is_wild};
use crate::{Evidence, Flaw, Role, Rule, Severity};

/// Actions that AWS scopes to no resource, as the Service Authorization Reference has them; for
/// these `*` is all that can be written.
const UNSCOPED: [&str; 15] = [
    "cloudwatch:putmetricdata",
    "ec2messages:acknowledgemessage",
    "ec2messages:deletemessage",
    "ec2messages:failmessage",
    "ec2messages:getendpoint",
    "ec2messages:getmessages",
    "ec2messages:sendreply",
    "ecr:getauthorizationtoken",
    "ssmmessages:createcontrolchannel",
    "ssmmessages:createdatachannel",
    "ssmmessages:opencontrolchannel",
    "ssmmessages:opendatachannel",
    "sts:getcalleridentity",
    "xray:puttelemetryrecords",
    "xray:puttracesegments",
];

/// Managed policies of AWS's that hold all rights there are, or all of a service.
const ADMINS: [&str; 3] = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "role-actions",
        severity: Severity::Error,
        title: "roles may do named actions, not all of a service",
        remedy: "name the actions; `genu-deploy apply` does",
        check: |e, _| of_allows(e, wide_actions),
    },
    Rule {
        id: "role-managed-admin",
        severity: Severity::Error,
        title: "no role has a managed policy of administrators",
        remedy: "detach the policy; `genu-deploy apply` does",
        check: |e, _| of_managed(e, is_admin),
    },
    Rule {
        id: "role-managed-unseen",
        severity: Severity::Warning,
        title: "managed policies of roles are AWS's own",
        remedy: "detach the policy, or read it and allow it: what it says is not judged here",
        check: |e, _| {
            of_managed(e, |arn| {
                arn_parts(arn).is_none_or(|(owner, _)| owner != "aws")
            })
        },
    },
    Rule {
        id: "role-negated",
        severity: Severity::Error,
        title: "no role may do all but some (NotAction, NotResource)",
        remedy: "name actions and resources instead; `genu-deploy apply` does",
        check: |e, _| of_allows(e, negated),
    },
    Rule {
        id: "role-resources",
        severity: Severity::Error,
        title: "roles act on named resources, wherever AWS can scope the action",
        remedy: "name the resources; `genu-deploy apply` does",
        check: |e, _| of_allows(e, |s| on_everything(s, false)),
    },
    Rule {
        id: "role-resources-unscoped",
        severity: Severity::Warning,
        title: "roles do nothing that AWS cannot scope to a resource",
        remedy: "allow it when the role needs the action: AWS knows no narrower resource for it",
        check: |e, _| of_allows(e, |s| on_everything(s, true)),
    },
];

/// Looks at everything that inline policies allow.
fn of_allows(evidence: &Evidence, seen: fn(&Statement) -> Option<String>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for role in &evidence.roles {
        for (name, policy) in &role.inline {
            let document = Document::new(policy);
            flaws.extend(document.allows().filter_map(seen).map(|seen| {
                let evidence = format!("{}, policy {name}: {seen}", role.name);
                Flaw::new(&role.ours, evidence)
            }));
        }
    }
    flaws
}

fn of_managed(evidence: &Evidence, bad: fn(&str) -> bool) -> Vec<Flaw> {
    let flaws = |role: &Role| -> Vec<Flaw> {
        let managed = role.managed.iter().filter(|arn| bad(arn));
        managed
            .map(|arn| Flaw::new(&role.ours, format!("{} has {arn}", role.name)))
            .collect()
    };
    evidence.roles.iter().flat_map(flaws).collect()
}

fn is_admin(arn: &str) -> bool {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    ADMINS.iter().any(|admin| name.starts_with(admin)) || name.contains("FullAccess")
}

/// `*`, `s3:*`, `*:Get`, `s?:Get`; part of a name with a wildcard is a named set.
fn wide_actions(statement: &Statement) -> Option<String> {
    let wide = |action: &&String| match action.split_once(':') {
        Some((service, action)) => has_wildcard(service) || is_wild(action),
        None => true,
    };
    let wide: Vec<&str> = statement
        .actions
        .iter()
        .filter(wide)
        .map(String::as_str)
        .collect();
    (!wide.is_empty()).then(|| format!("Action {}", wide.join(", ")))
}

fn negated(statement: &Statement) -> Option<String> {
    let Statement {
        not_actions,
        not_resources,
        ..
    } = statement;
    let parts = [("NotAction", not_actions), ("NotResource", not_resources)];
    let parts = parts.iter().filter(|(_, items)| !items.is_empty());
    let parts: Vec<String> = parts
        .map(|(name, items)| format!("{name} {}", items.join(", ")))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `*`, or `arn:aws:s3:::*`: everything there is, or all that a service has.
fn is_everything(resource: &str) -> bool {
    match arn_parts(resource) {
        Some((account, rest)) => {
            let all = rest.trim_matches(['*', '?', '/', ':']).is_empty();
            all && (account.is_empty() || is_wild(account))
        }
        None => has_wildcard(resource),
    }
}

/// Actions on every resource: those that could be scoped, or those that cannot.
fn on_everything(statement: &Statement, unscoped: bool) -> Option<String> {
    let resources: Vec<&str> = statement
        .resources
        .iter()
        .filter(|r| is_everything(r))
        .map(String::as_str)
        .collect();
    let actions = statement.actions.iter();
    let actions = actions.filter(|a| UNSCOPED.contains(&a.to_lowercase().as_str()) == unscoped);
    let actions: Vec<&str> = actions.map(String::as_str).collect();
    let found = !resources.is_empty() && !actions.is_empty();
    found.then(|| format!("{} on {}", actions.join(", "), resources.join(", ")))
}
