//! Whether AWS offers every endpoint service in the zones in use.

use aws::{Offers, Reads};

use crate::{Subject, Verdict};

/// Checks the services of endpoints that are still to be made; returns what is offered.
pub(crate) async fn check(reads: &Reads, subject: &Subject<'_>, verdict: &mut Verdict) -> Offers {
    let region = &subject.around.region;
    let wanted: Vec<String> = subject.interfaces_made().map(ToOwned::to_owned).collect();
    if wanted.is_empty() {
        return Offers::new();
    }
    let offers = match &subject.around.offers {
        Some(offers) => offers.clone(),
        None => match aws::offers(reads, &wanted).await {
            Ok(offers) => offers,
            Err(fault) => {
                verdict.unchecked("whether AWS offers the endpoint services here", &fault);
                return Offers::new();
            }
        },
    };
    for service in &wanted {
        let instead = instead(service);
        match offers.get(service) {
            None => verdict.refuse(format!("{region} does not offer {service}; {instead}")),
            Some(offer) if offer.zones.is_empty() => verdict.note(format!(
                "AWS does not say in which zones it offers {service}"
            )),
            Some(offer) => {
                let zones = subject.around.zones.iter();
                let lacking = zones.filter(|zone| !offer.is_in(zone));
                for zone in lacking {
                    verdict.refuse(format!(
                        "{service} is not offered in {zone} but in {}; {instead}",
                        offer.zones.join(", ")
                    ));
                }
            }
        }
    }
    offers
}

/// What to write where an endpoint of `service` cannot be.
fn instead(service: &str) -> &'static str {
    if service.contains(".cognito-") {
        "closedNetworkCognito = \"proxies\" does without it, closedNetworkSubnetIds chooses other zones"
    } else {
        "closedNetworkEndpoints = \"required\" leaves out what no feature needs, closedNetworkSubnetIds chooses other zones"
    }
}
