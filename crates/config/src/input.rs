//! The parameters of an environment: GenU's, and those of the closed network beyond GenU.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::LogLocation;

/// A model id, with a region of its own or without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Model {
    /// In `modelRegion`.
    Id(String),
    /// In a region of its own.
    #[serde(rename_all = "camelCase")]
    InRegion {
        /// Model id.
        model_id: String,
        /// Region.
        region: String,
    },
}

/// Which interface endpoints there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Endpoints {
    /// Those of the reference, whatever is used.
    All,
    /// Those that the enabled features need.
    Required,
}

/// How clients reach Cognito.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cognito {
    /// Through two private REST APIs, which GenU up to 5.3 is built for.
    Proxies,
    /// Through interface endpoints, which GenU since February 2026 is built for.
    PrivateLink,
    /// Both side by side, for the time in which one app follows the other.
    Both,
}

impl Cognito {
    /// Whether there are REST APIs in front of Cognito.
    #[must_use]
    pub fn has_proxies(self) -> bool {
        self != Self::PrivateLink
    }

    /// Whether there are interface endpoints of Cognito.
    #[must_use]
    pub fn has_endpoints(self) -> bool {
        self != Self::Proxies
    }
}

/// One environment as written, with defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the parameters are GenU's, and so is their form"
)]
pub struct Environment {
    /// Account the environment must be deployed to; empty accepts the caller's.
    pub account: Option<String>,
    /// Region; else the SDK's.
    pub region: Option<String>,
    /// Region of the models; must be the region of the deployment in closed mode.
    pub model_region: Option<String>,
    /// Text models.
    pub model_ids: Option<Vec<Model>>,
    /// Image models.
    pub image_generation_model_ids: Vec<Model>,
    /// Video models.
    pub video_generation_model_ids: Vec<Model>,
    /// Speech models: not available in closed mode.
    pub speech_to_speech_model_ids: Vec<Model>,
    /// SAML: not available in closed mode.
    pub saml_auth_enabled: bool,
    /// Tag key put on everything beside our own.
    pub tag_key: Option<String>,
    /// Its value; without it no such tag is set.
    pub tag_value: Option<String>,
    /// Search with Amazon Kendra.
    pub rag_enabled: bool,
    /// Agents of GenU's own.
    pub agent_enabled: bool,
    /// Agents made elsewhere.
    pub agents: Vec<Value>,
    /// Models on `SageMaker` endpoints.
    pub endpoint_names: Vec<Value>,
    /// A role of another account that Bedrock is used with.
    pub cross_account_bedrock_role_arn: Option<String>,
    /// Use cases taken off the menu.
    pub hidden_use_cases: BTreeMap<String, bool>,
    /// `AgentCore` chat.
    pub create_generic_agent_core_runtime: bool,
    /// `AgentCore` agent builder.
    pub agent_builder_enabled: bool,
    /// `AgentCore` research agent.
    pub research_agent_enabled: bool,
    /// `AgentCore` runtimes made elsewhere: in the region of the deployment in closed mode.
    pub agent_core_external_runtimes: Vec<Value>,
    /// `AgentCore` gateways that the agent builder may use.
    pub agent_core_gateway_arns: Option<Vec<Value>>,
    /// Region of `AgentCore`; must be the region of the deployment in closed mode.
    pub agent_core_region: Option<String>,
    /// Whether this environment is a closed one at all.
    pub closed_network_mode: bool,
    /// Range of the new VPC: a private one, /16 to /24.
    #[schemars(with = "String")]
    pub closed_network_vpc_ipv4_cidr: Ipv4Net,
    /// VPC of the user's own.
    pub closed_network_vpc_id: Option<String>,
    /// Its subnets.
    pub closed_network_subnet_ids: Option<Vec<String>>,
    /// Certificate of the domain.
    pub closed_network_certificate_arn: Option<String>,
    /// Domain of the user's own.
    pub closed_network_domain_name: Option<String>,
    /// The Windows instance.
    pub closed_network_create_test_environment: bool,
    /// The inbound resolver endpoint.
    pub closed_network_create_resolver_endpoint: bool,
    /// Lets subnets with a route to an internet gateway be used.
    pub closed_network_allow_public_subnets: bool,
    /// Which interface endpoints there are.
    pub closed_network_endpoints: Endpoints,
    /// How clients reach Cognito: what GenU's app is built for.
    pub closed_network_cognito: Cognito,
    /// Who may reach load balancer, endpoints and resolver besides the VPC.
    #[schemars(with = "Vec<String>")]
    pub closed_network_client_cidrs: Vec<Ipv4Net>,
    /// S3 interface endpoint for clients behind the resolver; on exactly when the resolver is,
    /// unless set.
    #[serde(rename = "closedNetworkOnPremisesS3")]
    pub closed_network_on_premises_s3: Option<bool>,
    /// Refuses `destroy`, whatever else is said.
    pub closed_network_protect: bool,
    /// Flaws that the audit does not count: rule, or `rule:resource`, with the reason.
    pub closed_network_audit_allow: BTreeMap<String, String>,
    /// Days that logs are kept.
    pub closed_network_log_retention_days: i32,
    /// Place in a bucket of the user's that flow logs of the VPC go to: `s3://BUCKET/PREFIX`.
    pub closed_network_flow_logs: Option<LogLocation>,
    /// Place in a bucket of the user's that the load balancer's access logs go to.
    pub closed_network_access_logs: Option<LogLocation>,
    /// Tags put on everything beside our own.
    pub closed_network_tags: BTreeMap<String, String>,
    /// Image of the web server, of your own; else genu-web's, which is packed and pushed.
    pub closed_network_web_image: Option<String>,
    /// Pins the Windows image.
    pub closed_network_test_environment_ami_id: Option<String>,
    /// Hours after which the Windows instance stops by itself; 0 = never.
    pub closed_network_test_environment_auto_stop_hours: u32,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            account: None,
            region: None,
            model_region: None,
            model_ids: None,
            image_generation_model_ids: Vec::new(),
            video_generation_model_ids: Vec::new(),
            speech_to_speech_model_ids: Vec::new(),
            saml_auth_enabled: false,
            tag_key: None,
            tag_value: None,
            rag_enabled: false,
            agent_enabled: false,
            agents: Vec::new(),
            endpoint_names: Vec::new(),
            cross_account_bedrock_role_arn: None,
            hidden_use_cases: BTreeMap::new(),
            create_generic_agent_core_runtime: false,
            agent_builder_enabled: false,
            research_agent_enabled: false,
            agent_core_external_runtimes: Vec::new(),
            agent_core_gateway_arns: None,
            agent_core_region: None,
            closed_network_mode: false,
            closed_network_vpc_ipv4_cidr: net([10, 0, 0, 0], 16),
            closed_network_vpc_id: None,
            closed_network_subnet_ids: None,
            closed_network_certificate_arn: None,
            closed_network_domain_name: None,
            closed_network_create_test_environment: true,
            closed_network_create_resolver_endpoint: true,
            closed_network_allow_public_subnets: false,
            closed_network_endpoints: Endpoints::All,
            closed_network_cognito: Cognito::Proxies,
            closed_network_client_cidrs: vec![
                net([10, 0, 0, 0], 8),
                net([172, 16, 0, 0], 12),
                net([192, 168, 0, 0], 16),
            ],
            closed_network_on_premises_s3: None,
            closed_network_protect: false,
            closed_network_audit_allow: BTreeMap::new(),
            closed_network_log_retention_days: 90,
            closed_network_flow_logs: None,
            closed_network_access_logs: None,
            closed_network_tags: BTreeMap::new(),
            closed_network_web_image: None,
            closed_network_test_environment_ami_id: None,
            closed_network_test_environment_auto_stop_hours: 8,
        }
    }
}

fn net(address: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(address.into(), bits)
}

impl Environment {
    /// Names of all parameters that are looked at.
    #[must_use]
    pub fn parameters() -> BTreeSet<String> {
        let schema = schemars::schema_for!(Self);
        let properties = schema.get("properties").and_then(Value::as_object);
        let names = properties.map(|properties| properties.keys().cloned().collect());
        names.unwrap_or_default()
    }

    /// Whether browsers call runtimes of `AgentCore`: GenU's own, or made elsewhere.
    #[must_use]
    pub fn uses_agent_core(&self) -> bool {
        self.create_generic_agent_core_runtime
            || self.agent_builder_enabled
            || self.research_agent_enabled
            || !self.agent_core_external_runtimes.is_empty()
    }

    /// The domain and its certificate, when there is one.
    #[must_use]
    pub fn domain(&self) -> Option<(&str, &str)> {
        let certificate = self.closed_network_certificate_arn.as_deref()?;
        Some((self.closed_network_domain_name.as_deref()?, certificate))
    }

    /// The S3 interface endpoint: as said, else exactly when there is a resolver.
    #[must_use]
    pub fn on_premises_s3(&self) -> bool {
        self.closed_network_on_premises_s3
            .unwrap_or(self.closed_network_create_resolver_endpoint)
    }
}
