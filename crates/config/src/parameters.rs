//! GenU's parameters that do not concern the closed network: accepted, and not looked at.

use std::collections::BTreeSet;

pub(crate) const GENU_ONLY: &[&str] = &[
    "allowedCountryCodes",
    "allowedIpV4AddressRanges",
    "allowedIpV6AddressRanges",
    "allowedSignUpEmailDomains",
    "anonymousUsageTracking",
    "brandingConfig",
    "dashboard",
    "domainName",
    "embeddingModelId",
    "env",
    "flows",
    "guardrailEnabled",
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
    "ragKnowledgeBaseAdvancedParsing",
    "ragKnowledgeBaseAdvancedParsingModelId",
    "ragKnowledgeBaseBinaryVector",
    "ragKnowledgeBaseEnabled",
    "ragKnowledgeBaseId",
    "ragKnowledgeBaseStandbyReplicas",
    "rerankingModelId",
    "researchAgentBraveApiKey",
    "researchAgentTavilyApiKey",
    "samlCognitoDomainName",
    "samlCognitoFederatedIdentityProviderName",
    "searchAgentEnabled",
    "searchApiKey",
    "searchEngine",
    "selfSignUpEnabled",
    "useCaseBuilderEnabled",
];

/// The known parameter whose name is most like `name`.
pub(crate) fn nearest<'n>(name: &str, ours: &'n BTreeSet<String>) -> &'n str {
    let known = ours
        .iter()
        .map(String::as_str)
        .chain(GENU_ONLY.iter().copied());
    let alike = |a: &str| strsim::jaro_winkler(a, name);
    known
        .max_by(|a, b| alike(a).total_cmp(&alike(b)))
        .unwrap_or_default()
}
