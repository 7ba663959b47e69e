//! From a configuration to the desired closed network. Pure: everything about the account comes in
//! as [`Surroundings`].

mod logs;
mod naming;
mod network;
mod proxies;
mod resolver;
mod services;
mod test_environment;
mod web;

use std::sync::Arc;

use aws::kinds::{SecurityGroup, Subnet, Vpc, VpcEndpoint};
use aws::{Aws, Surroundings};
use config::Environment;
use ipnet::Ipv4Net;
use reconciler::{Desired, Kind, Ref};

use crate::naming::Naming;

pub use naming::tag_keys;
pub use services::{needed, services};
pub use web::PORT;

/// Ids whose records carry the outputs. They are part of the tags and never change.
pub mod ids {
    /// The VPC.
    pub const VPC: &str = "network/vpc";
    /// A VPC of the user's own; its subnets follow under `external/`.
    pub const EXTERNAL_VPC: &str = "external/vpc";
    /// What the ids of the user's own subnets begin with.
    pub const EXTERNAL_SUBNET: &str = "external/subnet-";
    /// An execute-api endpoint of the user's own.
    pub const EXTERNAL_EXECUTE_API: &str = "external/endpoint-execute-api";
    /// The private zone of the user's own domain.
    pub const ZONE: &str = "network/zone";
    /// The record by which the domain leads to the load balancer.
    pub const DOMAIN: &str = "web/domain";
    /// The subnets, in the order of their zones.
    pub const SUBNETS: [&str; 2] = ["network/subnet-a", "network/subnet-b"];
    /// The execute-api endpoint.
    pub const EXECUTE_API: &str = "endpoint/execute-api";
    /// The endpoint of Cognito's user pools.
    pub const COGNITO: &str = "endpoint/cognito-idp";
    /// The same of the user's own.
    pub const EXTERNAL_COGNITO: &str = "external/endpoint-cognito-idp";
    /// The web server's image.
    pub const IMAGE: &str = "web/image";
    /// The web bucket.
    pub const BUCKET: &str = "web/bucket";
    /// The load balancer.
    pub const LOAD_BALANCER: &str = "web/load-balancer";
    /// The user-pool proxy.
    pub const USER_POOL_PROXY: &str = "proxy/user-pool";
    /// The identity-pool proxy.
    pub const IDENTITY_POOL_PROXY: &str = "proxy/identity-pool";
    /// The inbound resolver endpoint.
    pub const RESOLVER: &str = "resolver/endpoint";
    /// The key pair of the Windows instance.
    pub const KEY_PAIR: &str = "test/key-pair";
    /// The Windows instance.
    pub const INSTANCE: &str = "test/instance";
}

/// What earlier runs settled and this one keeps.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Addresses of the inbound resolver endpoint that DNS servers on premises know, each with the
    /// AWS id of its subnet.
    pub resolver_addresses: Vec<(String, String)>,
    /// Id of the subnet that the Windows instance stands in.
    pub instance_subnet: Option<String>,
}

/// A network being drawn.
struct Drawing<'a> {
    desired: Desired<Aws>,
    env: &'a Environment,
    around: &'a Surroundings,
    /// The web server's image, unless the user brings one.
    packed: Option<&'a Arc<oci_image::Image>>,
    naming: Naming,
    /// All ranges of the VPC.
    vpc_ranges: Vec<Ipv4Net>,
    /// Who may reach what the network offers: the VPC itself and the clients, merged.
    clients: Vec<Ipv4Net>,
}

/// The parts of the network that everything else stands on.
struct Ground {
    vpc: Ref<Vpc>,
    subnets: Vec<Ref<Subnet>>,
    cidrs: Vec<Ipv4Net>,
    endpoints: Vec<(String, Ref<VpcEndpoint>)>,
}

impl Ground {
    /// Endpoints by service; those there are.
    fn endpoints(&self, services: &[&str]) -> Vec<Ref<VpcEndpoint>> {
        let wanted = self.endpoints.iter();
        wanted
            .filter(|(service, _)| services.contains(&service.as_str()))
            .map(|(_, endpoint)| endpoint.clone())
            .collect()
    }
}

/// The desired closed network of environment `name`. Without an image, packed or the user's own, it is
/// good for its names alone.
#[must_use]
pub fn draw(
    name: &str,
    env: &Environment,
    around: &Surroundings,
    kept: &Kept,
    packed: Option<&Arc<oci_image::Image>>,
) -> Desired<Aws> {
    let vpc_ranges = match &around.imported {
        Some(imported) => imported.cidrs.clone(),
        None => vec![env.closed_network_vpc_ipv4_cidr],
    };
    let mut clients = env.closed_network_client_cidrs.clone();
    clients.extend(&vpc_ranges);
    let mut drawing = Drawing {
        desired: Desired::default(),
        env,
        around,
        packed,
        naming: Naming::new(name, env, around),
        vpc_ranges,
        clients: Ipv4Net::aggregate(&clients),
    };
    let ground = drawing.network();
    drawing.flow_logs(&ground);
    drawing.web(&ground);
    if env.closed_network_cognito.has_proxies() {
        drawing.proxies(&ground);
    }
    if env.closed_network_create_resolver_endpoint {
        drawing.resolver(&ground, kept);
    }
    if env.closed_network_create_test_environment {
        drawing.test_environment(&ground, kept);
    }
    drawing.desired
}

impl Drawing<'_> {
    /// Adds a resource with the tags that everything carries, `Name` among them.
    fn add<K: Kind<Cloud = Aws>>(&mut self, id: &str, needs: K::Needs, spec: K) -> Ref<K> {
        let tags = self.naming.tags(id);
        self.desired.add(id, needs, spec, tags)
    }

    /// Adds a security group of our VPC.
    fn group(
        &mut self,
        id: &str,
        vpc: &Ref<Vpc>,
        description: &str,
        groups: Vec<Ref<SecurityGroup>>,
        rules: Vec<aws::kinds::Rule>,
    ) -> Ref<SecurityGroup> {
        let spec = SecurityGroup {
            name: self.naming.of(id),
            description: format!("{description} ({})", self.naming.prefix()),
            rules,
        };
        self.add(id, (vpc.clone(), groups), spec)
    }
}
