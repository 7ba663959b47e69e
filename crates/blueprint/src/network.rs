//! VPC, subnets, route tables, endpoints and their groups.

use aws::kinds::{EndpointType, Peer, RouteTable, Rule, SecurityGroup, Subnet, Vpc, VpcEndpoint};
use ipnet::Ipv4Net;
use reconciler::Ref;
use serde_json::{Value, json};

use crate::{Drawing, Ground, ids};

/// Interface endpoints whose clients are on premises as well as in the VPC; the ones that others
/// wait for first, because their creation is what AWS rations most.
const SERVICES: [&str; 13] = [
    "ecr.api",
    "ecr.dkr",
    "logs",
    "execute-api",
    "lambda",
    "transcribe",
    "polly",
    "bedrock-agentcore",
    "bedrock-runtime",
    "bedrock-agent-runtime",
    "bedrock-agent",
    "kendra",
    "sts",
];
/// Speaks WebSocket, on a port of its own besides 443.
const WEBSOCKET_SERVICE: &str = "transcribestreaming";

/// TCP in from each of `ranges`.
pub(crate) fn admit(port: u16, protocol: &'static str, ranges: &[Ipv4Net]) -> Vec<Rule> {
    let rule = |range: &Ipv4Net| Rule {
        egress: false,
        protocol,
        port,
        peer: Peer::Cidr(range.to_string()),
    };
    ranges.iter().map(rule).collect()
}

/// Out to `peer`.
pub(crate) fn let_out(protocol: &'static str, port: u16, peer: Peer) -> Rule {
    Rule {
        egress: true,
        protocol,
        port,
        peer,
    }
}

impl Drawing<'_> {
    pub(crate) fn network(&mut self) -> Ground {
        let cidr = self.env.closed_network_vpc_ipv4_cidr;
        let vpc = self.add(
            ids::VPC,
            (),
            Vpc {
                cidr: cidr.to_string(),
            },
        );
        let cidrs: Vec<Ipv4Net> = cidr
            .subnets(cidr.prefix_len() + 1)
            .into_iter()
            .flatten()
            .collect();
        let mut subnets = Vec::new();
        let mut tables = Vec::new();
        for (n, half) in cidrs.iter().enumerate() {
            let subnet = Subnet {
                cidr: half.to_string(),
                zone: self.around.zones[n].clone(),
            };
            let subnet = self.add(ids::SUBNETS[n], vpc.clone(), subnet);
            let id = ids::SUBNETS[n].replace("subnet", "route-table");
            tables.push(self.add(&id, (vpc.clone(), subnet.clone()), RouteTable));
            subnets.push(subnet);
        }
        let clients = self.clients.clone();
        let group = self.group(
            "network/endpoint-group",
            &vpc,
            "Interface endpoints",
            Vec::new(),
            admit(443, "tcp", &clients),
        );
        let mut rules = admit(443, "tcp", &clients);
        rules.extend(admit(8443, "tcp", &clients));
        let websocket = self.group(
            "network/websocket-group",
            &vpc,
            "Interface endpoints that speak WebSocket",
            Vec::new(),
            rules,
        );
        let mut ground = Ground {
            vpc,
            subnets,
            cidrs,
            endpoints: Vec::new(),
        };
        for (service, policy) in [
            ("s3", self.s3_policy()),
            ("dynamodb", self.dynamodb_policy()),
        ] {
            let needs = (ground.vpc.clone(), vec![], tables.clone(), vec![], vec![]);
            let spec = self.endpoint(service, EndpointType::Gateway, Some(policy));
            let endpoint = self.add(&format!("endpoint/{service}"), needs, spec);
            ground.endpoints.push((service.into(), endpoint));
        }
        for service in SERVICES {
            self.interface(&mut ground, &format!("endpoint/{service}"), service, &group);
        }
        let id = format!("endpoint/{WEBSOCKET_SERVICE}");
        self.interface(&mut ground, &id, WEBSOCKET_SERVICE, &websocket);
        if self.env.on_premises_s3() {
            // AWS wants the gateway first; the reference goes the other way on deletion.
            let before = ground.endpoints(&["s3"]);
            let groups = vec![group];
            let needs = (
                ground.vpc.clone(),
                ground.subnets.clone(),
                vec![],
                groups,
                before,
            );
            let policy = Some(self.s3_policy());
            let spec = self.endpoint("s3", EndpointType::InterfaceForResolver, policy);
            self.add("endpoint/s3-on-premises", needs, spec);
        }
        ground
    }

    /// An interface endpoint in both subnets.
    pub(crate) fn interface(
        &mut self,
        ground: &mut Ground,
        id: &str,
        service: &str,
        group: &Ref<SecurityGroup>,
    ) {
        let (vpc, subnets) = (ground.vpc.clone(), ground.subnets.clone());
        let spec = self.endpoint(service, EndpointType::Interface, None);
        let endpoint = self.add(
            id,
            (vpc, subnets, vec![], vec![group.clone()], vec![]),
            spec,
        );
        ground.endpoints.push((service.into(), endpoint));
    }

    fn endpoint(
        &self,
        service: &str,
        endpoint_type: EndpointType,
        policy: Option<Value>,
    ) -> VpcEndpoint {
        VpcEndpoint {
            service: format!("com.amazonaws.{}.{service}", self.around.region),
            endpoint_type,
            policy,
        }
    }

    /// This account's resources alone, whatever credentials are used.
    fn own_resources(&self, action: &str) -> Value {
        json!({
            "Sid": "OwnAccount",
            "Effect": "Allow",
            "Principal": "*",
            "Action": action,
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:ResourceAccount": self.around.account } },
        })
    }

    fn dynamodb_policy(&self) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [self.own_resources("dynamodb:*")] })
    }

    /// This account's buckets, and those of AWS's without which no image layer can be pulled and
    /// no Windows instance managed. Sources: "Minimum Amazon S3 Bucket Permissions for Amazon ECR",
    /// "SSM Agent communications with AWS managed S3 buckets".
    fn s3_policy(&self) -> Value {
        let (partition, region) = (&self.around.partition, &self.around.region);
        let buckets = [
            format!("prod-{region}-starport-layer-bucket"),
            format!("aws-ssm-{region}"),
            format!("aws-windows-downloads-{region}"),
            format!("amazon-ssm-{region}"),
            format!("amazon-ssm-packages-{region}"),
            format!("{region}-birdwatcher-prod"),
            format!("aws-ssm-document-attachments-{region}"),
            format!("patch-baseline-snapshot-{region}"),
        ];
        let objects: Vec<String> = buckets
            .iter()
            .map(|bucket| format!("arn:{partition}:s3:::{bucket}/*"))
            .collect();
        json!({
            "Version": "2012-10-17",
            "Statement": [
                self.own_resources("s3:*"),
                {
                    "Sid": "AwsOwned",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": objects,
                },
            ],
        })
    }
}
