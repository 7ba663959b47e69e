//! What the closed mode cannot do, and what does not fit together.

use std::path::Path;

use crate::Problem;
use crate::document::Section;
use crate::input::{Environment, Model};

/// Days that `CloudWatch` Logs knows (`PutRetentionPolicy`, API reference).
const RETENTIONS: &[i32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// What is wrong so far.
struct Found<'a> {
    file: &'a Path,
    section: &'a Section,
    problems: &'a mut Vec<Problem>,
}

impl Found<'_> {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        let problem = self.section.problem(self.file, field, message);
        self.problems.push(problem);
    }
}

pub(crate) fn check(
    file: &Path,
    section: &Section,
    env: &Environment,
    problems: &mut Vec<Problem>,
) {
    let mut found = Found {
        file,
        section,
        problems,
    };
    place(env, &mut found);
    models(env, &mut found);
    features(env, &mut found);
    ranges(env, &mut found);
    imported(env, &mut found);
    domain(env, &mut found);
    rest(env, &mut found);
}

fn place(env: &Environment, found: &mut Found<'_>) {
    if let Some(account) = &env.account
        && !account.is_empty()
        && (account.len() != 12 || !account.chars().all(|c| c.is_ascii_digit()))
    {
        found.wrong(
            "account",
            format!("{account:?} is no account id of twelve digits"),
        );
    }
    if env
        .region
        .as_deref()
        .is_some_and(|region| !is_region(region))
    {
        found.wrong(
            "region",
            "is no region; a name such as ap-northeast-1 is expected",
        );
    }
}

/// `ap-northeast-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            words.len() >= 2
                && words.iter().all(letters)
                && number.len() == 1
                && number.chars().all(|c| c.is_ascii_digit())
        }
        None => false,
    }
}

fn models(env: &Environment, found: &mut Found<'_>) {
    if let (Some(region), Some(models)) = (&env.region, &env.model_region)
        && region != models
    {
        found.wrong(
            "modelRegion",
            format!("{models} is not the region {region}; in closed mode both must be the same"),
        );
    }
    if env.model_ids.as_ref().is_some_and(Vec::is_empty) {
        found.wrong("modelIds", "must not be empty: GenU needs a text model");
    }
    let Some(region) = env.region.as_ref().or(env.model_region.as_ref()) else {
        return;
    };
    let lists = [
        ("modelIds", env.model_ids.as_deref().unwrap_or_default()),
        ("imageGenerationModelIds", &env.image_generation_model_ids),
        ("videoGenerationModelIds", &env.video_generation_model_ids),
    ];
    for (field, models) in lists {
        for model in models {
            if let Model::InRegion {
                model_id,
                region: other,
            } = model
                && other != region
            {
                found.wrong(
                    field,
                    format!("{model_id} is in {other}; in closed mode models must be in {region}"),
                );
            }
        }
    }
    for name in &env.endpoint_names {
        let other = name["region"].as_str();
        if let Some(other) = other.filter(|other| other != region) {
            let name = name["modelId"].as_str().unwrap_or_default();
            found.wrong(
                "endpointNames",
                format!("{name} is in {other}; in closed mode models must be in {region}"),
            );
        }
    }
}

fn features(env: &Environment, found: &mut Found<'_>) {
    if !env.speech_to_speech_model_ids.is_empty() {
        found.wrong(
            "speechToSpeechModelIds",
            "voice chat is not available in closed mode; use []",
        );
    }
    if env.saml_auth_enabled {
        found.wrong(
            "samlAuthEnabled",
            "SAML is not available in closed mode; use false",
        );
    }
    let gateways = env.agent_core_gateway_arns.as_ref();
    let agent_core = [
        (
            "createGenericAgentCoreRuntime",
            env.create_generic_agent_core_runtime,
            "false",
        ),
        ("agentBuilderEnabled", env.agent_builder_enabled, "false"),
        ("researchAgentEnabled", env.research_agent_enabled, "false"),
        (
            "agentCoreExternalRuntimes",
            !env.agent_core_external_runtimes.is_empty(),
            "[]",
        ),
        (
            "agentCoreGatewayArns",
            gateways.is_some_and(|arns| !arns.is_empty()),
            "[]",
        ),
    ];
    for (field, on, instead) in agent_core {
        if on {
            found.wrong(
                field,
                format!("AgentCore is not available in closed mode; use {instead}"),
            );
        }
    }
}

fn ranges(env: &Environment, found: &mut Found<'_>) {
    let cidr = env.closed_network_vpc_ipv4_cidr;
    if cidr.addr() != cidr.network() {
        found.wrong(
            "closedNetworkVpcIpv4Cidr",
            format!("{cidr} has host bits; the range is {}", cidr.trunc()),
        );
    } else if !(16..=24).contains(&cidr.prefix_len()) {
        found.wrong(
            "closedNetworkVpcIpv4Cidr",
            format!("{cidr}: AWS allows at most /16, and the network needs at least /24"),
        );
    }
    for client in &env.closed_network_client_cidrs {
        if client.addr() != client.network() {
            let range = client.trunc();
            found.wrong(
                "closedNetworkClientCidrs",
                format!("{client} has host bits; the range is {range}"),
            );
        }
        if client.prefix_len() == 0 {
            found.wrong(
                "closedNetworkClientCidrs",
                format!("{client} is everybody; name the ranges that clients come from"),
            );
        }
    }
}

fn imported(env: &Environment, found: &mut Found<'_>) {
    let is_id = |text: &str, prefix: &str| {
        text.strip_prefix(prefix).is_some_and(|digits| {
            matches!(digits.len(), 8 | 17) && digits.chars().all(|c| c.is_ascii_hexdigit())
        })
    };
    let vpc = env.closed_network_vpc_id.as_deref();
    if let Some(id) = vpc.filter(|id| !is_id(id, "vpc-")) {
        found.wrong(
            "closedNetworkVpcId",
            format!("{id:?} is no VPC id; one such as vpc-0123456789abcdef0 is expected"),
        );
    }
    let Some(subnets) = &env.closed_network_subnet_ids else {
        if vpc.is_none() && env.closed_network_allow_public_subnets {
            found.wrong(
                "closedNetworkAllowPublicSubnets",
                "only means something with closedNetworkVpcId: the subnets of a new VPC are closed",
            );
        }
        return;
    };
    if vpc.is_none() {
        found.wrong(
            "closedNetworkSubnetIds",
            "subnets need closedNetworkVpcId, the VPC that they are in",
        );
    }
    for id in subnets.iter().filter(|id| !is_id(id, "subnet-")) {
        found.wrong(
            "closedNetworkSubnetIds",
            format!("{id:?} is no subnet id; one such as subnet-0123456789abcdef0 is expected"),
        );
    }
    let mut different = subnets.clone();
    different.sort();
    different.dedup();
    if different.len() < subnets.len() {
        found.wrong("closedNetworkSubnetIds", "names a subnet twice");
    } else if subnets.len() < 2 {
        found.wrong(
            "closedNetworkSubnetIds",
            "at least two subnets are needed, in different availability zones",
        );
    }
}

fn domain(env: &Environment, found: &mut Found<'_>) {
    let (domain, certificate) = (
        env.closed_network_domain_name.as_deref(),
        env.closed_network_certificate_arn.as_deref(),
    );
    match (domain, certificate) {
        (Some(_), None) => found.wrong(
            "closedNetworkDomainName",
            "needs closedNetworkCertificateArn: give both or none",
        ),
        (None, Some(_)) => found.wrong(
            "closedNetworkCertificateArn",
            "needs closedNetworkDomainName: give both or none",
        ),
        _ => {}
    }
    if let Some(name) = domain
        && let Some(reason) = not_a_domain(name)
    {
        found.wrong("closedNetworkDomainName", reason);
    }
    let Some(arn) = certificate else { return };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "acm", region, account, id] = parts[..] else {
        return not_a_certificate(arn, found);
    };
    if !arn.starts_with("arn:aws") || !id.starts_with("certificate/") {
        return not_a_certificate(arn, found);
    }
    if let Some(ours) = env.region.as_deref().filter(|ours| *ours != region) {
        found.wrong(
            "closedNetworkCertificateArn",
            format!("is in {region}; a load balancer takes certificates of its own region, {ours}"),
        );
    }
    let ours = env.account.as_deref().filter(|ours| !ours.is_empty());
    if let Some(ours) = ours.filter(|ours| *ours != account) {
        found.wrong(
            "closedNetworkCertificateArn",
            format!("is of account {account}, not of {ours}"),
        );
    }
}

fn not_a_certificate(arn: &str, found: &mut Found<'_>) {
    found.wrong(
        "closedNetworkCertificateArn",
        format!("{arn:?} is no ARN of a certificate; arn:aws:acm:REGION:ACCOUNT:certificate/ID is expected"),
    );
}

/// Why a private hosted zone cannot bear this name, or must not.
fn not_a_domain(name: &str) -> Option<String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if let Some(bare) = name.strip_suffix('.') {
        return Some(format!("write it without the dot at its end: {bare}"));
    }
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some(format!("write it in lower case: {}", name.to_lowercase()));
    }
    if name == "amazonaws.com" || name.ends_with(".amazonaws.com") {
        return Some("would hide AWS's own names from the whole VPC".into());
    }
    if !name.contains('.') || name.len() > 253 || !name.split('.').all(label) {
        return Some(format!(
            "{name:?} is no domain; a name such as genu.closed is expected"
        ));
    }
    None
}

fn rest(env: &Environment, found: &mut Found<'_>) {
    if !RETENTIONS.contains(&env.closed_network_log_retention_days) {
        let known: Vec<String> = RETENTIONS.iter().map(ToString::to_string).collect();
        found.wrong(
            "closedNetworkLogRetentionDays",
            format!(
                "{} is not among the days CloudWatch Logs knows: {}",
                env.closed_network_log_retention_days,
                known.join(", ")
            ),
        );
    }
    if env.closed_network_test_environment_auto_stop_hours > 24 * 30 {
        found.wrong(
            "closedNetworkTestEnvironmentAutoStopHours",
            "at most 720 hours; 0 = never",
        );
    }
    let image = env.closed_network_test_environment_ami_id.as_deref();
    if image.is_some_and(|image| !image.starts_with("ami-")) {
        found.wrong(
            "closedNetworkTestEnvironmentAmiId",
            "is no image id; one such as ami-0123456789abcdef0 is expected",
        );
    }
    if env
        .closed_network_web_image
        .as_deref()
        .is_some_and(|image| image.trim().is_empty())
    {
        found.wrong("closedNetworkWebImage", "is empty; leave it out instead");
    }
    // A VPC of the user's own may have a resolver of the user's own.
    if env.closed_network_on_premises_s3 == Some(true)
        && !env.closed_network_create_resolver_endpoint
        && env.closed_network_vpc_id.is_none()
    {
        found.wrong(
            "closedNetworkOnPremisesS3",
            "needs closedNetworkCreateResolverEndpoint = true: its private DNS answers the inbound resolver alone",
        );
    }
    tags(env, found);
}

/// Limits of tags (`Tag`, EC2 API reference).
fn tags(env: &Environment, found: &mut Found<'_>) {
    let value = env.tag_value.as_ref();
    let own = value.map(|value| (env.tag_key.clone().filter(|key| !key.is_empty()), value));
    let key = |key: &Option<String>| key.clone().unwrap_or_else(|| "GenU".into());
    let own = own
        .iter()
        .map(|(name, value)| ("tagKey", key(name), *value));
    let more = env.closed_network_tags.iter();
    let more = more.map(|(key, value)| ("closedNetworkTags", key.clone(), value));
    for (field, key, value) in own.chain(more) {
        if key.starts_with("aws:") || key.starts_with("genu-deploy:") || key == "Name" {
            found.wrong(field, format!("the key {key} is reserved"));
        } else if key.is_empty() || key.chars().count() > 128 {
            found.wrong(
                field,
                format!("the key {key:?} must have 1 to 128 characters"),
            );
        } else if value.chars().count() > 256 {
            found.wrong(
                field,
                format!("the value of {key} has more than 256 characters"),
            );
        }
    }
    // A hosted zone takes ten, and has a name (`ChangeTagsForResource`, Route 53 API reference).
    if env.domain().is_some() && env.closed_network_tags.len() > 8 {
        found.wrong(
            "closedNetworkTags",
            "at most 8 tags with a domain: its hosted zone takes no more",
        );
    } else if env.closed_network_tags.len() > 40 {
        found.wrong(
            "closedNetworkTags",
            "at most 40 tags: AWS allows 50, and ours are among them",
        );
    }
}
