//! Rows about endpoints and their policies.

use serde_json::json;

use super::{Row, row};
use crate::Endpoint;
use crate::tests::fixture::{full_access, own_resources};

pub(super) const ROWS: &[Row] = &[
    row("endpoint-foreign", |s| {
        s.endpoint("endpoint/bedrock-agentcore").service =
            "com.amazonaws.vpce.ap-northeast-1.vpce-svc-1".into();
        s.expected
            .services
            .retain(|service| !service.ends_with("agentcore"));
    }),
    row("endpoint-foreign", |s| {
        let endpoint = s.endpoint("endpoint/bedrock-agentcore");
        endpoint.kind = "GatewayLoadBalancer".into();
    }),
    row("endpoint-foreign", |s| {
        s.endpoint("endpoint/bedrock-agentcore").service = "com.example.logs".into();
        s.expected
            .services
            .retain(|service| !service.ends_with("agentcore"));
    }),
    row("endpoint-guardduty", |s| {
        s.evidence.endpoints.push(Endpoint {
            id: "vpce-guardduty".into(),
            service: "com.amazonaws.ap-northeast-1.guardduty-data".into(),
            kind: "Interface".into(),
            state: "available".into(),
            private_dns: true,
            policy: full_access(),
            groups: vec!["sg-endpoint".into()],
            of_guardduty: true,
            ..Endpoint::default()
        });
    }),
    row("endpoint-gateway-policy", |s| {
        s.endpoint("endpoint/s3").policy = full_access();
    }),
    row("endpoint-gateway-policy", |s| {
        s.endpoint("endpoint/s3").policy = json!(null);
    }),
    row("endpoint-gateway-policy", |s| {
        s.endpoint("endpoint/dynamodb").policy = json!("no document");
    }),
    // One action on everybody's buckets is enough to carry data out.
    row("endpoint-gateway-policy", |s| {
        let put = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::*" });
        s.endpoint("endpoint/s3").policy = json!({ "Statement": put });
    }),
    row("endpoint-gateway-policy", |s| {
        let mut other = own_resources("s3:*");
        other["Condition"] =
            json!({ "StringEquals": { "aws:ResourceAccount": ["111111111111", "222222222222"] } });
        s.endpoint("endpoint/s3").policy = json!({ "Statement": other });
    }),
    row("endpoint-gateway-policy", |s| {
        let mut other = own_resources("s3:*");
        other["Condition"] =
            json!({ "StringEqualsIfExists": { "aws:ResourceAccount": "111111111111" } });
        s.endpoint("endpoint/s3").policy = json!({ "Statement": other });
    }),
    row("endpoint-interface-policy", |s| {
        s.endpoint("endpoint/logs").policy = full_access();
    }),
    row("endpoint-interface-policy", |s| {
        s.endpoint("endpoint/sts").policy = json!(null);
    }),
    row("endpoint-missing", |s| {
        s.endpoint("endpoint/logs").state = "pending".into();
    }),
    row("endpoint-missing", |s| {
        s.evidence
            .endpoints
            .retain(|e| e.ours.as_deref() != Some("endpoint/logs"));
    }),
    row("endpoint-private-dns", |s| {
        s.endpoint("endpoint/kendra").private_dns = false;
    }),
    // The gateway does not bear the name for clients.
    row("endpoint-private-dns", |s| {
        s.endpoint("endpoint/s3-on-premises").private_dns = false;
    }),
    row("endpoint-gateway-policy", |s| {
        let but = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::a" });
        s.endpoint("endpoint/s3").policy = json!({ "Statement": but });
    }),
    row("endpoint-interface-policy", |s| {
        let but =
            json!({ "Effect": "Allow", "Principal": "*", "NotAction": "iam:*", "Resource": "*" });
        s.endpoint("endpoint/logs").policy = json!({ "Statement": but });
    }),
];
