//! Logs: kept as long as they are needed, and written of the network's traffic.

use crate::{Evidence, Expected, Flaw, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "flow-logs",
        severity: Severity::Warning,
        title: "traffic of the VPC is logged",
        remedy: "create a flow log of the VPC: without one nobody can tell what was tried",
        check: flow_logs,
    },
    Rule {
        id: "log-retention",
        severity: Severity::Warning,
        title: "log groups expire",
        remedy: "set the retention of the log group (closedNetworkLogRetentionDays)",
        check: retention,
    },
];

fn flow_logs(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    if evidence.vpc.flow_logs {
        return Vec::new();
    }
    let seen = format!("{} has no active flow log", evidence.vpc.id);
    vec![Flaw::new(ids::vpc(evidence), seen)]
}

fn retention(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let groups = evidence.log_groups.iter();
    let endless = groups.filter(|group| group.retention_days.is_none());
    endless
        .map(|group| Flaw::new(&group.name, format!("{} never expires", group.name)))
        .collect()
}
