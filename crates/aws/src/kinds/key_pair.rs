//! A key pair and its private key in SSM, as one: CloudFormation's hidden step, done here.
//!
//! The private key exists in the answer to the create call and, from there on, in SSM alone. A key
//! whose parameter is missing cannot be completed; while no instance uses it, it is made again.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, KeyFormat, KeyPairInfo, KeyType, ResourceType};
use aws_sdk_ssm::operation::describe_parameters::DescribeParametersOutput;
use aws_sdk_ssm::types::{ParameterStringFilter, ParameterType, Tag};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Pace, Phase,
    Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::ec2::{filter, from_tags, marked, specification, tag, untag};
use crate::{Aws, Reads, Writes};

/// An RSA key pair.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// Name, unique in the region.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPairOut {
    /// `key-…`.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Where the private key of a key pair is, as CloudFormation does it.
pub(crate) fn parameter_of(id: &str) -> String {
    format!("/ec2/keypair/{id}")
}

#[async_trait]
impl Kind for KeyPair {
    type Cloud = Aws;
    type Needs = ();
    type Out = KeyPairOut;
    const NAME: &'static str = "ec2/key-pair";
    const PACE: Pace = Pace::seconds(1, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &KeyPairOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (): &()) -> Attrs {
        attrs(&self.name, Some(SECURE))
            .with("type", KeyType::Rsa.as_str())
            .with("parameter_type", SECURE)
    }
    fn impact(_: &str) -> Impact {
        Impact::Replace
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<KeyPairOut>>, Fault> {
        let mut found = describe(reads, marked(scope)).await?;
        let names = scope.names(|out| &out.name);
        if names
            .iter()
            .any(|name| !found.iter().any(|key| key.key_name() == Some(name)))
        {
            found.extend(describe(reads, vec![filter("key-name", names)]).await?);
        }
        let mut candidates = Vec::new();
        for key in found {
            let out = KeyPairOut {
                id: key.key_pair_id.unwrap_or_default(),
                name: key.key_name.unwrap_or_default(),
            };
            let kind = key.key_type.unwrap_or(KeyType::Rsa);
            let stored = stored_as(reads, &out.id).await?;
            let missing = format!("its private key is not in SSM at {}", parameter_of(&out.id));
            // On record means that the parameter was there once: nothing to make again unasked.
            let health = if stored.is_some() {
                Health::Ready
            } else if scope.recorded.contains(&out) || is_used(reads, &out.name).await? {
                Health::Broken(missing)
            } else {
                Health::Unfinished(missing)
            };
            candidates.push(Candidate {
                attrs: attrs(&out.name, stored.as_deref())
                    .with("type", kind.as_str())
                    .with("parameter_type", Attr::Known(json!(stored))),
                mark: Mark::Tags(from_tags(key.tags)),
                name: Some(out.name.clone()),
                out,
                pristine: false,
                health,
                notes: Vec::new(),
            });
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[KeyPairOut]) -> Vec<Result<Phase<KeyPairOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<KeyPairOut>, Fault> {
        let answer = writes
            .call("ec2:CreateKeyPair", |c| {
                c.ec2
                    .create_key_pair()
                    .key_name(&self.name)
                    .key_type(KeyType::Rsa)
                    .key_format(KeyFormat::Pem)
                    .tag_specifications(specification(ResourceType::KeyPair, tags))
                    .send()
            })
            .await?;
        let out = KeyPairOut {
            id: answer.key_pair_id.unwrap_or_default(),
            name: self.name.clone(),
        };
        let secret = answer.key_material.unwrap_or_default();
        let stored = writes
            .call("ssm:PutParameter", |c| {
                c.ssm
                    .put_parameter()
                    .name(parameter_of(&out.id))
                    .r#type(ParameterType::SecureString)
                    .value(secret)
                    .description(format!("Private key of the key pair {}", self.name))
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await;
        if let Err(fault) = stored {
            // The answer held the only copy: without the parameter the key is of no use to anyone.
            // And a parameter whose answer was lost would outlive it. Whatever else fails here, it
            // is the first failure that counts.
            let _ = delete_parameter(writes, &out.id).await;
            delete_key(writes, &out.name).await?;
            return Err(fault);
        }
        Ok(Created::complete(self, &(), out))
    }

    async fn update(
        &self,
        _: &Writes,
        (): &(),
        out: &KeyPairOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<KeyPairOut, Fault> {
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &KeyPairOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &KeyPairOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[KeyPairOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(delete(writes, out).await);
        }
        answers
    }
}

/// The only type of parameter that is encrypted.
const SECURE: &str = "SecureString";

fn attrs(name: &str, stored: Option<&str>) -> Attrs {
    let key = if stored.is_some() {
        Attr::Secret
    } else {
        Attr::Known(Value::Null)
    };
    Attrs::new().with("name", name).with("private_key", key)
}

async fn delete(writes: &Writes, out: &KeyPairOut) -> Result<(), Fault> {
    delete_parameter(writes, &out.id).await?;
    delete_key(writes, &out.name).await
}

async fn delete_parameter(writes: &Writes, id: &str) -> Result<(), Fault> {
    let answer = writes
        .call("ssm:DeleteParameter", |c| {
            c.ssm.delete_parameter().name(parameter_of(id)).send()
        })
        .await;
    match answer {
        Err(fault) if fault.class != Class::Gone => Err(fault),
        _ => Ok(()),
    }
}

async fn delete_key(writes: &Writes, name: &str) -> Result<(), Fault> {
    writes
        .call("ec2:DeleteKeyPair", |c| {
            c.ec2.delete_key_pair().key_name(name).send()
        })
        .await
        .map(drop)
}

async fn describe(reads: &Reads, filters: Vec<Filter>) -> Result<Vec<KeyPairInfo>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_key_pairs()
        .set_filters(Some(filters));
    let answer = call("ec2:DescribeKeyPairs", request.send()).await?;
    Ok(answer.key_pairs.unwrap_or_default())
}

/// The type of the parameter, if it exists. Described, never read: the value is nobody's business
/// here.
pub(crate) async fn stored_as(reads: &Reads, id: &str) -> Result<Option<String>, Fault> {
    let by_name = ParameterStringFilter::builder()
        .key("Name")
        .option("Equals")
        .values(parameter_of(id));
    let by_name = by_name
        .build()
        .map_err(|e| Fault::new(Class::Refused, "ssm:DescribeParameters", e.to_string()))?;
    // "Request results are returned on a best-effort basis": a page may be empty and not the last.
    let request = reads
        .clients
        .ssm
        .describe_parameters()
        .parameter_filters(by_name);
    let pages = request.into_paginator().send();
    let found: Vec<_> = call("ssm:DescribeParameters", pages.try_collect()).await?;
    let first = found
        .iter()
        .flat_map(DescribeParametersOutput::parameters)
        .next();
    Ok(first.map(|parameter| {
        let kind = parameter.r#type().map_or("", ParameterType::as_str);
        kind.to_owned()
    }))
}

async fn is_used(reads: &Reads, name: &str) -> Result<bool, Fault> {
    let alive = ["pending", "running", "stopping", "stopped"];
    let request = reads
        .clients
        .ec2
        .describe_instances()
        .filters(filter("key-name", [name]))
        .filters(filter("instance-state-name", alive));
    let answer = call("ec2:DescribeInstances", request.send()).await?;
    Ok(answer
        .reservations()
        .iter()
        .any(|r| !r.instances().is_empty()))
}

fn to_tags(tags: &Tags) -> Option<Vec<Tag>> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
