//! Rows about the web bucket.

use serde_json::json;

use super::{Row, row, with};
use crate::tests::fixture::{Scene, bucket_arn};

/// Changes the statement that refuses requests without TLS.
fn tls(scene: &mut Scene, field: &str, value: serde_json::Value) {
    scene.bucket().policy["Statement"][0][field] = value;
}

/// Lets somebody read the bucket.
fn admit(scene: &mut Scene, principal: &serde_json::Value) {
    let allow = json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": format!("{}/*", bucket_arn()) });
    scene.bucket().policy["Statement"]
        .as_array_mut()
        .unwrap()
        .push(allow);
}

pub(super) const ROWS: &[Row] = &[
    row("bucket-acls", |s| {
        s.bucket().ownership = Some("ObjectWriter".into());
    }),
    row("bucket-acls", |s| s.bucket().ownership = None),
    row("bucket-encryption", |s| s.bucket().encryption = None),
    row("bucket-policy-others", |s| admit(s, &json!("*"))),
    row("bucket-policy-others", |s| {
        admit(s, &json!({ "AWS": ["*"] }));
    }),
    row("bucket-policy-others", |s| {
        admit(s, &json!({ "AWS": "arn:aws:iam::222222222222:root" }));
    }),
    row("bucket-policy-others", |s| {
        admit(s, &json!({ "AWS": "222222222222" }));
    }),
    row("bucket-policy-others", |s| {
        admit(s, &json!({ "Service": "cloudfront.amazonaws.com" }));
    }),
    row("bucket-policy-others", |s| {
        admit(s, &json!({ "CanonicalUser": "79a5" }));
    }),
    row("bucket-policy-others", |s| {
        admit(s, &json!(null));
        s.bucket().policy["Statement"][1]["NotPrincipal"] = json!({ "AWS": "222222222222" });
    }),
    row("bucket-public-access", |s| {
        s.bucket().public_access_blocks.truncate(3);
    }),
    with("bucket-tls-only", &["bucket-policy-others"], |s| {
        s.bucket().policy = json!("no document");
    }),
    row("bucket-tls-only", |s| s.bucket().policy = json!(null)),
    row("bucket-tls-only", |s| {
        tls(s, "Resource", json!(format!("{}/*", bucket_arn())));
    }),
    row("bucket-tls-only", |s| {
        tls(s, "Resource", json!(bucket_arn()));
    }),
    row("bucket-tls-only", |s| {
        tls(s, "Action", json!("s3:GetObject"));
    }),
    row("bucket-tls-only", |s| {
        tls(s, "Principal", json!({ "AWS": "111111111111" }));
    }),
    row("bucket-tls-only", |s| {
        tls(
            s,
            "Condition",
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
        );
    }),
    // A second condition makes it hold less often.
    row("bucket-tls-only", |s| {
        let both =
            json!({ "Bool": { "aws:SecureTransport": "false", "aws:ViaAWSService": "false" } });
        tls(s, "Condition", both);
    }),
];
