//! What AWS offers in a region: endpoint services and their zones.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{ServiceDetail, ServiceType};
use reconciler::Fault;

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;

/// A service that interface endpoints lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// Zones in which an interface endpoint can stand; empty when AWS does not say.
    pub zones: Vec<String>,
    /// Names that private DNS makes lead to an endpoint, without `*.`.
    pub private_names: Vec<String>,
}

/// Endpoint services by name, of those asked for.
pub type Offers = BTreeMap<String, Offer>;

impl Offer {
    /// Whether an endpoint can stand in `zone`, as far as AWS says.
    #[must_use]
    pub fn is_in(&self, zone: &str) -> bool {
        self.zones.is_empty() || self.zones.iter().any(|known| known == zone)
    }
}

/// Asks for `services`, `com.amazonaws.<region>.<service>` each, as interface endpoints have them.
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
            add(&mut offers, &detail, services);
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(offers);
        }
    }
}

/// S3 and DynamoDB come twice, as a gateway too, which stands in every zone (recorded answers of
/// `DescribeVpcEndpointServices`).
fn add(offers: &mut Offers, detail: &ServiceDetail, services: &[String]) {
    let name = detail
        .service_name()
        .filter(|n| services.iter().any(|s| s == n));
    let types = detail.service_type();
    let interface = types.is_empty()
        || types
            .iter()
            .any(|one| one.service_type() == Some(&ServiceType::Interface));
    // Of what was not asked for nothing is to be said.
    let (Some(name), true) = (name, interface) else {
        return;
    };
    let offer = offers.entry(name.to_owned()).or_default();
    let names = detail.private_dns_names().iter();
    let names = names.filter_map(|name| name.private_dns_name());
    let names = names.chain(detail.private_dns_name());
    let names = names.map(|name| name.trim_start_matches("*.").to_owned());
    offer.private_names.extend(names);
    offer.zones.extend(detail.availability_zones().to_vec());
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ServiceTypeDetail;

    use super::*;

    #[test]
    fn zones_of_s3_are_those_of_its_interface() {
        let service = "com.amazonaws.ap-northeast-1.s3".to_owned();
        let detail = |of: ServiceType, zones: &[&str]| {
            let of = ServiceTypeDetail::builder().service_type(of).build();
            let zones = zones.iter().map(ToString::to_string).collect();
            let detail = ServiceDetail::builder().service_name(&service);
            detail
                .service_type(of)
                .set_availability_zones(Some(zones))
                .build()
        };
        let mut offers = Offers::new();
        let asked = [service.clone()];
        add(
            &mut offers,
            &detail(ServiceType::Gateway, &["a", "c", "d"]),
            &asked,
        );
        assert!(offers.is_empty(), "a gateway alone is no interface");
        add(
            &mut offers,
            &detail(ServiceType::Interface, &["a", "c"]),
            &asked,
        );
        assert_eq!(offers[&service].zones, ["a", "c"]);
        assert!(offers[&service].is_in("a") && !offers[&service].is_in("d"));
        assert!(Offer::default().is_in("d"), "nothing is said of zones");
    }
}
