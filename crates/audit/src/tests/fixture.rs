//! The deployment as it is shipped, and the same with all that a warning could ask for.

mod endpoints;
mod groups;
mod roles;
mod scene;
mod web;

use ipnet::IpNet;
use serde_json::json;

use crate::*;

pub(super) use endpoints::{full_access, own_resources};
use groups::from_clients;
pub(super) use roles::token_statement;
pub(super) use scene::Scene;

pub(super) const ACCOUNT: &str = "111111111111";
pub(super) const REGION: &str = "ap-northeast-1";
const CLIENTS: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const VPC: &str = "10.0.0.0/16";

pub(super) fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

pub(super) fn rule(egress: bool, protocol: &str, port: i32, peer: Peer) -> GroupRule {
    GroupRule {
        egress,
        protocol: protocol.into(),
        ports: (protocol != "-1").then_some((port, port)),
        peer,
    }
}

pub(super) const BUCKET: &str = "genu-priv-web-111111111111-ap-northeast-1";

pub(super) fn bucket_arn() -> String {
    format!("arn:aws:s3:::{BUCKET}")
}

pub(super) fn acl_entry(number: i32, egress: bool, allow: bool, range: &str) -> AclEntry {
    AclEntry {
        number,
        egress,
        allow,
        protocol: "-1".into(),
        ports: None,
        range: range.into(),
    }
}

fn table(id: &str, subnet: &str) -> RouteTable {
    let route = |destination: &str, target: &str| Route {
        destination: destination.into(),
        target: target.into(),
        prefix_list: Vec::new(),
    };
    RouteTable {
        id: id.into(),
        main: false,
        subnets: vec![subnet.into()],
        routes: vec![
            route("pl-s3", "vpce-gateway-s3"),
            route("pl-dynamodb", "vpce-gateway-dynamodb"),
        ],
    }
}

fn interface(id: &str, description: &str) -> Interface {
    Interface {
        id: id.into(),
        description: description.into(),
        public_address: None,
        ipv6: Vec::new(),
    }
}

/// The deployment as it is shipped.
pub(super) fn closed() -> Scene {
    let subnet = |id: &str| Subnet {
        id: id.into(),
        used: true,
        gives_public_addresses: false,
    };
    let endpoints = endpoints::endpoints();
    let services = endpoints
        .iter()
        .map(|endpoint| endpoint.service.clone())
        .collect();
    let main = RouteTable {
        id: "rtb-main".into(),
        main: true,
        ..RouteTable::default()
    };
    let evidence = Evidence {
        account: ACCOUNT.into(),
        at: "2026-06-01T00:00:00Z".parse().unwrap(),
        vpc: Vpc {
            id: "vpc-1".into(),
            ours: true,
            ranges: vec![net(VPC)],
            dns_support: true,
            dns_hostnames: true,
            flow_logs: false,
        },
        doors: Doors::default(),
        subnets: vec![subnet("subnet-a"), subnet("subnet-b")],
        route_tables: vec![table("rtb-a", "subnet-a"), table("rtb-b", "subnet-b"), main],
        acls: vec![Acl {
            id: "acl-1".into(),
            default: true,
            subnets: vec!["subnet-a".into(), "subnet-b".into()],
            entries: vec![
                acl_entry(100, true, true, "0.0.0.0/0"),
                acl_entry(100, false, true, "0.0.0.0/0"),
            ],
        }],
        interfaces: vec![
            interface("eni-1", "ELB app/genu-priv-web/1"),
            interface("eni-2", "VPC Endpoint Interface vpce-interface-logs"),
        ],
        groups: groups::groups(),
        endpoints,
        instances: vec![Instance {
            id: "i-1".into(),
            ours: Some("test/instance".into()),
            state: "running".into(),
            launched: "2026-05-31T20:00:00Z".parse().unwrap(),
            public_address: None,
            metadata_tokens: true,
            volumes: vec![("vol-1".into(), true)],
            groups: vec!["sg-windows".into()],
        }],
        load_balancer: Some(web::load_balancer()),
        certificates: Vec::new(),
        bucket: Some(web::bucket()),
        service: Some(web::service()),
        rest_apis: vec![
            web::proxy("api1", "proxy/user-pool"),
            web::proxy("api2", "proxy/identity-pool"),
        ],
        resolver: Some(Resolver {
            id: "rslvr-in-1".into(),
            direction: "INBOUND".into(),
            groups: vec!["sg-resolver".into()],
        }),
        roles: roles::roles(),
        log_groups: vec![LogGroup {
            name: "/genu/priv/web".into(),
            retention_days: Some(90),
        }],
        zone: None,
        key_parameter: Some(KeyParameter {
            name: "/ec2/keypair/key-1".into(),
            kind: Some("SecureString".into()),
        }),
        unread: Vec::new(),
    };
    let expected = Expected {
        clients: CLIENTS.map(|range| range.parse().unwrap()).into(),
        services,
        domain: false,
        proxies: true,
        resolver: true,
        test_environment: true,
        known_vpcs: vec!["vpc-2".into()],
        allow: std::collections::BTreeMap::default(),
    };
    Scene { evidence, expected }
}

/// The same with a domain, flow logs, and no right or policy wider than it has to be.
pub(super) fn tight() -> Scene {
    let mut scene = closed();
    scene.expected.domain = true;
    let evidence = &mut scene.evidence;
    evidence.vpc.flow_logs = true;
    let interfaces = evidence
        .endpoints
        .iter_mut()
        .filter(|e| e.kind == "Interface");
    for endpoint in interfaces.filter(|e| e.policy == full_access()) {
        endpoint.policy = json!({ "Statement": [own_resources("*")] });
    }
    let certificate = format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1");
    evidence.certificates.push(Certificate {
        arn: certificate,
        status: "ISSUED".into(),
        not_after: "2027-01-01T00:00:00Z".parse().ok(),
    });
    evidence.zone = Some(Zone {
        id: "Z1".into(),
        name: "genu.closed.".into(),
        private: true,
        vpcs: vec!["vpc-1".into(), "vpc-2".into()],
    });
    let balancer = scene.load_balancer();
    balancer.listeners[0].redirects_to_https = true;
    balancer.listeners.push(Listener {
        arn: balancer.listeners[0].arn.replace("/1/2", "/1/3"),
        port: 443,
        protocol: "HTTPS".into(),
        tls_policy: Some("ELBSecurityPolicy-TLS13-1-2-Res-2021-06".into()),
        redirects_to_https: false,
    });
    let https = from_clients("tcp", 443);
    scene.group("web/load-balancer-group").rules.extend(https);
    let execution = scene.role("web/execution-role");
    for policy in execution.inline.values_mut() {
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.retain(|statement| *statement != token_statement());
    }
    scene
}
