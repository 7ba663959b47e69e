//! The web bucket.

use audit::Bucket;
use reconciler::Fault;
use serde_json::Value;

use super::ours::Ours;
use crate::clients::Reads;
use crate::kinds::{self, BucketSettings};

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Option<Bucket>, Fault> {
    let Some(out) = ours.one::<kinds::Bucket>() else {
        return Ok(None);
    };
    let settings = BucketSettings::look(reads, &out.name).await?;
    let on = settings
        .public_access_blocks
        .into_iter()
        .filter(|(_, on)| *on);
    Ok(Some(Bucket {
        name: out.name,
        public_access_blocks: on.map(|(name, _)| name.to_owned()).collect(),
        policy: settings.policy.unwrap_or(Value::Null),
        encryption: settings.encryption,
        ownership: settings.ownership,
    }))
}
