//! Rows about REST APIs and instances.

use serde_json::{Value, json};

use super::{Row, row};
use crate::tests::fixture::Scene;
use crate::{Instance, RestApi};

/// Changes the condition of the statement that refuses all but the endpoint.
fn pin(scene: &mut Scene, condition: Value) {
    scene.evidence.rest_apis[0].policy["Statement"][0]["Condition"] = condition;
}

/// An API of somebody else's, bound to an endpoint in the VPC, with one statement.
fn others(scene: &mut Scene, statement: &Value) {
    scene.evidence.rest_apis.push(RestApi {
        id: "api9".into(),
        ours: None,
        name: "theirs".into(),
        types: vec!["PRIVATE".into()],
        endpoints: vec!["vpce-interface-execute-api".into()],
        policy: json!({ "Statement": statement }),
    });
}

fn theirs(metadata_tokens: bool, encrypted: bool) -> Instance {
    Instance {
        id: "i-9".into(),
        state: "running".into(),
        metadata_tokens,
        volumes: vec![("vol-9".into(), encrypted)],
        ..Instance::default()
    }
}

pub(super) const ROWS: &[Row] = &[
    row("api-pinned", |s| {
        pin(s, json!({ "StringNotEquals": { "aws:SourceVpce": "*" } }));
    }),
    row("api-pinned", |s| {
        pin(
            s,
            json!({ "StringNotEquals": { "aws:SourceVpce": ["vpce-interface-execute-api", "vpce-9"] } }),
        );
    }),
    row("api-pinned", |s| {
        pin(
            s,
            json!({ "StringNotEquals": { "aws:SourceIp": "10.0.0.0/8" } }),
        );
    }),
    row("api-pinned", |s| {
        pin(s, json!({ "StringNotEquals": { "aws:SourceVpce": [] } }));
    }),
    // Does not hold without the key.
    row("api-pinned", |s| {
        pin(
            s,
            json!({ "ForAnyValue:StringNotEquals": { "aws:SourceVpce": "vpce-interface-execute-api" } }),
        );
    }),
    row("api-pinned", |s| {
        pin(
            s,
            json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-interface-execute-api", "aws:SourceVpc": "vpc-1" } }),
        );
    }),
    row("api-pinned", |s| {
        s.evidence.rest_apis[1].policy = json!(null);
    }),
    row("api-pinned", |s| {
        s.evidence.rest_apis[1].policy["Statement"][0]["Resource"] =
            json!("execute-api:/prod/GET/*");
    }),
    row("api-pinned", |s| {
        s.evidence.rest_apis[1].policy["Statement"][0]["Action"] =
            json!("execute-api:ManageConnections");
    }),
    row("api-pinned", |s| {
        s.evidence.rest_apis[1].policy["Statement"][0]["Principal"] =
            json!({ "AWS": "111111111111" });
    }),
    // Bound to and pinned to an endpoint of another VPC.
    row("api-pinned", |s| {
        s.evidence.rest_apis[0].endpoints = vec!["vpce-9".into()];
        pin(
            s,
            json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-9" } }),
        );
    }),
    row("api-pinned-of-others", |s| {
        others(
            s,
            &json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*" }),
        );
    }),
    row("api-pinned-of-others", |s| {
        let condition = json!({ "StringEqualsIfExists": { "aws:SourceVpc": "vpc-1" } });
        others(
            s,
            &json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": condition }),
        );
    }),
    row("api-pinned-of-others", |s| {
        let condition = json!({ "StringLike": { "aws:SourceVpce": "*" } });
        others(
            s,
            &json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": condition }),
        );
        s.evidence.rest_apis[2].endpoints = vec!["*".into()];
    }),
    row("api-private", |s| {
        s.evidence.rest_apis[0].types = vec!["REGIONAL".into()];
    }),
    row("api-private", |s| s.evidence.rest_apis[0].types.clear()),
    row("instance-metadata-tokens", |s| {
        s.evidence.instances[0].metadata_tokens = false;
    }),
    row("instance-of-others", |s| {
        s.evidence.instances.push(theirs(false, true));
    }),
    row("instance-of-others", |s| {
        s.evidence.instances.push(theirs(true, false));
    }),
    row("instance-public-address", |s| {
        s.evidence.instances[0].public_address = Some("203.0.113.1".into());
    }),
    row("instance-public-address", |s| {
        let mut instance = theirs(true, true);
        instance.public_address = Some("203.0.113.1".into());
        s.evidence.instances.push(instance);
    }),
    row("instance-running-long", |s| {
        s.evidence.instances[0].launched = "2026-05-24T23:59:59Z".parse().unwrap();
    }),
    row("instance-volumes", |s| {
        s.evidence.instances[0].volumes[0].1 = false;
    }),
    row("key-parameter", |s| {
        s.evidence.key_parameter.as_mut().unwrap().kind = Some("String".into());
    }),
    row("key-parameter", |s| {
        s.evidence.key_parameter.as_mut().unwrap().kind = None;
    }),
    row("key-parameter", |s| s.evidence.key_parameter = None),
];
