//! Whether the caller may do what the shipped policy lists.

use aws::{Ask, Principal, Reads};
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
        Ok(denied) if denied.is_empty() => {}
        Ok(denied) => {
            let denied: Vec<String> = denied.into_iter().collect();
            verdict.refuse(format!(
                "{principal} may not {}; config/iam-policy.json has everything that is needed",
                denied.join(", ")
            ));
        }
        Err(fault) => verdict.unchecked("the caller's rights", &fault),
    }
    verdict
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
            actions: texts(&statement["Action"]),
            resources: texts(&statement["Resource"])
                .iter()
                .map(|pattern| concrete(pattern, subject))
                .collect(),
        })
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
        one("application-autoscaling:service-namespace", "ecs"),
        one("iam:PassedToService", "ecs-tasks.amazonaws.com"),
        one("iam:AWSServiceName", "ecs.amazonaws.com"),
    ]
}
