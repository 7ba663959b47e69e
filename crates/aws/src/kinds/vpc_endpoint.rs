//! A VPC endpoint, gateway or interface. Creates, modifications and deletes share the tightest
//! bucket of the network, so everything goes into the create call and deletes go in one call.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    DnsOptionsSpecification, DnsRecordIpType, Filter, IpAddressType, ResourceType, VpcEndpointType,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::call::call;
use crate::classify::class_of;
use crate::ec2::{filter, from_tags, marked, specification, tag, untag};
use crate::hints::hint_for;
use crate::kinds::{RouteTable, SecurityGroup, Subnet, Vpc};
use crate::policy::{canonical, statements};
use crate::{Aws, Reads, Writes};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointType {
    /// Routes in route tables; S3 and DynamoDB.
    Gateway,
    /// Network interfaces with private DNS.
    Interface,
    /// As `Interface`, its private DNS answering the inbound resolver alone.
    InterfaceForResolver,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub struct VpcEndpoint {
    /// `com.amazonaws.<region>.<service>`.
    pub service: String,
    /// Gateway or interface.
    pub endpoint_type: EndpointType,
    /// Endpoint policy; `None` is AWS's default, full access.
    pub policy: Option<Value>,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpointOut {
    /// `vpce-…`.
    pub id: String,
}

#[async_trait]
impl Kind for VpcEndpoint {
    type Cloud = Aws;
    /// VPC, subnets or route tables, groups, endpoints that have to be there before.
    type Needs = (
        Ref<Vpc>,
        Vec<Ref<Subnet>>,
        Vec<Ref<RouteTable>>,
        Vec<Ref<SecurityGroup>>,
        Vec<Ref<VpcEndpoint>>,
    );
    type Out = VpcEndpointOut;
    const NAME: &'static str = "ec2/vpc-endpoint";
    const PACE: Pace = Pace::seconds(3, 75, 120, 900);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 25;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &VpcEndpointOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (vpc, subnets, tables, groups, _): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let interface = self.endpoint_type != EndpointType::Gateway;
        Attrs::new()
            .with("vpc", Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())))
            .with("service", self.service.as_str())
            .with("type", if interface { "Interface" } else { "Gateway" })
            .with(
                "subnets",
                Attr::set_of(subnets.iter().map(|s| s.as_ref().map(|s| s.id.clone()))),
            )
            .with(
                "route_tables",
                Attr::set_of(tables.iter().map(|t| t.as_ref().map(|t| t.id.clone()))),
            )
            .with(
                "groups",
                Attr::set_of(groups.iter().map(|g| g.as_ref().map(|g| g.id.clone()))),
            )
            .with("policy", statements(self.policy.as_ref()))
            .with("private_dns", interface)
            .with("addresses", "ipv4")
            .with(
                "dns_records",
                if interface { "ipv4" } else { "service-defined" },
            )
            .with(
                "dns_for_resolver_only",
                self.endpoint_type == EndpointType::InterfaceForResolver,
            )
    }
    fn impact(field: &str) -> Impact {
        match field {
            "vpc" | "service" | "type" => Impact::Replace,
            "subnets" | "groups" => Impact::Tied,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<VpcEndpointOut>>, Fault> {
        let ids: Vec<&str> = scope.recorded.iter().map(|out| out.id.as_str()).collect();
        let mut found = describe(reads, marked(scope)).await?;
        if ids
            .iter()
            .any(|id| !found.iter().any(|e| e.vpc_endpoint_id() == Some(id)))
        {
            found.extend(describe(reads, vec![filter("vpc-endpoint-id", ids)]).await?);
        }
        found.retain(|e| !matches!(state(e).as_str(), "deleted" | "deleting"));
        Ok(found.into_iter().map(candidate).collect())
    }

    async fn phases(
        reads: &Reads,
        outs: &[VpcEndpointOut],
    ) -> Vec<Result<Phase<VpcEndpointOut>, Fault>> {
        let ids = outs.iter().map(|out| out.id.as_str());
        let found = describe(reads, vec![filter("vpc-endpoint-id", ids)]).await;
        outs.iter()
            .map(|out| {
                let found = found.as_ref().map_err(Clone::clone)?;
                let endpoint = found.iter().find(|e| e.vpc_endpoint_id() == Some(&out.id));
                let Some(endpoint) = endpoint else {
                    return Ok(Phase::Gone);
                };
                let error = endpoint
                    .last_error()
                    .and_then(|e| e.message())
                    .unwrap_or("no reason given");
                Ok(match state(endpoint).as_str() {
                    "available" => Phase::Ready(out.clone()),
                    "deleted" => {
                        Phase::Ended(format!("{} has been deleted: {error}", out.id).into())
                    }
                    "deleting" => Phase::Deleting(format!("{} is being deleted", out.id).into()),
                    "failed" | "rejected" | "expired" => Phase::Failed(error.into()),
                    state => Phase::Pending(format!("{} is {state}", out.id)),
                })
            })
            .collect()
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<VpcEndpointOut>, Fault> {
        let (vpc, subnets, tables, groups, _) = needs;
        let ids = |ids: Vec<String>| (!ids.is_empty()).then_some(ids);
        let answer = writes
            .call("ec2:CreateVpcEndpoint", |c| {
                let request = c
                    .ec2
                    .create_vpc_endpoint()
                    .vpc_id(&vpc.id)
                    .service_name(&self.service)
                    .client_token(token.to_string())
                    .set_policy_document(self.policy.as_ref().map(ToString::to_string))
                    .set_subnet_ids(ids(subnets.iter().map(|s| s.id.clone()).collect()))
                    .set_route_table_ids(ids(tables.iter().map(|t| t.id.clone()).collect()))
                    .set_security_group_ids(ids(groups.iter().map(|g| g.id.clone()).collect()))
                    .tag_specifications(specification(ResourceType::VpcEndpoint, tags));
                let interface = VpcEndpointType::Interface;
                match self.endpoint_type {
                    EndpointType::Gateway => request.vpc_endpoint_type(VpcEndpointType::Gateway),
                    EndpointType::Interface => request
                        .vpc_endpoint_type(interface)
                        .private_dns_enabled(true),
                    EndpointType::InterfaceForResolver => request
                        .vpc_endpoint_type(interface)
                        .private_dns_enabled(true)
                        .dns_options(
                            DnsOptionsSpecification::builder()
                                .private_dns_only_for_inbound_resolver_endpoint(true)
                                .build(),
                        ),
                }
                .send()
            })
            .await;
        let answer = match answer {
            Err(fault) if is_name_taken(&fault) => {
                return Err(self
                    .unless_for_good(&writes.reads, &vpc.id, tags, fault)
                    .await);
            }
            answer => answer?,
        };
        let id = answer
            .vpc_endpoint
            .and_then(|e| e.vpc_endpoint_id)
            .unwrap_or_default();
        Ok(Created::complete(self, needs, VpcEndpointOut { id }))
    }

    async fn update(
        &self,
        writes: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &VpcEndpointOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<VpcEndpointOut, Fault> {
        // Everything in one call: it costs one token of the tightest bucket.
        let field = |name: &str| changes.iter().find(|change| change.root() == name);
        let added = |name| {
            field(name)
                .map(|c| minus(&c.to, &c.from))
                .filter(|ids| !ids.is_empty())
        };
        let removed = |name| {
            field(name)
                .map(|c| minus(&c.from, &c.to))
                .filter(|ids| !ids.is_empty())
        };
        let dns = ["dns_records", "dns_for_resolver_only"];
        let dns = dns.into_iter().any(|name| field(name).is_some());
        let dns = dns.then(|| {
            let for_resolver = self.endpoint_type == EndpointType::InterfaceForResolver;
            // AWS takes it for services alone that have a gateway, too.
            let for_resolver =
                (self.service.rsplit('.').next() == Some("s3")).then_some(for_resolver);
            DnsOptionsSpecification::builder()
                .dns_record_ip_type(DnsRecordIpType::Ipv4)
                .set_private_dns_only_for_inbound_resolver_endpoint(for_resolver)
                .build()
        });
        writes
            .call("ec2:ModifyVpcEndpoint", |c| {
                let request = c
                    .ec2
                    .modify_vpc_endpoint()
                    .vpc_endpoint_id(&out.id)
                    .set_add_subnet_ids(added("subnets"))
                    .set_remove_subnet_ids(removed("subnets"))
                    .set_add_route_table_ids(added("route_tables"))
                    .set_remove_route_table_ids(removed("route_tables"))
                    .set_add_security_group_ids(added("groups"))
                    .set_remove_security_group_ids(removed("groups"))
                    .set_private_dns_enabled(field("private_dns").map(|_| true))
                    .set_ip_address_type(field("addresses").map(|_| IpAddressType::Ipv4))
                    .set_dns_options(dns);
                match (field("policy"), &self.policy) {
                    (None, _) => request,
                    (Some(_), Some(policy)) => request.policy_document(policy.to_string()),
                    (Some(_), None) => request.reset_policy(true),
                }
                .send()
            })
            .await?;
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &VpcEndpointOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &VpcEndpointOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    /// "Gateway endpoint cannot be deleted while Interface endpoint … for the service has
    /// `PrivateDnsOnlyForInboundResolverEndpoint` set to true" (`DeleteVpcEndpoints`).
    fn stands_on(one: &Attrs, other: &Attrs) -> bool {
        let same = |field: &str| one.get(field) == other.get(field);
        same("vpc")
            && same("service")
            && one.get("dns_for_resolver_only") == Some(&true.into())
            && other.get("type") == Some(&"Gateway".into())
    }

    async fn delete(writes: &Writes, outs: &[VpcEndpointOut]) -> Vec<Result<(), Fault>> {
        const OPERATION: &str = "ec2:DeleteVpcEndpoints";
        let ids: Vec<String> = outs.iter().map(|out| out.id.clone()).collect();
        let answer = writes
            .call(OPERATION, |c| {
                c.ec2
                    .delete_vpc_endpoints()
                    .set_vpc_endpoint_ids(Some(ids))
                    .send()
            })
            .await;
        let unsuccessful = match answer {
            Err(fault) => return outs.iter().map(|_| Err(fault.clone())).collect(),
            Ok(answer) => answer.unsuccessful.unwrap_or_default(),
        };
        outs.iter()
            .map(|out| {
                let item = unsuccessful
                    .iter()
                    .find(|item| item.resource_id() == Some(&out.id));
                let Some(error) = item.and_then(|item| item.error()) else {
                    return Ok(());
                };
                let (code, message) = (
                    error.code().unwrap_or_default(),
                    error.message().unwrap_or_default(),
                );
                let class = class_of(OPERATION, code, message, 400);
                let mut fault = Fault::new(class, OPERATION, message);
                fault.code = Some(code.to_owned());
                fault.hint = hint_for(OPERATION, code, message, class);
                Err(fault)
            })
            .collect()
    }
}

/// Whether something in the VPC bears the service's name already.
fn is_name_taken(fault: &Fault) -> bool {
    fault.class == Class::InUse && fault.message.contains("conflicting DNS domain")
}

impl VpcEndpoint {
    /// A name is free again once an endpoint of ours that bears it is gone; somebody else's stays, and
    /// waiting for it is of no use. When nobody is found to bear it, it may be an endpoint that is no
    /// longer shown.
    async fn unless_for_good(&self, reads: &Reads, vpc: &str, tags: &Tags, fault: Fault) -> Fault {
        let filters = vec![
            filter("vpc-id", [vpc]),
            filter("service-name", [&self.service]),
        ];
        let Ok(mut found) = describe(reads, filters).await else {
            return fault;
        };
        found.retain(|e| e.private_dns_enabled == Some(true) && state(e) != "deleted");
        let env = tags.get(tags::ENV);
        let passing = |endpoint: &aws_sdk_ec2::types::VpcEndpoint| {
            state(endpoint) == "deleting" || from_tags(endpoint.tags.clone()).get(tags::ENV) == env
        };
        let stays = found.iter().find(|endpoint| !passing(endpoint));
        if found.iter().any(passing) {
            return fault;
        }
        let who = match stays {
            Some(endpoint) => format!(
                "the endpoint {} has private DNS for {} in {vpc}",
                endpoint.vpc_endpoint_id().unwrap_or("without an id"),
                self.service
            ),
            None => match self.zone_of_the_name(reads, vpc).await {
                Some(zone) => zone,
                None => return fault,
            },
        };
        Fault {
            class: Class::Refused,
            message: format!("{who}, and only one may bear the name"),
            hint: Some("switch off its private DNS, or delete it, when it is not needed; then run the same again".into()),
            ..fault
        }
    }

    /// A private zone of somebody's that bears the name of the service.
    async fn zone_of_the_name(&self, reads: &Reads, vpc: &str) -> Option<String> {
        let services = [self.service.clone()];
        let offers = crate::offers(reads, &services).await.ok()?;
        let names = &offers.get(&self.service)?.private_names;
        let zones = crate::private_zones(reads, vpc).await.ok()?;
        let mut zones = zones.into_iter().filter(|zone| zone.service.is_none());
        let zone = zones.find(|zone| names.contains(&zone.name))?;
        Some(format!(
            "{vpc} asks the private zone {} for {}, the name of {}",
            zone.id, zone.name, self.service
        ))
    }
}

fn candidate(endpoint: aws_sdk_ec2::types::VpcEndpoint) -> Candidate<VpcEndpointOut> {
    let health = match state(&endpoint).as_str() {
        "available" => Health::Ready,
        "failed" | "rejected" | "expired" => Health::Broken(
            endpoint
                .last_error()
                .and_then(|e| e.message())
                .map_or_else(|| state(&endpoint), ToOwned::to_owned),
        ),
        _ => Health::Pending,
    };
    let groups = endpoint
        .groups()
        .iter()
        .filter_map(|group| group.group_id.clone());
    let interface = endpoint.vpc_endpoint_type != Some(VpcEndpointType::Gateway);
    let dns = endpoint.dns_options();
    let policy = endpoint.policy_document().map(canonical);
    let policy = policy.filter(|policy| !is_full_access(policy));
    Candidate {
        attrs: Attrs::new()
            .with("vpc", endpoint.vpc_id().unwrap_or_default())
            .with("service", endpoint.service_name().unwrap_or_default())
            .with("type", if interface { "Interface" } else { "Gateway" })
            .with("subnets", Attr::set(endpoint.subnet_ids().to_vec()))
            .with(
                "route_tables",
                Attr::set(endpoint.route_table_ids().to_vec()),
            )
            .with("groups", Attr::set(groups))
            .with("policy", statements(policy.as_ref()))
            // Only interface endpoints have it; gateways answer with noise.
            .with(
                "private_dns",
                interface && endpoint.private_dns_enabled == Some(true),
            )
            .with(
                "addresses",
                endpoint
                    .ip_address_type()
                    .map_or("ipv4", IpAddressType::as_str),
            )
            .with(
                "dns_records",
                if interface {
                    dns.and_then(|dns| dns.dns_record_ip_type())
                        .map_or("ipv4", DnsRecordIpType::as_str)
                } else {
                    "service-defined"
                },
            )
            .with(
                "dns_for_resolver_only",
                interface
                    && dns.and_then(|dns| dns.private_dns_only_for_inbound_resolver_endpoint)
                        == Some(true),
            ),
        out: VpcEndpointOut {
            id: endpoint.vpc_endpoint_id.unwrap_or_default(),
        },
        mark: Mark::Tags(from_tags(endpoint.tags)),
        name: None,
        pristine: false,
        health,
        notes: Vec::new(),
    }
}

/// AWS's default: one statement that allows everything to everybody.
fn is_full_access(policy: &Value) -> bool {
    let statement = &policy["Statement"];
    statement["Effect"] == "Allow"
        && statement["Action"] == "*"
        && statement["Resource"] == "*"
        && (statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*")
        && statement.get("Condition").is_none()
}

/// Emulators and AWS do not agree on the case.
fn state(endpoint: &aws_sdk_ec2::types::VpcEndpoint) -> String {
    endpoint
        .state()
        .map_or(String::new(), |state| state.as_str().to_lowercase())
}

fn minus(a: &Attr, b: &Attr) -> Vec<String> {
    let items = |attr: &Attr| -> Vec<String> {
        match attr {
            Attr::Known(Value::Array(items)) => items
                .iter()
                .filter_map(|i| i.as_str().map(ToOwned::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    };
    let b = items(b);
    items(a)
        .into_iter()
        .filter(|item| !b.contains(item))
        .collect()
}

async fn describe(
    reads: &Reads,
    filters: Vec<Filter>,
) -> Result<Vec<aws_sdk_ec2::types::VpcEndpoint>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_vpc_endpoints()
        .set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    call("ec2:DescribeVpcEndpoints", pages.try_collect()).await
}
