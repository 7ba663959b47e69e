//! Certificates of the listeners: issued, and in time.

use jiff::{SignedDuration, Timestamp};

use crate::{Certificate, Evidence, Flaw, Rule, Severity};

/// Nobody renews a certificate in less.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "certificate-expires-soon",
        severity: Severity::Warning,
        title: "no certificate expires within 30 days",
        remedy: "renew the certificate",
        check: |evidence, _| of_certificates(evidence, expires_soon),
    },
    Rule {
        id: "certificate-valid",
        severity: Severity::Error,
        title: "every certificate is issued and in time",
        remedy: "renew the certificate, or name another (closedNetworkCertificateArn)",
        check: |evidence, _| of_certificates(evidence, invalid),
    },
];

fn of_certificates(
    evidence: &Evidence,
    seen: fn(&Certificate, Timestamp) -> Option<String>,
) -> Vec<Flaw> {
    let certificates = evidence.certificates.iter();
    let flaw = |c: &Certificate| {
        let seen = seen(c, evidence.at)?;
        Some(Flaw::new(&c.arn, format!("{} {seen}", c.arn)))
    };
    certificates.filter_map(flaw).collect()
}

fn day(end: Timestamp) -> String {
    let text = end.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

fn expires_soon(certificate: &Certificate, now: Timestamp) -> Option<String> {
    let end = certificate.not_after?;
    let soon = end > now && end.duration_since(now) < SOON;
    soon.then(|| format!("expires on {}", day(end)))
}

fn invalid(certificate: &Certificate, now: Timestamp) -> Option<String> {
    match (certificate.status.as_str(), certificate.not_after) {
        ("", _) => Some("is not known to ACM".into()),
        ("ISSUED", Some(end)) if end <= now => Some(format!("expired on {}", day(end))),
        ("ISSUED", _) => None,
        (status, _) => Some(format!("is {status}")),
    }
}
