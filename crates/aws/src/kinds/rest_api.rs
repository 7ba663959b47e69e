//! A private REST API with its resources and methods. Its changes are made one after another: API
//! Gateway answers concurrent ones with conflicts.

mod methods;

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_apigateway::types::{
    ApiKeySourceType, EndpointConfiguration, EndpointType, Op, PatchOperation, RestApi as Live,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace, Phase,
    Ref, Resend, Scope, Settles, Tags, settled, tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use methods::{Integration, Method, OPEN, PASSTHROUGH, TIMEOUT_MS};

use self::methods::{define, methods_of, resources};
use crate::call::call;
use crate::kinds::VpcEndpoint;
use crate::policy::{canonical, statements};
use crate::{Aws, Reads, Writes};

/// A private REST API. Methods by `METHOD /path`.
#[derive(Debug, Clone)]
pub struct RestApi {
    /// Name; names are not unique.
    pub name: String,
    /// Methods by `METHOD /path`.
    pub methods: BTreeMap<String, Method>,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestApiOut {
    /// Ten characters.
    pub id: String,
    /// Hash of definition, resource policy and endpoint: what a deployment has to match.
    pub hash: String,
}

/// Endpoint type of an API that only VPC endpoints reach.
const PRIVATE: &str = "PRIVATE";

/// Nobody from outside the endpoint, everybody through it.
fn policy_of(endpoint: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": { "StringNotEquals": { "aws:SourceVpce": endpoint } },
            },
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
            },
        ],
    })
}

#[async_trait]
impl Kind for RestApi {
    type Cloud = Aws;
    type Needs = Ref<VpcEndpoint>;
    type Out = RestApiOut;
    const NAME: &'static str = "apigateway/rest-api";
    const PACE: Pace = Pace::seconds(2, 10, 30, 900);
    const RESEND: Resend = Resend::Never;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = true;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &RestApiOut) -> String {
        out.id.clone()
    }
    // Names are not unique: the name alone says nothing.
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, endpoint: &<Self::Needs as Needs>::Maybe) -> Attrs {
        let endpoint = endpoint.as_ref().map(|endpoint| endpoint.id.clone());
        let policy = endpoint.as_ref();
        let policy = policy.map_or(Attr::Unknown, |id| statements(Some(&policy_of(id))));
        attrs(
            &self.name,
            PRIVATE,
            Attr::set_of([endpoint]),
            policy,
            &self.methods,
        )
    }
    fn impact(field: &str) -> Impact {
        match field {
            "endpoint_type" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<RestApiOut>>, Fault> {
        let pages = reads
            .clients
            .apigateway
            .get_rest_apis()
            .limit(500)
            .into_paginator();
        let found: Vec<Live> =
            call("apigateway:GetRestApis", pages.items().send().try_collect()).await?;
        let mine = found.into_iter().filter(|api| {
            let tag = |key: &str| {
                api.tags()
                    .and_then(|tags| tags.get(key))
                    .map(String::as_str)
            };
            let marked =
                tag(tags::ENV) == Some(scope.env) && tag(tags::REGION) == Some(scope.region);
            marked
                || scope
                    .recorded
                    .iter()
                    .any(|out| Some(out.id.as_str()) == api.id())
        });
        let looks = mine.map(|api| candidate(reads, api));
        futures::future::try_join_all(looks).await
    }

    async fn phases(_: &Reads, outs: &[RestApiOut]) -> Vec<Result<Phase<RestApiOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        endpoint: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<RestApiOut>, Fault> {
        let answer = writes
            .call("apigateway:CreateRestApi", |c| {
                c.apigateway
                    .create_rest_api()
                    .name(&self.name)
                    .endpoint_configuration(
                        EndpointConfiguration::builder()
                            .types(EndpointType::Private)
                            .vpc_endpoint_ids(&endpoint.id)
                            .build(),
                    )
                    .policy(policy_of(&endpoint.id).to_string())
                    .set_tags(Some(tags.clone().into_iter().collect()))
                    .send()
            })
            .await?;
        let attrs = attrs(
            &self.name,
            PRIVATE,
            Attr::set([endpoint.id.clone()]),
            statements(Some(&policy_of(&endpoint.id))),
            &BTreeMap::new(),
        );
        Ok(Created {
            out: RestApiOut {
                id: answer.id.unwrap_or_default(),
                hash: hash(&attrs),
            },
            attrs,
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        endpoint: &<Self::Needs as Needs>::Known,
        out: &RestApiOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<RestApiOut, Fault> {
        let mut patches = Vec::new();
        for change in changes {
            match change.root() {
                "name" => patches.push(patch(Op::Replace, "/name", &self.name)),
                "description" => patches.push(patch(Op::Replace, "/description", "")),
                "api_key_source" => patches.push(patch(
                    Op::Replace,
                    "/apiKeySource",
                    ApiKeySourceType::Header.as_str(),
                )),
                "default_endpoint" => {
                    patches.push(patch(Op::Replace, "/disableExecuteApiEndpoint", "false"));
                }
                "compression_bytes" => {
                    let off = PatchOperation::builder().op(Op::Replace);
                    patches.push(off.path("/minimumCompressionSize").build());
                }
                "binary_types" => {
                    let Attr::Known(Value::Array(live)) = &change.from else {
                        continue;
                    };
                    // A slash in a path of a patch is `~1` (RFC 6901).
                    patches.extend(live.iter().filter_map(Value::as_str).map(|kind| {
                        let path = format!("/binaryMediaTypes/{}", kind.replace('/', "~1"));
                        PatchOperation::builder().op(Op::Remove).path(path).build()
                    }));
                }
                "policy" => {
                    let policy = policy_of(&endpoint.id).to_string();
                    patches.push(patch(Op::Replace, "/policy", &policy));
                }
                "endpoints" => {
                    let path = "/endpointConfiguration/vpcEndpointIds";
                    let live = match &change.from {
                        Attr::Known(Value::Array(live)) => live.as_slice(),
                        _ => &[],
                    };
                    let live: Vec<&str> = live.iter().filter_map(Value::as_str).collect();
                    // What AWS says of an endpoint that is there already is not documented.
                    if !live.contains(&endpoint.id.as_str()) {
                        patches.push(patch(Op::Add, path, &endpoint.id));
                    }
                    let others = live.iter().filter(|id| **id != endpoint.id);
                    patches.extend(others.map(|id| patch(Op::Remove, path, id)));
                }
                _ => {}
            }
        }
        if !patches.is_empty() {
            writes
                .call("apigateway:UpdateRestApi", |c| {
                    c.apigateway
                        .update_rest_api()
                        .rest_api_id(&out.id)
                        .set_patch_operations(Some(patches))
                        .send()
                })
                .await?;
        }
        if changes
            .iter()
            .any(|change| matches!(change.root(), "methods" | "surface"))
        {
            define(writes, &out.id, &self.methods).await?;
        }
        Ok(RestApiOut {
            id: out.id.clone(),
            hash: hash(&self.attrs(&Some(endpoint.clone()))),
        })
    }

    async fn tag(writes: &Writes, out: &RestApiOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &format!("restapis/{}", out.id), tags).await
    }

    async fn untag(writes: &Writes, out: &RestApiOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &format!("restapis/{}", out.id), keys).await
    }

    async fn delete(writes: &Writes, outs: &[RestApiOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("apigateway:DeleteRestApi", |c| {
                    c.apigateway.delete_rest_api().rest_api_id(&out.id).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn patch(op: Op, path: &str, value: &str) -> PatchOperation {
    PatchOperation::builder()
        .op(op)
        .path(path)
        .value(value)
        .build()
}

fn attrs(
    name: &str,
    endpoint_type: &str,
    endpoints: Attr,
    policy: Attr,
    methods: &BTreeMap<String, Method>,
) -> Attrs {
    let definitions: Value = methods
        .iter()
        .map(|(key, method)| (key.clone(), json!(method)))
        .collect();
    Attrs::new()
        .with("name", name)
        .with("endpoint_type", endpoint_type)
        .with("endpoints", endpoints)
        .with("policy", policy)
        .with("description", "")
        .with("api_key_source", ApiKeySourceType::Header.as_str())
        .with("default_endpoint", true)
        .with("binary_types", Attr::set(Vec::<String>::new()))
        .with("compression_bytes", Attr::Known(Value::Null))
        .with("surface", Attr::set(methods.keys().cloned()))
        .with("methods", Attr::Known(definitions))
}

/// Of everything that only a new deployment brings to the stage.
fn hash(attrs: &Attrs) -> String {
    let mut digest = Sha256::new();
    for field in ["endpoints", "methods", "policy", "surface"] {
        let value = json!(attrs.get(field));
        digest.update(format!("{field}={value};"));
    }
    // Half of it is plenty to tell definitions apart, and fits a description.
    let half: [u8; 16] = std::array::from_fn({
        let digest = digest.finalize();
        move |at| digest[at]
    });
    format!("{:032x}", u128::from_be_bytes(half))
}

async fn candidate(reads: &Reads, live: Live) -> Result<Candidate<RestApiOut>, Fault> {
    let id = live.id.clone().unwrap_or_default();
    let methods = methods_of(&resources(reads, &id).await?);
    let types = live
        .endpoint_configuration()
        .map(aws_sdk_apigateway::types::EndpointConfiguration::types)
        .unwrap_or_default();
    let types: Vec<&str> = types.iter().map(EndpointType::as_str).collect();
    let types = types.join(",");
    // AWS expands `execute-api:/*` to the API's own ARN.
    let expanded = format!("{}/", reads.arn("execute-api", &id));
    let policy = live
        .policy
        .unwrap_or_default()
        .replace("\\\"", "\"")
        .replace("\\/", "/");
    let policy = canonical(&policy.replace(&expanded, "execute-api:/"));
    let endpoints = live
        .endpoint_configuration
        .map(|c| c.vpc_endpoint_ids.unwrap_or_default());
    let key_source = live
        .api_key_source
        .map_or("HEADER".to_owned(), |source| source.as_str().to_owned());
    let attrs = attrs(
        &live.name.unwrap_or_default(),
        &types,
        Attr::set(endpoints.unwrap_or_default()),
        statements(Some(&policy)),
        &methods,
    )
    .with("description", live.description.unwrap_or_default())
    .with("api_key_source", key_source)
    .with("default_endpoint", !live.disable_execute_api_endpoint)
    .with(
        "binary_types",
        Attr::set(live.binary_media_types.unwrap_or_default()),
    )
    .with(
        "compression_bytes",
        Attr::Known(json!(live.minimum_compression_size)),
    );
    Ok(Candidate {
        out: RestApiOut {
            id,
            hash: hash(&attrs),
        },
        attrs,
        mark: Mark::Tags(live.tags.unwrap_or_default().into_iter().collect()),
        name: None,
        pristine: methods.is_empty(),
        health: Health::Ready,
        notes: Vec::new(),
    })
}

/// Puts tags on anything of API Gateway; `path` is what follows the last `::/` of its ARN.
pub(crate) async fn tag(writes: &Writes, path: &str, tags: &Tags) -> Result<(), Fault> {
    let (partition, region) = (&writes.reads.partition, &writes.reads.region);
    let arn = format!("arn:{partition}:apigateway:{region}::/{path}");
    writes
        .call("apigateway:TagResource", |c| {
            c.apigateway
                .tag_resource()
                .resource_arn(arn)
                .set_tags(Some(tags.clone().into_iter().collect()))
                .send()
        })
        .await
        .map(drop)
}

/// Takes tags off anything of API Gateway.
pub(crate) async fn untag(writes: &Writes, path: &str, keys: &[String]) -> Result<(), Fault> {
    let (partition, region) = (&writes.reads.partition, &writes.reads.region);
    let arn = format!("arn:{partition}:apigateway:{region}::/{path}");
    writes
        .call("apigateway:UntagResource", |c| {
            c.apigateway
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(keys.to_vec()))
                .send()
        })
        .await
        .map(drop)
}
