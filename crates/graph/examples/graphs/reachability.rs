//! Who can reach what in the closed network.

use graph::{EdgeKind, Graph, Status};

use super::Draft;

const GROUPS: [(&str, &str); 4] = [
    ("clients", "On premises"),
    ("vpc", "VPC 10.0.0.0/16"),
    ("endpoints", "AWS services through endpoints"),
    ("internet", "Internet"),
];
const ENDPOINTS: [&str; 8] = [
    "execute-api",
    "lambda",
    "bedrock-runtime",
    "bedrock-agent-runtime",
    "transcribe",
    "polly",
    "logs",
    "ecr.api",
];

/// The reachability of a closed network.
pub(crate) fn reachability() -> Graph {
    let mut draft = Draft::new(
        "Who can reach what: priv",
        "from security groups, route tables and endpoint policies as they are now",
        &["What", "Where"],
        &GROUPS,
    );
    let outside = Status::Outside;
    draft.node(
        "clients/office",
        "clients",
        "Office clients",
        &["browsers", "192.168.0.0/16"],
        outside,
    );
    draft.node(
        "clients/dns",
        "clients",
        "DNS servers",
        &["forward to the resolver", "192.168.1.2"],
        outside,
    );
    draft.node(
        "web/load-balancer",
        "vpc",
        "Load balancer",
        &["internal", "10.0.0.14, 10.0.128.23"],
        Status::Live,
    );
    draft.node(
        "web/service",
        "vpc",
        "Web server",
        &["ECS Fargate", "port 8080"],
        Status::Live,
    );
    draft.node(
        "resolver/endpoint",
        "vpc",
        "Inbound resolver",
        &["Route 53", "10.0.0.4"],
        Status::Live,
    );
    draft.node(
        "test/instance",
        "vpc",
        "Windows instance",
        &["test environment", "10.0.0.77"],
        Status::Changed,
    );
    for service in ENDPOINTS {
        let id = format!("endpoint/{service}");
        draft.node(
            &id,
            "endpoints",
            service,
            &["interface endpoint", "10.0.0.0/17"],
            Status::Live,
        );
    }
    draft.node(
        "endpoint/s3",
        "endpoints",
        "s3",
        &["gateway endpoint", "pl-61a54008"],
        Status::Live,
    );
    draft.node(
        "internet",
        "internet",
        "Internet",
        &["no gateway, no public address", "0.0.0.0/0"],
        Status::Barred,
    );

    let reaches = EdgeKind::Reaches;
    draft.edge(
        "clients/office",
        "web/load-balancer",
        "tcp 80, 443",
        reaches,
    );
    draft.edge("clients/dns", "resolver/endpoint", "tcp, udp 53", reaches);
    draft.edge("web/load-balancer", "web/service", "tcp 8080", reaches);
    draft.edge("test/instance", "web/load-balancer", "tcp 80, 443", reaches);
    for service in ENDPOINTS {
        let id = format!("endpoint/{service}");
        draft.edge("web/service", &id, "tcp 443", reaches);
        draft.edge("test/instance", &id, "all", reaches);
        if !["logs", "ecr.api"].contains(&service) {
            draft.edge("clients/office", &id, "tcp 443", reaches);
        }
    }
    draft.edge("web/service", "endpoint/s3", "tcp 443", reaches);
    draft.edge("test/instance", "endpoint/s3", "tcp 443", reaches);
    draft.edge("web/service", "internet", "", EdgeKind::Barred);
    draft.edge("test/instance", "internet", "no route", EdgeKind::Barred);
    draft.edge(
        "internet",
        "web/load-balancer",
        "no way in",
        EdgeKind::Barred,
    );
    draft.0
}
