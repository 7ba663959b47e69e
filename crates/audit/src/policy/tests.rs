//! Laws of conditions, against what a request with and without the key would meet.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::Document;

/// Whether a condition block with one operator on one key holds for a request where the key is
/// `there`, as IAM's reference has it for keys of one value.
fn holds(set: &str, negated: bool, if_exists: bool, values: &[&str], there: Option<&str>) -> bool {
    match there {
        Some(value) => values.contains(&value) != negated,
        // Without the key: `IfExists` and `ForAllValues` hold, `ForAnyValue` does not, and of the
        // bare operators the negated one does.
        None => if_exists || set == "ForAllValues:" || (set.is_empty() && negated),
    }
}

fn statement(effect: &str, condition: &Value) -> Document {
    Document::new(&json!({
        "Statement": { "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition },
    }))
}

const VALUES: [&str; 3] = ["a", "b", "c"];

proptest! {
    /// What is taken for a pin is one for every request; what is one is taken for it.
    #[test]
    fn pins_are_those_that_hold_for_every_request(
        set in prop::sample::select(vec!["", "ForAnyValue:", "ForAllValues:"]),
        negated: bool,
        if_exists: bool,
        values in prop::collection::btree_set(prop::sample::select(VALUES.to_vec()), 1..3),
        own in prop::collection::btree_set(prop::sample::select(VALUES.to_vec()), 0..3),
        lower: bool,
    ) {
        let values: Vec<&str> = values.into_iter().collect();
        let name = if negated { "StringNotEquals" } else { "StringEquals" };
        let operator = format!("{set}{name}{}", if if_exists { "IfExists" } else { "" });
        let key = if lower { "aws:sourcevpce" } else { "AWS:SourceVpce" };
        let condition = json!({ operator: { key: values } });
        let requests: Vec<Option<&str>> =
            VALUES.into_iter().map(Some).chain([None, Some("stranger")]).collect();
        let holds = |there| holds(set, negated, if_exists, &values, there);
        let own = |value: &str| own.contains(value);
        let foreign = |there: Option<&str>| there.is_none_or(|value| !own(value));

        // An Allow lets in nobody foreign.
        let document = statement("Allow", &condition);
        let pinned = document.allows().all(|s| s.requires("aws:sourcevpce", own));
        let safe = !requests.iter().filter(|r| foreign(**r)).any(|r| holds(*r));
        prop_assert_eq!(pinned, safe, "Allow {}", condition);

        // A Deny keeps out everybody foreign.
        let document = statement("Deny", &condition);
        let pinned = document.refusals().any(|s| {
            s.only_condition().is_some_and(|c| c.forbids_all_but("aws:sourcevpce", own))
        });
        let safe = requests.iter().filter(|r| foreign(**r)).all(|r| holds(*r));
        prop_assert!(safe || !pinned, "Deny {}", condition);
        // AWS does not say what this one means without the key; it is not relied on.
        let unclear = if_exists && set == "ForAnyValue:";
        prop_assert!(pinned || !safe || unclear, "Deny {}", condition);
    }

    /// Whatever is no document is read as the worst one.
    #[test]
    fn what_cannot_be_read_allows_everything(text in "[^{]{0,12}") {
        for value in [json!(text), json!({ "Statement": text }), json!([text]), json!({})] {
            let document = Document::new(&value);
            prop_assert!(document.allows().any(|s| s.every_action("s3") && s.any_account()));
        }
    }
}

#[test]
fn resources_of_any_account_are_told_from_named_ones() {
    let of = |resource: &str| {
        let document = Document::new(&json!({
            "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::a", resource] },
        }));
        document.statements[0].any_account()
    };
    for any in [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/x",
        "arn:*",
        "arn:aws:dynamodb:*:*:table/a",
    ] {
        assert!(of(any), "{any}");
    }
    for named in [
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::prod-*",
        "arn:aws:dynamodb:*:111111111111:*",
    ] {
        assert!(!of(named), "{named}");
    }
}
