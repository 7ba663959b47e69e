//! The policies for IAM that this version ships, as messages and checks speak of them.

use serde_json::Value;

macro_rules! shipped {
    ($file:literal) => {
        (
            concat!("config/", $file),
            include_str!(concat!("../../../config/", $file)),
        )
    };
}

/// Managed policies that together have what `apply` and `destroy` need: each file's path, and its text.
pub const DEPLOYING: [(&str, &str); 3] = [
    shipped!("iam-policy-network.json"),
    shipped!("iam-policy-app.json"),
    shipped!("iam-policy-roles.json"),
];

/// What is needed beside them: by a state in S3, by `web push`, by checks.
const BESIDE: [(&str, &str); 3] = [
    shipped!("iam-policy-state.json"),
    shipped!("iam-policy-web.json"),
    shipped!("iam-policy-check.json"),
];

/// The shipped policy that allows an action: on that resource, if one does.
#[must_use]
pub fn shipped(action: &str, resource: Option<&str>) -> Option<&'static str> {
    let allowing = |on: Option<&str>| {
        let mut files = DEPLOYING.iter().chain(&BESIDE);
        files.find(|(_, policy)| allows(policy, action, on))
    };
    let found = resource.and_then(|arn| allowing(Some(arn)));
    found.or_else(|| allowing(None)).map(|(file, _)| *file)
}

fn allows(policy: &str, action: &str, resource: Option<&str>) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let any = |list: &Value, fits: &dyn Fn(&str) -> bool| {
        let mut items = list.as_array().into_iter().flatten();
        items.any(|item| item.as_str().is_some_and(fits))
    };
    statements.into_iter().any(|statement| {
        any(&statement["Action"], &|known| known == action)
            && resource.is_none_or(|arn| any(&statement["Resource"], &|p| matches(p, arn)))
    })
}

/// Whether an ARN fits a pattern with `*` for anything.
fn matches(pattern: &str, arn: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == arn,
        Some((start, rest)) => arn.strip_prefix(start).is_some_and(|tail| {
            let cuts = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            cuts.into_iter().any(|at| matches(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shipped_policy_is_searched() {
        let folder = std::path::Path::new("../../config");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|file| file.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("iam-policy"))
            .map(|name| format!("config/{name}"))
            .collect();
        let searched = DEPLOYING.iter().chain(&BESIDE);
        let searched: BTreeSet<String> = searched.map(|(f, _)| (*f).to_owned()).collect();
        assert_eq!(files, searched);
    }
}
