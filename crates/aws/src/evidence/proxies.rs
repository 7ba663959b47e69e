//! REST APIs that are ours or bound to an endpoint in the VPC.

use audit::{Endpoint, RestApi};
use aws_sdk_apigateway::types::{EndpointConfiguration, EndpointType, RestApi as Live};
use reconciler::Fault;
use serde_json::Value;

use super::ours::Ours;
use crate::call::call;
use crate::clients::Reads;
use crate::kinds;
use crate::policy::canonical;

pub(super) async fn look(
    reads: &Reads,
    ours: &Ours<'_>,
    endpoints: &[Endpoint],
) -> Result<Vec<RestApi>, Fault> {
    let request = reads.clients.apigateway.get_rest_apis().limit(500);
    let found: Vec<Live> = call(
        "apigateway:GetRestApis",
        request.into_paginator().items().send().try_collect(),
    )
    .await?;
    let all = found.iter().map(|live| {
        let id = live.id().unwrap_or_default();
        let at = live.endpoint_configuration();
        let types = at.map(EndpointConfiguration::types).unwrap_or_default();
        RestApi {
            // Identities of APIs are their ids alone.
            ours: ours
                .all::<kinds::RestApi>()
                .into_iter()
                .find(|(_, out)| out.id == id)
                .map(|(ours, _)| ours),
            id: id.to_owned(),
            name: live.name().unwrap_or_default().to_owned(),
            types: types.iter().map(EndpointType::to_string).collect(),
            endpoints: at
                .map(|at| at.vpc_endpoint_ids().to_vec())
                .unwrap_or_default(),
            policy: live.policy().map_or(Value::Null, canonical),
        }
    });
    let here = |api: &RestApi| {
        let mut bound = api.endpoints.iter();
        api.ours.is_some() || bound.any(|id| endpoints.iter().any(|e| e.id == *id))
    };
    Ok(all.filter(here).collect())
}
