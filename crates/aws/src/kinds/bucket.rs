//! The web bucket: closed to the public, encrypted, no ACLs, TLS only. Every call states the owner
//! that the bucket must have.

use async_trait::async_trait;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, ObjectIdentifier, ObjectOwnership,
    OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    Tag, Tagging,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Pace, Phase,
    Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::policy::{canonical, statements};
use crate::{Aws, Reads, Writes, deletion};

/// A private bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Globally unique name.
    pub name: String,
    /// Partition for ARNs, `aws`.
    pub partition: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketOut {
    /// Bucket name.
    pub name: String,
}

impl Bucket {
    fn policy(&self) -> Value {
        let arn = format!("arn:{}:s3:::{}", self.partition, self.name);
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, format!("{arn}/*")],
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            }],
        })
    }
}

#[async_trait]
impl Kind for Bucket {
    type Cloud = Aws;
    type Needs = ();
    type Out = BucketOut;
    const NAME: &'static str = "s3/bucket";
    const PACE: Pace = Pace::seconds(2, 2, 5, 3600);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = false;

    fn identity(out: &BucketOut) -> String {
        format!("arn:aws:s3:::{}", out.name)
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (): &()) -> Attrs {
        attrs(
            json!({
                "BlockPublicAcls": true,
                "IgnorePublicAcls": true,
                "BlockPublicPolicy": true,
                "RestrictPublicBuckets": true,
            }),
            "AES256",
            "BucketOwnerEnforced",
            statements(Some(&self.policy())),
        )
    }
    fn impact(_: &str) -> Impact {
        Impact::InPlace
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<BucketOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for name in names {
            candidates.extend(look(reads, name).await?);
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[BucketOut]) -> Vec<Result<Phase<BucketOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        _: &Tags,
        _: Uuid,
    ) -> Result<Created<BucketOut>, Fault> {
        let region = writes.reads.region.as_str();
        // The one region that must not be named.
        let place = (region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        writes
            .call("s3:CreateBucket", |c| {
                c.s3.create_bucket()
                    .bucket(&self.name)
                    .set_create_bucket_configuration(place)
                    .object_ownership(ObjectOwnership::BucketOwnerEnforced)
                    .send()
            })
            .await?;
        Ok(Created {
            out: BucketOut {
                name: self.name.clone(),
            },
            // Encryption is AWS's default since 2023, and said all the same.
            attrs: attrs(Value::Null, "", "BucketOwnerEnforced", statements(None)),
            tagged: false,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (): &(),
        out: &BucketOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<BucketOut, Fault> {
        for change in changes {
            self.put(writes, change.root()).await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &BucketOut, tags: &Tags) -> Result<(), Fault> {
        // PutBucketTagging replaces the whole set: keep what others put there.
        let mut all = tags_of(&writes.reads, &out.name).await?;
        all.extend(tags.clone());
        put_tags(writes, out, &all).await
    }

    async fn untag(writes: &Writes, out: &BucketOut, keys: &[String]) -> Result<(), Fault> {
        let mut left = tags_of(&writes.reads, &out.name).await?;
        left.retain(|key, _| !keys.contains(key));
        put_tags(writes, out, &left).await
    }

    async fn delete(writes: &Writes, outs: &[BucketOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(empty_and_delete(writes, &out.name).await);
        }
        answers
    }
}

impl Bucket {
    async fn put(&self, writes: &Writes, field: &str) -> Result<(), Fault> {
        let owner = &writes.reads.account;
        match field {
            "public_access_block" => writes
                .call("s3:PutPublicAccessBlock", |c| {
                    let all = PublicAccessBlockConfiguration::builder()
                        .block_public_acls(true)
                        .ignore_public_acls(true)
                        .block_public_policy(true)
                        .restrict_public_buckets(true)
                        .build();
                    c.s3.put_public_access_block()
                        .bucket(&self.name)
                        .expected_bucket_owner(owner)
                        .public_access_block_configuration(all)
                        .send()
                })
                .await
                .map(drop),
            "encryption" => {
                let by = ServerSideEncryptionByDefault::builder()
                    .sse_algorithm(ServerSideEncryption::Aes256)
                    .build()
                    .map_err(|e| built("s3:PutBucketEncryption", &e))?;
                let rule = ServerSideEncryptionRule::builder()
                    .apply_server_side_encryption_by_default(by)
                    .build();
                let rules = ServerSideEncryptionConfiguration::builder()
                    .rules(rule)
                    .build()
                    .map_err(|e| built("s3:PutBucketEncryption", &e))?;
                writes
                    .call("s3:PutBucketEncryption", |c| {
                        c.s3.put_bucket_encryption()
                            .bucket(&self.name)
                            .expected_bucket_owner(owner)
                            .server_side_encryption_configuration(rules)
                            .send()
                    })
                    .await
                    .map(drop)
            }
            "ownership" => {
                let rule = OwnershipControlsRule::builder()
                    .object_ownership(ObjectOwnership::BucketOwnerEnforced)
                    .build()
                    .map_err(|e| built("s3:PutBucketOwnershipControls", &e))?;
                let rules = OwnershipControls::builder()
                    .rules(rule)
                    .build()
                    .map_err(|e| built("s3:PutBucketOwnershipControls", &e))?;
                writes
                    .call("s3:PutBucketOwnershipControls", |c| {
                        c.s3.put_bucket_ownership_controls()
                            .bucket(&self.name)
                            .expected_bucket_owner(owner)
                            .ownership_controls(rules)
                            .send()
                    })
                    .await
                    .map(drop)
            }
            _ => writes
                .call("s3:PutBucketPolicy", |c| {
                    c.s3.put_bucket_policy()
                        .bucket(&self.name)
                        .expected_bucket_owner(owner)
                        .policy(self.policy().to_string())
                        .send()
                })
                .await
                .map(drop),
        }
    }
}

fn attrs(block: Value, encryption: &str, ownership: &str, policy: Attr) -> Attrs {
    Attrs::new()
        .with("public_access_block", Attr::Known(block))
        .with("encryption", encryption)
        .with("ownership", ownership)
        .with("policy", policy)
}

fn built(operation: &str, error: &aws_smithy_types::error::operation::BuildError) -> Fault {
    Fault::new(Class::Refused, operation, error.to_string())
}

/// `None` for an answer that says there is nothing.
fn unless_gone<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(fault) if fault.class == Class::Gone => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn look(reads: &Reads, name: String) -> Result<Option<Candidate<BucketOut>>, Fault> {
    // Its tags tell as well as a HEAD whether there is a bucket, and have a body to say why not.
    let tags = match tags_of(reads, &name).await {
        Err(fault) if fault.code.as_deref() == Some("NoSuchBucket") => return Ok(None),
        Err(fault) if fault.class == Class::Denied => {
            // The name is taken, by somebody else or out of our reach.
            let mut taken = candidate(name, Attrs::new(), Tags::new());
            taken.mark = Mark::OutOfReach;
            return Ok(Some(taken));
        }
        tags => tags?,
    };
    let settings = BucketSettings::look(reads, &name).await?;
    Ok(Some(candidate(name, settings.attrs(), tags)))
}

/// How a bucket is set.
pub(crate) struct BucketSettings {
    /// The four blocks of public access by S3's names; empty when none was ever set.
    pub(crate) public_access_blocks: Vec<(&'static str, bool)>,
    /// `AES256`, `aws:kms`, …
    pub(crate) encryption: Option<String>,
    /// `BucketOwnerEnforced`, …
    pub(crate) ownership: Option<String>,
    /// Policy document.
    pub(crate) policy: Option<Value>,
}

impl BucketSettings {
    /// Looks at a bucket of the caller's account.
    pub(crate) async fn look(reads: &Reads, name: &str) -> Result<Self, Fault> {
        let (s3, owner) = (&reads.clients.s3, &reads.account);
        macro_rules! ask {
            ($read:ident) => {
                s3.$read().bucket(name).expected_bucket_owner(owner).send()
            };
        }
        let (block, encryption, ownership, policy) = tokio::join!(
            call("s3:GetPublicAccessBlock", ask!(get_public_access_block)),
            call("s3:GetBucketEncryption", ask!(get_bucket_encryption)),
            call(
                "s3:GetBucketOwnershipControls",
                ask!(get_bucket_ownership_controls)
            ),
            call("s3:GetBucketPolicy", ask!(get_bucket_policy)),
        );
        let block = unless_gone(block)?.and_then(|b| b.public_access_block_configuration);
        let is = |on: Option<bool>| on == Some(true);
        let encryption = unless_gone(encryption)?
            .and_then(|e| e.server_side_encryption_configuration)
            .and_then(|e| e.rules.into_iter().next())
            .and_then(|rule| rule.apply_server_side_encryption_by_default);
        let ownership = unless_gone(ownership)?
            .and_then(|o| o.ownership_controls)
            .and_then(|o| o.rules.into_iter().next());
        Ok(Self {
            public_access_blocks: block.map_or_else(Vec::new, |b| {
                vec![
                    ("BlockPublicAcls", is(b.block_public_acls)),
                    ("IgnorePublicAcls", is(b.ignore_public_acls)),
                    ("BlockPublicPolicy", is(b.block_public_policy)),
                    ("RestrictPublicBuckets", is(b.restrict_public_buckets)),
                ]
            }),
            encryption: encryption.map(|by| by.sse_algorithm.as_str().to_owned()),
            ownership: ownership.map(|rule| rule.object_ownership.as_str().to_owned()),
            policy: unless_gone(policy)?
                .and_then(|p| p.policy)
                .map(|text| canonical(&text)),
        })
    }

    fn attrs(&self) -> Attrs {
        let blocks = self.public_access_blocks.iter();
        let blocks: serde_json::Map<String, Value> = blocks
            .map(|(name, on)| ((*name).to_owned(), json!(on)))
            .collect();
        let blocks = if blocks.is_empty() {
            Value::Null
        } else {
            Value::Object(blocks)
        };
        attrs(
            blocks,
            self.encryption.as_deref().unwrap_or_default(),
            self.ownership.as_deref().unwrap_or_default(),
            statements(self.policy.as_ref()),
        )
    }
}

fn candidate(name: String, attrs: Attrs, tags: Tags) -> Candidate<BucketOut> {
    Candidate {
        out: BucketOut { name: name.clone() },
        attrs,
        mark: Mark::Tags(tags),
        name: Some(name),
        pristine: false,
        health: Health::Ready,
        notes: Vec::new(),
    }
}

async fn put_tags(writes: &Writes, out: &BucketOut, tags: &Tags) -> Result<(), Fault> {
    let set: Result<Vec<Tag>, _> = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect();
    let tagging = Tagging::builder().set_tag_set(set.ok()).build();
    let tagging = tagging.map_err(|e| built("s3:PutBucketTagging", &e))?;
    writes
        .call("s3:PutBucketTagging", |c| {
            c.s3.put_bucket_tagging()
                .bucket(&out.name)
                .expected_bucket_owner(&writes.reads.account)
                .tagging(tagging)
                .send()
        })
        .await
        .map(drop)
}

async fn tags_of(reads: &Reads, name: &str) -> Result<Tags, Fault> {
    let request = reads.clients.s3.get_bucket_tagging().bucket(name);
    let request = request.expected_bucket_owner(&reads.account);
    let set = match call("s3:GetBucketTagging", request.send()).await {
        Err(fault) if fault.code.as_deref() == Some("NoSuchTagSet") => Vec::new(),
        answer => answer?.tag_set,
    };
    Ok(set.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Versions, delete markers and unfinished uploads first; every key's own error is looked at.
async fn empty_and_delete(writes: &Writes, name: &str) -> Result<(), Fault> {
    let (s3, owner) = (&writes.reads.clients.s3, &writes.reads.account);
    let uploads = s3
        .list_multipart_uploads()
        .bucket(name)
        .expected_bucket_owner(owner);
    let uploads = call("s3:ListBucketMultipartUploads", uploads.send()).await?;
    for upload in uploads.uploads.unwrap_or_default() {
        writes
            .call("s3:AbortMultipartUpload", |c| {
                c.s3.abort_multipart_upload()
                    .bucket(name)
                    .expected_bucket_owner(owner)
                    .set_key(upload.key)
                    .set_upload_id(upload.upload_id)
                    .send()
            })
            .await?;
    }
    loop {
        let page = s3
            .list_object_versions()
            .bucket(name)
            .expected_bucket_owner(owner);
        let page = call("s3:ListBucketVersions", page.send()).await?;
        let versions = page
            .versions
            .unwrap_or_default()
            .into_iter()
            .map(|v| (v.key, v.version_id));
        let markers = page.delete_markers.unwrap_or_default();
        let markers = markers.into_iter().map(|m| (m.key, m.version_id));
        let objects: Vec<ObjectIdentifier> = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                let object = ObjectIdentifier::builder().key(key?);
                object.set_version_id(version).build().ok()
            })
            .collect();
        if objects.is_empty() {
            break;
        }
        let delete = deletion::of(objects)?;
        let answer = writes
            .call("s3:DeleteObjects", |c| {
                c.s3.delete_objects()
                    .bucket(name)
                    .expected_bucket_owner(owner)
                    .delete(delete)
                    .send()
            })
            .await?;
        deletion::complete(name, &answer)?;
    }
    writes
        .call("s3:DeleteBucket", |c| {
            c.s3.delete_bucket()
                .bucket(name)
                .expected_bucket_owner(owner)
                .send()
        })
        .await
        .map(drop)
}
