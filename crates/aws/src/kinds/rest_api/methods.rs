//! The methods of a REST API: read, and put one after another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use aws_sdk_apigateway::types::{IntegrationType, Resource};
use reconciler::Fault;
use serde::{Serialize, Serializer};

use crate::call::call;
use crate::{Reads, Writes};

/// What a method is answered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Integration {
    /// `MOCK`, `HTTP` or `HTTP_PROXY`.
    pub kind: String,
    /// Method of the backend; none for a mock.
    pub http_method: Option<String>,
    /// URL of the backend; none for a mock.
    pub uri: Option<String>,
    /// Backend parameter by request parameter.
    #[serde(serialize_with = "as_list")]
    pub parameters: BTreeMap<String, String>,
    /// Template by content type.
    #[serde(serialize_with = "as_list")]
    pub templates: BTreeMap<String, String>,
    /// What happens to content types without a template.
    pub passthrough: String,
    /// Until the backend has to have answered, milliseconds.
    pub timeout_ms: i32,
    /// Status of the one response.
    pub status: String,
    /// Its headers, values in API Gateway's own quotes.
    #[serde(serialize_with = "as_list")]
    pub headers: BTreeMap<String, String>,
    /// Responses beside that one, and templates of any: `status` or `status content-type`.
    pub other_responses: BTreeSet<String>,
}

/// Maps as sorted lists of `key: value`: within an object only what is desired is compared, and what
/// somebody added to one has to show.
fn as_list<S: Serializer, V: Display>(
    map: &BTreeMap<String, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.iter().map(|(key, value)| format!("{key}: {value}")))
}

/// Content types without a template go through as they are.
pub const PASSTHROUGH: &str = "WHEN_NO_MATCH";
/// API Gateway's default, milliseconds.
pub const TIMEOUT_MS: i32 = 29_000;
/// Nobody has to prove who it is: Cognito, behind the proxy, asks for that.
pub const OPEN: &str = "NONE";

/// One method of one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Method {
    /// Who may call it: `NONE` is everybody whom the resource policy lets in.
    pub authorization: String,
    /// Whether a key has to be shown.
    pub needs_key: bool,
    /// Request parameter by whether it is required.
    #[serde(serialize_with = "as_list")]
    pub parameters: BTreeMap<String, bool>,
    /// What answers.
    pub integration: Integration,
}

/// Makes the live methods those desired: what differs is deleted and put again.
pub(super) async fn define(
    writes: &Writes,
    api: &str,
    wanted: &BTreeMap<String, Method>,
) -> Result<(), Fault> {
    let resources = resources(&writes.reads, api).await?;
    let live = methods_of(&resources);
    let mut ids: BTreeMap<String, String> = resources
        .iter()
        .filter_map(|r| Some((r.path.clone()?, r.id.clone()?)))
        .collect();
    for (key, method) in &live {
        if wanted.get(key) != Some(method) {
            let (verb, path) = split(key);
            let resource = ids.get(path).cloned().unwrap_or_default();
            writes
                .call("apigateway:DeleteMethod", |c| {
                    c.apigateway
                        .delete_method()
                        .rest_api_id(api)
                        .resource_id(resource)
                        .http_method(verb)
                        .send()
                })
                .await?;
        }
    }
    for (key, method) in wanted {
        if live.get(key) != Some(method) {
            let (verb, path) = split(key);
            let resource = resource_id(writes, api, path, &mut ids).await?;
            put_method(writes, api, &resource, verb, method).await?;
        }
    }
    // Paths that nothing is left on, the deepest first.
    let paths: Vec<&str> = wanted.keys().map(|key| split(key).1).collect();
    for (path, id) in ids.iter().rev() {
        let used = paths
            .iter()
            .any(|w| *w == path || w.starts_with(&format!("{path}/")));
        if path != "/" && !used {
            writes
                .call("apigateway:DeleteResource", |c| {
                    c.apigateway
                        .delete_resource()
                        .rest_api_id(api)
                        .resource_id(id)
                        .send()
                })
                .await?;
        }
    }
    Ok(())
}

fn split(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or((key, "/"))
}

pub(super) async fn resources(reads: &Reads, api: &str) -> Result<Vec<Resource>, Fault> {
    let request = reads.clients.apigateway.get_resources().rest_api_id(api);
    let request = request.embed("methods").limit(500);
    let pages = request.into_paginator().items().send();
    call("apigateway:GetResources", pages.try_collect()).await
}

pub(super) fn methods_of(resources: &[Resource]) -> BTreeMap<String, Method> {
    let mut methods = BTreeMap::new();
    for resource in resources {
        let path = resource.path().unwrap_or("/");
        for (verb, live) in resource.resource_methods().into_iter().flatten() {
            let integration = live.method_integration();
            let responses = integration
                .and_then(|i| i.integration_responses())
                .into_iter()
                .flatten();
            let mut responses: Vec<_> = responses.collect();
            responses.sort_by_key(|(status, _)| status.as_str());
            let others = responses
                .iter()
                .skip(1)
                .map(|(status, _)| (*status).clone());
            let templates = responses.iter().flat_map(|(status, response)| {
                let types = response.response_templates().into_iter().flatten();
                types.map(move |(kind, _)| format!("{status} {kind}"))
            });
            let other_responses = others.chain(templates).collect();
            let (status, response) = responses.first().copied().unzip();
            let sorted = |map: Option<&std::collections::HashMap<String, String>>| {
                map.into_iter()
                    .flatten()
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect()
            };
            let mock = integration.and_then(|i| i.r#type()) == Some(&IntegrationType::Mock);
            let text = |text: Option<&str>| {
                text.filter(|t| !t.is_empty() && !mock)
                    .map(ToOwned::to_owned)
            };
            let method = Method {
                authorization: live.authorization_type().unwrap_or(OPEN).to_owned(),
                needs_key: live.api_key_required == Some(true),
                parameters: live
                    .request_parameters()
                    .into_iter()
                    .flatten()
                    .map(|(k, v)| (k.clone(), *v))
                    .collect(),
                integration: Integration {
                    kind: integration
                        .and_then(|i| i.r#type())
                        .map_or(String::new(), |t| t.as_str().to_owned()),
                    http_method: text(integration.and_then(|i| i.http_method())),
                    uri: text(integration.and_then(|i| i.uri())),
                    parameters: sorted(integration.and_then(|i| i.request_parameters())),
                    templates: sorted(integration.and_then(|i| i.request_templates())),
                    passthrough: integration
                        .and_then(|i| i.passthrough_behavior())
                        .unwrap_or(PASSTHROUGH)
                        .to_owned(),
                    timeout_ms: integration
                        .map(|i| i.timeout_in_millis)
                        .filter(|millis| *millis > 0)
                        .unwrap_or(TIMEOUT_MS),
                    other_responses,
                    status: status.cloned().unwrap_or_default(),
                    headers: sorted(response.and_then(|r| r.response_parameters())),
                },
            };
            methods.insert(format!("{verb} {path}"), method);
        }
    }
    methods
}

/// Id of the resource at `path`; missing ones are made from the root downwards.
async fn resource_id(
    writes: &Writes,
    api: &str,
    path: &str,
    ids: &mut BTreeMap<String, String>,
) -> Result<String, Fault> {
    let mut parent = ids.get("/").cloned().unwrap_or_default();
    let mut so_far = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        so_far = format!("{so_far}/{part}");
        parent = match ids.get(&so_far) {
            Some(id) => id.clone(),
            None => {
                let answer = writes
                    .call("apigateway:CreateResource", |c| {
                        c.apigateway
                            .create_resource()
                            .rest_api_id(api)
                            .parent_id(&parent)
                            .path_part(part)
                            .send()
                    })
                    .await;
                let answer = conflict_is_passing(answer)?;
                let id = answer.id.unwrap_or_default();
                ids.insert(so_far.clone(), id.clone());
                id
            }
        };
    }
    Ok(parent)
}

async fn put_method(
    writes: &Writes,
    api: &str,
    resource: &str,
    verb: &str,
    method: &Method,
) -> Result<(), Fault> {
    let integration = &method.integration;
    let map = |map: &BTreeMap<String, String>| {
        (!map.is_empty()).then(|| map.clone().into_iter().collect())
    };
    let answer = writes
        .call("apigateway:PutMethod", |c| {
            let parameters = method.parameters.clone().into_iter().collect();
            c.apigateway
                .put_method()
                .rest_api_id(api)
                .resource_id(resource)
                .http_method(verb)
                .authorization_type(&method.authorization)
                .api_key_required(method.needs_key)
                .set_request_parameters((!method.parameters.is_empty()).then_some(parameters))
                .send()
        })
        .await;
    conflict_is_passing(answer)?;
    writes
        .call("apigateway:PutMethodResponse", |c| {
            let declared = integration
                .headers
                .keys()
                .map(|header| (header.clone(), true));
            c.apigateway
                .put_method_response()
                .rest_api_id(api)
                .resource_id(resource)
                .http_method(verb)
                .status_code(&integration.status)
                .set_response_parameters(
                    (!integration.headers.is_empty()).then(|| declared.collect()),
                )
                .send()
        })
        .await?;
    writes
        .call("apigateway:PutIntegration", |c| {
            c.apigateway
                .put_integration()
                .rest_api_id(api)
                .resource_id(resource)
                .http_method(verb)
                .r#type(IntegrationType::from(integration.kind.as_str()))
                .set_integration_http_method(integration.http_method.clone())
                .set_uri(integration.uri.clone())
                .passthrough_behavior(&integration.passthrough)
                .timeout_in_millis(integration.timeout_ms)
                .set_request_parameters(map(&integration.parameters))
                .set_request_templates(map(&integration.templates))
                .send()
        })
        .await?;
    writes
        .call("apigateway:PutIntegrationResponse", |c| {
            c.apigateway
                .put_integration_response()
                .rest_api_id(api)
                .resource_id(resource)
                .http_method(verb)
                .status_code(&integration.status)
                .set_response_parameters(map(&integration.headers))
                .send()
        })
        .await
        .map(drop)
}

/// Within an API that is ours a conflict is another change still under way, or our own call of
/// before: both pass when the definition is looked at again.
pub(super) fn conflict_is_passing<T>(answer: Result<T, Fault>) -> Result<T, Fault> {
    answer.map_err(|mut fault| {
        if fault.class == reconciler::Class::Exists {
            fault.class = reconciler::Class::InUse;
        }
        fault
    })
}
