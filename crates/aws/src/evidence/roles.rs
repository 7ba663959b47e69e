//! The roles of the deployment: who may take them, what they may do.

use audit::Role;
use reconciler::Fault;
use serde_json::Value;

use super::ours::Ours;
use crate::clients::Reads;
use crate::kinds::{self, LiveRole};
use crate::policy::canonical;

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Vec<Role>, Fault> {
    let looks = ours
        .all::<kinds::Role>()
        .into_iter()
        .map(async |(id, out)| {
            let live = LiveRole::look(reads, &out.name).await?;
            Ok::<_, Fault>(live.map(|live| {
                Role {
                    name: out.name,
                    ours: id,
                    trust: live
                        .role
                        .assume_role_policy_document()
                        .map_or(Value::Null, canonical),
                    inline: live.inline,
                    managed: live.managed,
                }
            }))
        });
    let found = futures::future::try_join_all(looks).await?;
    Ok(found.into_iter().flatten().collect())
}
