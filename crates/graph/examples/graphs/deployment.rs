//! The closed network with everything switched on, as `blueprint` draws it.

use graph::{EdgeKind, Graph, Status};

use super::Draft;

const GROUPS: [(&str, &str); 6] = [
    ("network", "Network"),
    ("endpoint", "VPC endpoints"),
    ("web", "Web server"),
    ("proxy", "Cognito proxies"),
    ("resolver", "DNS resolver"),
    ("test", "Test environment"),
];
const SERVICES: [&str; 14] = [
    "ecr.api",
    "ecr.dkr",
    "logs",
    "execute-api",
    "lambda",
    "bedrock-runtime",
    "bedrock-agent-runtime",
    "transcribe",
    "transcribestreaming",
    "polly",
    "bedrock-agent",
    "kendra",
    "sts",
    "sagemaker.runtime",
];
const SUBNETS: &str = "network/subnet-a network/subnet-b";
const GROUP: &str = "ec2/security-group";
const ENDPOINT: &str = "ec2/vpc-endpoint";

/// Id, kind, beginning of the AWS id, needs.
const RESOURCES: [(&str, &str, &str, &str); 41] = [
    ("network/vpc", "ec2/vpc", "vpc-", ""),
    ("network/subnet-a", "ec2/subnet", "subnet-", "network/vpc"),
    (
        "network/route-table-a",
        "ec2/route-table",
        "rtb-",
        "network/vpc network/subnet-a",
    ),
    ("network/subnet-b", "ec2/subnet", "subnet-", "network/vpc"),
    (
        "network/route-table-b",
        "ec2/route-table",
        "rtb-",
        "network/vpc network/subnet-b",
    ),
    ("network/endpoint-group", GROUP, "sg-", "network/vpc"),
    ("network/websocket-group", GROUP, "sg-", "network/vpc"),
    ("network/zone", "route53/hosted-zone", "Z0", "network/vpc"),
    (
        "endpoint/s3",
        ENDPOINT,
        "vpce-",
        "network/vpc network/route-table-a network/route-table-b",
    ),
    (
        "endpoint/dynamodb",
        ENDPOINT,
        "vpce-",
        "network/vpc network/route-table-a network/route-table-b",
    ),
    ("web/load-balancer-group", GROUP, "sg-", "network/vpc"),
    (
        "web/service-group",
        GROUP,
        "sg-",
        "network/vpc web/load-balancer-group",
    ),
    (
        "web/load-balancer-to-service",
        "ec2/security-group-rule",
        "sgr-",
        "web/load-balancer-group web/service-group",
    ),
    (
        "web/load-balancer",
        "elasticloadbalancing/load-balancer",
        "arn:aws:elasticloadbalancing:ap-northeast-1:111111111111:loadbalancer/app/genu-priv-web/",
        "network/vpc network/subnet-a network/subnet-b web/load-balancer-group",
    ),
    (
        "web/target-group",
        "elasticloadbalancing/target-group",
        "arn:aws:elasticloadbalancing:ap-northeast-1:111111111111:targetgroup/genu-priv-web/",
        "network/vpc",
    ),
    (
        "web/listener-https",
        "elasticloadbalancing/listener",
        "arn:aws:elasticloadbalancing:ap-northeast-1:111111111111:listener/app/genu-priv-web/",
        "web/load-balancer web/target-group",
    ),
    (
        "web/listener",
        "elasticloadbalancing/listener",
        "arn:aws:elasticloadbalancing:ap-northeast-1:111111111111:listener/app/genu-priv-web/",
        "web/load-balancer web/listener-https",
    ),
    (
        "web/domain",
        "route53/alias-record",
        "genu.example.go.jp ",
        "network/zone web/load-balancer",
    ),
    (
        "web/bucket",
        "s3/bucket",
        "genu-priv-web-111111111111-ap-northeast-1 ",
        "",
    ),
    ("web/repository", "ecr/repository", "genu-priv-web ", ""),
    ("web/log-group", "logs/log-group", "/genu/priv/web ", ""),
    ("web/task-role", "iam/role", "AROA", ""),
    ("web/execution-role", "iam/role", "AROA", ""),
    (
        "web/task-definition",
        "ecs/task-definition",
        "genu-priv-web:",
        "web/task-role web/execution-role web/log-group web/bucket web/repository",
    ),
    ("web/cluster", "ecs/cluster", "genu-priv ", ""),
    (
        "web/service",
        "ecs/service",
        "genu-priv-web ",
        "web/cluster web/task-definition network/subnet-a network/subnet-b web/service-group \
         web/target-group web/listener-https endpoint/ecr.api endpoint/ecr.dkr endpoint/logs endpoint/s3",
    ),
    (
        "web/scaling",
        "application-autoscaling/scalable-target",
        "service/genu-priv ",
        "web/service",
    ),
    (
        "web/scaling-cpu",
        "application-autoscaling/scaling-policy",
        "genu-priv-web-",
        "web/scaling",
    ),
    (
        "web/scaling-memory",
        "application-autoscaling/scaling-policy",
        "genu-priv-web-",
        "web/scaling",
    ),
    (
        "proxy/user-pool",
        "apigateway/rest-api",
        "",
        "endpoint/execute-api",
    ),
    (
        "proxy/user-pool-stage",
        "apigateway/stage",
        "prod ",
        "proxy/user-pool",
    ),
    (
        "proxy/identity-pool",
        "apigateway/rest-api",
        "",
        "endpoint/execute-api",
    ),
    (
        "proxy/identity-pool-stage",
        "apigateway/stage",
        "prod ",
        "proxy/identity-pool",
    ),
    ("resolver/group", GROUP, "sg-", "network/vpc"),
    (
        "resolver/endpoint",
        "route53resolver/endpoint",
        "rslvr-in-",
        "network/subnet-a network/subnet-b resolver/group",
    ),
    ("test/endpoint-group", GROUP, "sg-", "network/vpc"),
    ("test/group", GROUP, "sg-", "network/vpc"),
    ("test/role", "iam/role", "AROA", ""),
    (
        "test/instance-profile",
        "iam/instance-profile",
        "genu-priv-windows ",
        "test/role",
    ),
    ("test/key-pair", "ec2/key-pair", "key-", ""),
    (
        "test/instance",
        "ec2/instance",
        "i-",
        "network/subnet-a test/group test/key-pair test/instance-profile test/endpoint-ssm \
         test/endpoint-ssmmessages test/endpoint-ec2messages",
    ),
];

/// 17 hexadecimal digits that depend on the id alone.
fn digits(id: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("0{:016x}", id.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

/// The deployment; `live` leaves out what went wrong.
pub(crate) fn deployment(live: bool) -> Graph {
    let mut draft = Draft::new(
        "GenU closed network: priv",
        "111111111111 · ap-northeast-1 · as of 2026-02-03 09:41 JST · what an arrow points at is needed",
        &["Kind", "AWS id"],
        &GROUPS,
    );
    let mut add = |id: &str, kind: &str, aws: &str, needs: &str| {
        let status = match id {
            _ if live => Status::Live,
            "web/service" | "endpoint/kendra" => Status::Changed,
            "endpoint/polly" => Status::Missing,
            "test/instance" | "test/key-pair" => Status::Pending,
            "web/load-balancer-group" => Status::Unexpected,
            _ => Status::Live,
        };
        let (group, title) = id.split_once('/').unwrap_or_default();
        let aws = match (status, aws.strip_suffix(' ')) {
            (Status::Missing | Status::Pending, _) => String::new(),
            (_, Some(whole)) => whole.to_owned(),
            (_, None) => format!("{aws}{}", digits(id)),
        };
        draft.node(id, group, title, &[kind, &aws], status);
        for need in needs.split_whitespace() {
            draft.edge(id, need, "", EdgeKind::Needs);
        }
    };
    for (id, kind, aws, needs) in RESOURCES {
        add(id, kind, aws, needs);
    }
    let endpoints = SERVICES.map(|service| {
        let group = match service {
            "transcribestreaming" => "network/websocket-group",
            _ => "network/endpoint-group",
        };
        (format!("endpoint/{service}"), group)
    });
    for (id, group) in endpoints {
        add(
            &id,
            ENDPOINT,
            "vpce-",
            &format!("network/vpc {SUBNETS} {group}"),
        );
    }
    let needs = format!("network/vpc {SUBNETS} network/endpoint-group endpoint/s3");
    add("endpoint/s3-on-premises", ENDPOINT, "vpce-", &needs);
    for service in ["ssm", "ssmmessages", "ec2messages"] {
        let needs = format!("network/vpc {SUBNETS} test/endpoint-group");
        add(
            &format!("test/endpoint-{service}"),
            ENDPOINT,
            "vpce-",
            &needs,
        );
    }
    draft.0
}
