//! The user's own domain: its certificate, and private zones that would stand in its way.

use aws::{Certificate, Offers, PrivateZone, Reads};
use jiff::{SignedDuration, Timestamp};
use reconciler::Action;

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
    let Some(end) = found.not_after else { return };
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
    for PrivateZone { id, name, .. } in found.iter().filter(|zone| zone.service.is_none()) {
        if Some(name.as_str()) == domain {
            verdict.refuse(format!(
                "{vpc} asks the private zone {id} for {name} already, and takes no second of that name: take it off the VPC, or use another domain"
            ));
        }
        let hidden = offers
            .iter()
            .find(|(_, offer)| offer.private_names.contains(name));
        if let Some((service, _)) = hidden {
            verdict.refuse(format!(
                "{vpc} asks the private zone {id} for {name}, the name of {service}; its endpoint cannot have private DNS beside it"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
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
}
