//! The instance profile: a role as EC2 wants it.

use async_trait::async_trait;
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::Role;
use crate::kinds::role::to_tags;
use crate::{Aws, Reads, Writes};

/// A profile with one role.
#[derive(Debug, Clone)]
pub struct InstanceProfile {
    /// Name.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfileOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `AIPA…`: another one than that of an earlier profile of the same ARN. Empty in records of older
    /// versions.
    #[serde(default)]
    pub id: String,
}

#[async_trait]
impl Kind for InstanceProfile {
    type Cloud = Aws;
    type Needs = Ref<Role>;
    type Out = InstanceProfileOut;
    const NAME: &'static str = "iam/instance-profile";
    const PACE: Pace = Pace::seconds(2, 9, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &InstanceProfileOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, role: &<Self::Needs as Needs>::Maybe) -> Attrs {
        let role = role.as_ref().map(|role| role.name.clone());
        Attrs::new()
            .with("roles", Attr::set_of([role]))
            .with("path", "/")
    }
    fn impact(field: &str) -> Impact {
        match field {
            "path" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<InstanceProfileOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for name in names {
            let Some(profile) = look(reads, &name).await? else {
                continue;
            };
            let roles = profile.roles.iter().map(|role| role.role_name.clone());
            let tags = profile.tags.unwrap_or_default();
            candidates.push(Candidate {
                attrs: Attrs::new()
                    .with("roles", Attr::set(roles))
                    .with("path", profile.path.as_str()),
                mark: Mark::Tags(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()),
                name: Some(profile.instance_profile_name.clone()),
                out: InstanceProfileOut {
                    name: profile.instance_profile_name,
                    arn: profile.arn,
                    id: profile.instance_profile_id,
                },
                pristine: false,
                health: Health::Ready,
                notes: Vec::new(),
            });
        }
        Ok(candidates)
    }

    async fn phases(
        _: &Reads,
        outs: &[InstanceProfileOut],
    ) -> Vec<Result<Phase<InstanceProfileOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        _: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<InstanceProfileOut>, Fault> {
        let answer = writes
            .call("iam:CreateInstanceProfile", |c| {
                c.iam
                    .create_instance_profile()
                    .instance_profile_name(&self.name)
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await?;
        let profile = answer.instance_profile;
        let (arn, id) = profile.map(|p| (p.arn, p.instance_profile_id)).unzip();
        Ok(Created {
            out: InstanceProfileOut {
                name: self.name.clone(),
                arn: arn.unwrap_or_default(),
                id: id.unwrap_or_default(),
            },
            attrs: Attrs::new()
                .with("roles", Attr::set(Vec::<String>::new()))
                .with("path", "/"),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        role: &<Self::Needs as Needs>::Known,
        out: &InstanceProfileOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<InstanceProfileOut, Fault> {
        let profile = look(&writes.reads, &self.name).await?;
        let roles: Vec<String> = profile
            .map(|profile| {
                profile
                    .roles
                    .into_iter()
                    .map(|role| role.role_name)
                    .collect()
            })
            .unwrap_or_default();
        for other in roles.iter().filter(|name| **name != role.name) {
            remove_role(writes, &self.name, other).await?;
        }
        if !roles.contains(&role.name) {
            writes
                .call("iam:AddRoleToInstanceProfile", |c| {
                    c.iam
                        .add_role_to_instance_profile()
                        .instance_profile_name(&self.name)
                        .role_name(&role.name)
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &InstanceProfileOut, tags: &Tags) -> Result<(), Fault> {
        writes
            .call("iam:TagInstanceProfile", |c| {
                c.iam
                    .tag_instance_profile()
                    .instance_profile_name(&out.name)
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn untag(
        writes: &Writes,
        out: &InstanceProfileOut,
        keys: &[String],
    ) -> Result<(), Fault> {
        writes
            .call("iam:UntagInstanceProfile", |c| {
                c.iam
                    .untag_instance_profile()
                    .instance_profile_name(&out.name)
                    .set_tag_keys(Some(keys.to_vec()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete(writes: &Writes, outs: &[InstanceProfileOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(delete(writes, &out.name).await);
        }
        answers
    }
}

async fn delete(writes: &Writes, name: &str) -> Result<(), Fault> {
    let profile = look(&writes.reads, name).await?;
    for role in profile.into_iter().flat_map(|profile| profile.roles) {
        remove_role(writes, name, &role.role_name).await?;
    }
    writes
        .call("iam:DeleteInstanceProfile", |c| {
            c.iam
                .delete_instance_profile()
                .instance_profile_name(name)
                .send()
        })
        .await
        .map(drop)
}

async fn remove_role(writes: &Writes, profile: &str, role: &str) -> Result<(), Fault> {
    writes
        .call("iam:RemoveRoleFromInstanceProfile", |c| {
            c.iam
                .remove_role_from_instance_profile()
                .instance_profile_name(profile)
                .role_name(role)
                .send()
        })
        .await
        .map(drop)
}

async fn look(
    reads: &Reads,
    name: &str,
) -> Result<Option<aws_sdk_iam::types::InstanceProfile>, Fault> {
    let request = reads
        .clients
        .iam
        .get_instance_profile()
        .instance_profile_name(name);
    match call("iam:GetInstanceProfile", request.send()).await {
        Err(fault) if fault.class == Class::Gone => Ok(None),
        answer => Ok(answer?.instance_profile),
    }
}
