//! Endpoints in the VPC, all of them.

use audit::Endpoint;
use aws_sdk_ec2::types::VpcEndpoint;
use reconciler::Fault;
use serde_json::Value;

use super::ours::Ours;
use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;
use crate::guardduty::made_endpoint;
use crate::kinds;
use crate::policy::canonical;

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Vec<Endpoint>, Fault> {
    let request = reads.clients.ec2.describe_vpc_endpoints();
    let request = request
        .filters(filter("vpc-id", [&ours.vpc]))
        .into_paginator();
    let found: Vec<VpcEndpoint> = call(
        "ec2:DescribeVpcEndpoints",
        request.items().send().try_collect(),
    )
    .await?;
    let all = found.iter().map(|live| {
        let id = &ours
            .unread
            .id(live.vpc_endpoint_id.clone(), "a VPC endpoint");
        // What leads to a resource or a service network has no service.
        let leads_to = live
            .service_name()
            .or(live.resource_configuration_arn())
            .or(live.service_network_arn());
        let leads_to = ours.unread.member(leads_to, id, "where it leads to");
        let groups = live.groups().iter();
        Endpoint {
            ours: ours.id_of::<kinds::VpcEndpoint>(id),
            id: id.to_owned(),
            service: leads_to.unwrap_or_default().to_owned(),
            kind: live
                .vpc_endpoint_type()
                .map_or("", |kind| kind.as_str())
                .to_owned(),
            state: live
                .state()
                .map_or("", |state| state.as_str())
                .to_lowercase(),
            private_dns: live.private_dns_enabled == Some(true),
            policy: live.policy_document().map_or(Value::Null, canonical),
            groups: groups
                .map(|group| ours.unread.id(group.group_id.clone(), "a security group"))
                .collect(),
            of_guardduty: made_endpoint(live),
        }
    });
    let leaving = ["deleting", "deleted"];
    Ok(all
        .filter(|endpoint| !leaving.contains(&endpoint.state.as_str()))
        .collect())
}
