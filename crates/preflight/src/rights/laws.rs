//! Laws of the questions: whoever may everything, and whoever has the shipped policies, is told of
//! nothing; whoever lacks a part of them is told of that part.

use std::collections::BTreeSet;

use aws::authorization::REFERENCE;
use aws::{Answer, Ask, Denial, Denied};
use serde_json::{Value, json};

use super::asks::{self, Place, shipped, statements, texts};
use super::judge;

const WHO: &str = "arn:aws:iam::123456789012:role/deployer";

/// All questions of a plan that makes and deletes everything.
fn everything() -> Vec<Ask> {
    let place = Place {
        name: "priv",
        partition: "aws",
        region: "ap-northeast-1",
        account: "123456789012",
    };
    asks::of(&shipped(), &place, &|_| true)
}

/// A `*` stands for any text, slashes and colons too.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((front, rest)) => text.strip_prefix(front).is_some_and(|text| {
            let mut ends = (0..=text.len()).filter_map(|at| text.get(at..));
            ends.any(|end| glob(rest, end))
        }),
    }
}

/// Says whether AWS authorises `action` on resources of this form. For any other ARN
/// the simulator answers `implicitDeny`, whatever the policies allow.
fn of_its_types(action: &str, resource: &str) -> bool {
    let Some(row) = REFERENCE.actions.get(action) else {
        return false;
    };
    let (service, _) = action.split_once(':').unwrap();
    let mut forms = row
        .types
        .keys()
        .filter_map(|kind| REFERENCE.types.get(&format!("{service}:{kind}")));
    forms.any(|form| {
        let mut pattern = String::new();
        for part in form.split("${") {
            match part.split_once('}') {
                Some((_, rest)) => {
                    pattern.push('*');
                    pattern.push_str(rest);
                }
                None => pattern.push_str(part),
            }
        }
        glob(&pattern, resource)
    })
}

/// Says whether the request meets the condition.
fn meets(condition: &Value, ask: &Ask) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    let mut tests = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().unwrap().iter();
        keys.map(move |(key, values)| (operator.as_str(), key, values))
    });
    tests.all(|(operator, key, values)| {
        let has = ask.context.get(key);
        match operator {
            "Null" => has.is_none() == (values == "true"),
            "StringEquals" => has.is_some_and(|has| texts(values).contains(&has[0].as_str())),
            "ForAllValues:StringEquals" => has
                .into_iter()
                .flatten()
                .all(|has| texts(values).contains(&has.as_str())),
            other => unreachable!("{other} is not evaluated"),
        }
    })
}

/// What the simulator answers for whoever has `policies`.
fn simulated(policies: &[Value], asks: &[Ask]) -> Answer {
    let mut answer = Answer::default();
    for ask in asks {
        let star = ["*".to_owned()];
        let resources = match ask.resources.as_slice() {
            [] => &star[..],
            resources => resources,
        };
        for (action, resource) in ask
            .actions
            .iter()
            .flat_map(|action| resources.iter().map(move |resource| (action, resource)))
        {
            let allows = |statement: &Value| {
                let actions = texts(&statement["Action"]);
                (actions == ["*"] || actions.contains(&action.as_str()))
                    && texts(&statement["Resource"])
                        .iter()
                        .any(|pattern| glob(pattern, resource))
                    && meets(&statement["Condition"], ask)
            };
            let known = resource == "*" || of_its_types(action, resource);
            if !known || !statements(policies).any(allows) {
                answer.denied.push(Denied {
                    action: action.clone(),
                    resource: resource.clone(),
                    why: Denial::Implicit,
                });
            }
        }
    }
    answer
}

#[test]
fn an_administrator_lacks_nothing() {
    let all = json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let asks = everything();
    assert_eq!(simulated(&[all], &asks).denied, []);
    let asked: BTreeSet<&str> = asks
        .iter()
        .flat_map(|a| &a.actions)
        .map(String::as_str)
        .collect();
    let policies = shipped();
    let listed: BTreeSet<&str> = statements(&policies)
        .flat_map(|s| texts(&s["Action"]))
        .collect();
    assert_eq!(asked, listed);
}

#[test]
fn the_shipped_policies_are_enough() {
    let asks = everything();
    assert_eq!(simulated(&shipped(), &asks).denied, []);
    // Each is a call, of which IAM takes only a few a second.
    assert!(asks.len() <= 75, "{} questions", asks.len());
}

/// The shipped policies, changed in the statement of this number.
fn without(number: usize, change: impl FnOnce(&mut Value)) -> Vec<Value> {
    let mut policies = shipped();
    let mut statements = policies
        .iter_mut()
        .flat_map(|policy| policy["Statement"].as_array_mut().unwrap());
    change(statements.nth(number).unwrap());
    policies
}

fn take(list: &mut Value, text: &str) {
    list.as_array_mut().unwrap().retain(|item| item != text);
}

#[test]
fn a_right_that_is_missing_is_named() {
    // What another statement has, too.
    let covered: BTreeSet<&str> = COVERED.iter().map(|(what, _)| *what).collect();
    let (policies, asks) = (shipped(), everything());
    let mut unseen = BTreeSet::new();
    for (number, statement) in statements(&policies).enumerate() {
        let sid = statement["Sid"].as_str().unwrap();
        let actions = texts(&statement["Action"]);
        let asks = asks
            .iter()
            .filter(|ask| ask.actions.iter().any(|a| actions.contains(&a.as_str())));
        let asks: Vec<Ask> = asks.cloned().collect();
        for action in &actions {
            let fewer = without(number, |statement| take(&mut statement["Action"], action));
            let notes = judge(WHO, asks.len(), &simulated(&fewer, &asks)).notes;
            if !notes
                .iter()
                .any(|note| note.contains(action) && note.contains("config/iam-policy-"))
            {
                unseen.insert(format!("{sid} without {action}"));
            }
        }
        for resource in texts(&statement["Resource"]) {
            let fewer = without(number, |statement| {
                take(&mut statement["Resource"], resource);
            });
            let notes = judge(WHO, asks.len(), &simulated(&fewer, &asks)).notes;
            if !notes
                .iter()
                .any(|note| actions.iter().any(|action| note.contains(action)))
            {
                unseen.insert(format!("{sid} without {resource}"));
            }
        }
    }
    assert_eq!(
        unseen.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        covered
    );
}

/// Removals that change nothing, and why.
const COVERED: &[(&str, &str)] = &[(
    "Bucket without arn:aws:s3:::genu-*-web-*/*",
    "a star stands for slashes, too: the pattern for the bucket has its objects",
)];

#[test]
fn what_is_certain_is_a_refusal_and_the_rest_a_note() {
    for (why, refuses, says) in [
        (Denial::Explicit, true, "Deny"),
        (Denial::Boundary, true, "permissions boundary"),
        (Denial::Organization, true, "organization"),
        (Denial::Implicit, false, "config/iam-policy-network.json"),
        (Denial::Unsure, false, "conditions"),
    ] {
        let denied = Denied {
            action: "ec2:CreateVpc".to_owned(),
            resource: "*".to_owned(),
            why,
        };
        let answer = Answer {
            denied: vec![denied],
            failed: Vec::new(),
        };
        let verdict = judge(WHO, 1, &answer);
        let (told, other) = if refuses {
            (verdict.refusals, verdict.notes)
        } else {
            (verdict.notes, verdict.refusals)
        };
        assert_eq!((told.len(), other.len()), (1, 0), "{why:?}");
        for word in [WHO, "ec2:CreateVpc", says] {
            assert!(told[0].contains(word), "{word}: {}", told[0]);
        }
    }
}
