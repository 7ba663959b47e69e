//! Ownership marks: the tags that make live AWS searchable for what is ours.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::Id;

/// Tags of a resource, by key.
pub type Tags = BTreeMap<String, String>;

/// Environment name.
pub const ENV: &str = "genu-deploy:env";
/// Region; part of every match since IAM and Route 53 are global.
pub const REGION: &str = "genu-deploy:region";
/// Resource id within the deployment.
pub const ID: &str = "genu-deploy:id";
/// The deployment's UUID, kept in the state.
pub const DEPLOYMENT: &str = "genu-deploy:deployment";

/// Whose a deployment's resources are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Environment name.
    pub env: String,
    /// Region name.
    pub region: String,
    /// The deployment's UUID.
    pub deployment: Uuid,
    /// Keys of tags that we once put on resources: taken off where they are no longer wanted.
    /// Other keys are none of our business.
    pub once_ours: BTreeSet<String>,
}

impl Marks {
    /// The four marks of one resource.
    #[must_use]
    pub fn of(&self, id: &Id) -> Tags {
        Tags::from([
            (ENV.into(), self.env.clone()),
            (REGION.into(), self.region.clone()),
            (ID.into(), id.as_str().into()),
            (DEPLOYMENT.into(), self.deployment.to_string()),
        ])
    }
}

/// The id that `tags` claim within `env` and `region`, if they claim one.
pub(crate) fn claimed(tags: &Tags, env: &str, region: &str) -> Option<Id> {
    let is = |key: &str, value: &str| tags.get(key).is_some_and(|v| v == value);
    (is(ENV, env) && is(REGION, region))
        .then(|| tags.get(ID).map(Id::new))
        .flatten()
}

/// The deployment that `tags` claim.
pub(crate) fn deployment(tags: &Tags) -> Option<Uuid> {
    tags.get(DEPLOYMENT)?.parse().ok()
}
