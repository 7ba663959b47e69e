//! Changes that no rule has anything to say about.

use serde_json::json;

use crate::tests::fixture::{Scene, acl_entry, full_access, net, own_resources, rule};
use crate::{Peer, RouteTable};

/// A change that nothing has to say about.
type Harmless = (&'static str, fn(&mut Scene));

pub(in crate::tests) const HARMLESS: &[Harmless] = &[
    ("a VPN with a route to clients", |s| {
        s.evidence.doors.vpn_gateways.push(("vgw-1".into(), 2));
        s.route("192.168.0.0/16", "vgw-1");
    }),
    ("peers within the client ranges", |s| {
        s.evidence
            .doors
            .peerings
            .push(("pcx-1".into(), "vpc-9".into()));
        s.evidence
            .doors
            .transit_attachments
            .push(("tgw-attach-1".into(), "tgw-1".into()));
        s.route("10.9.0.0/16", "pcx-1");
        s.route("172.16.0.0/12", "tgw-1");
    }),
    ("a prefix list of clients behind a transit gateway", |s| {
        s.route("pl-clients", "tgw-1");
        let route = s.evidence.route_tables[0].routes.last_mut().unwrap();
        route.prefix_list = vec![net("172.16.0.0/16"), net("192.168.1.0/24")];
    }),
    ("client ranges that are adjacent to one rule's range", |s| {
        s.expected.clients = [
            "10.0.0.0/9",
            "10.128.0.0/9",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ]
        .map(|range| range.parse().unwrap())
        .into();
    }),
    ("groups and prefix lists in rules", |s| {
        let clients = Peer::PrefixList("pl-1".into(), vec![net("10.1.0.0/16")]);
        let aws = Peer::PrefixList("pl-dynamodb".into(), Vec::new());
        let own = Peer::Group("sg-service".into());
        let rules = [
            rule(false, "tcp", 1, clients),
            rule(true, "tcp", 443, aws),
            rule(false, "-1", 0, own),
        ];
        s.group("web/service-group").rules.extend(rules);
    }),
    ("an ACL that refuses all others first", |s| {
        let others = [
            "0.0.0.0/5",
            "8.0.0.0/7",
            "11.0.0.0/8",
            "12.0.0.0/6",
            "16.0.0.0/4",
            "32.0.0.0/3",
            "64.0.0.0/2",
            "128.0.0.0/1",
        ];
        let refuse = (1..)
            .zip(others)
            .map(|(at, range)| acl_entry(at, false, false, range));
        s.evidence.acls[0].entries.extend(refuse);
    }),
    ("an open ACL of subnets that are not used", |s| {
        let mut acl = s.evidence.acls[0].clone();
        acl.entries[0].number = 7;
        acl.subnets = vec!["subnet-z".into()];
        s.evidence.acls.push(acl);
    }),
    ("AWS's default entry for IPv6", |s| {
        let entry = acl_entry(101, false, true, "::/0");
        s.evidence.acls[0].entries.push(entry);
    }),
    ("a main table that subnets with their own do not use", |s| {
        s.evidence.route_tables.push(RouteTable::default());
    }),
    ("an endpoint without private DNS beside one with it", |s| {
        let mut other = s.endpoint("endpoint/logs").clone();
        (other.id, other.ours) = ("vpce-9".into(), None);
        (other.private_dns, other.state) = (false, "pending".into());
        s.evidence.endpoints.push(other);
    }),
    ("an endpoint of SageMaker's notebooks", |s| {
        let endpoint = s.endpoint("endpoint/bedrock-agentcore");
        endpoint.service = "aws.sagemaker.ap-northeast-1.notebook".into();
        s.expected
            .services
            .retain(|service| !service.ends_with("agentcore"));
    }),
    ("the strictest TLS", |s| {
        let strict = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09";
        s.load_balancer().listeners[1].tls_policy = Some(strict.into());
    }),
    ("an instance that was stopped long ago", |s| {
        let instance = &mut s.evidence.instances[0];
        instance.state = "stopped".into();
        instance.launched = "2025-01-01T00:00:00Z".parse().unwrap();
    }),
    ("no test environment", |s| {
        s.expected.test_environment = false;
        s.evidence.instances.clear();
        s.evidence.key_parameter = None;
    }),
    ("a gateway endpoint for this organisation", |s| {
        let mut statement = own_resources("s3:*");
        statement["Condition"] = json!({ "StringEquals": { "aws:ResourceOrgID": "o-1" } });
        s.endpoint("endpoint/s3").policy = json!({ "Statement": statement });
    }),
    ("a gateway endpoint that refuses other accounts", |s| {
        let others = json!({ "StringNotEquals": { "aws:ResourceAccount": "111111111111" } });
        let refuse = json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": others });
        let mut policy = full_access();
        policy["Statement"].as_array_mut().unwrap().push(refuse);
        s.endpoint("endpoint/s3").policy = policy;
    }),
    ("the account itself in the bucket's policy", |s| {
        let principal = json!({ "AWS": ["111111111111", "arn:aws:iam::111111111111:role/reader"] });
        let allow = json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*" });
        let statements = &mut s.bucket().policy["Statement"];
        statements.as_array_mut().unwrap().push(allow);
    }),
    ("an API that refuses all but the VPC", |s| {
        let condition = json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1" } });
        s.evidence.rest_apis[0].policy["Statement"][0]["Condition"] = condition;
    }),
    (
        "APIs that allow nothing but the VPC and its endpoint",
        |s| {
            for (api, condition) in s.evidence.rest_apis.iter_mut().zip([
                json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }),
                json!({ "StringEquals": { "aws:SourceVpce": "vpce-interface-execute-api" } }),
            ]) {
                let statements = api.policy["Statement"].as_array_mut().unwrap();
                statements.remove(0);
                statements[0]["Condition"] = condition;
            }
        },
    ),
    ("a role that acts on all logs of the account", |s| {
        let all = "arn:aws:logs:ap-northeast-1:111111111111:*";
        let allow = json!({ "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": all });
        let policies = &mut s.role("web/task-role").inline;
        policies.insert("more".into(), json!({ "Statement": allow }));
    }),
    (
        "a role that is taken on behalf of this account's cluster",
        |s| {
            let arn = "arn:aws:ecs:ap-northeast-1:111111111111:*";
            let condition = json!({ "ArnLike": { "aws:SourceArn": arn } });
            s.role("web/task-role").trust["Statement"][0]["Condition"] = condition;
        },
    ),
];
