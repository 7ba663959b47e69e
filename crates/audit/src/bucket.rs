//! The web bucket: this account's alone, over TLS alone.

use crate::policy::{Document, Principals, Statement, arn_parts};
use crate::{Bucket, Evidence, Flaw, Rule, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "bucket-acls",
        severity: Severity::Warning,
        title: "the web bucket has no ACLs",
        remedy: "set its object ownership to BucketOwnerEnforced; `genu-deploy apply` does",
        check: |e, _| of_bucket(e, acls),
    },
    Rule {
        id: "bucket-encryption",
        severity: Severity::Error,
        title: "the web bucket encrypts its objects",
        remedy: "switch on default encryption; `genu-deploy apply` does",
        check: |e, _| of_bucket(e, encryption),
    },
    Rule {
        id: "bucket-policy-others",
        severity: Severity::Error,
        title: "the policy of the web bucket allows nothing to other accounts or everybody",
        remedy: "delete the statement; `genu-deploy apply` does",
        check: |e, _| of_bucket(e, others),
    },
    Rule {
        id: "bucket-public-access",
        severity: Severity::Error,
        title: "all four blocks of public access are on for the web bucket",
        remedy: "switch on Block Public Access; `genu-deploy apply` does",
        check: |e, _| of_bucket(e, public_access),
    },
    Rule {
        id: "bucket-tls-only",
        severity: Severity::Error,
        title: "the web bucket refuses requests without TLS",
        remedy: "deny s3:* where aws:SecureTransport is false; `genu-deploy apply` does",
        check: |e, _| of_bucket(e, tls_only),
    },
];

/// The four switches of Block Public Access.
const BLOCKS: [&str; 4] = [
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
];

fn of_bucket(evidence: &Evidence, seen: fn(&Bucket, &str) -> Option<String>) -> Vec<Flaw> {
    let bucket = evidence.bucket.iter();
    let seen = bucket.filter_map(|bucket| {
        let seen = seen(bucket, &evidence.account)?;
        Some(Flaw::new(ids::BUCKET, format!("{} {seen}", bucket.name)))
    });
    seen.collect()
}

fn acls(bucket: &Bucket, _: &str) -> Option<String> {
    let ownership = bucket.ownership.as_deref().unwrap_or("unset");
    (ownership != "BucketOwnerEnforced").then(|| format!("has the ownership {ownership}"))
}

fn encryption(bucket: &Bucket, _: &str) -> Option<String> {
    let seen = || "has no default encryption".into();
    bucket.encryption.is_none().then(seen)
}

fn public_access(bucket: &Bucket, _: &str) -> Option<String> {
    let on = |block: &&str| bucket.public_access_blocks.iter().any(|b| b == block);
    let off: Vec<&str> = BLOCKS.into_iter().filter(|block| !on(block)).collect();
    (!off.is_empty()).then(|| format!("is without {}", off.join(", ")))
}

/// Whom the bucket's policy allows anything beyond `account`.
fn others(bucket: &Bucket, account: &str) -> Option<String> {
    let document = Document::new(&bucket.policy);
    let mut found: Vec<String> = document
        .allows()
        .flat_map(|statement| strangers(statement, account))
        .collect();
    found.sort();
    found.dedup();
    (!found.is_empty()).then(|| format!("allows {}", found.join(", ")))
}

fn strangers(statement: &Statement, account: &str) -> Vec<String> {
    let named = match &statement.principals {
        // A bucket's policy names somebody; one that does not is no policy that we understand.
        Principals::Bearer | Principals::Everybody => return vec!["everybody".into()],
        Principals::AllBut => return vec!["everybody but some (NotPrincipal)".into()],
        Principals::Named(named) => named,
    };
    let stranger = |(kind, name): &&(String, String)| match kind.as_str() {
        "AWS" => name != account && arn_parts(name).is_none_or(|(owner, _)| owner != account),
        // CloudFront serves the internet.
        "Service" => name.starts_with("cloudfront."),
        _ => true,
    };
    let strangers = named.iter().filter(stranger);
    strangers
        .map(|(kind, name)| format!("{kind} {name}"))
        .collect()
}

fn tls_only(bucket: &Bucket, _: &str) -> Option<String> {
    let document = Document::new(&bucket.policy);
    let refusing = document.refusals().filter(|statement| {
        let condition = statement.only_condition();
        statement.every_action("s3")
            && condition.is_some_and(|c| c.when_false("aws:securetransport"))
    });
    let resources: Vec<&str> = refusing
        .flat_map(|statement| &statement.resources)
        .map(|resource| {
            resource
                .split_once(":::")
                .map_or(resource.as_str(), |(_, name)| name)
        })
        .collect();
    let name = &bucket.name;
    let all = ["*".to_owned(), format!("{name}*")];
    let any = |wanted: &str| {
        let mut resources = resources.iter();
        resources.any(|resource| *resource == wanted || all.iter().any(|all| all == resource))
    };
    let (whole, objects) = (any(name), any(&format!("{name}/*")));
    (!whole || !objects).then(|| {
        let what = match (whole, objects) {
            (false, false) => "anything",
            (true, _) => "its objects",
            (_, true) => "the bucket itself",
        };
        format!("does not refuse everybody {what} without TLS")
    })
}
