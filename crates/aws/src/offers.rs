//! What AWS offers in a region: endpoint services and their zones.

use std::collections::BTreeMap;

use reconciler::Fault;

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;

/// An endpoint service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// Zones in which an interface endpoint can stand.
    pub zones: Vec<String>,
    /// Names that private DNS makes lead to an endpoint, without `*.`.
    pub private_names: Vec<String>,
}

/// Endpoint services by name, of those asked for.
pub type Offers = BTreeMap<String, Offer>;

/// Asks for `services`, `com.amazonaws.<region>.<service>` each.
///
/// # Errors
/// A failed read.
pub async fn offers(reads: &Reads, services: &[String]) -> Result<Offers, Fault> {
    const OPERATION: &str = "ec2:DescribeVpcEndpointServices";
    let mut offers = Offers::new();
    if services.is_empty() {
        return Ok(offers);
    }
    let mut next = None;
    loop {
        let request = reads.clients.ec2.describe_vpc_endpoint_services();
        let request = request
            .filters(filter("service-name", services.iter().map(String::as_str)))
            .set_next_token(next);
        let page = call(OPERATION, request.send()).await?;
        for detail in page.service_details.unwrap_or_default() {
            let Some(name) = detail.service_name.clone().filter(|n| services.contains(n)) else {
                continue;
            };
            let offer = offers.entry(name).or_default();
            let names = detail.private_dns_names().iter();
            let names = names.filter_map(|name| name.private_dns_name());
            offer.private_names.extend(
                names
                    .chain(detail.private_dns_name())
                    .map(|name| name.trim_start_matches("*.").to_owned()),
            );
            offer
                .zones
                .extend(detail.availability_zones.unwrap_or_default());
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(offers);
        }
    }
}
