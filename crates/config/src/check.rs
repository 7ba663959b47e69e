//! What the closed mode cannot do, and what does not fit together.

mod network;

use crate::Problem;
use crate::document::Section;
use crate::input::{Environment, Model};
use crate::notes::voice_chat_is_shown;

/// Days that `CloudWatch` Logs knows (`PutRetentionPolicy`, API reference).
const RETENTIONS: &[i32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// What is wrong so far.
struct Found<'a> {
    section: &'a Section,
    problems: &'a mut Vec<Problem>,
}

impl Found<'_> {
    fn wrong(&mut self, field: &str, message: impl AsRef<str>) {
        let problem = self.section.problem(field, message.as_ref());
        self.problems.push(problem);
    }
}

/// Finds what is wrong; `ours` says that the file is our own, and not GenU's.
pub(crate) fn check(section: &Section, ours: bool, env: &Environment, problems: &mut Vec<Problem>) {
    let mut found = Found { section, problems };
    place(env, &mut found);
    models(env, &mut found);
    features(env, ours, &mut found);
    agent_core(env, &mut found);
    network::ranges(env, &mut found);
    network::imported(env, &mut found);
    network::domain(env, &mut found);
    allowances(env, &mut found);
    rest(env, &mut found);
}

/// What the audit is to overlook has to be something it looks at, for a reason.
fn allowances(env: &Environment, found: &mut Found<'_>) {
    const FIELD: &str = "closedNetworkAuditAllow";
    for (allowed, reason) in &env.closed_network_audit_allow {
        if !audit::is_rule(allowed) {
            let alike = |rule: &&str| strsim::jaro_winkler(rule, allowed);
            let ids = audit::rules().map(|rule| rule.id);
            let nearest = ids.max_by(|a, b| alike(a).total_cmp(&alike(b)));
            found.wrong(
                FIELD,
                format!(
                    "{allowed:?} is no rule of the audit; the nearest is {}",
                    nearest.unwrap_or_default()
                ),
            );
        }
        if reason.trim().is_empty() {
            found.wrong(
                FIELD,
                format!("{allowed} needs a reason, for whoever reads the audit"),
            );
        }
    }
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

fn features(env: &Environment, ours: bool, found: &mut Found<'_>) {
    // In GenU's own file, which names a model as it comes, it is a note.
    if ours && voice_chat_is_shown(env) {
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
}

/// Browsers call runtimes of `AgentCore` in the region of their ARN, and the network's endpoint for it
/// is in its own region. In closed mode since GenU 5.3.
fn agent_core(env: &Environment, found: &mut Found<'_>) {
    if !env.uses_agent_core() {
        return;
    }
    let Some(region) = env.region.as_ref().or(env.model_region.as_ref()) else {
        return;
    };
    if let Some(other) = env
        .agent_core_region
        .as_ref()
        .filter(|other| *other != region)
    {
        found.wrong(
            "agentCoreRegion",
            format!("{other} is not the region {region}; in closed mode AgentCore must be there"),
        );
    }
    for runtime in &env.agent_core_external_runtimes {
        let arn = runtime["arn"].as_str().unwrap_or_default();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "bedrock-agentcore", there, _, _] if there == region => {}
            ["arn", _, "bedrock-agentcore", there, _, _] => found.wrong(
                "agentCoreExternalRuntimes",
                format!("{arn} is in {there}; in closed mode runtimes must be in {region}"),
            ),
            _ => found.wrong(
                "agentCoreExternalRuntimes",
                format!(
                    "{arn:?} is no ARN of a runtime; arn:aws:bedrock-agentcore:REGION:ACCOUNT:runtime/ID is expected"
                ),
            ),
        }
    }
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
