//! What an audit looks at: facts as AWS tells them, no judgement. Plain data, so that a rule is a pure
//! function of it.

use std::collections::BTreeMap;

use ipnet::IpNet;
use jiff::Timestamp;
use serde_json::Value;

/// Everything looked at.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Twelve digits.
    pub account: String,
    /// When it was looked at.
    pub at: Timestamp,
    /// The VPC, ours or the user's.
    pub vpc: Vpc,
    /// Doors of the VPC: what could lead out of it or into it.
    pub doors: Doors,
    /// Subnets of the VPC, all of them.
    pub subnets: Vec<Subnet>,
    /// Route tables of the VPC, all of them.
    pub route_tables: Vec<RouteTable>,
    /// Network ACLs of the VPC, all of them.
    pub acls: Vec<Acl>,
    /// Network interfaces in the VPC, all of them.
    pub interfaces: Vec<Interface>,
    /// Security groups of the VPC, all of them.
    pub groups: Vec<Group>,
    /// Endpoints in the VPC, all of them; not those on their way out.
    pub endpoints: Vec<Endpoint>,
    /// Instances in the VPC that are not terminated.
    pub instances: Vec<Instance>,
    /// The load balancer of the web server.
    pub load_balancer: Option<LoadBalancer>,
    /// Certificates that listeners use.
    pub certificates: Vec<Certificate>,
    /// The web bucket.
    pub bucket: Option<Bucket>,
    /// The service of the web server.
    pub service: Option<Service>,
    /// REST APIs that are ours or bound to an endpoint in the VPC.
    pub rest_apis: Vec<RestApi>,
    /// The inbound resolver endpoint.
    pub resolver: Option<Resolver>,
    /// Roles of the deployment.
    pub roles: Vec<Role>,
    /// Log groups of the deployment.
    pub log_groups: Vec<LogGroup>,
    /// The zone of the user's own domain.
    pub zone: Option<Zone>,
    /// The parameter that holds the private key of the Windows instance.
    pub key_parameter: Option<KeyParameter>,
    /// Parts of AWS's answers, and records of the state, that were not understood: a line each.
    pub unread: Vec<String>,
}

/// The VPC.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// Whether we made it; a VPC of the user's is only built in.
    pub ours: bool,
    /// All its ranges, IPv6 too.
    pub ranges: Vec<IpNet>,
    /// Whether Amazon's DNS answers in it.
    pub dns_support: bool,
    /// Whether its instances get names, without which there is no private DNS.
    pub dns_hostnames: bool,
    /// Whether traffic of all its interfaces is logged (an active flow log).
    pub flow_logs: bool,
}

/// What could lead out of a VPC.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    /// Internet gateways attached to it.
    pub internet_gateways: Vec<String>,
    /// Egress-only internet gateways attached to it.
    pub egress_only_gateways: Vec<String>,
    /// NAT gateways in it, private ones too, with whether they are public.
    pub nat_gateways: Vec<(String, bool)>,
    /// Virtual private gateways attached to it, with the number of VPN connections behind each.
    pub vpn_gateways: Vec<(String, usize)>,
    /// EC2 Instance Connect Endpoints in it.
    pub connect_endpoints: Vec<String>,
    /// Active peering connections, with the other side: `vpc-… of account 123456789012`.
    pub peerings: Vec<(String, String)>,
    /// Transit gateway attachments, with the gateway.
    pub transit_attachments: Vec<(String, String)>,
}

/// A subnet.
#[derive(Debug, Clone, Default)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: String,
    /// Whether the deployment stands in it.
    pub used: bool,
    /// Whether what is launched in it gets a public address, IPv4 or IPv6.
    pub gives_public_addresses: bool,
}

/// A route table.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    /// `rtb-…`.
    pub id: String,
    /// Whether it is the VPC's main table.
    pub main: bool,
    /// Subnets associated with it by name.
    pub subnets: Vec<String>,
    /// Its routes but the local ones.
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// A range, or a prefix list `pl-…`.
    pub destination: String,
    /// `igw-…`, `nat-…`, `vpce-…`, `tgw-…`, `pcx-…`, `vgw-…`, `eni-…`, …
    pub target: String,
    /// The ranges that a prefix list stands for; none for a range, and for AWS's own lists.
    pub prefix_list: Vec<IpNet>,
}

/// A network ACL.
#[derive(Debug, Clone, Default)]
pub struct Acl {
    /// `acl-…`.
    pub id: String,
    /// Whether it is the VPC's default one.
    pub default: bool,
    /// Subnets it guards.
    pub subnets: Vec<String>,
    /// Its entries, without AWS's final refusal (number 32767).
    pub entries: Vec<AclEntry>,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AclEntry {
    /// Its place; lower ones decide first.
    pub number: i32,
    /// Out or in.
    pub egress: bool,
    /// Lets through or refuses.
    pub allow: bool,
    /// `-1`, `6`, `17`, …
    pub protocol: String,
    /// Ports, first and last; all without.
    pub ports: Option<(i32, i32)>,
    /// From where, or to where.
    pub range: String,
}

/// A network interface.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// `eni-…`.
    pub id: String,
    /// What AWS says it is for.
    pub description: String,
    /// Its public address.
    pub public_address: Option<String>,
    /// Its IPv6 addresses.
    pub ipv6: Vec<String>,
}

/// A security group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// `sg-…`.
    pub id: String,
    /// Its name; `default` for the VPC's own.
    pub name: String,
    /// The id it has in the deployment, `network/endpoint-group`; none when it is not ours.
    pub ours: Option<String>,
    /// Its rules.
    pub rules: Vec<GroupRule>,
}

/// A rule of a security group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupRule {
    /// Out or in.
    pub egress: bool,
    /// `-1`, `tcp`, `udp`, `icmp`, …
    pub protocol: String,
    /// Ports, first and last; all without.
    pub ports: Option<(i32, i32)>,
    /// From where, or to where.
    pub peer: Peer,
}

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A range.
    Range(IpNet),
    /// A group, `sg-…`.
    Group(String),
    /// A prefix list, with the ranges it stands for; none for AWS's own lists of its services.
    PrefixList(String, Vec<IpNet>),
}

impl Default for Peer {
    fn default() -> Self {
        Self::Group(String::new())
    }
}

/// An endpoint.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// `vpce-…`.
    pub id: String,
    /// The id it has in the deployment, `endpoint/logs`; none when it is not ours.
    pub ours: Option<String>,
    /// `com.amazonaws.<region>.<service>`, `com.amazonaws.vpce.<region>.vpce-svc-…`, …
    pub service: String,
    /// `Gateway`, `Interface`, `GatewayLoadBalancer`, …
    pub kind: String,
    /// `available`, `pending`, `failed`, …, in lower case.
    pub state: String,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
    /// Its policy document; `Null` when AWS tells none.
    pub policy: Value,
    /// Groups that guard its interfaces.
    pub groups: Vec<String>,
    /// Whether GuardDuty's Runtime Monitoring made it, by its service and its tag.
    pub of_guardduty: bool,
}

/// An instance.
#[derive(Debug, Clone, Default)]
pub struct Instance {
    /// `i-…`.
    pub id: String,
    /// The id it has in the deployment, `test/instance`; none when it is not ours.
    pub ours: Option<String>,
    /// `running`, `stopped`, …
    pub state: String,
    /// When it was started last.
    pub launched: Timestamp,
    /// Its public address.
    pub public_address: Option<String>,
    /// Whether its metadata wants a session token (`IMDSv2`).
    pub metadata_tokens: bool,
    /// Its volumes, with whether they are encrypted.
    pub volumes: Vec<(String, bool)>,
    /// Groups that guard it.
    pub groups: Vec<String>,
}

/// A load balancer.
#[derive(Debug, Clone, Default)]
pub struct LoadBalancer {
    /// ARN.
    pub arn: String,
    /// `internal` or `internet-facing`.
    pub scheme: String,
    /// Its attributes, as AWS names them.
    pub attributes: BTreeMap<String, String>,
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// Groups that guard it.
    pub groups: Vec<String>,
}

/// A listener.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    /// ARN.
    pub arn: String,
    /// Port.
    pub port: i32,
    /// `HTTP`, `HTTPS`, …
    pub protocol: String,
    /// Name of its TLS policy.
    pub tls_policy: Option<String>,
    /// Whether all it does is to lead to HTTPS.
    pub redirects_to_https: bool,
}

/// A certificate.
#[derive(Debug, Clone, Default)]
pub struct Certificate {
    /// ARN.
    pub arn: String,
    /// `ISSUED`, `EXPIRED`, …; empty when ACM does not know it.
    pub status: String,
    /// When it ends.
    pub not_after: Option<Timestamp>,
}

/// A bucket.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    /// Name.
    pub name: String,
    /// Blocks of public access that are on: `BlockPublicAcls`, `IgnorePublicAcls`, `BlockPublicPolicy`,
    /// `RestrictPublicBuckets`.
    pub public_access_blocks: Vec<String>,
    /// Its policy document; `Null` without.
    pub policy: Value,
    /// `AES256`, `aws:kms`, …; none when objects are stored in plain.
    pub encryption: Option<String>,
    /// `BucketOwnerEnforced`, `ObjectWriter`, …; none when AWS tells none.
    pub ownership: Option<String>,
}

/// An ECS service.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// ARN.
    pub arn: String,
    /// Whether its tasks get public addresses.
    pub public_addresses: bool,
    /// Whether commands can be run in its tasks (ECS Exec).
    pub exec: bool,
    /// Its task definition.
    pub task_definition: String,
    /// The containers of its task definition: name, image, privileged.
    pub containers: Vec<(String, String, bool)>,
    /// Environment variables of its containers whose names look like secrets, `container.NAME`.
    pub secret_looking: Vec<String>,
}

/// A REST API.
#[derive(Debug, Clone, Default)]
pub struct RestApi {
    /// Id.
    pub id: String,
    /// The id it has in the deployment, `proxy/user-pool`; none when it is not ours.
    pub ours: Option<String>,
    /// Name.
    pub name: String,
    /// `PRIVATE`, `REGIONAL`, `EDGE`.
    pub types: Vec<String>,
    /// Endpoints it is bound to.
    pub endpoints: Vec<String>,
    /// Its resource policy; `Null` without.
    pub policy: Value,
}

/// A resolver endpoint.
#[derive(Debug, Clone, Default)]
pub struct Resolver {
    /// `rslvr-in-…`.
    pub id: String,
    /// `INBOUND` or `OUTBOUND`.
    pub direction: String,
    /// Groups that guard it.
    pub groups: Vec<String>,
}

/// An IAM role.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// Name.
    pub name: String,
    /// The id it has in the deployment, `web/task-role`.
    pub ours: String,
    /// Who may take it.
    pub trust: Value,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Value>,
    /// ARNs of managed policies.
    pub managed: Vec<String>,
}

/// A log group.
#[derive(Debug, Clone, Default)]
pub struct LogGroup {
    /// Name.
    pub name: String,
    /// Days; none when nothing ever expires.
    pub retention_days: Option<i32>,
}

/// A hosted zone.
#[derive(Debug, Clone, Default)]
pub struct Zone {
    /// `Z…`.
    pub id: String,
    /// Name, with its dot.
    pub name: String,
    /// Whether it answers in VPCs alone.
    pub private: bool,
    /// VPCs it answers in.
    pub vpcs: Vec<String>,
}

/// An SSM parameter.
#[derive(Debug, Clone, Default)]
pub struct KeyParameter {
    /// Name, `/ec2/keypair/key-…`.
    pub name: String,
    /// `SecureString`, `String`, …; none when it is gone.
    pub kind: Option<String>,
}
