//! Instances in the VPC, the Windows one first of all, and the key to it.

use jiff::SignedDuration;

use crate::{Evidence, Expected, Flaw, Instance, Rule, Severity, ids};

/// Longest that our instance runs before it is forgotten rather than used. It does not stop by
/// itself when closedNetworkTestEnvironmentAutoStopHours is 0.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "instance-metadata-tokens",
        severity: Severity::Error,
        title: "metadata of our instances want session tokens (IMDSv2)",
        remedy: "require IMDSv2 of the instance; `genu-deploy apply` does",
        check: |e, _| of_instances(e, |i| i.ours.is_some().then(|| tokens(i)).flatten()),
    },
    Rule {
        id: "instance-of-others",
        severity: Severity::Warning,
        title: "instances of others want session tokens (IMDSv2) and have encrypted volumes",
        remedy: "require IMDSv2 of the instance, and encrypt its volumes",
        check: |e, _| of_instances(e, of_others),
    },
    Rule {
        id: "instance-public-address",
        severity: Severity::Error,
        title: "no instance in the VPC has a public address",
        remedy: "take the public address off the instance",
        check: |e, _| {
            of_instances(e, |i| {
                i.public_address
                    .as_ref()
                    .map(|address| format!("has {address}"))
            })
        },
    },
    Rule {
        id: "instance-running-long",
        severity: Severity::Warning,
        title: "our instances run for no more than seven days",
        remedy: "stop the instance; with closedNetworkTestEnvironmentAutoStopHours it stops by itself",
        check: running_long,
    },
    Rule {
        id: "instance-volumes",
        severity: Severity::Error,
        title: "volumes of our instances are encrypted",
        remedy: "replace the instance: a volume cannot be encrypted afterwards",
        check: |e, _| of_instances(e, |i| i.ours.is_some().then(|| volumes(i)).flatten()),
    },
    Rule {
        id: "key-parameter",
        severity: Severity::Error,
        title: "the private key of the Windows instance is kept encrypted",
        remedy: "delete the parameter, replace the key pair and run `genu-deploy apply`",
        check: key_parameter,
    },
];

fn flaw(instance: &Instance, seen: &str) -> Flaw {
    let resource = ids::name(instance.ours.as_ref(), &instance.id);
    Flaw::new(resource, format!("{} {seen}", instance.id))
}

fn of_instances(evidence: &Evidence, seen: fn(&Instance) -> Option<String>) -> Vec<Flaw> {
    let instances = evidence.instances.iter();
    let flaws = instances.filter_map(|instance| Some(flaw(instance, &seen(instance)?)));
    flaws.collect()
}

fn tokens(instance: &Instance) -> Option<String> {
    let seen = || "tells its metadata without a token (IMDSv1)".into();
    (!instance.metadata_tokens).then(seen)
}

fn volumes(instance: &Instance) -> Option<String> {
    let plain = instance.volumes.iter().filter(|(_, encrypted)| !encrypted);
    let mut plain: Vec<&str> = plain.map(|(id, _)| id.as_str()).collect();
    plain.sort_unstable();
    (!plain.is_empty()).then(|| format!("has {} unencrypted", plain.join(", ")))
}

fn of_others(instance: &Instance) -> Option<String> {
    let seen: Vec<String> = [tokens(instance), volumes(instance)]
        .into_iter()
        .flatten()
        .collect();
    (instance.ours.is_none() && !seen.is_empty()).then(|| seen.join(", "))
}

fn running_long(evidence: &Evidence, _: &Expected) -> Vec<Flaw> {
    let ours = evidence.instances.iter().filter(|i| i.ours.is_some());
    let running = ours.filter(|i| i.state == "running");
    let long = running.filter(|i| evidence.at.duration_since(i.launched) > FORGOTTEN);
    let seen = |i: &Instance| flaw(i, &format!("has been running since {}", i.launched));
    long.map(seen).collect()
}

fn key_parameter(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let seen = match &evidence.key_parameter {
        None if expected.test_environment => Some("there is no parameter with the key".into()),
        None => None,
        Some(parameter) => match parameter.kind.as_deref() {
            Some("SecureString") => None,
            Some(kind) => Some(format!("{} is a {kind}", parameter.name)),
            None => Some(format!("{} is gone", parameter.name)),
        },
    };
    let flaw = |seen: String| Flaw::new(ids::KEY_PAIR, seen);
    seen.into_iter().map(flaw).collect()
}
