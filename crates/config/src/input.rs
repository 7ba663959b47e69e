//! The parameters of an environment: GenU's, and those of the closed network beyond GenU.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::Deserialize;

/// A model id, with a region of its own or without.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

/// One environment as written, with defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
    /// Whether this environment is a closed one at all.
    pub closed_network_mode: bool,
    /// Range of the new VPC.
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
    /// Who may reach load balancer, endpoints and resolver besides the VPC.
    pub closed_network_client_cidrs: Vec<Ipv4Net>,
    /// S3 interface endpoint for clients behind the resolver; on exactly when the resolver is,
    /// unless set.
    #[serde(rename = "closedNetworkOnPremisesS3")]
    pub closed_network_on_premises_s3: Option<bool>,
    /// Refuses `destroy`, whatever else is said.
    pub closed_network_protect: bool,
    /// Days that logs are kept.
    pub closed_network_log_retention_days: i32,
    /// Tags put on everything beside our own.
    pub closed_network_tags: BTreeMap<String, String>,
    /// Image of the web server; else the repository's `latest`.
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
            closed_network_mode: false,
            closed_network_vpc_ipv4_cidr: net([10, 0, 0, 0], 16),
            closed_network_vpc_id: None,
            closed_network_subnet_ids: None,
            closed_network_certificate_arn: None,
            closed_network_domain_name: None,
            closed_network_create_test_environment: true,
            closed_network_create_resolver_endpoint: true,
            closed_network_client_cidrs: vec![
                net([10, 0, 0, 0], 8),
                net([172, 16, 0, 0], 12),
                net([192, 168, 0, 0], 16),
            ],
            closed_network_on_premises_s3: None,
            closed_network_protect: false,
            closed_network_log_retention_days: 90,
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
    /// The S3 interface endpoint: as said, else exactly when there is a resolver.
    #[must_use]
    pub fn on_premises_s3(&self) -> bool {
        self.closed_network_on_premises_s3
            .unwrap_or(self.closed_network_create_resolver_endpoint)
    }
}

/// GenU's parameters that do not concern the closed network.
pub(crate) const GENU_ONLY: &[&str] = &[
    "agentEnabled",
    "agents",
    "allowedCountryCodes",
    "allowedIpV4AddressRanges",
    "allowedIpV6AddressRanges",
    "allowedSignUpEmailDomains",
    "anonymousUsageTracking",
    "crossAccountBedrockRoleArn",
    "dashboard",
    "domainName",
    "embeddingModelId",
    "endpointNames",
    "env",
    "flows",
    "guardrailEnabled",
    "hiddenUseCases",
    "hostName",
    "hostedZoneId",
    "inlineAgents",
    "kendraDataSourceBucketName",
    "kendraIndexArn",
    "kendraIndexLanguage",
    "kendraIndexScheduleCreateCron",
    "kendraIndexScheduleDeleteCron",
    "kendraIndexScheduleEnabled",
    "mcpEnabled",
    "queryDecompositionEnabled",
    "ragEnabled",
    "ragKnowledgeBaseAdvancedParsing",
    "ragKnowledgeBaseAdvancedParsingModelId",
    "ragKnowledgeBaseBinaryVector",
    "ragKnowledgeBaseEnabled",
    "ragKnowledgeBaseId",
    "ragKnowledgeBaseStandbyReplicas",
    "rerankingModelId",
    "samlCognitoDomainName",
    "samlCognitoFederatedIdentityProviderName",
    "searchAgentEnabled",
    "searchApiKey",
    "searchEngine",
    "selfSignUpEnabled",
    "useCaseBuilderEnabled",
];

/// Parameters that [`Environment`] holds.
pub(crate) const OURS: &[&str] = &[
    "account",
    "region",
    "modelRegion",
    "modelIds",
    "imageGenerationModelIds",
    "videoGenerationModelIds",
    "speechToSpeechModelIds",
    "samlAuthEnabled",
    "tagKey",
    "tagValue",
    "closedNetworkMode",
    "closedNetworkVpcIpv4Cidr",
    "closedNetworkVpcId",
    "closedNetworkSubnetIds",
    "closedNetworkCertificateArn",
    "closedNetworkDomainName",
    "closedNetworkCreateTestEnvironment",
    "closedNetworkCreateResolverEndpoint",
    "closedNetworkClientCidrs",
    "closedNetworkOnPremisesS3",
    "closedNetworkProtect",
    "closedNetworkLogRetentionDays",
    "closedNetworkTags",
    "closedNetworkWebImage",
    "closedNetworkTestEnvironmentAmiId",
    "closedNetworkTestEnvironmentAutoStopHours",
];
