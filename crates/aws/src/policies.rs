//! The policies for IAM that this version ships, as far as messages and checks speak of them.

use serde_json::Value;

/// Managed policies that together have what `apply` and `destroy` need: the file's name below `config`,
/// and its text.
pub const DEPLOYING: [(&str, &str); 3] = [
    (
        "iam-policy-network.json",
        include_str!("../../../config/iam-policy-network.json"),
    ),
    (
        "iam-policy-app.json",
        include_str!("../../../config/iam-policy-app.json"),
    ),
    (
        "iam-policy-roles.json",
        include_str!("../../../config/iam-policy-roles.json"),
    ),
];

/// The shipped file for deployers that has `action`, as messages name it.
#[must_use]
pub fn shipped_with(action: &str) -> Option<String> {
    let has = |text: &str| {
        let policy: Value = serde_json::from_str(text).unwrap_or_default();
        let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
        statements.iter().any(|statement| {
            let actions = statement["Action"].as_array();
            actions.is_some_and(|actions| actions.iter().any(|has| has == action))
        })
    };
    let (file, _) = DEPLOYING.iter().find(|(_, text)| has(text))?;
    Some(format!("config/{file}"))
}
