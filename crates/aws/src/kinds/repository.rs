//! The ECR repository of the web server's image.

use async_trait::async_trait;
use aws_sdk_ecr::types::{ImageScanningConfiguration, ImageTagMutability, Tag};
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

/// How many images are kept, to go back to.
const KEPT: u32 = 10;

/// A private repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Name.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `<account>.dkr.ecr.<region>.amazonaws.com/<name>`.
    pub uri: String,
}

#[async_trait]
impl Kind for Repository {
    type Cloud = Aws;
    type Needs = ();
    type Out = RepositoryOut;
    const NAME: &'static str = "ecr/repository";
    const PACE: Pace = Pace::seconds(2, 1, 1, 1200);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &RepositoryOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (): &()) -> Attrs {
        attrs(true, "MUTABLE", "AES256", lifecycle())
    }
    fn impact(field: &str) -> Impact {
        match field {
            "encryption" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<RepositoryOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for name in names {
            let request = reads
                .clients
                .ecr
                .describe_repositories()
                .repository_names(&name);
            let found = match call("ecr:DescribeRepositories", request.send()).await {
                Err(fault) if fault.class == Class::Gone => continue,
                found => found?.repositories.unwrap_or_default(),
            };
            for repository in found {
                let out = out_of(&repository);
                let request = reads
                    .clients
                    .ecr
                    .list_tags_for_resource()
                    .resource_arn(&out.arn);
                let tags = call("ecr:ListTagsForResource", request.send());
                let (tags, lifecycle) = tokio::try_join!(tags, live_lifecycle(reads, &out.name))?;
                let tags = tags.tags;
                candidates.push(Candidate {
                    attrs: attrs_of(&repository, lifecycle),
                    mark: Mark::Tags(
                        tags.unwrap_or_default()
                            .into_iter()
                            .map(|t| (t.key, t.value))
                            .collect(),
                    ),
                    name: Some(out.name.clone()),
                    out,
                    pristine: false,
                    health: Health::Ready,
                    notes: Vec::new(),
                });
            }
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[RepositoryOut]) -> Vec<Result<Phase<RepositoryOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<RepositoryOut>, Fault> {
        let answer = writes
            .call("ecr:CreateRepository", |c| {
                c.ecr
                    .create_repository()
                    .repository_name(&self.name)
                    .image_scanning_configuration(scan())
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await?;
        let out = answer.repository.as_ref().map(out_of).ok_or_else(|| {
            Fault::new(
                Class::Ambiguous,
                "ecr:CreateRepository",
                "the answer names no repository",
            )
        })?;
        // The rule of its images takes a call of its own.
        let attrs = attrs(true, "MUTABLE", "AES256", Value::Null);
        Ok(Created {
            out,
            attrs,
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (): &(),
        out: &RepositoryOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<RepositoryOut, Fault> {
        let changed = |field: &str| changes.iter().any(|change| change.root() == field);
        if changed("scan_on_push") {
            writes
                .call("ecr:PutImageScanningConfiguration", |c| {
                    c.ecr
                        .put_image_scanning_configuration()
                        .repository_name(&self.name)
                        .image_scanning_configuration(scan())
                        .send()
                })
                .await?;
        }
        if changed("tag_mutability") {
            writes
                .call("ecr:PutImageTagMutability", |c| {
                    c.ecr
                        .put_image_tag_mutability()
                        .repository_name(&self.name)
                        .image_tag_mutability(ImageTagMutability::Mutable)
                        .send()
                })
                .await?;
        }
        if changed("lifecycle") {
            writes
                .call("ecr:PutLifecyclePolicy", |c| {
                    c.ecr
                        .put_lifecycle_policy()
                        .repository_name(&self.name)
                        .lifecycle_policy_text(lifecycle().to_string())
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &RepositoryOut, tags: &Tags) -> Result<(), Fault> {
        writes
            .call("ecr:TagResource", |c| {
                c.ecr
                    .tag_resource()
                    .resource_arn(&out.arn)
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn untag(writes: &Writes, out: &RepositoryOut, keys: &[String]) -> Result<(), Fault> {
        writes
            .call("ecr:UntagResource", |c| {
                c.ecr
                    .untag_resource()
                    .resource_arn(&out.arn)
                    .set_tag_keys(Some(keys.to_vec()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete(writes: &Writes, outs: &[RepositoryOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("ecr:DeleteRepository", |c| {
                    c.ecr
                        .delete_repository()
                        .repository_name(&out.name)
                        .force(true)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn attrs(scan: bool, tags: &str, encryption: &str, lifecycle: Value) -> Attrs {
    let rules = if lifecycle.is_null() {
        Value::Null
    } else {
        Value::String(simplify(lifecycle).to_string())
    };
    Attrs::new()
        .with("scan_on_push", scan)
        .with("tag_mutability", tags)
        .with("encryption", encryption)
        // One text: its rules are numbered, and taken as a whole.
        .with("lifecycle", Attr::Known(rules))
}

/// The last images stay, whatever they are called.
fn lifecycle() -> Value {
    json!({ "rules": [{
        "rulePriority": 1,
        "description": format!("The last {KEPT} images stay"),
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT },
        "action": { "type": "expire" },
    }] })
}

async fn live_lifecycle(reads: &Reads, name: &str) -> Result<Value, Fault> {
    let request = reads.clients.ecr.get_lifecycle_policy();
    let request = request.repository_name(name);
    match call("ecr:GetLifecyclePolicy", request.send()).await {
        Err(fault) if fault.class == Class::Gone => Ok(Value::Null),
        answer => Ok(answer?
            .lifecycle_policy_text
            .map_or(Value::Null, |text| canonical(&text))),
    }
}

/// What is not answered has AWS's default.
fn attrs_of(live: &aws_sdk_ecr::types::Repository, lifecycle: Value) -> Attrs {
    let encryption = live.encryption_configuration();
    attrs(
        live.image_scanning_configuration()
            .is_some_and(|c| c.scan_on_push),
        live.image_tag_mutability()
            .map_or("MUTABLE", ImageTagMutability::as_str),
        encryption.map_or("AES256", |e| e.encryption_type().as_str()),
        lifecycle,
    )
}

fn scan() -> ImageScanningConfiguration {
    ImageScanningConfiguration::builder()
        .scan_on_push(true)
        .build()
}

fn out_of(repository: &aws_sdk_ecr::types::Repository) -> RepositoryOut {
    RepositoryOut {
        name: repository.repository_name().unwrap_or_default().to_owned(),
        arn: repository.repository_arn().unwrap_or_default().to_owned(),
        uri: repository.repository_uri().unwrap_or_default().to_owned(),
    }
}

fn to_tags(tags: &Tags) -> Option<Vec<Tag>> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
