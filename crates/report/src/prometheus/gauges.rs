//! The metrics of a check: their names, helps and order. Names and helps are an interface; alerts
//! are written against them.

use std::fmt::{self, Display, Formatter};

use super::exposition::Gauge;
use crate::Check;

/// All metrics of one file.
pub(super) struct Gauges {
    pub findings: Gauge,
    pub allowed: Gauge,
    pub good: Gauge,
    pub each: Gauge,
    pub success: Gauge,
    pub took: Gauge,
    pub at: Gauge,
}

impl Gauges {
    pub(super) fn new(check: Check) -> Self {
        let [findings, allowed, good] = match check {
            Check::Drift => [
                (
                    "genu_deploy_drift_findings",
                    "Resources that are not as they were left, by how they differ.",
                ),
                (
                    "genu_deploy_drift_allowed",
                    "Differences that are on the allow list.",
                ),
                (
                    "genu_deploy_in_sync",
                    "1 when nothing drifted but what is allowed, else 0.",
                ),
            ],
            Check::Audit => [
                (
                    "genu_deploy_audit_findings",
                    "Rules broken by a resource, by severity.",
                ),
                (
                    "genu_deploy_audit_allowed",
                    "Broken rules that are on the allow list.",
                ),
                (
                    "genu_deploy_closed",
                    "1 when no rule of severity error is broken but where allowed, else 0.",
                ),
            ],
        }
        .map(|(name, help)| Gauge::new(name, help));
        Self {
            findings,
            allowed,
            good,
            each: Gauge::new("genu_deploy_finding", "1 for each finding there is."),
            success: Gauge::new(
                "genu_deploy_check_success",
                "1 when the check came to its end, whatever it found, else 0.",
            ),
            took: Gauge::new(
                "genu_deploy_check_duration_seconds",
                "How long the check took.",
            ),
            at: Gauge::new(
                "genu_deploy_check_timestamp_seconds",
                "When the check ended, in Unix seconds.",
            ),
        }
    }
}

impl Display for Gauges {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            findings,
            allowed,
            good,
            each,
            success,
            took,
            at,
        } = self;
        let all = [findings, allowed, good, each, success, took, at];
        all.iter().try_for_each(|gauge| gauge.fmt(f))
    }
}
