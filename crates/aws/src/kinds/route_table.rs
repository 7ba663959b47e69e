//! A subnet's own route table: the local route, what gateway endpoints put there, nothing else.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, Route, RouteOrigin};
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace, Phase,
    Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::{call, unseen};
use crate::ec2::{filter, from_tags, marked, specification, tag, untag};
use crate::kinds::{Subnet, Vpc};
use crate::{Aws, Reads, Writes};

/// A route table with one subnet.
#[derive(Debug, Clone)]
pub struct RouteTable;

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableOut {
    /// `rtb-…`.
    pub id: String,
}

#[async_trait]
impl Kind for RouteTable {
    type Cloud = Aws;
    type Needs = (Ref<Vpc>, Ref<Subnet>);
    type Out = RouteTableOut;
    const NAME: &'static str = "ec2/route-table";
    const PACE: Pace = Pace::seconds(1, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &RouteTableOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (vpc, subnet): &<Self::Needs as Needs>::Maybe) -> Attrs {
        Attrs::new()
            .with("vpc", Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())))
            .with(
                "subnets",
                Attr::set_of([subnet.as_ref().map(|s| s.id.clone())]),
            )
            .with("other_routes", Attr::set(Vec::<String>::new()))
            .with("propagating_gateways", Attr::set(Vec::<String>::new()))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "vpc" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<RouteTableOut>>, Fault> {
        let ids: Vec<&str> = scope.recorded.iter().map(|out| out.id.as_str()).collect();
        let mut found = describe(reads, marked(scope)).await?;
        if ids
            .iter()
            .any(|id| !found.iter().any(|t| t.route_table_id() == Some(id)))
        {
            found.extend(describe(reads, vec![filter("route-table-id", ids)]).await?);
        }
        let candidate = |table: aws_sdk_ec2::types::RouteTable| Candidate {
            attrs: Attrs::new()
                .with("vpc", table.vpc_id().unwrap_or_default())
                .with(
                    "subnets",
                    Attr::set(associations(&table).into_iter().map(|(_, subnet)| subnet)),
                )
                .with(
                    "other_routes",
                    Attr::set(table.routes().iter().filter_map(other_route)),
                )
                .with("propagating_gateways", Attr::set(propagating(&table))),
            out: RouteTableOut {
                id: table.route_table_id.unwrap_or_default(),
            },
            mark: Mark::Tags(from_tags(table.tags)),
            name: None,
            pristine: table.associations.is_none_or(|a| a.is_empty()),
            health: Health::Ready,
            notes: Vec::new(),
        };
        Ok(found.into_iter().map(candidate).collect())
    }

    async fn phases(_: &Reads, outs: &[RouteTableOut]) -> Vec<Result<Phase<RouteTableOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (vpc, _): &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<RouteTableOut>, Fault> {
        let answer = writes
            .call("ec2:CreateRouteTable", |c| {
                c.ec2
                    .create_route_table()
                    .vpc_id(&vpc.id)
                    .client_token(token.to_string())
                    .tag_specifications(specification(ResourceType::RouteTable, tags))
                    .send()
            })
            .await?;
        let id = answer
            .route_table
            .and_then(|t| t.route_table_id)
            .unwrap_or_default();
        Ok(Created {
            out: RouteTableOut { id },
            attrs: Attrs::new()
                .with("vpc", vpc.id.clone())
                .with("subnets", Attr::set(Vec::<String>::new()))
                .with("other_routes", Attr::set(Vec::<String>::new()))
                .with("propagating_gateways", Attr::set(Vec::<String>::new())),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (_, subnet): &<Self::Needs as Needs>::Known,
        out: &RouteTableOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<RouteTableOut, Fault> {
        let tables = describe(&writes.reads, vec![filter("route-table-id", [&out.id])]).await?;
        if tables.is_empty() {
            return Err(unseen("ec2:DescribeRouteTables", &out.id));
        }
        let (mut associated, mut routes) = (Vec::new(), Vec::new());
        for table in &tables {
            associated.extend(associations(table));
            for gateway in propagating(table) {
                writes
                    .call("ec2:DisableVgwRoutePropagation", |c| {
                        c.ec2
                            .disable_vgw_route_propagation()
                            .route_table_id(&out.id)
                            .gateway_id(gateway)
                            .send()
                    })
                    .await?;
            }
            routes.extend(
                table
                    .routes()
                    .iter()
                    .filter(|r| other_route(r).is_some())
                    // What a gateway propagates goes with the propagation.
                    .filter(|r| r.origin() != Some(&RouteOrigin::EnableVgwRoutePropagation))
                    .cloned(),
            );
        }
        for route in routes {
            writes
                .call("ec2:DeleteRoute", |c| {
                    c.ec2
                        .delete_route()
                        .route_table_id(&out.id)
                        .set_destination_cidr_block(route.destination_cidr_block)
                        .set_destination_ipv6_cidr_block(route.destination_ipv6_cidr_block)
                        .set_destination_prefix_list_id(route.destination_prefix_list_id)
                        .send()
                })
                .await?;
        }
        for (association, _) in associated.iter().filter(|(_, other)| *other != subnet.id) {
            disassociate(writes, association).await?;
        }
        if !associated.iter().any(|(_, other)| *other == subnet.id) {
            writes
                .call("ec2:AssociateRouteTable", |c| {
                    c.ec2
                        .associate_route_table()
                        .route_table_id(&out.id)
                        .subnet_id(&subnet.id)
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &RouteTableOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &RouteTableOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[RouteTableOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(delete(writes, out).await);
        }
        answers
    }
}

async fn delete(writes: &Writes, out: &RouteTableOut) -> Result<(), Fault> {
    for table in describe(&writes.reads, vec![filter("route-table-id", [&out.id])]).await? {
        for (association, _) in associations(&table) {
            disassociate(writes, &association).await?;
        }
    }
    writes
        .call("ec2:DeleteRouteTable", |c| {
            c.ec2.delete_route_table().route_table_id(&out.id).send()
        })
        .await
        .map(drop)
}

async fn disassociate(writes: &Writes, association: &str) -> Result<(), Fault> {
    writes
        .call("ec2:DisassociateRouteTable", |c| {
            c.ec2
                .disassociate_route_table()
                .association_id(association)
                .send()
        })
        .await
        .map(drop)
}

/// Association id and subnet, for each subnet.
fn associations(table: &aws_sdk_ec2::types::RouteTable) -> Vec<(String, String)> {
    let associations = table.associations().iter();
    associations
        .filter_map(|a| Some((a.route_table_association_id.clone()?, a.subnet_id.clone()?)))
        .collect()
}

/// Virtual private gateways that put their routes into it.
fn propagating(table: &aws_sdk_ec2::types::RouteTable) -> Vec<String> {
    let gateways = table.propagating_vgws().iter();
    gateways.filter_map(|g| g.gateway_id.clone()).collect()
}

/// A route that neither AWS nor a gateway endpoint put there.
fn other_route(route: &Route) -> Option<String> {
    let gateway = route.gateway_id().unwrap_or_default();
    if gateway == "local" || gateway.starts_with("vpce-") {
        return None;
    }
    let to = route
        .destination_cidr_block()
        .or(route.destination_ipv6_cidr_block())
        .or(route.destination_prefix_list_id())?;
    let through = route
        .gateway_id()
        .or(route.nat_gateway_id())
        .or(route.transit_gateway_id())
        .or(route.vpc_peering_connection_id())
        .or(route.egress_only_internet_gateway_id())
        .or(route.network_interface_id())
        .unwrap_or("elsewhere");
    Some(format!("{to} through {through}"))
}

async fn describe(
    reads: &Reads,
    filters: Vec<Filter>,
) -> Result<Vec<aws_sdk_ec2::types::RouteTable>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_route_tables()
        .set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    call("ec2:DescribeRouteTables", pages.try_collect()).await
}
