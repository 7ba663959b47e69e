//! What the closed mode cannot do, and what does not fit together.

use crate::Problem;
use crate::input::{Environment, Model};
use crate::toml_source::Places;

/// Days that `CloudWatch` Logs knows (`PutRetentionPolicy`, API reference).
const RETENTIONS: &[i32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(crate) fn check(
    places: &Places<'_>,
    name: &str,
    env: &Environment,
    problems: &mut Vec<Problem>,
) {
    let mut wrong = |field: &str, message: String| {
        problems.push(places.problem(&format!("env.{name}.{field}"), message));
    };
    let cidr = env.closed_network_vpc_ipv4_cidr;
    if cidr.addr() != cidr.network() {
        wrong(
            "closedNetworkVpcIpv4Cidr",
            format!("{cidr} has host bits; the range is {}", cidr.trunc()),
        );
    } else if !(16..=24).contains(&cidr.prefix_len()) {
        wrong(
            "closedNetworkVpcIpv4Cidr",
            format!("{cidr}: AWS allows at most /16, and the network needs at least /24"),
        );
    }
    for client in &env.closed_network_client_cidrs {
        if client.addr() != client.network() {
            let range = client.trunc();
            wrong(
                "closedNetworkClientCidrs",
                format!("{client} has host bits; the range is {range}"),
            );
        }
        if client.prefix_len() == 0 {
            wrong(
                "closedNetworkClientCidrs",
                format!("{client} is everybody; name the ranges that clients come from"),
            );
        }
    }
    if let Some(account) = &env.account
        && !account.is_empty()
        && (account.len() != 12 || !account.chars().all(|c| c.is_ascii_digit()))
    {
        wrong(
            "account",
            format!("{account:?} is no account id of twelve digits"),
        );
    }
    if let (Some(region), Some(models)) = (&env.region, &env.model_region)
        && region != models
    {
        wrong(
            "modelRegion",
            format!("{models} is not the region {region}; in closed mode both must be the same"),
        );
    }
    if env.model_ids.as_ref().is_some_and(Vec::is_empty) {
        wrong(
            "modelIds",
            "must not be empty: GenU needs a text model".into(),
        );
    }
    if let Some(region) = env.region.as_ref().or(env.model_region.as_ref()) {
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
                    wrong(
                        field,
                        format!(
                            "{model_id} is in {other}; in closed mode models must be in {region}"
                        ),
                    );
                }
            }
        }
    }
    if !env.speech_to_speech_model_ids.is_empty() {
        wrong(
            "speechToSpeechModelIds",
            "voice chat is not available in closed mode; use []".into(),
        );
    }
    if env.saml_auth_enabled {
        wrong(
            "samlAuthEnabled",
            "SAML is not available in closed mode; use false".into(),
        );
    }
    if !RETENTIONS.contains(&env.closed_network_log_retention_days) {
        let known: Vec<String> = RETENTIONS.iter().map(ToString::to_string).collect();
        wrong(
            "closedNetworkLogRetentionDays",
            format!(
                "{} is not among the days CloudWatch Logs knows: {}",
                env.closed_network_log_retention_days,
                known.join(", ")
            ),
        );
    }
    if env.closed_network_test_environment_auto_stop_hours > 24 * 30 {
        wrong(
            "closedNetworkTestEnvironmentAutoStopHours",
            "at most 720 hours; 0 = never".into(),
        );
    }
    let tags = env.closed_network_tags.keys().chain(&env.tag_key);
    for key in tags.filter(|key| key.starts_with("aws:") || key.starts_with("genu-deploy:")) {
        wrong("closedNetworkTags", format!("the key {key} is reserved"));
    }
    not_built_yet(env, &mut wrong);
}

/// Shapes that this version does not build: refused, never half-built.
fn not_built_yet(env: &Environment, wrong: &mut impl FnMut(&str, String)) {
    let shapes = [
        (
            "closedNetworkVpcId",
            env.closed_network_vpc_id.is_some(),
            "an imported VPC",
        ),
        (
            "closedNetworkSubnetIds",
            env.closed_network_subnet_ids.is_some(),
            "imported subnets",
        ),
        (
            "closedNetworkDomainName",
            env.closed_network_domain_name.is_some(),
            "a domain of one's own",
        ),
        (
            "closedNetworkCertificateArn",
            env.closed_network_certificate_arn.is_some(),
            "a certificate",
        ),
    ];
    for (field, said, what) in shapes {
        if said {
            wrong(
                field,
                format!("{what} is beyond this version; see the limits in the README"),
            );
        }
    }
}
