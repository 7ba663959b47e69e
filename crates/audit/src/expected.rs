//! What the configuration says: the measure of the evidence.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

/// What the network should be.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one part of the network whether there is one"
)]
pub struct Expected {
    /// Who may reach the network besides the VPC itself.
    pub clients: Vec<Ipv4Net>,
    /// Full names of the endpoint services that the features need, `com.amazonaws.<region>.logs`.
    pub services: Vec<String>,
    /// Whether there is a domain of the user's own, with its zone and certificate.
    pub domain: bool,
    /// Whether clients reach Cognito through REST APIs.
    pub proxies: bool,
    /// Whether there is an inbound resolver endpoint.
    pub resolver: bool,
    /// Whether there is a Windows instance.
    pub test_environment: bool,
    /// VPCs that the private zone may answer in, besides the one looked at.
    pub known_vpcs: Vec<String>,
    /// Flaws that are agreed to: `rule-id` or `rule-id:resource`, with the reason.
    pub allow: BTreeMap<String, String>,
}
