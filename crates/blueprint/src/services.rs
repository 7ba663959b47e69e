//! Which endpoints the features need. The README shows the same table.

use config::{Endpoints, Environment};

/// An interface endpoint of the network.
pub(crate) struct Service {
    /// What comes after `com.amazonaws.<region>.`.
    pub name: &'static str,
    /// Whether the reference has it always.
    in_reference: bool,
    needed: fn(&Environment) -> bool,
}

const fn always(name: &'static str) -> Service {
    with(name, |_| true)
}

const fn with(name: &'static str, needed: fn(&Environment) -> bool) -> Service {
    Service {
        name,
        in_reference: true,
        needed,
    }
}

/// The ones that others wait for first, because their creation is what AWS rations most.
const SERVICES: [Service; 17] = [
    // Pulling the web server's image and writing its log.
    always("ecr.api"),
    always("ecr.dkr"),
    always("logs"),
    always("execute-api"),
    // Newer than the reference. Browsers sign in through them, and functions fetch the keys that
    // tokens are signed with.
    Service {
        in_reference: false,
        ..with("cognito-idp", |env| {
            env.closed_network_cognito.has_endpoints()
        })
    },
    Service {
        in_reference: false,
        ..with("cognito-identity", |env| {
            env.closed_network_cognito.has_endpoints()
        })
    },
    // Browsers call functions for answers that stream.
    always("lambda"),
    always("bedrock-runtime"),
    // Knowledge bases, agents and flows, and prompt optimisation, which has no switch.
    always("bedrock-agent-runtime"),
    // The transcription page has no switch.
    always("transcribe"),
    always("transcribestreaming"),
    with("polly", |env| {
        env.hidden_use_cases.get("translate") != Some(&true)
    }),
    with("bedrock-agent", |env| {
        env.agent_enabled || !env.agents.is_empty()
    }),
    with("kendra", |env| env.rag_enabled),
    with("sts", |env| {
        env.cross_account_bedrock_role_arn
            .as_ref()
            .is_some_and(|arn| !arn.is_empty())
    }),
    with("bedrock-agentcore", Environment::uses_agent_core),
    // The reference forgets it.
    Service {
        in_reference: false,
        ..with("sagemaker.runtime", |env| !env.endpoint_names.is_empty())
    },
];

/// What the Windows instance is reached through.
pub(crate) const TEST_ENVIRONMENT: [&str; 3] = ["ssm", "ssmmessages", "ec2messages"];

/// The interface endpoints of `env` beside those of the test environment.
pub(crate) fn interfaces(env: &Environment) -> impl Iterator<Item = &'static str> {
    let all = env.closed_network_endpoints == Endpoints::All;
    SERVICES
        .iter()
        .filter(move |service| all && service.in_reference || (service.needed)(env))
        .map(|service| service.name)
}

/// Every endpoint service that the features of `env` cannot do without, by its full name.
#[must_use]
pub fn needed(env: &Environment, region: &str) -> Vec<String> {
    let test = env
        .closed_network_create_test_environment
        .then_some(TEST_ENVIRONMENT);
    let needed = SERVICES.iter().filter(|service| (service.needed)(env));
    let names = ["s3", "dynamodb"].into_iter();
    let names = names.chain(needed.map(|service| service.name));
    let names = names.chain(test.into_iter().flatten());
    names
        .map(|name| format!("com.amazonaws.{region}.{name}"))
        .collect()
}

/// Every interface endpoint service of `env` in `region`, by its full name.
#[must_use]
pub fn services(env: &Environment, region: &str) -> Vec<String> {
    let test = env
        .closed_network_create_test_environment
        .then_some(TEST_ENVIRONMENT);
    interfaces(env)
        .chain(test.into_iter().flatten())
        .chain(env.on_premises_s3().then_some("s3"))
        .map(|service| format!("com.amazonaws.{region}.{service}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use config::Cognito;

    use super::*;

    fn required(change: impl FnOnce(&mut Environment)) -> Vec<&'static str> {
        let mut env = Environment {
            closed_network_endpoints: Endpoints::Required,
            ..Environment::default()
        };
        change(&mut env);
        interfaces(&env).collect()
    }

    #[test]
    fn each_switch_brings_its_endpoint_and_no_other() {
        let bare = required(|_| {});
        let with = |change: fn(&mut Environment)| -> Vec<&'static str> {
            let more = required(change).into_iter();
            more.filter(|service| !bare.contains(service)).collect()
        };
        assert_eq!(with(|env| env.rag_enabled = true), ["kendra"]);
        assert_eq!(with(|env| env.agent_enabled = true), ["bedrock-agent"]);
        assert_eq!(with(|env| env.agents.push("x".into())), ["bedrock-agent"]);
        assert_eq!(
            with(|env| env.endpoint_names.push("x".into())),
            ["sagemaker.runtime"]
        );
        let role = |env: &mut Environment| env.cross_account_bedrock_role_arn = Some("arn".into());
        assert_eq!(with(role), ["sts"]);
        let agent_core: [fn(&mut Environment); 4] = [
            |env| env.create_generic_agent_core_runtime = true,
            |env| env.agent_builder_enabled = true,
            |env| env.research_agent_enabled = true,
            |env| env.agent_core_external_runtimes.push("x".into()),
        ];
        for change in agent_core {
            assert_eq!(with(change), ["bedrock-agentcore"]);
        }
        // Runtimes call gateways, and run outside the network.
        assert_eq!(
            with(|env| env.agent_core_gateway_arns = Some(vec!["x".into()])),
            [""; 0]
        );
        let silent = required(|env| {
            env.hidden_use_cases.insert("translate".into(), true);
        });
        assert!(bare.contains(&"polly") && !silent.contains(&"polly"));
    }

    #[test]
    fn cognito_has_endpoints_exactly_where_the_app_calls_them() {
        for kept in [Endpoints::All, Endpoints::Required] {
            for (cognito, there) in [
                (Cognito::Proxies, 0),
                (Cognito::PrivateLink, 2),
                (Cognito::Both, 2),
            ] {
                let env = Environment {
                    closed_network_endpoints: kept,
                    closed_network_cognito: cognito,
                    ..Environment::default()
                };
                let of_cognito = |names: Vec<String>| {
                    let names = names.into_iter();
                    names.filter(|name| name.contains(".cognito-")).count()
                };
                assert_eq!(of_cognito(services(&env, "x")), there, "{cognito:?}");
                assert_eq!(of_cognito(needed(&env, "x")), there, "{cognito:?}");
            }
        }
    }

    #[test]
    fn all_is_what_the_reference_has() {
        assert_eq!(interfaces(&Environment::default()).count(), 14);
    }
}
