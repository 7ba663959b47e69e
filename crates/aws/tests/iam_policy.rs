//! The least-privilege policy against the operations that the sources name: nothing is missing,
//! nothing is left over.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Operations whose IAM action bears another name (Service Authorization Reference).
fn actions(operation: &str) -> Vec<String> {
    let (service, name) = operation.split_once(':').unwrap();
    let renamed: &[&str] = match operation {
        "s3:HeadBucket" => &["s3:ListBucket"],
        "s3:DeleteObjects" => &["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "s3:PutPublicAccessBlock" => &["s3:PutBucketPublicAccessBlock"],
        "s3:GetPublicAccessBlock" => &["s3:GetBucketPublicAccessBlock"],
        "s3:PutBucketEncryption" => &["s3:PutEncryptionConfiguration"],
        "s3:GetBucketEncryption" => &["s3:GetEncryptionConfiguration"],
        _ if service == "apigateway" => match name {
            "TagResource" => &["apigateway:PUT"],
            _ if name.starts_with("Get") => &["apigateway:GET"],
            _ if name.starts_with("Create") => &["apigateway:POST"],
            _ if name.starts_with("Put") => &["apigateway:PUT"],
            _ if name.starts_with("Update") => &["apigateway:PATCH"],
            _ => &["apigateway:DELETE"],
        },
        _ => return vec![operation.to_owned()],
    };
    renamed.iter().map(ToString::to_string).collect()
}

/// Actions that calls need beside those that bear their name: tags at create, roles handed over,
/// what services do in the caller's name.
const ALONGSIDE: [&str; 7] = [
    "apigateway:UpdateRestApiPolicy",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
    "route53:AssociateVPCWithHostedZone",
    "ssm:AddTagsToResource",
];

/// Words of the policy documents that the kinds write: not calls.
const IN_DOCUMENTS: [&str; 4] = [
    "aws:SecureTransport",
    "aws:SourceVpce",
    "execute-api:Invoke",
    "sts:AssumeRole",
];

/// Every `"service:Operation"` below `dir`, up to a file's tests.
fn operations(dir: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            operations(&path, into);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for quoted in text.split('"') {
            if let Some((service, name)) = quoted.split_once(':')
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(char::is_alphanumeric)
                && service
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !service.is_empty()
                && !IN_DOCUMENTS.contains(&quoted)
            {
                into.insert(quoted.to_owned());
            }
        }
    }
}

#[test]
fn the_policy_has_what_the_sources_call_and_no_more() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut called = BTreeSet::new();
    operations(&root.join("src"), &mut called);
    assert!(
        called.len() > 100,
        "only {} operations were found",
        called.len()
    );
    let mut needed: BTreeSet<String> = called.iter().flat_map(|o| actions(o)).collect();
    needed.extend(ALONGSIDE.map(ToOwned::to_owned));

    let policy = fs::read_to_string(root.join("../../config/iam-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let granted: BTreeSet<String> = statements
        .iter()
        .flat_map(|s| s["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap().to_owned())
        .collect();
    let missing: Vec<_> = needed.difference(&granted).collect();
    let left_over: Vec<_> = granted.difference(&needed).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(left_over.is_empty(), "left over: {left_over:?}");
}

#[test]
fn nothing_is_granted_by_wildcard() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy = fs::read_to_string(root.join("../../config/iam-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&policy).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            assert!(!action.as_str().unwrap().contains('*'), "{action}");
        }
    }
}
