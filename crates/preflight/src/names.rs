//! Who answers names in a VPC of the user's own: where it is not Amazon's DNS, the names of endpoints and
//! of the domain lead elsewhere.

use aws::kinds::{HostedZone, RestApi, VpcEndpoint};
use aws::{Answers, Offers, Reads, ResolverRule};
use reconciler::{Action, Fault, Kind};

use crate::{Subject, Verdict};

/// What was looked at.
pub(crate) struct Looked {
    vpc: String,
    dhcp_options: Option<String>,
    servers: Result<Vec<String>, Fault>,
    rules: Result<Vec<ResolverRule>, Fault>,
}

/// Whether `name` is `parent` or below it; everything is below the root, which is empty.
pub(crate) fn is_under(name: &str, parent: &str) -> bool {
    parent.is_empty()
        || name
            .strip_suffix(parent)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Looks at a VPC of the user's own while anything with a name is still to be made in it.
pub(crate) async fn look(reads: &Reads, subject: &Subject<'_>) -> Option<Looked> {
    let imported = subject.around.imported.as_ref()?;
    let mut steps = subject.plan.steps.iter();
    let named = steps.any(|step| {
        [VpcEndpoint::NAME, HostedZone::NAME, RestApi::NAME].contains(&step.kind)
            && matches!(step.action, Action::Create | Action::Replace)
    });
    if !named {
        return None;
    }
    let servers = async {
        match &imported.dhcp_options {
            Some(options) => aws::foreign_name_servers(reads, options).await,
            None => Ok(Vec::new()),
        }
    };
    let (servers, rules) = tokio::join!(servers, aws::resolver_rules(reads, &imported.vpc));
    Some(Looked {
        vpc: imported.vpc.clone(),
        dhcp_options: imported.dhcp_options.clone(),
        servers,
        rules,
    })
}

/// Says what was found.
pub(crate) fn judge(looked: Looked, subject: &Subject<'_>, offers: &Offers, verdict: &mut Verdict) {
    let vpc = &looked.vpc;
    match looked.servers {
        Ok(servers) if servers.is_empty() => {}
        Ok(servers) => verdict.note(format!(
            "{vpc} has DNS servers of its own ({}, by {}): tasks and instances reach AWS through the endpoints only if those servers pass names below amazonaws.com, and the network's own domain, on to Amazon's DNS of the VPC or to the inbound resolver",
            servers.join(", "),
            looked.dhcp_options.as_deref().unwrap_or("its DHCP options")
        )),
        Err(fault) => verdict.unchecked("the DNS servers of the VPC", &fault),
    }
    match looked.rules {
        Ok(rules) => {
            let region = &subject.around.region;
            let domain = subject.env.domain().map(|(domain, _)| domain);
            self::rules(vpc, &rules, &names(region, domain, offers), verdict);
        }
        Err(fault) => verdict.unchecked("the Route 53 Resolver rules of the VPC", &fault),
    }
}

/// Names that have to be answered by Amazon's DNS in the VPC.
fn names(region: &str, domain: Option<&str>, offers: &Offers) -> Vec<String> {
    let made = offers
        .values()
        .flat_map(|offer| offer.private_names.clone());
    let mut names: Vec<String> = made
        .chain([format!("execute-api.{region}.amazonaws.com")])
        .chain(domain.map(ToOwned::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A rule goes before private zones and private DNS, and the most specific of the rules decides
/// ("Private hosted zones and Route 53 Resolver rules", "How Resolver determines whether the domain
/// name in a query matches any rules").
fn rules(vpc: &str, rules: &[ResolverRule], names: &[String], verdict: &mut Verdict) {
    for rule in rules.iter().filter(|rule| rule.answers.is_none()) {
        verdict.note(format!(
            "the Route 53 Resolver rule {} is associated with {vpc} and cannot be seen from this account: which names it sends elsewhere is not known",
            rule.id
        ));
    }
    let seen: Vec<(&str, &Answers)> = rules
        .iter()
        .filter_map(|rule| Some((rule.id.as_str(), rule.answers.as_ref()?)))
        .collect();
    for (id, answers) in seen.iter().filter(|(_, answers)| !answers.system) {
        let decides = |name: &&String| {
            let matching = seen
                .iter()
                .filter(|(_, other)| is_under(name, &other.domain));
            let best = matching.max_by_key(|(_, other)| other.domain.len());
            best.is_some_and(|(best, _)| best == id)
        };
        let mut caught: Vec<&str> = names.iter().filter(decides).map(String::as_str).collect();
        // A rule below one of the names takes that part of it.
        let below = |name: &&String| answers.domain != **name && is_under(&answers.domain, name);
        if names.iter().any(|name| below(&name)) {
            caught.push(&answers.domain);
        }
        if caught.is_empty() {
            continue;
        }
        verdict.note(format!(
            "the Route 53 Resolver rule {id} of {vpc} sends names below {:?} to {}, and goes before private DNS: {} lead to the endpoints and the zone of this network only if that server asks the inbound resolver for them; a rule of type SYSTEM for them, associated with the VPC, leaves them to Amazon's DNS",
            if answers.domain.is_empty() { "." } else { &answers.domain },
            if answers.targets.is_empty() {
                "another server".to_owned()
            } else {
                answers.targets.join(", ")
            },
            caught.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, domain: &str, system: bool) -> ResolverRule {
        ResolverRule {
            id: id.into(),
            answers: Some(Answers {
                domain: domain.into(),
                system,
                targets: vec!["10.0.0.2".into()],
            }),
        }
    }

    fn told(all: &[ResolverRule]) -> Vec<String> {
        let names = [
            "execute-api.r.amazonaws.com".to_owned(),
            "genu.closed".to_owned(),
        ];
        let mut verdict = Verdict::default();
        rules("vpc-1", all, &names, &mut verdict);
        assert!(verdict.refusals.is_empty());
        verdict.notes
    }

    #[test]
    fn the_most_specific_rule_decides_and_every_name_it_takes_is_told() {
        assert_eq!(told(&[rule("rr-1", "corp.example", false)]), [""; 0]);
        for (domain, names) in [
            ("", "execute-api.r.amazonaws.com, genu.closed"),
            ("amazonaws.com", "execute-api.r.amazonaws.com"),
            ("genu.closed", "genu.closed"),
            (
                "a1.execute-api.r.amazonaws.com",
                "a1.execute-api.r.amazonaws.com",
            ),
        ] {
            let notes = told(&[rule("rr-1", domain, false)]);
            assert_eq!(notes.len(), 1, "{domain}");
            assert!(
                notes[0].contains(&format!("private DNS: {names} lead")),
                "{notes:?}"
            );
        }
        let kept = [rule("rr-1", "", false), rule("rr-2", "amazonaws.com", true)];
        let notes = told(&kept);
        assert!(notes.len() == 1 && notes[0].contains("private DNS: genu.closed lead"));
        assert_eq!(told(&[rule("rr-1", "notamazonaws.com", false)]), [""; 0]);
    }

    #[test]
    fn a_rule_that_cannot_be_seen_is_told() {
        let unseen = ResolverRule {
            id: "rr-9".into(),
            answers: None,
        };
        assert!(told(&[unseen])[0].contains("rr-9"));
    }
}
