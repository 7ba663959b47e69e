//! What an audit looks at, read from live AWS: the whole VPC, whoever made what is in it, and
//! everything that the deployment consists of. Reads only, no judgement.

mod bucket;
mod dns;
mod doors;
mod endpoints;
mod groups;
mod instances;
mod network;
mod ours;
mod proxies;
mod roles;
mod unread;
mod web;

use audit::Evidence;
use jiff::Timestamp;
use reconciler::Fault;
use state::State;

use self::ours::Ours;
use crate::clients::Reads;

/// Looks at the VPC of a deployment and at everything on record of it.
///
/// # Errors
/// A failed read; a state that knows no VPC.
pub async fn evidence(reads: &Reads, state: &State) -> Result<Evidence, Fault> {
    let ours = Ours::of(state)?;
    let (net, doors, groups, endpoints, instances) = futures::future::try_join5(
        network::look(reads, &ours),
        doors::look(reads, &ours),
        groups::look(reads, &ours),
        endpoints::look(reads, &ours),
        instances::look(reads, &ours),
    )
    .await?;
    let (web, bucket, rest_apis, names, roles) = futures::future::try_join5(
        web::look(reads, &ours),
        bucket::look(reads, &ours),
        proxies::look(reads, &ours, &endpoints),
        dns::look(reads, &ours),
        roles::look(reads, &ours),
    )
    .await?;
    Ok(Evidence {
        account: reads.account.clone(),
        at: Timestamp::now(),
        vpc: net.vpc,
        doors,
        subnets: net.subnets,
        route_tables: net.route_tables,
        acls: net.acls,
        interfaces: net.interfaces,
        groups,
        endpoints,
        instances,
        load_balancer: web.load_balancer,
        certificates: web.certificates,
        bucket,
        service: web.service,
        rest_apis,
        resolver: names.resolver,
        roles,
        log_groups: web.log_groups,
        zone: names.zone,
        key_parameter: instances::key_parameter(reads, &ours).await?,
        unread: ours.unread.all(),
    })
}
