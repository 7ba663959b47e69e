//! Names and tags. Everything that has a name carries the environment in it.

use std::collections::BTreeSet;

use aws::Surroundings;
use config::Environment;
use reconciler::Tags;

/// How resources of one environment are called.
pub(crate) struct Naming {
    prefix: String,
    region: String,
    account: String,
    name: String,
    common: Tags,
}

/// The tags that the configuration puts on everything.
fn common(env: &Environment) -> Tags {
    let mut common = Tags::new();
    if let Some(value) = env.tag_value.as_ref().filter(|value| !value.is_empty()) {
        // GenU's default key.
        let key = env.tag_key.as_ref().filter(|key| !key.is_empty());
        common.insert(key.map_or("GenU", String::as_str).into(), value.clone());
    }
    common.extend(env.closed_network_tags.clone());
    common
}

/// Keys of the tags that the configuration puts on everything.
#[must_use]
pub fn tag_keys(env: &Environment) -> BTreeSet<String> {
    common(env).into_keys().collect()
}

impl Naming {
    pub(crate) fn new(name: &str, env: &Environment, around: &Surroundings) -> Self {
        Self {
            prefix: format!("genu-{name}"),
            region: around.region.clone(),
            account: around.account.clone(),
            name: name.to_owned(),
            common: common(env),
        }
    }

    /// `genu-priv`.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The environment's name.
    pub(crate) fn env(&self) -> &str {
        &self.name
    }

    /// `genu-priv-web-load-balancer`.
    pub(crate) fn of(&self, id: &str) -> String {
        format!("{}-{}", self.prefix, id.replace(['/', '.'], "-"))
    }

    /// IAM is global: `genu-priv-ap-northeast-1-web-task`.
    pub(crate) fn global(&self, what: &str) -> String {
        format!("{}-{}-{what}", self.prefix, self.region)
    }

    /// Buckets are global among all accounts: `genu-priv-web-111111111111-ap-northeast-1`.
    pub(crate) fn bucket(&self) -> String {
        format!("{}-web-{}-{}", self.prefix, self.account, self.region)
    }

    /// Tags beside the ownership marks.
    pub(crate) fn tags(&self, id: &str) -> Tags {
        let mut tags = self.common.clone();
        tags.insert("Name".into(), self.of(id));
        tags
    }
}
