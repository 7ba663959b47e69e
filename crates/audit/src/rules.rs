//! All rules, theme by theme; within a theme in the order of their ids.

use crate::{
    Rule, acls, bucket, certificates, completeness, doors, endpoint_policies, endpoints, groups,
    instances, load_balancer, logs, network, proxies, resolver, roles, routes, tasks, trust, zone,
};

const THEMES: [(&str, &[Rule]); 19] = [
    ("network", network::RULES),
    ("doors", doors::RULES),
    ("routes", routes::RULES),
    ("groups", groups::RULES),
    ("acls", acls::RULES),
    ("endpoints", endpoints::RULES),
    ("endpoint-policies", endpoint_policies::RULES),
    ("load-balancer", load_balancer::RULES),
    ("certificates", certificates::RULES),
    ("tasks", tasks::RULES),
    ("bucket", bucket::RULES),
    ("proxies", proxies::RULES),
    ("resolver", resolver::RULES),
    ("zone", zone::RULES),
    ("instances", instances::RULES),
    ("roles", roles::RULES),
    ("trust", trust::RULES),
    ("logs", logs::RULES),
    ("evidence", completeness::RULES),
];

/// Themes with their rules, in the order in which verdicts tell them.
pub fn themes() -> impl Iterator<Item = (&'static str, &'static [Rule])> {
    THEMES.into_iter()
}

/// All rules, theme by theme.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    themes().flat_map(|(_, rules)| rules)
}

/// Whether `id` names a rule, or a rule and a resource: `rule-id`, `rule-id:resource`.
#[must_use]
pub fn is_rule(id: &str) -> bool {
    let (id, resource) = id.split_once(':').unwrap_or((id, "any"));
    !resource.is_empty() && rules().any(|rule| rule.id == id)
}
