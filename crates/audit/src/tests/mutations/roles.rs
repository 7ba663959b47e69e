//! Rows about roles and who may take them.

use serde_json::{Value, json};

use super::{Row, row, with};
use crate::tests::fixture::{Scene, token_statement};

/// A role's right more.
fn allow(scene: &mut Scene, statement: &Value) {
    let policies = &mut scene.role("web/task-role").inline;
    policies.insert("more".into(), json!({ "Statement": statement }));
}

fn trust(scene: &mut Scene, field: &str, value: Value) {
    scene.role("web/task-role").trust["Statement"][0][field] = value;
}

const BUCKET: &str = "arn:aws:s3:::a/*";

pub(super) const ROWS: &[Row] = &[
    row("role-actions", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": "s3:*", "Resource": BUCKET }),
        );
    }),
    row("role-actions", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": ["s3:Get*", "*"], "Resource": BUCKET }),
        );
    }),
    row("role-actions", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": "s*:GetObject", "Resource": BUCKET }),
        );
    }),
    row("role-managed-admin", |s| {
        s.role("test/role")
            .managed
            .push("arn:aws:iam::aws:policy/AdministratorAccess".into());
    }),
    row("role-managed-admin", |s| {
        s.role("test/role")
            .managed
            .push("arn:aws:iam::aws:policy/PowerUserAccess".into());
    }),
    row("role-managed-admin", |s| {
        s.role("test/role")
            .managed
            .push("arn:aws:iam::aws:policy/AmazonS3FullAccess".into());
    }),
    row("role-managed-unseen", |s| {
        s.role("test/role")
            .managed
            .push("arn:aws:iam::111111111111:policy/mine".into());
    }),
    row("role-negated", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" }),
        );
    }),
    row("role-negated", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": "s3:GetObject", "NotResource": BUCKET }),
        );
    }),
    row("role-resources", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }),
        );
    }),
    row("role-resources", |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*" }),
        );
    }),
    with("role-resources", &["role-resources-unscoped"], |s| {
        allow(
            s,
            &json!({ "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "Resource": "*" }),
        );
    }),
    row("role-resources-unscoped", |s| allow(s, &token_statement())),
    with("role-actions", &["role-resources"], |s| {
        allow(s, &json!("no statement"));
    }),
    row("role-trust", |s| {
        trust(
            s,
            "Principal",
            json!({ "AWS": "arn:aws:iam::222222222222:root" }),
        );
    }),
    row("role-trust", |s| trust(s, "Principal", json!("*"))),
    row("role-trust", |s| {
        trust(
            s,
            "Principal",
            json!({ "Federated": "accounts.google.com" }),
        );
    }),
    row("role-trust", |s| {
        trust(s, "Principal", json!({ "Service": "*" }));
    }),
    row("role-trust-deputy", |s| trust(s, "Condition", json!(null))),
    row("role-trust-deputy", |s| {
        trust(
            s,
            "Condition",
            json!({ "StringEquals": { "aws:SourceAccount": "222222222222" } }),
        );
    }),
    row("role-trust-deputy", |s| {
        trust(
            s,
            "Condition",
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:ecs:*:*:*" } }),
        );
    }),
];
