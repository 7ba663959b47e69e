//! The inbound resolver endpoint: where on-premises DNS servers ask.

use async_trait::async_trait;
use aws_sdk_route53resolver::types::{
    IpAddressRequest, IpAddressResponse, IpAddressStatus, IpAddressUpdate, Protocol,
    ResolverEndpoint as Live, ResolverEndpointDirection, ResolverEndpointStatus,
    ResolverEndpointType, Tag,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::{call, unseen};
use crate::kinds::{SecurityGroup, Subnet};
use crate::{Aws, Reads, Writes};

/// An inbound endpoint with one address a subnet.
#[derive(Debug, Clone)]
pub struct ResolverEndpoint {
    /// Name.
    pub name: String,
    /// Addresses that DNS servers on premises already know, in the order of the subnets: a
    /// re-created endpoint keeps them.
    pub addresses: Vec<Option<String>>,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolverEndpointOut {
    /// `rslvr-in-…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Address by subnet id, as far as assigned.
    pub addresses: Vec<(String, String)>,
}

#[async_trait]
impl Kind for ResolverEndpoint {
    type Cloud = Aws;
    type Needs = (Vec<Ref<Subnet>>, Ref<SecurityGroup>);
    type Out = ResolverEndpointOut;
    const NAME: &'static str = "route53resolver/endpoint";
    const PACE: Pace = Pace::seconds(5, 90, 90, 900);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &ResolverEndpointOut) -> String {
        out.id.clone()
    }
    // Names are not unique: the name alone says nothing.
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (subnets, group): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let subnets = subnets.iter().map(|s| s.as_ref().map(|s| s.id.clone()));
        let attrs = Attrs::new()
            .with("name", self.name.as_str())
            .with("direction", "INBOUND")
            .with(
                "groups",
                Attr::set_of([group.as_ref().map(|group| group.id.clone())]),
            )
            .with("subnets", Attr::set_of(subnets))
            .with("address_type", ResolverEndpointType::Ipv4.as_str())
            .with("protocols", Attr::set([Protocol::Do53.as_str()]));
        // Known once they were assigned; DNS servers on premises know them from then on.
        match self.addresses.iter().cloned().collect::<Option<Vec<_>>>() {
            Some(known) if !known.is_empty() => attrs.with("addresses", Attr::set(known)),
            _ => attrs,
        }
    }
    fn impact(field: &str) -> Impact {
        match field {
            "name" | "addresses" | "address_type" | "protocols" => Impact::InPlace,
            "subnets" => Impact::Tied,
            _ => Impact::Replace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<ResolverEndpointOut>>, Fault> {
        let pages = reads
            .clients
            .resolver
            .list_resolver_endpoints()
            .into_paginator();
        let found: Vec<Live> = call(
            "route53resolver:ListResolverEndpoints",
            pages.items().send().try_collect(),
        )
        .await?;
        let prefix = format!("genu-{}-", scope.env);
        let mine = found.into_iter().filter(|live| {
            // Tags cost a call each; whatever is ours has our name or is on record.
            live.name().unwrap_or_default().starts_with(&prefix)
                || scope
                    .recorded
                    .iter()
                    .any(|out| Some(out.id.as_str()) == live.id())
        });
        let mut candidates = Vec::new();
        for live in mine.filter(|live| live.status() != Some(&ResolverEndpointStatus::Deleting)) {
            candidates.push(candidate(reads, live).await?);
        }
        Ok(candidates)
    }

    async fn phases(
        reads: &Reads,
        outs: &[ResolverEndpointOut],
    ) -> Vec<Result<Phase<ResolverEndpointOut>, Fault>> {
        let mut phases = Vec::new();
        for out in outs {
            phases.push(phase(reads, out).await);
        }
        phases
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<ResolverEndpointOut>, Fault> {
        const OPERATION: &str = "route53resolver:CreateResolverEndpoint";
        let (subnets, group) = needs;
        let addresses = subnets.iter().enumerate().map(|(n, subnet)| {
            let address = self.addresses.get(n).cloned().flatten();
            IpAddressRequest::builder()
                .subnet_id(&subnet.id)
                .set_ip(address)
                .build()
        });
        let addresses: Result<Vec<_>, _> = addresses.collect();
        let addresses =
            addresses.map_err(|e| Fault::new(Class::Refused, OPERATION, e.to_string()))?;
        let answer = writes
            .call(OPERATION, |c| {
                c.resolver
                    .create_resolver_endpoint()
                    .name(&self.name)
                    .creator_request_id(token.to_string())
                    .direction(ResolverEndpointDirection::Inbound)
                    .security_group_ids(&group.id)
                    .set_ip_addresses(Some(addresses))
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await?;
        let id = answer
            .resolver_endpoint
            .and_then(|live| live.id)
            .unwrap_or_default();
        let out = ResolverEndpointOut {
            id,
            name: self.name.clone(),
            addresses: Vec::new(),
        };
        Ok(Created::complete(self, needs, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        (subnets, _): &<Self::Needs as Needs>::Known,
        out: &ResolverEndpointOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<ResolverEndpointOut, Fault> {
        let changed = |field: &str| changes.iter().any(|change| change.root() == field);
        let plain = ["name", "address_type", "protocols"];
        if changes.iter().any(|change| plain.contains(&change.root())) {
            writes
                .call("route53resolver:UpdateResolverEndpoint", |c| {
                    c.resolver
                        .update_resolver_endpoint()
                        .resolver_endpoint_id(&out.id)
                        .set_name(changed("name").then(|| self.name.clone()))
                        .set_resolver_endpoint_type(
                            changed("address_type").then_some(ResolverEndpointType::Ipv4),
                        )
                        .set_protocols(changed("protocols").then(|| vec![Protocol::Do53]))
                        .send()
                })
                .await?;
        }
        let wanted = |n: usize| self.addresses.get(n).cloned().flatten();
        let live = addresses(&writes.reads, &out.id).await?;
        if live.is_empty() {
            // It has two at any time.
            let what = format!("an address of {}", out.id);
            let operation = "route53resolver:ListResolverEndpointIpAddresses";
            return Err(unseen(operation, &what));
        }
        // Two addresses have to remain at any time: add before taking away.
        for (n, subnet) in subnets.iter().enumerate().filter(|(n, subnet)| {
            let here = live.iter().filter(|(_, id, _)| *id == subnet.id);
            let mut here = here.map(|(_, _, address)| address);
            match wanted(*n) {
                Some(wanted) => !here.any(|address| *address == wanted),
                None => here.next().is_none(),
            }
        }) {
            writes
                .call("route53resolver:AssociateResolverEndpointIpAddress", |c| {
                    let address = IpAddressUpdate::builder().subnet_id(&subnet.id);
                    let address = address.set_ip(wanted(n)).build();
                    c.resolver
                        .associate_resolver_endpoint_ip_address()
                        .resolver_endpoint_id(&out.id)
                        .ip_address(address)
                        .send()
                })
                .await?;
        }
        for (ip, ..) in live.iter().filter(|(_, id, address)| {
            let here = subnets.iter().position(|subnet| subnet.id == *id);
            here.is_none_or(|n| wanted(n).is_some_and(|wanted| wanted != *address))
        }) {
            writes
                .call(
                    "route53resolver:DisassociateResolverEndpointIpAddress",
                    |c| {
                        let address = IpAddressUpdate::builder().ip_id(ip).build();
                        c.resolver
                            .disassociate_resolver_endpoint_ip_address()
                            .resolver_endpoint_id(&out.id)
                            .ip_address(address)
                            .send()
                    },
                )
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &ResolverEndpointOut, tags: &Tags) -> Result<(), Fault> {
        let arn = writes
            .reads
            .arn("route53resolver", &format!("resolver-endpoint/{}", out.id));
        writes
            .call("route53resolver:TagResource", |c| {
                c.resolver
                    .tag_resource()
                    .resource_arn(arn)
                    .set_tags(to_tags(tags))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn untag(
        writes: &Writes,
        out: &ResolverEndpointOut,
        keys: &[String],
    ) -> Result<(), Fault> {
        let arn = writes
            .reads
            .arn("route53resolver", &format!("resolver-endpoint/{}", out.id));
        writes
            .call("route53resolver:UntagResource", |c| {
                c.resolver
                    .untag_resource()
                    .resource_arn(arn)
                    .set_tag_keys(Some(keys.to_vec()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete(writes: &Writes, outs: &[ResolverEndpointOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("route53resolver:DeleteResolverEndpoint", |c| {
                    c.resolver
                        .delete_resolver_endpoint()
                        .resolver_endpoint_id(&out.id)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

/// Plain DNS unless AWS says otherwise.
fn protocols(live: &Live) -> Attr {
    match live.protocols() {
        [] => Attr::set([Protocol::Do53.as_str()]),
        some => Attr::set(some.iter().map(Protocol::as_str)),
    }
}

async fn candidate(reads: &Reads, live: Live) -> Result<Candidate<ResolverEndpointOut>, Fault> {
    let arn = live.arn.clone().unwrap_or_default();
    let tags = reads
        .clients
        .resolver
        .list_tags_for_resource()
        .resource_arn(arn);
    let id = live.id.clone().unwrap_or_default();
    let (tags, addresses) = tokio::try_join!(
        call("route53resolver:ListTagsForResource", tags.send()),
        addresses(reads, &id)
    )?;
    let tags = tags.tags.unwrap_or_default();
    Ok(Candidate {
        attrs: Attrs::new()
            .with("name", live.name().unwrap_or_default())
            .with(
                "direction",
                live.direction()
                    .map_or("", ResolverEndpointDirection::as_str),
            )
            .with("groups", Attr::set(live.security_group_ids().to_vec()))
            .with(
                "subnets",
                Attr::set(addresses.iter().map(|(_, subnet, _)| subnet.clone())),
            )
            .with(
                "addresses",
                Attr::set(addresses.iter().map(|(_, _, address)| address.clone())),
            )
            .with(
                "address_type",
                live.resolver_endpoint_type()
                    .map_or("IPV4", ResolverEndpointType::as_str),
            )
            .with("protocols", protocols(&live)),
        mark: Mark::Tags(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()),
        name: None,
        health: match live.status() {
            Some(ResolverEndpointStatus::Operational) => Health::Ready,
            _ => Health::Pending,
        },
        out: ResolverEndpointOut {
            id,
            name: live.name.unwrap_or_default(),
            addresses: addresses
                .into_iter()
                .map(|(_, subnet, ip)| (subnet, ip))
                .collect(),
        },
        pristine: false,
        notes: Vec::new(),
    })
}

async fn phase(
    reads: &Reads,
    out: &ResolverEndpointOut,
) -> Result<Phase<ResolverEndpointOut>, Fault> {
    let request = reads
        .clients
        .resolver
        .get_resolver_endpoint()
        .resolver_endpoint_id(&out.id);
    let live = match call("route53resolver:GetResolverEndpoint", request.send()).await {
        Err(fault) if fault.class == Class::Gone => return Ok(Phase::Gone),
        answer => answer?.resolver_endpoint,
    };
    let message = live
        .as_ref()
        .and_then(|l| l.status_message())
        .unwrap_or_default()
        .to_owned();
    Ok(match live.as_ref().and_then(Live::status) {
        Some(ResolverEndpointStatus::Operational) => Phase::Ready(ResolverEndpointOut {
            addresses: addresses(reads, &out.id)
                .await?
                .into_iter()
                .map(|(_, subnet, ip)| (subnet, ip))
                .collect(),
            ..out.clone()
        }),
        Some(ResolverEndpointStatus::Deleting) => {
            Phase::Deleting(format!("{} is being deleted", out.id).into())
        }
        // ACTION_NEEDED passes by itself more often than not; the deadline is the judge.
        status => Phase::Pending(format!(
            "{} is {} {message}",
            out.id,
            status.map_or("", ResolverEndpointStatus::as_str)
        )),
    })
}

/// Address id, subnet, address, in a stable order.
async fn addresses(reads: &Reads, id: &str) -> Result<Vec<(String, String, String)>, Fault> {
    let request = reads.clients.resolver.list_resolver_endpoint_ip_addresses();
    let pages = request
        .resolver_endpoint_id(id)
        .into_paginator()
        .items()
        .send();
    let found: Vec<_> = call(
        "route53resolver:ListResolverEndpointIpAddresses",
        pages.try_collect(),
    )
    .await?;
    // What is on its way out is not to be taken away once more.
    let leaving = |address: &IpAddressResponse| {
        let status = address.status();
        status.is_some_and(|status| {
            matches!(
                status,
                IpAddressStatus::Detaching | IpAddressStatus::Deleting
            )
        })
    };
    let mut addresses: Vec<_> = found
        .into_iter()
        .filter(|address| !leaving(address))
        .map(|a| {
            (
                a.ip_id.unwrap_or_default(),
                a.subnet_id.unwrap_or_default(),
                a.ip.unwrap_or_default(),
            )
        })
        .collect();
    addresses.sort_by(|a, b| a.2.cmp(&b.2));
    Ok(addresses)
}

fn to_tags(tags: &Tags) -> Option<Vec<Tag>> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
