//! An IAM role: who may take it, what it may do.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_iam::types::Tag;
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Pace, Phase,
    Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::policy::{canonical, simplify};
use crate::{Aws, Reads, Writes};

/// A role of a service.
#[derive(Debug, Clone)]
pub struct Role {
    /// Name; IAM is global, so it carries the region.
    pub name: String,
    /// Service principal, `ecs-tasks.amazonaws.com`.
    pub service: String,
    /// Condition of the trust, against confused deputies; `Null` for none.
    pub trust_condition: Value,
    /// Inline policy documents by name.
    pub inline: BTreeMap<String, Value>,
    /// ARNs of managed policies.
    pub managed: Vec<String>,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
}

/// How long sessions last at most, seconds: AWS's default.
const SESSION: i32 = 3600;

impl Role {
    fn trust(&self) -> Value {
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": { "Service": self.service },
            "Action": "sts:AssumeRole",
        });
        if !self.trust_condition.is_null() {
            statement["Condition"] = self.trust_condition.clone();
        }
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    }
}

#[async_trait]
impl Kind for Role {
    type Cloud = Aws;
    type Needs = ();
    type Out = RoleOut;
    const NAME: &'static str = "iam/role";
    const PACE: Pace = Pace::seconds(2, 8, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &RoleOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (): &()) -> Attrs {
        let inline = self.inline.iter();
        let inline = inline.map(|(name, document)| (name.clone(), simplify(document.clone())));
        attrs(
            &simplify(self.trust()),
            &inline.collect(),
            self.managed.clone(),
        )
    }
    fn impact(field: &str) -> Impact {
        match field {
            "path" => Impact::Replace,
            // A guardrail of somebody else's: told, never taken off.
            "boundary" => Impact::LeftAlone,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<RoleOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let looks = names.iter().map(|name| look(reads, name));
        let found = futures::future::try_join_all(looks).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn phases(_: &Reads, outs: &[RoleOut]) -> Vec<Result<Phase<RoleOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<RoleOut>, Fault> {
        let answer = writes
            .call("iam:CreateRole", |c| {
                c.iam
                    .create_role()
                    .role_name(&self.name)
                    .assume_role_policy_document(self.trust().to_string())
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await?;
        let arn = answer.role.map(|role| role.arn).unwrap_or_default();
        Ok(Created {
            out: RoleOut {
                name: self.name.clone(),
                arn,
            },
            attrs: attrs(&simplify(self.trust()), &BTreeMap::new(), Vec::new()),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (): &(),
        out: &RoleOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<RoleOut, Fault> {
        for change in changes {
            match change.root() {
                "trust" => {
                    writes
                        .call("iam:UpdateAssumeRolePolicy", |c| {
                            c.iam
                                .update_assume_role_policy()
                                .role_name(&self.name)
                                .policy_document(self.trust().to_string())
                                .send()
                        })
                        .await?;
                }
                "inline" => self.put_inline(writes).await?,
                "managed" => self.attach(writes).await?,
                _ => {
                    writes
                        .call("iam:UpdateRole", |c| {
                            c.iam
                                .update_role()
                                .role_name(&self.name)
                                .description("")
                                .max_session_duration(SESSION)
                                .send()
                        })
                        .await?;
                }
            }
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &RoleOut, tags: &Tags) -> Result<(), Fault> {
        writes
            .call("iam:TagRole", |c| {
                c.iam
                    .tag_role()
                    .role_name(&out.name)
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn untag(writes: &Writes, out: &RoleOut, keys: &[String]) -> Result<(), Fault> {
        writes
            .call("iam:UntagRole", |c| {
                c.iam
                    .untag_role()
                    .role_name(&out.name)
                    .set_tag_keys(Some(keys.to_vec()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete(writes: &Writes, outs: &[RoleOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(strip_and_delete(writes, &out.name).await);
        }
        answers
    }
}

impl Role {
    async fn put_inline(&self, writes: &Writes) -> Result<(), Fault> {
        for name in inline_names(&writes.reads, &self.name).await? {
            if !self.inline.contains_key(&name) {
                remove_inline(writes, &self.name, &name).await?;
            }
        }
        for (name, document) in &self.inline {
            writes
                .call("iam:PutRolePolicy", |c| {
                    c.iam
                        .put_role_policy()
                        .role_name(&self.name)
                        .policy_name(name)
                        .policy_document(document.to_string())
                        .send()
                })
                .await?;
        }
        Ok(())
    }

    async fn attach(&self, writes: &Writes) -> Result<(), Fault> {
        let attached = managed(&writes.reads, &self.name).await?;
        for arn in attached.iter().filter(|arn| !self.managed.contains(arn)) {
            detach(writes, &self.name, arn).await?;
        }
        for arn in self.managed.iter().filter(|arn| !attached.contains(arn)) {
            writes
                .call("iam:AttachRolePolicy", |c| {
                    c.iam
                        .attach_role_policy()
                        .role_name(&self.name)
                        .policy_arn(arn)
                        .send()
                })
                .await?;
        }
        Ok(())
    }
}

fn attrs(trust: &Value, inline: &BTreeMap<String, Value>, managed: Vec<String>) -> Attrs {
    // The names beside the documents, so that a policy that somebody added differs too.
    let names: Vec<String> = inline.keys().cloned().collect();
    Attrs::new()
        .with("trust", Attr::Known(Value::String(trust.to_string())))
        .with(
            "inline",
            Attr::Known(json!({ "names": names, "documents": inline })),
        )
        .with("managed", Attr::set(managed))
        .with("path", "/")
        .with("description", "")
        .with("session_seconds", SESSION)
        .with("boundary", Attr::Known(Value::Null))
}

/// A role as it stands.
pub(crate) struct LiveRole {
    /// The role itself.
    pub(crate) role: aws_sdk_iam::types::Role,
    /// Inline policy documents by name.
    pub(crate) inline: BTreeMap<String, Value>,
    /// ARNs of managed policies.
    pub(crate) managed: Vec<String>,
}

impl LiveRole {
    /// Looks at a role; `None` when there is none.
    pub(crate) async fn look(reads: &Reads, name: &str) -> Result<Option<Self>, Fault> {
        let iam = &reads.clients.iam;
        let request = iam.get_role().role_name(name);
        let role = match call("iam:GetRole", request.send()).await {
            Err(fault) if fault.class == Class::Gone => return Ok(None),
            answer => answer?.role,
        };
        let Some(role) = role else { return Ok(None) };
        let (names, managed) = tokio::try_join!(inline_names(reads, name), managed(reads, name))?;
        let mut inline = BTreeMap::new();
        for policy in names {
            let request = iam.get_role_policy().role_name(name).policy_name(&policy);
            let answer = call("iam:GetRolePolicy", request.send()).await?;
            inline.insert(policy, canonical(&answer.policy_document));
        }
        Ok(Some(Self {
            role,
            inline,
            managed,
        }))
    }
}

async fn look(reads: &Reads, name: &str) -> Result<Option<Candidate<RoleOut>>, Fault> {
    let Some(live) = LiveRole::look(reads, name).await? else {
        return Ok(None);
    };
    let LiveRole {
        role,
        inline,
        managed,
    } = live;
    let trust = role
        .assume_role_policy_document
        .as_deref()
        .map_or(Value::Null, canonical);
    let boundary = role.permissions_boundary.as_ref();
    let attrs = attrs(&trust, &inline, managed)
        .with("path", role.path.as_str())
        .with("description", role.description().unwrap_or_default())
        .with(
            "session_seconds",
            role.max_session_duration.unwrap_or(SESSION),
        )
        .with(
            "boundary",
            Attr::Known(json!(boundary.and_then(|b| b.permissions_boundary_arn()))),
        );
    let tags = role.tags.unwrap_or_default();
    Ok(Some(Candidate {
        attrs,
        mark: Mark::Tags(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()),
        name: Some(role.role_name.clone()),
        out: RoleOut {
            name: role.role_name,
            arn: role.arn,
        },
        pristine: false,
        health: Health::Ready,
        notes: Vec::new(),
    }))
}

async fn inline_names(reads: &Reads, role: &str) -> Result<Vec<String>, Fault> {
    let pages = reads
        .clients
        .iam
        .list_role_policies()
        .role_name(role)
        .into_paginator();
    call("iam:ListRolePolicies", pages.items().send().try_collect()).await
}

async fn managed(reads: &Reads, role: &str) -> Result<Vec<String>, Fault> {
    let pages = reads
        .clients
        .iam
        .list_attached_role_policies()
        .role_name(role)
        .into_paginator();
    let found: Vec<_> = call(
        "iam:ListAttachedRolePolicies",
        pages.items().send().try_collect(),
    )
    .await?;
    Ok(found
        .into_iter()
        .filter_map(|policy| policy.policy_arn)
        .collect())
}

async fn remove_inline(writes: &Writes, role: &str, name: &str) -> Result<(), Fault> {
    writes
        .call("iam:DeleteRolePolicy", |c| {
            c.iam
                .delete_role_policy()
                .role_name(role)
                .policy_name(name)
                .send()
        })
        .await
        .map(drop)
}

async fn detach(writes: &Writes, role: &str, arn: &str) -> Result<(), Fault> {
    writes
        .call("iam:DetachRolePolicy", |c| {
            c.iam
                .detach_role_policy()
                .role_name(role)
                .policy_arn(arn)
                .send()
        })
        .await
        .map(drop)
}

async fn strip_and_delete(writes: &Writes, role: &str) -> Result<(), Fault> {
    for name in inline_names(&writes.reads, role).await? {
        remove_inline(writes, role, &name).await?;
    }
    for arn in managed(&writes.reads, role).await? {
        detach(writes, role, &arn).await?;
    }
    writes
        .call("iam:DeleteRole", |c| {
            c.iam.delete_role().role_name(role).send()
        })
        .await
        .map(drop)
}

pub(crate) fn to_tags(tags: &Tags) -> Option<Vec<Tag>> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
