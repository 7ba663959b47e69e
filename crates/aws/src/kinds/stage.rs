//! The stage of a REST API and the deployment it points to.
//!
//! The deployment's description holds the hash of the definition it was made from. A stage whose
//! *current* deployment bears another hash is redeployed, so that a crash between changing the API
//! and deploying it heals by itself.

use async_trait::async_trait;
use aws_sdk_apigateway::types::{Deployment, Op, PatchOperation, Stage as Live};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::rest_api::{tag, untag};
use crate::kinds::{RestApi, RestApiOut};
use crate::{Aws, Reads, Writes};

/// A deployed stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Stage name, `prod`.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageOut {
    /// Id of the REST API.
    pub api: String,
    /// Stage name.
    pub name: String,
}

#[async_trait]
impl Kind for Stage {
    type Cloud = Aws;
    type Needs = Ref<RestApi>;
    type Out = StageOut;
    const NAME: &'static str = "apigateway/stage";
    const PACE: Pace = Pace::seconds(2, 6, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &StageOut) -> String {
        format!("{}/{}", out.api, out.name)
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, api: &<Self::Needs as Needs>::Maybe) -> Attrs {
        Attrs::new()
            .with("api", Attr::of(api.as_ref().map(|api| api.id.clone())))
            .with("name", self.name.as_str())
            .with(
                "deployed",
                Attr::of(api.as_ref().map(|api| described(&api.hash))),
            )
            .with("description", "")
            .with("tracing", false)
            .with("cache", false)
            .with("variables", Attr::set(Vec::<String>::new()))
            .with("access_log", Attr::Known(Value::Null))
            .with("method_settings", Attr::set(Vec::<String>::new()))
            .with("client_certificate", Attr::Known(Value::Null))
            .with("canary", false)
            .with("web_acl", Attr::Known(Value::Null))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "name" => Impact::Replace,
            // A firewall in front of it is somebody's care, and AWS WAF's to take off.
            "web_acl" => Impact::LeftAlone,
            // An API that is only updated keeps its id.
            "api" => Impact::Tied,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<StageOut>>, Fault> {
        let apis: Vec<_> = scope.found.all::<RestApiOut>().collect();
        let looks = apis.iter().map(|api| stages(reads, &api.id));
        let found = futures::future::try_join_all(looks).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn phases(_: &Reads, outs: &[StageOut]) -> Vec<Result<Phase<StageOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        api: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<StageOut>, Fault> {
        let deployment = deploy(writes, api).await?;
        writes
            .call("apigateway:CreateStage", |c| {
                c.apigateway
                    .create_stage()
                    .rest_api_id(&api.id)
                    .stage_name(&self.name)
                    .deployment_id(deployment)
                    .set_tags(Some(tags.clone().into_iter().collect()))
                    .send()
            })
            .await?;
        let out = StageOut {
            api: api.id.clone(),
            name: self.name.clone(),
        };
        Ok(Created::complete(self, api, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        api: &<Self::Needs as Needs>::Known,
        out: &StageOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<StageOut, Fault> {
        let mut patches: Vec<PatchOperation> = changes.iter().flat_map(undoing).collect();
        // A canary has a deployment of its own; promoting nothing, it goes before the stage moves.
        if changes.iter().any(|change| change.root() == "deployed") {
            let deployment = deploy(writes, api).await?;
            patches.push(patch(Op::Replace, "/deploymentId", Some(&deployment)));
        }
        writes
            .call("apigateway:UpdateStage", |c| {
                c.apigateway
                    .update_stage()
                    .rest_api_id(&out.api)
                    .stage_name(&out.name)
                    .set_patch_operations(Some(patches))
                    .send()
            })
            .await?;
        // The stage is right by now; what is left over is tried again at its next change.
        if let Err(fault) = retire(writes, &out.api).await {
            tracing::warn!(api = out.api, %fault, "an old deployment of the API stays");
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &StageOut, tags: &Tags) -> Result<(), Fault> {
        tag(
            writes,
            &format!("restapis/{}/stages/{}", out.api, out.name),
            tags,
        )
        .await
    }

    async fn untag(writes: &Writes, out: &StageOut, keys: &[String]) -> Result<(), Fault> {
        let path = format!("restapis/{}/stages/{}", out.api, out.name);
        untag(writes, &path, keys).await
    }

    async fn delete(writes: &Writes, outs: &[StageOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("apigateway:DeleteStage", |c| {
                    c.apigateway
                        .delete_stage()
                        .rest_api_id(&out.api)
                        .stage_name(&out.name)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn patch(op: Op, path: &str, value: Option<&str>) -> PatchOperation {
    let value = value.map(ToOwned::to_owned);
    PatchOperation::builder()
        .op(op)
        .path(path)
        .set_value(value)
        .build()
}

/// What takes a change by hand back ("Patch operations", API Gateway API reference).
fn undoing(change: &Change) -> Vec<PatchOperation> {
    let names = || match &change.from {
        Attr::Known(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match change.root() {
        "description" => vec![patch(Op::Replace, "/description", Some(""))],
        "tracing" => vec![patch(Op::Replace, "/tracingEnabled", Some("false"))],
        "cache" => vec![patch(Op::Replace, "/cacheClusterEnabled", Some("false"))],
        "client_certificate" => vec![patch(Op::Replace, "/clientCertificateId", Some(""))],
        "access_log" => vec![patch(Op::Remove, "/accessLogSettings", None)],
        "canary" => vec![patch(Op::Remove, "/canarySettings", None)],
        "variables" => names()
            .into_iter()
            .map(|name: &str| patch(Op::Remove, &format!("/variables/{name}"), None))
            .collect(),
        "method_settings" => names()
            .into_iter()
            .map(|method: &str| patch(Op::Remove, &format!("/{method}"), None))
            .collect(),
        _ => Vec::new(),
    }
}

/// How descriptions of our deployments begin.
const DESCRIPTION: &str = "genu-deploy ";

fn described(hash: &str) -> String {
    format!("{DESCRIPTION}{hash}")
}

/// The deployment of the API as it is defined now: one that an earlier attempt left, else a new one.
/// Deployments never change, and ours are made of complete definitions only.
async fn deploy(writes: &Writes, api: &RestApiOut) -> Result<String, Fault> {
    let ours = described(&api.hash);
    let known = deployments(&writes.reads, &api.id).await?.into_iter();
    let mut alike = known.filter(|known| known.description.as_deref() == Some(&ours));
    if let Some(id) = alike.next().and_then(|known| known.id) {
        return Ok(id);
    }
    let answer = writes
        .call("apigateway:CreateDeployment", |c| {
            c.apigateway
                .create_deployment()
                .rest_api_id(&api.id)
                .description(ours)
                .send()
        })
        .await?;
    answer.id.ok_or_else(|| {
        let what = "the answer names no deployment";
        Fault::new(Class::Ambiguous, "apigateway:CreateDeployment", what)
    })
}

/// Deletes deployments of ours that no stage and no canary points to; somebody else's stay.
async fn retire(writes: &Writes, api: &str) -> Result<(), Fault> {
    let client = &writes.reads.clients.apigateway;
    let stages = call(
        "apigateway:GetStages",
        client.get_stages().rest_api_id(api).send(),
    )
    .await?;
    let used: Vec<&str> = stages
        .item()
        .iter()
        .flat_map(|stage| {
            let canary = stage.canary_settings();
            let canary = canary.and_then(|canary| canary.deployment_id());
            [stage.deployment_id(), canary]
        })
        .flatten()
        .collect();
    for old in deployments(&writes.reads, api).await? {
        let ours = old
            .description()
            .is_some_and(|text| text.starts_with(DESCRIPTION));
        let id = old.id.unwrap_or_default();
        if ours && !used.contains(&id.as_str()) {
            writes
                .call("apigateway:DeleteDeployment", |c| {
                    c.apigateway
                        .delete_deployment()
                        .rest_api_id(api)
                        .deployment_id(id)
                        .send()
                })
                .await?;
        }
    }
    Ok(())
}

async fn deployments(reads: &Reads, api: &str) -> Result<Vec<Deployment>, Fault> {
    let client = &reads.clients.apigateway;
    let pages = client.get_deployments().rest_api_id(api).into_paginator();
    let all = pages.items().send().try_collect();
    call("apigateway:GetDeployments", all).await
}

async fn stages(reads: &Reads, api: &str) -> Result<Vec<Candidate<StageOut>>, Fault> {
    let client = &reads.clients.apigateway;
    let found = match call(
        "apigateway:GetStages",
        client.get_stages().rest_api_id(api).send(),
    )
    .await
    {
        Err(fault) if fault.class == Class::Gone => return Ok(Vec::new()),
        answer => answer?.item.unwrap_or_default(),
    };
    let mut candidates = Vec::new();
    for live in found {
        candidates.push(candidate(reads, api, live).await?);
    }
    Ok(candidates)
}

async fn candidate(reads: &Reads, api: &str, live: Live) -> Result<Candidate<StageOut>, Fault> {
    let id = live.deployment_id.unwrap_or_default();
    let request = reads
        .clients
        .apigateway
        .get_deployment()
        .rest_api_id(api)
        .deployment_id(id);
    let deployed = match call("apigateway:GetDeployment", request.send()).await {
        Err(fault) if fault.class == Class::Gone => String::new(),
        answer => answer?.description.unwrap_or_default(),
    };
    let names = |keys: Vec<String>| Attr::set(keys);
    let variables = live.variables.unwrap_or_default();
    let settings = live.method_settings.unwrap_or_default();
    let log = live.access_log_settings.and_then(|log| log.destination_arn);
    let attrs = Attrs::new()
        .with("description", live.description.unwrap_or_default())
        .with("tracing", live.tracing_enabled)
        .with("cache", live.cache_cluster_enabled)
        .with("variables", names(variables.into_keys().collect()))
        .with("access_log", Attr::Known(json!(log)))
        .with("method_settings", names(settings.into_keys().collect()))
        .with(
            "client_certificate",
            Attr::Known(json!(live.client_certificate_id)),
        )
        .with("canary", live.canary_settings.is_some())
        .with("web_acl", Attr::Known(json!(live.web_acl_arn)));
    let name = live.stage_name.unwrap_or_default();
    Ok(Candidate {
        attrs: attrs
            .with("api", api)
            .with("name", name.as_str())
            .with("deployed", deployed),
        mark: Mark::Tags(live.tags.unwrap_or_default().into_iter().collect()),
        name: None,
        out: StageOut {
            api: api.to_owned(),
            name,
        },
        pristine: false,
        health: Health::Ready,
        notes: Vec::new(),
    })
}
