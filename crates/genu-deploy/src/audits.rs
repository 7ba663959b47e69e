//! The audit of one environment: live AWS held against the rules, in the light of the configuration.

use std::collections::BTreeMap;

use audit::{Evidence, Expected, Severity, Verdict};
use aws::Connection;
use config::Environment;
use report::{Checked, Finding};
use serde_json::{Value, json};
use state::State;

use crate::exit::Failure;

/// The rule that a parameter of its own allows to be broken.
const PUBLIC_SUBNETS: &str = "subnet-public";

/// What was seen, what was expected, and the verdict.
pub(crate) struct Audited {
    pub evidence: Evidence,
    pub expected: Expected,
    pub verdict: Verdict,
}

/// Looks at live AWS and judges.
pub(crate) async fn made(
    environment: &Environment,
    connection: &Connection,
    state: &State,
) -> Result<Audited, Failure> {
    let evidence = aws::evidence(&connection.reads(), state).await?;
    let expected = expected(environment, &connection.region);
    let mut verdict = audit::audit(&evidence, &expected);
    // What our own parameter brings along needs no use.
    verdict
        .unused_allowances
        .retain(|rule| environment.closed_network_audit_allow.contains_key(rule));
    Ok(Audited {
        evidence,
        expected,
        verdict,
    })
}

fn expected(environment: &Environment, region: &str) -> Expected {
    let mut allow: BTreeMap<String, String> = environment.closed_network_audit_allow.clone();
    if environment.closed_network_allow_public_subnets {
        allow
            .entry(PUBLIC_SUBNETS.to_owned())
            .or_insert_with(|| "closedNetworkAllowPublicSubnets = true".to_owned());
    }
    Expected {
        clients: environment.closed_network_client_cidrs.clone(),
        services: blueprint::needed(environment, region),
        domain: environment.domain().is_some(),
        proxies: environment.closed_network_cognito.has_proxies(),
        resolver: environment.closed_network_create_resolver_endpoint,
        test_environment: environment.closed_network_create_test_environment,
        known_vpcs: Vec::new(),
        allow,
    }
}

/// How many findings of one weight.
pub(crate) fn count(verdict: &Verdict, severity: Severity) -> usize {
    let findings = verdict.findings.iter();
    findings.filter(|found| found.severity == severity).count()
}

/// `closed, 4 warnings`.
pub(crate) fn line(verdict: &Verdict) -> String {
    let some = |n: usize, what: &str| match n {
        0 => String::new(),
        1 => format!(", 1 {what}"),
        n => format!(", {n} {what}s"),
    };
    let word = if verdict.closed() {
        "closed"
    } else {
        "NOT closed"
    };
    format!(
        "{word}: {} of {} rules hold{}{}{}",
        verdict.passed.len(),
        audit::rules().count(),
        some(count(verdict, Severity::Error), "error"),
        some(count(verdict, Severity::Warning), "warning"),
        if verdict.allowed.is_empty() {
            String::new()
        } else {
            format!(", {} allowed", verdict.allowed.len())
        }
    )
}

/// The verdict in its fixed form.
pub(crate) fn as_json(name: &str, verdict: &Verdict) -> Value {
    let allowed = verdict.allowed.iter().map(|(finding, reason)| {
        let mut finding = json!(finding);
        finding["reason"] = json!(reason);
        finding
    });
    json!({
        "format": "genu-deploy/audit/1",
        "env": name,
        "closed": verdict.closed(),
        "findings": verdict.findings,
        "passed": verdict.passed,
        "allowed": allowed.collect::<Vec<Value>>(),
    })
}

/// The verdict for the forms of machines.
pub(crate) fn checked(verdict: &Verdict) -> Checked {
    let title = |id: &str| {
        let rule = audit::rules().find(|rule| rule.id == id);
        rule.map_or(String::new(), |rule| rule.title.to_owned())
    };
    let told = |finding: &audit::Finding, allowed: Option<&String>| Finding {
        rule: finding.rule.to_owned(),
        title: title(finding.rule),
        severity: match finding.severity {
            Severity::Error => report::Severity::Error,
            Severity::Warning => report::Severity::Warning,
        },
        resource: finding.resource.clone(),
        kind: String::new(),
        message: finding.evidence.clone(),
        details: vec![finding.evidence.clone()],
        remedy: finding.remedy.to_owned(),
        allowed: allowed.cloned(),
    };
    let open = verdict.findings.iter().map(|finding| told(finding, None));
    let allowed = verdict.allowed.iter();
    let allowed = allowed.map(|(finding, reason)| told(finding, Some(reason)));
    Checked {
        findings: open.chain(allowed).collect(),
        passed: verdict
            .passed
            .iter()
            .map(|id| ((*id).to_owned(), title(id)))
            .collect(),
    }
}
