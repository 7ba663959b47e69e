//! The user's own domain: its certificate, and private zones that would stand in its way.

use aws::{Certificate, Offers, PrivateZone, Reads};
use jiff::{SignedDuration, Timestamp};
use reconciler::Action;

use crate::names::is_under;
use crate::{Subject, Verdict};

/// Nobody renews a certificate in less.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(crate) async fn check(
    reads: &Reads,
    subject: &Subject<'_>,
    offers: &Offers,
    verdict: &mut Verdict,
) {
    if let Some((domain, arn)) = subject.env.domain() {
        match Certificate::look(reads, arn).await {
            Ok(found) => certificate(domain, arn, found.as_ref(), Timestamp::now(), verdict),
            Err(fault) => verdict.unchecked("the certificate", &fault),
        }
    }
    let mut steps = subject.plan.steps.iter();
    let step = steps.find(|step| step.id.as_str() == blueprint::ids::ZONE);
    if let (Some(zone), Some(step)) = (&subject.zone, step)
        && matches!(step.action, Action::Delete | Action::Replace)
    {
        match aws::foreign::records(reads, zone).await {
            Ok(records) if records.is_empty() => {}
            Ok(records) => verdict.refuse(format!(
                "the private zone {zone} would go ({}), and others keep records in it: {}; delete those first",
                step.why,
                records.join(", ")
            )),
            Err(fault) => verdict.unchecked("records of others in the private zone", &fault),
        }
    }
    // A new association is made: with a new zone, or of ours with another VPC.
    let associates = step.is_some_and(|step| match step.action {
        Action::Create | Action::Replace => true,
        Action::Update => step.changes.iter().any(|change| change.root() == "vpc"),
        _ => false,
    });
    let Some(vpc) = subject.vpc.as_deref() else {
        return;
    };
    if !associates && (subject.around.imported.is_none() || offers.is_empty()) {
        return;
    }
    match aws::private_zones(reads, vpc).await {
        Ok(mut found) => {
            found.retain(|zone| Some(&zone.id) != subject.zone.as_ref());
            let domain = subject.env.domain().map(|(domain, _)| domain);
            zones(domain.filter(|_| associates), vpc, offers, &found, verdict);
        }
        Err(fault) => verdict.unchecked("other private zones of the VPC", &fault),
    }
}

fn certificate(
    domain: &str,
    arn: &str,
    found: Option<&Certificate>,
    now: Timestamp,
    verdict: &mut Verdict,
) {
    let Some(found) = found else {
        return verdict.refuse(format!("there is no certificate {arn}"));
    };
    if found.status != "ISSUED" {
        verdict.refuse(format!("{arn} is {}, not ISSUED", found.status));
    }
    if !found.covers(domain) {
        verdict.refuse(format!(
            "{arn} stands for {}, not for {domain}",
            found.names.join(", ")
        ));
    }
    let Some(end) = found.not_after else {
        if found.status == "ISSUED" {
            verdict.note(format!("ACM does not say when {arn} expires"));
        }
        return;
    };
    let day = end.to_string();
    let day = day.split('T').next().unwrap_or_default();
    if end <= now {
        verdict.refuse(format!("{arn} expired on {day}"));
    } else if end.duration_since(now) < SOON {
        verdict.note(format!("{arn} expires on {day}: renew it"));
    }
}

/// `domain` is given while its zone is still to be associated with the VPC.
fn zones(
    domain: Option<&str>,
    vpc: &str,
    offers: &Offers,
    found: &[PrivateZone],
    verdict: &mut Verdict,
) {
    let names = || {
        let all = offers.iter();
        all.flat_map(|(service, offer)| offer.private_names.iter().map(move |name| (service, name)))
    };
    for PrivateZone { id, name, .. } in found.iter().filter(|zone| zone.service.is_none()) {
        let asks = format!("{vpc} asks the private zone {id} for {name}");
        if Some(name.as_str()) == domain {
            verdict.refuse(format!(
                "{vpc} asks the private zone {id} for {name} already, and takes no second of that name: take it off the VPC, or use another domain"
            ));
        } else if domain.is_some_and(|domain| is_under(name, domain)) {
            verdict.note(format!(
                "{asks}, a part of the network's own domain: that name and all below it are answered there"
            ));
        }
        // The most specific zone answers, and alone ("Private hosted zones that have overlapping
        // namespaces").
        if let Some((service, _)) = names().find(|(_, hidden)| *hidden == name) {
            verdict.refuse(format!(
                "{asks}, the name of {service}; its endpoint cannot have private DNS beside it"
            ));
        } else if let Some((service, _)) = names().find(|(_, part)| is_under(name, part)) {
            verdict.note(format!(
                "{asks}, a part of the names of {service}: that name and all below it are answered there, and do not lead to the endpoint unless the zone says so"
            ));
        } else if names().any(|(_, part)| is_under(part, name)) {
            verdict.note(format!(
                "{asks}, which names of AWS's services are below: those of services without an endpoint in the VPC are looked for there alone, and not found"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use aws::Offer;

    use super::*;

    const ARN: &str = "arn:aws:acm:ap-northeast-1:111111111111:certificate/a";

    fn judged(status: &str, name: &str, end: &str) -> Verdict {
        let found = Certificate {
            status: status.into(),
            names: vec![name.into()],
            not_after: end.parse().ok(),
        };
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap_or_default();
        let mut verdict = Verdict::default();
        certificate("genu.closed", ARN, Some(&found), now, &mut verdict);
        verdict
    }

    #[test]
    fn a_certificate_is_issued_in_time_and_for_the_domain() {
        assert_eq!(
            judged("ISSUED", "genu.closed", "2027-01-01T00:00:00Z"),
            Verdict::default()
        );
        let cases = [
            (
                "PENDING_VALIDATION",
                "genu.closed",
                "2027-01-01T00:00:00Z",
                "not ISSUED",
            ),
            (
                "ISSUED",
                "*.genu.closed",
                "2027-01-01T00:00:00Z",
                "not for genu.closed",
            ),
            (
                "ISSUED",
                "genu.closed",
                "2025-12-31T00:00:00Z",
                "expired on 2025-12-31",
            ),
        ];
        for (status, name, end, reason) in cases {
            let verdict = judged(status, name, end);
            assert_eq!(verdict.refusals.len(), 1, "{verdict:?}");
            assert!(verdict.refusals[0].contains(reason), "{verdict:?}");
        }
        let soon = judged("ISSUED", "genu.closed", "2026-01-20T00:00:00Z");
        assert!(soon.refusals.is_empty() && soon.notes[0].contains("expires on 2026-01-20"));
    }

    #[test]
    fn a_zone_of_the_same_name_is_named_and_one_of_awss_own_is_not() {
        let zone = |name: &str, service: Option<&str>| PrivateZone {
            id: "Z1".into(),
            name: name.into(),
            service: service.map(ToOwned::to_owned),
        };
        let found = [
            zone("genu.closed", None),
            zone("genu.closed", Some("vpce.amazonaws.com")),
            zone("other.closed", None),
        ];
        let mut verdict = Verdict::default();
        zones(
            Some("genu.closed"),
            "vpc-1",
            &Offers::new(),
            &found,
            &mut verdict,
        );
        assert_eq!(verdict.refusals.len(), 1);
        assert!(verdict.refusals[0].contains("Z1"));
    }

    #[test]
    fn a_zone_beside_one_of_our_names_is_told_whether_it_is_wider_or_more_special() {
        let offer = Offer {
            zones: Vec::new(),
            private_names: vec!["execute-api.r.amazonaws.com".into()],
        };
        let offers: Offers = [("com.amazonaws.r.execute-api".to_owned(), offer)].into();
        for (name, refused, words) in [
            (
                "web.genu.closed",
                false,
                "a part of the network's own domain",
            ),
            (
                "execute-api.r.amazonaws.com",
                true,
                "the name of com.amazonaws.r.execute-api",
            ),
            (
                "a1.execute-api.r.amazonaws.com",
                false,
                "a part of the names of",
            ),
            (
                "r.amazonaws.com",
                false,
                "which names of AWS's services are below",
            ),
            (
                "amazonaws.com",
                false,
                "which names of AWS's services are below",
            ),
        ] {
            let zone = PrivateZone {
                id: "Z1".into(),
                name: name.into(),
                service: None,
            };
            let mut verdict = Verdict::default();
            zones(Some("genu.closed"), "vpc-1", &offers, &[zone], &mut verdict);
            let (told, none) = if refused {
                (verdict.refusals, verdict.notes)
            } else {
                (verdict.notes, verdict.refusals)
            };
            assert!(
                told.len() == 1 && told[0].contains(words),
                "{name}: {told:?}"
            );
            assert!(none.is_empty(), "{name}: {none:?}");
        }
        let beside = PrivateZone {
            id: "Z1".into(),
            name: "mygenu.closed".into(),
            service: None,
        };
        let mut verdict = Verdict::default();
        zones(
            Some("genu.closed"),
            "vpc-1",
            &offers,
            &[beside],
            &mut verdict,
        );
        assert_eq!(verdict, Verdict::default());
    }
}
