//! Whether a policy lets one call through, as far as it can be told without knowing the caller.

use serde_json::Value;

use super::condition::Condition;
use super::document::Document;
use super::{Principals, Statement, is_wild};

/// A call, as the policy of an endpoint sees it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `s3:GetObject`.
    pub action: &'a str,
    /// ARN, or `*` where the action knows none.
    pub resource: &'a str,
    /// Whether AWS credentials sign it: without them no principal is known.
    pub signed: bool,
    /// The account of the deployment, when the resource belongs to AWS and not to it.
    pub of_aws_and_not_of: Option<&'a str>,
}

/// Whether a call gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It does.
    Open,
    /// It does for some callers, or under conditions that are not judged here.
    Depends,
    /// It does for nobody.
    Shut,
}

/// Whether a policy lets everything through to everybody, as AWS's own default does; `Null` stands for
/// that default.
#[must_use]
pub fn is_unrestricted(policy: &Value) -> bool {
    let document = Document::new(policy);
    let full = |statement: &Statement| {
        statement.principals == Principals::Everybody
            && statement.conditions.is_empty()
            && statement.actions.iter().any(|action| is_wild(action))
            && statement.resources.iter().any(|resource| is_wild(resource))
    };
    policy.is_null() || document.allows().any(full) && document.statements.iter().all(|s| s.allows)
}

/// Whether a policy lets a call through; `Null` lets everything through.
#[must_use]
pub fn passage(policy: &Value, request: &Request<'_>) -> Passage {
    if policy.is_null() {
        return Passage::Open;
    }
    let document = Document::new(policy);
    let about = |allows: bool| {
        let statements = document
            .statements
            .iter()
            .filter(move |s| s.allows == allows);
        statements
            .map(|statement| applies(statement, request))
            .collect::<Vec<_>>()
    };
    let (allowed, refused) = (about(true), about(false));
    let nobody = !allowed.iter().any(|applies| *applies != Some(false));
    if nobody || refused.contains(&Some(true)) {
        Passage::Shut
    } else if allowed.contains(&Some(true)) && !refused.contains(&None) {
        Passage::Open
    } else {
        Passage::Depends
    }
}

/// Whether a statement is about the call; none when that depends.
fn applies(statement: &Statement, request: &Request<'_>) -> Option<bool> {
    let action =
        |pattern: &String| matches(&pattern.to_lowercase(), &request.action.to_lowercase());
    let resource = |pattern: &String| match request.resource {
        // Without a resource only what is about everything is about it.
        "*" => is_wild(pattern),
        resource => matches(pattern, resource),
    };
    let actions = match statement.not_actions.as_slice() {
        [] => statement.actions.iter().any(action),
        all_but => !all_but.iter().any(action),
    };
    let resources = match statement.not_resources.as_slice() {
        [] => statement.resources.iter().any(resource),
        all_but => !all_but.iter().any(resource),
    };
    let named = actions && resources;
    if !named {
        return Some(false);
    }
    let who = match &statement.principals {
        Principals::Everybody => Some(true),
        Principals::Named(_) if !request.signed => Some(false),
        _ => None,
    };
    let conditions = statement.conditions.iter();
    let parts = conditions.map(|condition| holds(condition, request));
    let mut known = true;
    for part in parts.chain([who]) {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// Whether a condition holds for the call; none when that depends.
fn holds(condition: &Condition, request: &Request<'_>) -> Option<bool> {
    if !request.signed && condition.is_about_a_principal() {
        // The key is not there.
        return Some(condition.holds_without_its_key());
    }
    let own = request.of_aws_and_not_of?;
    let accounts = ["aws:resourceaccount", "s3:resourceaccount"];
    let is_own = |value: &str| value == own;
    let no_wildcard = |value: &str| !super::has_wildcard(value);
    if accounts.iter().any(|key| condition.requires(key, is_own))
        || condition.requires("aws:resourceorgid", no_wildcard)
    {
        return Some(false);
    }
    if accounts
        .iter()
        .any(|key| condition.forbids_all_but(key, is_own))
    {
        return Some(true);
    }
    None
}

/// Whether `text` is what `pattern` says, with `*` for any text and `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| matches(rest, &text[at..]))
        }
        Some(first) => {
            let mut letters = text.chars();
            let letter = letters.next();
            letter.is_some_and(|letter| first == '?' || first == letter)
                && matches(&pattern[first.len_utf8()..], letters.as_str())
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "values are written where they are passed"
)]
mod tests {
    use serde_json::json;

    use super::*;

    const LAYERS: &str = "arn:aws:s3:::prod-ap-northeast-1-starport-layer-bucket/x";

    fn invoke(statements: Value) -> Passage {
        let request = Request {
            action: "execute-api:Invoke",
            resource: "arn:aws:execute-api:ap-northeast-1:111111111111:a/prod/POST/",
            signed: false,
            of_aws_and_not_of: None,
        };
        passage(&json!({ "Statement": statements }), &request)
    }

    fn layer(statements: Value) -> Passage {
        let request = Request {
            action: "s3:GetObject",
            resource: LAYERS,
            signed: true,
            of_aws_and_not_of: Some("111111111111"),
        };
        passage(&json!({ "Statement": statements }), &request)
    }

    fn allow(condition: Value) -> Value {
        json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition })
    }

    #[test]
    fn a_call_without_a_signature_has_no_principal() {
        let organisation = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
        assert_eq!(invoke(allow(json!({}))), Passage::Open);
        assert_eq!(invoke(allow(organisation.clone())), Passage::Shut);
        let if_exists = json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-1" } });
        assert_eq!(invoke(allow(if_exists)), Passage::Open);
        let named = json!({ "Effect": "Allow", "Principal": { "AWS": "111111111111" }, "Action": "*", "Resource": "*" });
        assert_eq!(invoke(named), Passage::Shut);
        let mut refusal = allow(json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } }));
        refusal["Effect"] = json!("Deny");
        assert_eq!(invoke(json!([allow(json!({})), refusal])), Passage::Shut);
        let here = json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } });
        assert_eq!(invoke(allow(here.clone())), Passage::Depends);
        assert_eq!(
            invoke(json!([allow(here), allow(json!({}))])),
            Passage::Open
        );
        let other =
            json!({ "Effect": "Allow", "Principal": "*", "Action": "logs:*", "Resource": "*" });
        assert_eq!(invoke(other), Passage::Shut);
    }

    #[test]
    fn layers_of_images_are_in_a_bucket_of_awss() {
        let own = json!({ "StringEquals": { "aws:ResourceAccount": "111111111111" } });
        let bucket = |arn: &str| json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": arn });
        assert_eq!(layer(allow(own.clone())), Passage::Shut);
        let layers = "arn:aws:s3:::prod-ap-northeast-1-starport-layer-bucket/*";
        assert_eq!(layer(json!([allow(own), bucket(layers)])), Passage::Open);
        assert_eq!(layer(bucket("arn:aws:s3:::ours/*")), Passage::Shut);
        let organisation = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
        assert_eq!(layer(allow(organisation)), Passage::Depends);
    }

    #[test]
    fn full_access_has_no_refusal_beside_it() {
        let full = json!({ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "*", "Resource": "*" });
        assert!(is_unrestricted(&Value::Null));
        assert!(is_unrestricted(&json!({ "Statement": full })));
        let mut refusal = full.clone();
        refusal["Effect"] = json!("Deny");
        assert!(!is_unrestricted(&json!({ "Statement": [full, refusal] })));
    }

    #[test]
    fn wildcards_stand_for_any_text_and_for_one_character() {
        assert!(matches("s3:get*", "s3:getobject") && matches("*", "") && matches("a?c", "abc"));
        assert!(!matches("s3:get", "s3:getobject") && !matches("a?c", "ac"));
    }
}
