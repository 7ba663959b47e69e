//! Names: the inbound resolver and the zone of the user's own domain.

use audit::{Resolver, Zone};
use reconciler::{Class, Fault};

use super::ours::Ours;
use crate::call::call;
use crate::clients::Reads;
use crate::kinds;

/// What answers names.
pub(super) struct Names {
    pub(super) resolver: Option<Resolver>,
    pub(super) zone: Option<Zone>,
}

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Names, Fault> {
    let (resolver, zone) = tokio::try_join!(resolver(reads, ours), zone(reads, ours))?;
    Ok(Names { resolver, zone })
}

async fn resolver(reads: &Reads, ours: &Ours<'_>) -> Result<Option<Resolver>, Fault> {
    let Some(out) = ours.one::<kinds::ResolverEndpoint>() else {
        return Ok(None);
    };
    let request = reads.clients.resolver.get_resolver_endpoint();
    let request = request.resolver_endpoint_id(&out.id);
    let live = match call("route53resolver:GetResolverEndpoint", request.send()).await {
        Err(fault) if fault.class == Class::Gone => return Ok(None),
        answer => answer?.resolver_endpoint,
    };
    Ok(live.map(|live| Resolver {
        id: out.id,
        direction: live.direction().map_or("", |d| d.as_str()).to_owned(),
        groups: live.security_group_ids().to_vec(),
    }))
}

async fn zone(reads: &Reads, ours: &Ours<'_>) -> Result<Option<Zone>, Fault> {
    let Some(out) = ours.one::<kinds::HostedZone>() else {
        return Ok(None);
    };
    let request = reads.clients.route53.get_hosted_zone().id(&out.id);
    let answer = match call("route53:GetHostedZone", request.send()).await {
        Err(fault) if fault.class == Class::Gone => return Ok(None),
        answer => answer?,
    };
    let vpcs = answer.vpcs().iter();
    let vpcs = vpcs.map(|vpc| ours.unread.id(vpc.vpc_id.clone(), "a VPC of the zone"));
    let vpcs = vpcs.collect();
    Ok(answer.hosted_zone.map(|live| Zone {
        id: out.id,
        private: live.config().is_some_and(|config| config.private_zone),
        name: live.name,
        vpcs,
    }))
}
