//! AWS's Service Authorization Reference, as far as our policies touch it: on which types of resources
//! an action is authorised, and how an ARN of each type looks.
//!
//! `data/iam-reference.json` is written by `cargo xtask iam-reference`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The extract.
#[derive(Debug, Default, Deserialize)]
pub struct Reference {
    /// Where it comes from.
    pub source: String,
    /// Actions as `service:Action`.
    pub actions: BTreeMap<String, ActionRow>,
    /// Form of an ARN of each type, as `service:type`: `arn:${Partition}:ec2:${Region}:…`.
    pub types: BTreeMap<String, String>,
}

/// An action.
#[derive(Debug, Deserialize)]
pub struct ActionRow {
    /// `Read`, `List`, `Write`, `Tagging`, `Permissions management`.
    pub level: String,
    /// Types of resources that it is authorised on; `true` for those that every call names. Empty when
    /// it is authorised on `*` alone.
    pub types: BTreeMap<String, bool>,
    /// Condition keys that it knows besides the global ones.
    pub conditions: Vec<String>,
    /// Actions that AWS says it depends on.
    pub dependent: Vec<String>,
}

/// The extract that this version was built with.
pub static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let text = include_str!("../data/iam-reference.json");
    // A test reads it; without it nothing is known of any action, and nothing is simulated.
    serde_json::from_str(text).unwrap_or_default()
});

/// Values for the parts of an ARN that a policy leaves open.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// `aws`.
    pub partition: &'a str,
    /// Region name.
    pub region: &'a str,
    /// Twelve digits.
    pub account: &'a str,
    /// Turns an open part of a pattern into a name that there might be: `genu-*` into `genu-priv-web`.
    pub name: &'a dyn Fn(&str) -> String,
}

/// An id that stands for any: nothing of this id has to exist for a simulation.
const ID: &str = "0123456789abcdef0";

/// A concrete, full ARN that has the form of `template` (a type of the reference) and is matched by
/// `pattern` (a resource of a policy). None when the two have nothing in common.
#[must_use]
pub fn arn_of(template: &str, pattern: &str, sample: &Sample<'_>) -> Option<String> {
    let form: Vec<&str> = template.splitn(6, ':').collect();
    let wanted: Vec<&str> = pattern.splitn(6, ':').collect();
    let ([_, _, service, region, account, form], [_, _, of, in_region, in_account, wanted]) =
        (form.as_slice(), wanted.as_slice())
    else {
        return None;
    };
    if of != service {
        return None;
    }
    // Where AWS has no region or account in an ARN, the pattern has none either. The account may be
    // AWS's own, as of public parameters and images.
    let fits = |form: &str, wanted: &str| form.is_empty() == wanted.is_empty();
    if !fits(region, in_region) || (account.is_empty() && !in_account.is_empty()) {
        return None;
    }
    let region = in_region.replace('*', sample.region);
    let account = in_account.replace('*', sample.account);
    let resource = resource_of(form, wanted, sample)?;
    let partition = sample.partition;
    Some(format!(
        "arn:{partition}:{service}:{region}:{account}:{resource}"
    ))
}

/// The part behind the account, segment by segment.
fn resource_of(form: &str, wanted: &str, sample: &Sample<'_>) -> Option<String> {
    let form: Vec<&str> = form.split('/').collect();
    let wanted: Vec<&str> = wanted.split('/').collect();
    let mut made = Vec::new();
    for (n, segment) in form.iter().enumerate() {
        let last = n + 1 == form.len();
        let pattern = match wanted.get(n) {
            Some(_) if last && has_path(segment) => wanted[n..].join("/"),
            Some(_) if last && wanted.len() > form.len() => return None,
            Some(pattern) => (*pattern).to_owned(),
            // What ends with a star covers what lies below, too.
            None if wanted.last().is_some_and(|end| end.ends_with('*')) => "*".to_owned(),
            None => return None,
        };
        made.push(segment_of(segment, &pattern, sample)?);
    }
    Some(made.join("/"))
}

/// Says whether the name that ends an ARN may have slashes of its own.
fn has_path(segment: &str) -> bool {
    let names = [
        "Path",
        "LeadingSlash",
        "LogGroupName",
        "RepositoryName",
        "ObjectName",
        "UrlEncoded",
    ];
    names.iter().any(|name| segment.contains(name))
}

/// One segment: `vpc`, `${VpcId}`, `log-group:${LogGroupName}`, `${Family}:${Revision}`.
fn segment_of(form: &str, pattern: &str, sample: &Sample<'_>) -> Option<String> {
    let Some((front, variable)) = form.split_once("${") else {
        return (pattern == form || pattern == "*").then(|| form.to_owned());
    };
    let (variable, rest) = variable.split_once('}')?;
    let pattern = match pattern {
        "*" => "*",
        pattern => pattern.strip_prefix(front)?,
    };
    let value = match pattern {
        "*" if variable.ends_with("Number") => "1".to_owned(),
        "*" => ID.to_owned(),
        named => (sample.name)(named),
    };
    // A second variable, as the revision behind a family.
    let rest = match rest {
        "" => String::new(),
        rest if pattern.ends_with('*') => {
            let (between, second) = rest.split_once("${")?;
            let number = second.contains("Number");
            format!("{between}{}", if number { "1" } else { ID })
        }
        _ => return None,
    };
    Some(format!("{front}{value}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(kind: &str, pattern: &str) -> Option<String> {
        let sample = Sample {
            partition: "aws",
            region: "ap-northeast-1",
            account: "123456789012",
            name: &|pattern| pattern.replace('*', "priv-web"),
        };
        arn_of(&REFERENCE.types[kind], pattern, &sample)
    }

    /// Forms of ARNs: Service Authorization Reference of each service.
    #[test]
    fn an_arn_has_all_parts_of_its_type() {
        for (kind, pattern, expected) in [
            (
                "ec2:vpc",
                "arn:aws:ec2:*:*:*/*",
                "arn:aws:ec2:ap-northeast-1:123456789012:vpc/0123456789abcdef0",
            ),
            (
                "ec2:image",
                "arn:aws:ec2:*::image/*",
                "arn:aws:ec2:ap-northeast-1::image/0123456789abcdef0",
            ),
            (
                "elasticloadbalancing:loadbalancer/app/",
                "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/genu-*",
                "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/genu-priv-web/0123456789abcdef0",
            ),
            (
                "elasticloadbalancing:listener-rule/app",
                "arn:aws:elasticloadbalancing:*:*:listener-rule/app/genu-*",
                "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener-rule/app/genu-priv-web/0123456789abcdef0/0123456789abcdef0/0123456789abcdef0",
            ),
            (
                "ecs:service",
                "arn:aws:ecs:*:*:service/genu-*",
                "arn:aws:ecs:ap-northeast-1:123456789012:service/genu-priv-web/0123456789abcdef0",
            ),
            (
                "ecs:task-definition",
                "arn:aws:ecs:*:*:task-definition/genu-*",
                "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/genu-priv-web:1",
            ),
            (
                "logs:log-group",
                "arn:aws:logs:*:*:log-group:/genu/*",
                "arn:aws:logs:ap-northeast-1:123456789012:log-group:/genu/priv-web",
            ),
            (
                "ssm:parameter",
                "arn:aws:ssm:*::parameter/aws/service/*",
                "arn:aws:ssm:ap-northeast-1::parameter/aws/service/priv-web",
            ),
            (
                "s3:object",
                "arn:aws:s3:::genu-*-web-*/*",
                "arn:aws:s3:::genu-priv-web-web-priv-web/0123456789abcdef0",
            ),
        ] {
            assert_eq!(arn(kind, pattern).as_deref(), Some(expected), "{kind}");
        }
    }

    #[test]
    fn a_pattern_of_another_type_makes_no_arn() {
        for (kind, pattern) in [
            ("ec2:vpc", "arn:aws:ec2:*:*:subnet/*"),
            (
                "elasticloadbalancing:listener-rule/app",
                "arn:aws:elasticloadbalancing:*:*:listener/app/genu-*",
            ),
            ("s3:bucket", "arn:aws:ecr:*:*:repository/genu-*"),
            ("iam:role", "arn:aws:iam::*:instance-profile/genu-*"),
        ] {
            assert_eq!(arn(kind, pattern), None, "{kind}");
        }
    }
}
