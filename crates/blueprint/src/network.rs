//! VPC, subnets, route tables, endpoints and their groups.

use aws::kinds::{
    EndpointType, Peer, RouteTable, RouteTableOut, Rule, SecurityGroup, Subnet, SubnetOut, Vpc,
    VpcEndpoint, VpcEndpointOut, VpcOut,
};
use aws::{ExistingEndpoint, Imported};
use ipnet::Ipv4Net;
use reconciler::Ref;
use serde_json::{Value, json};

use crate::services::interfaces;
use crate::{Drawing, Ground, ids};

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

/// The id of what others own.
fn external(id: &str) -> String {
    format!("external/{id}")
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

/// The VPC, subnets and tables that everything else is built on: ours or the user's.
struct Soil {
    vpc: Ref<Vpc>,
    subnets: Vec<(Ref<Subnet>, Ipv4Net)>,
    /// Route tables, with their ids when they are the user's.
    tables: Vec<(Ref<RouteTable>, Option<String>)>,
}

impl Drawing<'_> {
    /// Out to everything in the VPC.
    pub(crate) fn to_vpc(&self, protocol: &'static str, port: u16) -> Vec<Rule> {
        let ranges = self.vpc_ranges.iter();
        let rule = |range: &Ipv4Net| let_out(protocol, port, Peer::Cidr(range.to_string()));
        ranges.map(rule).collect()
    }

    fn new_vpc(&mut self) -> Soil {
        let cidr = self.env.closed_network_vpc_ipv4_cidr;
        let vpc = self.add(
            ids::VPC,
            (),
            Vpc {
                cidr: cidr.to_string(),
            },
        );
        let halves = cidr.subnets(cidr.prefix_len() + 1).into_iter().flatten();
        let mut soil = Soil {
            vpc: vpc.clone(),
            subnets: Vec::new(),
            tables: Vec::new(),
        };
        for (n, half) in halves.enumerate() {
            let subnet = Subnet {
                cidr: half.to_string(),
                zone: self.around.zones[n].clone(),
            };
            let subnet = self.add(ids::SUBNETS[n], vpc.clone(), subnet);
            let id = ids::SUBNETS[n].replace("subnet", "route-table");
            let table = self.add(&id, (vpc.clone(), subnet.clone()), RouteTable);
            soil.tables.push((table, None));
            soil.subnets.push((subnet, half));
        }
        soil
    }

    fn imported_vpc(&mut self, imported: &Imported) -> Soil {
        let id = imported.vpc.clone();
        let vpc = self.desired.given::<Vpc>(ids::EXTERNAL_VPC, VpcOut { id });
        let mut soil = Soil {
            vpc,
            subnets: Vec::new(),
            tables: Vec::new(),
        };
        for subnet in &imported.subnets {
            // Their own ids begin with `subnet-` and `rtb-`.
            let id = subnet.id.clone();
            let given = self
                .desired
                .given::<Subnet>(&external(&id), SubnetOut { id });
            soil.subnets.push((given, subnet.cidr));
            let id = subnet.route_table.clone();
            let known = soil
                .tables
                .iter()
                .any(|(_, table)| table.as_ref() == Some(&id));
            if !known {
                let out = RouteTableOut { id: id.clone() };
                let given = self.desired.given::<RouteTable>(&external(&id), out);
                soil.tables.push((given, Some(id)));
            }
        }
        soil
    }

    pub(crate) fn network(&mut self) -> Ground {
        let soil = match &self.around.imported {
            Some(imported) => self.imported_vpc(imported),
            None => self.new_vpc(),
        };
        let vpc = soil.vpc;
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
            subnets: soil
                .subnets
                .iter()
                .map(|(subnet, _)| subnet.clone())
                .collect(),
            cidrs: soil.subnets.iter().map(|(_, cidr)| *cidr).collect(),
            endpoints: Vec::new(),
        };
        for (service, policy) in [
            ("s3", self.s3_policy()),
            ("dynamodb", self.dynamodb_policy()),
        ] {
            self.gateway(&mut ground, service, policy, &soil.tables);
        }
        for service in interfaces(self.env) {
            let group = match service {
                WEBSOCKET_SERVICE => &websocket,
                _ => &group,
            };
            self.interface(&mut ground, &format!("endpoint/{service}"), service, group);
        }
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
            if let Some(existing) = self.existing_interface("s3") {
                self.use_existing("endpoint-s3", &existing);
            } else {
                self.add("endpoint/s3-on-premises", needs, spec);
            }
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
        let endpoint = if let Some(existing) = self.existing_interface(service) {
            self.use_existing(&format!("endpoint-{service}"), &existing)
        } else {
            let (vpc, subnets) = (ground.vpc.clone(), ground.subnets.clone());
            let spec = self.endpoint(service, EndpointType::Interface, None);
            let needs = (vpc, subnets, vec![], vec![group.clone()], vec![]);
            self.add(id, needs, spec)
        };
        ground.endpoints.push((service.into(), endpoint));
    }

    /// A gateway endpoint on those route tables that no other gateway of the service is on.
    fn gateway(
        &mut self,
        ground: &mut Ground,
        service: &str,
        policy: Value,
        tables: &[(Ref<RouteTable>, Option<String>)],
    ) {
        let full = self.full_name(service);
        let imported = self.around.imported.iter();
        let existing: Vec<ExistingEndpoint> = imported
            .flat_map(|imported| &imported.endpoints)
            .filter(|e| e.gateway && e.service == full)
            .filter(|e| {
                let ids = tables.iter().filter_map(|(_, id)| id.as_ref());
                ids.into_iter().any(|id| e.route_tables.contains(id))
            })
            .cloned()
            .collect();
        for endpoint in &existing {
            let id = format!("gateway-{service}-{}", endpoint.id);
            let given = self.use_existing(&id, endpoint);
            ground.endpoints.push((service.into(), given));
        }
        let covered = |id: &Option<String>| {
            let id = id.as_ref();
            existing
                .iter()
                .any(|e| id.is_some_and(|id| e.route_tables.contains(id)))
        };
        let tables = tables.iter().filter(|(_, id)| !covered(id));
        let tables: Vec<Ref<RouteTable>> = tables.map(|(table, _)| table.clone()).collect();
        if !tables.is_empty() {
            let needs = (ground.vpc.clone(), vec![], tables, vec![], vec![]);
            let spec = self.endpoint(service, EndpointType::Gateway, Some(policy));
            let endpoint = self.add(&format!("endpoint/{service}"), needs, spec);
            ground.endpoints.push((service.into(), endpoint));
        }
    }

    /// An interface endpoint of the user's own that bears the service's name: AWS takes no second.
    fn existing_interface(&self, service: &str) -> Option<ExistingEndpoint> {
        let full = self.full_name(service);
        let existing = self.around.imported.as_ref()?.endpoints.iter();
        let mut bearing = existing.filter(|e| !e.gateway && e.private_dns && e.service == full);
        bearing.next().cloned()
    }

    fn use_existing(&mut self, id: &str, endpoint: &ExistingEndpoint) -> Ref<VpcEndpoint> {
        let out = VpcEndpointOut {
            id: endpoint.id.clone(),
        };
        self.desired.given(&external(id), out)
    }

    fn full_name(&self, service: &str) -> String {
        format!("com.amazonaws.{}.{service}", self.around.region)
    }

    fn endpoint(
        &self,
        service: &str,
        endpoint_type: EndpointType,
        policy: Option<Value>,
    ) -> VpcEndpoint {
        VpcEndpoint {
            service: self.full_name(service),
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
