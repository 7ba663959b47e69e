//! Whether the caller may do what the shipped policy lists.

use std::collections::BTreeSet;

use aws::{Ask, Principal, Reads};
use reconciler::{Action, Plan, Step};
use serde_json::Value;

use crate::{Subject, Verdict};

/// The least privileges, as shipped.
const POLICY: &str = include_str!("../../../config/iam-policy.json");

pub(crate) async fn check(reads: &Reads, subject: &Subject<'_>, caller: &str) -> Verdict {
    let mut verdict = Verdict::default();
    let principal = match aws::principal(reads, caller).await {
        Principal::Policies(arn) => arn,
        Principal::Root => return verdict,
        Principal::Unknown => {
            verdict.note(format!(
                "the rights of {caller} cannot be simulated; not checked"
            ));
            return verdict;
        }
    };
    let asks = asks(POLICY, subject);
    match aws::denied(reads, &principal, &asks, &context(subject)).await {
        Ok(answer) => {
            let listed = |actions: BTreeSet<String>| {
                let actions: Vec<String> = actions.into_iter().collect();
                actions.join(", ")
            };
            if !answer.denied.is_empty() {
                verdict.refuse(format!(
                    "{principal} may not {}; config/iam-policy.json has everything that is needed",
                    listed(answer.denied)
                ));
            }
            if !answer.unsure.is_empty() {
                verdict.note(format!(
                    "whether {principal} may {} depends on conditions that cannot be simulated",
                    listed(answer.unsure)
                ));
            }
        }
        Err(fault) => verdict.unchecked("the caller's rights", &fault),
    }
    verdict
}

/// Whether a step to come needs `action`: those of a service that nothing is made, changed or
/// deleted of do not count, nor deletions where there are none, nor the making of other kinds.
fn needed(action: &str, plan: &Plan) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return true;
    };
    let acts = |test: &dyn Fn(&Step) -> bool| {
        let mut steps = plan.steps.iter().filter(|step| step.action != Action::None);
        steps.any(test)
    };
    let of = |kind: &str| acts(&|step| step.kind == kind);
    match (service, name) {
        // AWS makes these on first use, and most accounts have them.
        ("iam", "CreateServiceLinkedRole") => return false,
        ("iam", "SimulatePrincipalPolicy") | ("sts" | "acm" | "servicequotas", _) => return false,
        ("ssm", _) | ("ec2", "RunInstances") => return of("ec2/instance") || of("ec2/key-pair"),
        ("ec2", "CreateNetworkInterface" | "DeleteNetworkInterface") => {
            return of("route53resolver/endpoint");
        }
        _ => {}
    }
    let undoes = [
        "Delete",
        "Terminate",
        "Deregister",
        "Detach",
        "Remove",
        "Disassociate",
        "Abort",
        "Untag",
    ];
    let goes = acts(&|step| matches!(step.action, Action::Delete | Action::Replace));
    if undoes.iter().any(|verb| name.starts_with(verb)) || name == "DELETE" {
        return goes && acts(&|step| step.kind.starts_with(&format!("{service}/")));
    }
    // `ec2:CreateVpcEndpoint` makes an `ec2/vpc-endpoint`.
    let made = name
        .strip_prefix("Create")
        .filter(|_| service == "ec2" && name != "CreateTags");
    match made {
        Some(made) => {
            acts(&|step| step.kind.replace('-', "") == format!("ec2/{}", made.to_lowercase()))
        }
        None => acts(&|step| step.kind.starts_with(&format!("{service}/"))),
    }
}

/// The policy's statements as questions about this environment.
fn asks(policy: &str, subject: &Subject<'_>) -> Vec<Ask> {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(items) => items
                .iter()
                .filter_map(|item| item.as_str().map(ToOwned::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    };
    statements
        .map(|statement| Ask {
            actions: texts(&statement["Action"])
                .into_iter()
                .filter(|action| needed(action, subject.plan))
                .collect(),
            resources: texts(&statement["Resource"])
                .iter()
                .map(|pattern| concrete(pattern, subject))
                .collect(),
        })
        .filter(|ask| !ask.actions.is_empty())
        .collect()
}

/// A resource of this environment that the pattern stands for.
fn concrete(pattern: &str, subject: &Subject<'_>) -> String {
    let around = subject.around;
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, _, service, region, account, resource] = parts[..] else {
        return pattern.to_owned();
    };
    let region = region.replace('*', &around.region);
    let account = account.replace('*', &around.account);
    let bucket = format!(
        "genu-{}-web-{}-{}",
        subject.name, around.account, around.region
    );
    let resource = resource
        .replace("genu-*-web-*", &bucket)
        .replace("genu-*", &format!("genu-{}-web", subject.name))
        .replace("/genu/*", &format!("/genu/{}/web", subject.name))
        .replace('*', "x");
    format!(
        "{arn}:{}:{service}:{region}:{account}:{resource}",
        around.partition
    )
}

/// What the conditions of the policy ask for.
fn context(subject: &Subject<'_>) -> Vec<(String, Vec<String>)> {
    let one = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
    let region = subject.around.region.as_str();
    vec![
        one("aws:ResourceTag/genu-deploy:env", subject.name),
        one("aws:ResourceTag/genu-deploy:region", region),
        one("aws:RequestTag/genu-deploy:env", subject.name),
        one("aws:RequestTag/genu-deploy:region", region),
        one("aws:RequestedRegion", region),
        one("ec2:CreateAction", "RunInstances"),
        one("route53:ChangeResourceRecordSetsRecordTypes", "A"),
        one("application-autoscaling:service-namespace", "ecs"),
        one("iam:PassedToService", "ecs-tasks.amazonaws.com"),
        one("iam:AWSServiceName", "ecs.amazonaws.com"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps: &[(&'static str, Action)]) -> Plan {
        let steps = steps.iter().map(|(kind, action)| Step {
            id: reconciler::Id::new("x/y"),
            kind,
            action: *action,
            why: String::new(),
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
        });
        Plan {
            steps: steps.collect(),
        }
    }

    #[test]
    fn only_what_the_plan_does_is_asked_for() {
        let one = plan(&[
            ("ec2/vpc-endpoint", Action::Create),
            ("iam/role", Action::None),
        ]);
        for action in [
            "ec2:CreateVpcEndpoint",
            "ec2:CreateTags",
            "ec2:DescribeVpcs",
        ] {
            assert!(needed(action, &one), "{action}");
        }
        for action in [
            "ec2:CreateVpc",
            "ec2:DeleteVpcEndpoints",
            "ec2:RunInstances",
            "iam:CreateRole",
            "iam:CreateServiceLinkedRole",
            "route53:CreateHostedZone",
            "ssm:PutParameter",
            "ec2:CreateNetworkInterface",
        ] {
            assert!(!needed(action, &one), "{action}");
        }
        let gone = plan(&[
            ("ec2/instance", Action::Delete),
            ("ec2/key-pair", Action::Delete),
        ]);
        assert!(needed("ec2:TerminateInstances", &gone) && needed("ssm:DeleteParameter", &gone));
    }
}
