//! Two reports as they happen, with the texts that formats stumble over.

use std::time::Duration;

use report::{Check, Checked, Environment, Finding, Report, Severity};

fn environment(name: &str, ended: Result<Checked, String>) -> Environment {
    Environment {
        name: name.into(),
        account: "123456789012".into(),
        region: "ap-northeast-1".into(),
        took: Duration::from_millis(12_345),
        ended,
    }
}

fn report(check: Check, environments: Vec<Environment>) -> Report {
    Report {
        check,
        version: "0.1.0".into(),
        configuration: "config/closed network.toml".into(),
        environments,
        at: 1_767_225_600,
    }
}

/// One environment drifted; one could not be checked.
pub(crate) fn drift() -> Report {
    let changed = Finding {
        rule: "changed".into(),
        title: "A resource is not as it was left".into(),
        severity: Severity::Error,
        resource: "network/vpc".into(),
        kind: "ec2/vpc".into(),
        message: "2 fields, \"Name\" among them".into(),
        details: vec![
            "tags.Name: \"閉域,網: 100%\" → \"a\nb\"".into(),
            "policy: {\"Id\":\"<![CDATA[x]]>\"} → C:\\p & <q>".into(),
        ],
        remedy: "`genu-deploy apply` heals it".into(),
        allowed: None,
    };
    let missing = Finding {
        rule: "missing".into(),
        title: "A resource is not there".into(),
        resource: "endpoints/s3".into(),
        kind: "ec2/vpc-endpoint".into(),
        message: String::new(),
        details: Vec::new(),
        ..changed.clone()
    };
    let unexpected = Finding {
        rule: "unexpected".into(),
        title: "Something was added".into(),
        kind: String::new(),
        message: "a tag: CostCenter".into(),
        details: Vec::new(),
        remedy: String::new(),
        allowed: Some("finance tags everything, see OPS-12: 50%".into()),
        ..changed.clone()
    };
    let checked = Checked {
        findings: vec![changed, missing, unexpected],
        passed: vec![("web/service".into(), "ecs/service".into())],
    };
    let failed = "AccessDenied: not authorized,\nrequest 4f1c: ]]> 100%";
    report(
        Check::Drift,
        vec![
            environment("production", Ok(checked)),
            environment("staging", Err(failed.into())),
        ],
    )
}

/// One environment with an error, a warning, something allowed and a rule that held.
pub(crate) fn audit() -> Report {
    let open = Finding {
        rule: "sg-open-to-world".into(),
        title: "No security group lets in the whole internet".into(),
        severity: Severity::Error,
        resource: "sg-0a1b2c3d4e5f60718".into(),
        kind: "ec2/security-group".into(),
        message: "lets in 0.0.0.0/0 on tcp/3389".into(),
        details: Vec::new(),
        remedy: "Remove the rule, or name the networks that may connect".into(),
        allowed: None,
    };
    let twice = Finding {
        message: "lets in ::/0 on tcp/22".into(),
        ..open.clone()
    };
    let logs = Finding {
        rule: "flow-logs-on".into(),
        title: "The VPC's flow logs are on".into(),
        severity: Severity::Warning,
        resource: "network/vpc".into(),
        kind: "ec2/vpc".into(),
        message: "no flow log".into(),
        remedy: "Turn flow logs on".into(),
        ..open.clone()
    };
    let allowed = Finding {
        allowed: Some("the test instance, until March".into()),
        resource: "sg-0ffffffffffffffff".into(),
        remedy: "Ask the owner".into(),
        ..open.clone()
    };
    let checked = Checked {
        findings: vec![open, twice, logs, allowed],
        passed: vec![(
            "no-internet-gateway".into(),
            "The VPC has no internet gateway".into(),
        )],
    };
    report(Check::Audit, vec![environment("production", Ok(checked))])
}
