//! The caller's rights, as IAM simulates them, against what the shipped policies list.

mod asks;
#[cfg(test)]
mod laws;

use std::collections::BTreeSet;

use aws::{Answer, Denial, Principal, Reads};
use reconciler::{Action, Plan, Step};

use crate::{Subject, Verdict};
use asks::Place;

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
    let place = Place {
        name: subject.name,
        partition: &subject.around.partition,
        region: &subject.around.region,
        account: &subject.around.account,
    };
    let asks = asks::of(&asks::shipped(), &place, &|action| {
        needed(action, subject.plan)
    });
    let asked = asks.len();
    let answer = aws::denied(reads, &principal, asks).await;
    judge(&principal, asked, &answer)
}

/// Says what the answer to `asked` questions about the rights of `principal` means for a run. Only what
/// IAM knows for certain is a refusal.
fn judge(principal: &str, asked: usize, answer: &Answer) -> Verdict {
    let mut verdict = Verdict::default();
    let of = |why: Denial| -> BTreeSet<&str> {
        let denied = answer.denied.iter().filter(|denied| denied.why == why);
        denied.map(|denied| denied.action.as_str()).collect()
    };
    let listed = |actions: &BTreeSet<&str>| {
        let actions: Vec<&str> = actions.iter().copied().collect();
        actions.join(", ")
    };
    for (why, by, what) in [
        (
            Denial::Explicit,
            "a statement with the effect Deny",
            "look for it in the policies of the principal, in its permissions boundary and in the service \
             control policies of the organization: no policy that allows outweighs it",
        ),
        (
            Denial::Boundary,
            "its permissions boundary",
            "whoever set the boundary has to allow these actions in it: a policy of the principal \
             cannot",
        ),
        (
            Denial::Organization,
            "a policy of the organization",
            "whoever administers the organization has to allow these actions for this account: a policy \
             of the principal cannot",
        ),
    ] {
        let actions = of(why);
        if !actions.is_empty() {
            verdict.refuse(format!(
                "{principal} may not {}, because of {by}; {what}",
                listed(&actions)
            ));
        }
    }
    let unseen = of(Denial::Implicit);
    if !unseen.is_empty() {
        let files = unseen
            .iter()
            .filter_map(|action| aws::policies::shipped(action, None));
        let files: BTreeSet<&str> = files.collect();
        let files: Vec<&str> = files.into_iter().collect();
        verdict.note(format!(
            "IAM's simulator sees nothing that allows {principal} {}; {} has what is needed. The simulator \
             answers so for resources that it does not know, too, so the run goes on",
            listed(&unseen),
            files.join(", ")
        ));
    }
    let unsure = of(Denial::Unsure);
    if !unsure.is_empty() {
        verdict.note(format!(
            "whether {principal} may {} depends on conditions that cannot be simulated",
            listed(&unsure)
        ));
    }
    if let Some((_, fault)) = answer.failed.first() {
        verdict.note(format!(
            "{} of {asked} questions about the caller's rights could not be asked: {fault}",
            answer.failed.len()
        ));
    }
    verdict
}

/// Says whether a step to come needs `action`: those of a service that nothing is made, changed or
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
        (
            "ec2",
            "AssignIpv6Addresses"
            | "CreateNetworkInterface"
            | "CreateNetworkInterfacePermission"
            | "DeleteNetworkInterface"
            | "ModifyNetworkInterfaceAttribute"
            | "UnassignIpv6Addresses",
        ) => return of("route53resolver/endpoint"),
        ("cloudwatch", _) => {
            return acts(&|step| step.kind.starts_with("application-autoscaling/"));
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
