//! The statements of policies as questions to IAM's simulator.

use std::collections::{BTreeMap, BTreeSet};

use aws::Ask;
use aws::authorization::{REFERENCE, Sample, arn_of};
use serde_json::Value;

/// The environment that resources and tags are of.
pub(super) struct Place<'a> {
    /// Environment name.
    pub name: &'a str,
    /// `aws`.
    pub partition: &'a str,
    /// Region name.
    pub region: &'a str,
    /// Twelve digits.
    pub account: &'a str,
}

impl Place<'_> {
    /// A name of this environment that the pattern stands for.
    fn named(&self, pattern: &str) -> String {
        let bucket = format!("genu-{}-web-{}-{}", self.name, self.account, self.region);
        pattern
            .replace("genu-*-web-*", &bucket)
            .replace("genu-*", &format!("genu-{}-web", self.name))
            .replace("/genu/*", &format!("/genu/{}/web", self.name))
            .replace('*', "x")
    }

    /// A resource that the pattern stands for, when no type is known whose form it must have.
    fn concrete(&self, pattern: &str) -> String {
        let parts: Vec<&str> = pattern.splitn(6, ':').collect();
        let [arn, _, service, region, account, resource] = parts[..] else {
            return pattern.to_owned();
        };
        let region = region.replace('*', self.region);
        let account = account.replace('*', self.account);
        let resource = self.named(resource);
        format!(
            "{arn}:{}:{service}:{region}:{account}:{resource}",
            self.partition
        )
    }
}

/// The policies for deployers, as shipped.
pub(super) fn shipped() -> Vec<Value> {
    let policies = aws::policies::DEPLOYING.iter();
    // A test reads each of them.
    let policies = policies.map(|(_, text)| serde_json::from_str(text).unwrap_or_default());
    policies.collect()
}

/// Statements of all policies.
pub(super) fn statements(policies: &[Value]) -> impl Iterator<Item = &Value> {
    let lists = policies
        .iter()
        .filter_map(|policy| policy["Statement"].as_array());
    lists.flatten()
}

/// A text, or the texts of a list.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The questions: whether what the policies allow is allowed in this place, as far as it is needed.
pub(super) fn of(policies: &[Value], place: &Place<'_>, needed: &dyn Fn(&str) -> bool) -> Vec<Ask> {
    let ec2: BTreeSet<&str> = statements(policies)
        .flat_map(|statement| texts(&statement["Resource"]))
        .filter_map(|pattern| pattern.strip_prefix("arn:aws:ec2:")?.rsplit(':').next())
        .filter_map(|resource| resource.strip_suffix("/*"))
        .filter(|kind| *kind != "*")
        .collect();
    let mut asks: Vec<Ask> = Vec::new();
    for statement in statements(policies) {
        let patterns = texts(&statement["Resource"]);
        let mut alike: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
        for action in texts(&statement["Action"]) {
            if needed(action) {
                let resources = resources(action, &patterns, &ec2, place);
                alike.entry(resources).or_default().push(action.to_owned());
            }
        }
        for (resources, actions) in alike {
            for context in contexts(&statement["Condition"], place) {
                let ask = Ask {
                    actions: actions.clone(),
                    resources: resources.iter().cloned().collect(),
                    context,
                };
                if !asks.contains(&ask) {
                    asks.push(ask);
                }
            }
        }
    }
    asks
}

/// ARNs of the types that AWS authorises the action on, one for each pattern that can be of the type:
/// for any other ARN the simulator says that nothing allows the action. Empty for `*`.
fn resources(
    action: &str,
    patterns: &[&str],
    ec2: &BTreeSet<&str>,
    place: &Place<'_>,
) -> BTreeSet<String> {
    if patterns == ["*"] {
        return BTreeSet::new();
    }
    let sample = Sample {
        partition: place.partition,
        region: place.region,
        account: place.account,
        name: &|pattern| place.named(pattern),
    };
    let row = REFERENCE.actions.get(action);
    let Some(row) = row.filter(|row| !row.types.is_empty()) else {
        return patterns.iter().map(|p| place.concrete(p)).collect();
    };
    let service = action.split(':').next().unwrap_or_default();
    let mut resources = BTreeSet::new();
    for kind in row.types.keys() {
        let Some(form) = REFERENCE.types.get(&format!("{service}:{kind}")) else {
            continue;
        };
        // Of everything in EC2 that bears our tags only the types that there are of ours.
        let ours = |pattern: &str| !pattern.ends_with(":*/*") || ec2.contains(kind.as_str());
        let patterns = patterns.iter().filter(|pattern| ours(pattern));
        resources.extend(patterns.filter_map(|pattern| arn_of(form, pattern, &sample)));
    }
    resources
}

/// Values of requests that meet the conditions, one for each value that a condition lists. Tags are there
/// only where the statement asks for them: what is merely named in a call may be the user's.
fn contexts(condition: &Value, place: &Place<'_>) -> Vec<BTreeMap<String, Vec<String>>> {
    let region = (
        "aws:RequestedRegion".to_owned(),
        vec![place.region.to_owned()],
    );
    let mut contexts = vec![BTreeMap::from([region])];
    let operators = condition.as_object().into_iter().flatten();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let mut with = |key: &str, value: &str| {
                for context in &mut contexts {
                    context.insert(key.to_owned(), vec![value.to_owned()]);
                }
            };
            match (operator.as_str(), key.split_once('/')) {
                ("Null", Some((tag, _))) => {
                    with(&format!("{tag}/genu-deploy:env"), place.name);
                    with(&format!("{tag}/genu-deploy:region"), place.region);
                }
                ("Null", None) => with(key, "RunInstances"),
                _ => {
                    let each = texts(values).into_iter().flat_map(|value| {
                        contexts.iter().map(|context| {
                            let mut context = context.clone();
                            context.insert(key.clone(), vec![value.to_owned()]);
                            context
                        })
                    });
                    contexts = each.collect();
                }
            }
        }
    }
    contexts
}
