//! What people and scripts want to know of a deployment, from its records alone.

use serde_json::{Map, Value, json};
use state::State;

/// Ids of the records that outputs are taken from, and of the pins of what others own.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each field is the resource it names")]
pub struct Sources {
    pub vpc: &'static str,
    pub subnets: [&'static str; 2],
    pub execute_api: &'static str,
    pub bucket: &'static str,
    pub load_balancer: &'static str,
    pub user_pool_proxy: &'static str,
    pub identity_pool_proxy: &'static str,
    pub resolver: &'static str,
    pub key_pair: &'static str,
    pub instance: &'static str,
    pub domain: &'static str,
    pub external_vpc: &'static str,
    pub external_subnet: &'static str,
    pub external_execute_api: &'static str,
}

/// All outputs that apply, by name, in the order people look for them.
#[must_use]
pub fn outputs(state: &State, from: &Sources) -> Map<String, Value> {
    let fact = |id: &str, field: &str| -> Option<String> {
        let value = state.records.get(id)?.out.get(field)?;
        Some(value.as_str()?.to_owned())
    };
    let region = state
        .header
        .as_ref()
        .map(|header| header.region.as_str())
        .unwrap_or_default();
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    let stage = |id: &str| {
        let api = fact(id, "id")?;
        Some(format!(
            "https://{api}.execute-api.{region}.amazonaws.com{suffix}/prod/"
        ))
    };
    let pin = |name: &str| state.pins.get(name).cloned();
    let mut subnets: Vec<String> = from
        .subnets
        .iter()
        .filter_map(|id| fact(id, "id"))
        .collect();
    let external = state.pins.iter();
    let external = external.filter(|(name, _)| name.starts_with(from.external_subnet));
    subnets.extend(external.map(|(_, id)| id.clone()));
    let host = fact(from.load_balancer, "dns_name");
    let url = match fact(from.domain, "name") {
        Some(domain) => Some(format!("https://{domain}")),
        None => host.as_ref().map(|host| format!("http://{host}")),
    };
    let addresses = state
        .records
        .get(from.resolver)
        .and_then(|r| r.out.get("addresses"));
    let addresses: Option<Vec<Value>> = addresses
        .and_then(Value::as_array)
        .map(|pairs| pairs.iter().map(|pair| pair[1].clone()).collect());
    let rows = [
        ("WebUrl", url.map(Value::from)),
        (
            "WindowsRdpGetSSMKeyCommand",
            fact(from.key_pair, "id").map(|id| json!(key_command(&id, region))),
        ),
        (
            "CognitoPrivateProxyCognitoUserPoolProxyApiEndpoint",
            stage(from.user_pool_proxy).map(Value::from),
        ),
        (
            "CognitoPrivateProxyCognitoIdPoolProxyApiEndpoint",
            stage(from.identity_pool_proxy).map(Value::from),
        ),
        ("ResolverId", fact(from.resolver, "id").map(Value::from)),
        ("ResolverIpAddresses", addresses.map(Value::from)),
        (
            "VpcId",
            fact(from.vpc, "id")
                .or_else(|| pin(from.external_vpc))
                .map(Value::from),
        ),
        ("SubnetIds", (!subnets.is_empty()).then(|| json!(subnets))),
        (
            "ApiGatewayVpcEndpointId",
            fact(from.execute_api, "id")
                .or_else(|| pin(from.external_execute_api))
                .map(Value::from),
        ),
        ("WebBucketName", fact(from.bucket, "name").map(Value::from)),
        ("LoadBalancerDnsName", host.map(Value::from)),
        (
            "WindowsInstanceId",
            fact(from.instance, "id").map(Value::from),
        ),
    ];
    let rows = rows.into_iter();
    rows.filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// The command that prints the private key of the Windows instance.
fn key_command(key_pair: &str, region: &str) -> String {
    format!(
        "aws ssm get-parameter --name /ec2/keypair/{key_pair} --region {region} --with-decryption --query Parameter.Value --output text"
    )
}
