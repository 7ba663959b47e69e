//! Private hosted zones that a VPC asks.

use reconciler::Fault;

use crate::call::call;
use crate::clients::Reads;
use aws_sdk_route53::types::VpcRegion;

/// A private hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateZone {
    /// Id.
    pub id: String,
    /// Domain, without the dot at its end.
    pub name: String,
    /// The service of AWS's that keeps it: private DNS of endpoints.
    pub service: Option<String>,
}

/// The zones associated with a VPC of this region.
///
/// # Errors
/// A failed read.
pub async fn private_zones(reads: &Reads, vpc: &str) -> Result<Vec<PrivateZone>, Fault> {
    let mut zones = Vec::new();
    let mut next = None;
    loop {
        let request = reads.clients.route53.list_hosted_zones_by_vpc();
        let request = request
            .vpc_id(vpc)
            .vpc_region(VpcRegion::from(reads.region.as_str()))
            .set_next_token(next);
        let page = call("route53:ListHostedZonesByVPC", request.send()).await?;
        zones.extend(
            page.hosted_zone_summaries
                .into_iter()
                .map(|zone| PrivateZone {
                    id: zone.hosted_zone_id,
                    name: zone.name.trim_end_matches('.').to_owned(),
                    service: zone.owner.and_then(|owner| owner.owning_service),
                }),
        );
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(zones);
        }
    }
}
