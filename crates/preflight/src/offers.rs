//! Whether AWS offers every endpoint service in the zones in use.

use std::collections::BTreeSet;

use aws::{Offers, Reads};
use reconciler::Action;

use crate::{Subject, Verdict};

/// Checks the services of endpoints that are still to be made; returns what is offered.
pub(crate) async fn check(reads: &Reads, subject: &Subject<'_>, verdict: &mut Verdict) -> Offers {
    let creates: BTreeSet<&str> = subject
        .plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Create && step.kind == "ec2/vpc-endpoint")
        .filter_map(|step| step.id.as_str().split_once("endpoint"))
        .map(|(_, name)| name.trim_start_matches(['/', '-']))
        .collect();
    let region = &subject.around.region;
    let wanted: Vec<String> = blueprint::services(subject.env, region)
        .into_iter()
        .filter(|service| {
            let name = service.splitn(4, '.').nth(3).unwrap_or_default();
            creates.contains(name)
        })
        .collect();
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
        let instead = "closedNetworkEndpoints = \"required\" leaves out what no feature needs, closedNetworkSubnetIds chooses other zones";
        match offers.get(service) {
            None => verdict.refuse(format!("{region} does not offer {service}; {instead}")),
            Some(offer) => {
                let zones = subject.around.zones.iter();
                let lacking = zones.filter(|zone| !offer.zones.contains(zone));
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
