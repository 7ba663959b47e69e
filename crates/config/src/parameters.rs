//! Which parameters there are: ours, and those of GenU's that do not concern the closed network, which
//! are accepted and not looked at. `genu/` has what each release of GenU knows, taken from its own
//! source; a test holds these lists against it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::Environment;

/// The parameters that are looked at.
pub(crate) static OURS: LazyLock<BTreeSet<String>> = LazyLock::new(Environment::parameters);

/// Parameters that GenU takes for unset when they are an empty text.
pub(crate) const UNSET_WHEN_EMPTY: &[&str] = &[
    "account",
    "agentCoreRegion",
    "closedNetworkCertificateArn",
    "closedNetworkDomainName",
    "closedNetworkVpcId",
    "crossAccountBedrockRoleArn",
    "region",
    "tagKey",
    "tagValue",
];

/// Parameters that no release of GenU has in its input, and that its users write all the same: what
/// GenU works out itself, and what forks in public have taken over from its development.
pub(crate) const BESIDE_RELEASES: &[&str] = &["brandingConfig", "ragKnowledgeBaseStorageType"];

/// GenU's parameters that do not concern the closed network.
pub(crate) const GENU_ONLY: &[&str] = &[
    "agentCoreSubnetIds",
    "agentCoreVpcId",
    "agentFoundationModel",
    "allowedCountryCodes",
    "allowedIpV4AddressRanges",
    "allowedIpV6AddressRanges",
    "allowedSignUpEmailDomains",
    "anonymousUsageTracking",
    "createResearchAgentFargate",
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

/// Whether a parameter is known, looked at or not.
pub(crate) fn is_known(name: &str) -> bool {
    OURS.contains(name) || not_looked_at().any(|known| known == name)
}

/// The parameters that are known and not looked at.
pub(crate) fn not_looked_at() -> impl Iterator<Item = &'static str> {
    GENU_ONLY.iter().chain(BESIDE_RELEASES).copied()
}

/// The known parameter whose name is most like `name`, and how much, from 0 to 1.
pub(crate) fn nearest(name: &str) -> (&'static str, f64) {
    // A name so long is none that was mistyped.
    let name: String = name.chars().take(80).collect();
    let known = OURS.iter().map(String::as_str).chain(not_looked_at());
    let alike = known.map(|known| (known, strsim::jaro_winkler(known, &name)));
    let best = alike.max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.unwrap_or_default()
}

/// The parameter of ours that `name` is a slip of the keyboard away from, or of another spelling.
pub(crate) fn near_miss(name: &str) -> Option<&'static str> {
    let name: String = name.chars().take(80).collect();
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let written = plain(&name);
    OURS.iter().map(String::as_str).find(|ours| {
        let ours = plain(ours);
        // Short names are all alike.
        let slips = if ours.len() < 6 {
            0
        } else if ours.len() < 12 {
            1
        } else {
            2
        };
        strsim::damerau_levenshtein(&ours, &written) <= slips
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The releases, each as `cargo xtask genu-parameters` wrote it down.
    const RELEASES: &[(&str, &str)] = &[
        ("5.0", include_str!("../genu/5.0.txt")),
        ("5.1", include_str!("../genu/5.1.txt")),
        ("5.2", include_str!("../genu/5.2.txt")),
        ("5.3", include_str!("../genu/5.3.txt")),
        ("5.4", include_str!("../genu/5.4.txt")),
        ("main", include_str!("../genu/main.txt")),
    ];

    /// A release's parameters, with the form of each.
    fn parameters(release: &'static str) -> BTreeMap<&'static str, &'static str> {
        let lines = release.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once(' ')).collect()
    }

    /// Every parameter of every release is looked at, or was found not to concern the closed network.
    #[test]
    fn every_parameter_of_every_release_is_known() {
        for (release, text) in RELEASES {
            assert!(text.starts_with(&format!("# GenU {release}")), "{release}");
            let parameters = parameters(text);
            assert!(parameters.len() >= 60, "{release}: {}", parameters.len());
            for (name, form) in parameters {
                assert!(
                    OURS.contains(name) || GENU_ONLY.contains(&name),
                    "GenU {release} has {name} ({form}): add it to Environment when it concerns the network, or to GENU_ONLY"
                );
            }
        }
    }

    /// And the other way round: nothing is waved through that GenU never had.
    #[test]
    fn what_is_waved_through_is_of_a_release() {
        let all: BTreeSet<&str> = RELEASES
            .iter()
            .flat_map(|(_, text)| parameters(text).into_keys())
            .collect();
        for name in GENU_ONLY {
            assert!(all.contains(name), "{name} is of no release");
            assert!(!OURS.contains(*name), "{name} is looked at");
        }
        for name in BESIDE_RELEASES {
            assert!(
                !all.contains(name),
                "{name} is of a release: it belongs to GENU_ONLY"
            );
        }
    }

    /// What may be null in GenU is asked for by its truth there, and an empty text is not true.
    /// `account` and `region` are handed on to CDK, which does the same.
    #[test]
    fn an_empty_text_is_unset_where_genu_takes_it_so() {
        let newest = RELEASES.last().map(|(_, text)| parameters(text)).unwrap();
        let texts = newest
            .into_iter()
            .filter(|(name, form)| *form == "string?" && OURS.contains(*name));
        let texts: BTreeSet<&str> = texts
            .map(|(name, _)| name)
            .chain(["account", "region"])
            .collect();
        let ours: BTreeSet<&str> = UNSET_WHEN_EMPTY.iter().copied().collect();
        assert_eq!(texts, ours);
    }

    #[test]
    fn slips_are_told_from_other_words() {
        assert_eq!(near_miss("modelID"), Some("modelIds"));
        assert_eq!(near_miss("hidden_use_cases"), Some("hiddenUseCases"));
        assert_eq!(near_miss("closedNetworkVpcID"), Some("closedNetworkVpcId"));
        for other in [
            "portalUrl",
            "mfaRequired",
            "addons",
            "retention",
            "agentRuntimeArn",
            "mail",
        ] {
            assert_eq!(near_miss(other), None, "{other}");
        }
    }
}
