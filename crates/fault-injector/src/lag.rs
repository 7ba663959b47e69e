//! Lists that lag behind creates: the first reads after a create do not show what it made.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::answer::Error;
use crate::{Call, Protocol, markup};

/// Service, create, path of the identity in its answer, the read that lags, the error of a read that
/// names what it does not see yet.
type Lagging = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const LAGGING: &[Lagging] = &[
    (
        "ec2",
        "CreateVpc",
        "vpcId",
        "DescribeVpcs",
        "InvalidVpcID.NotFound",
    ),
    (
        "ec2",
        "CreateSubnet",
        "subnetId",
        "DescribeSubnets",
        "InvalidSubnetID.NotFound",
    ),
    (
        "ec2",
        "CreateRouteTable",
        "routeTableId",
        "DescribeRouteTables",
        "InvalidRouteTableID.NotFound",
    ),
    (
        "ec2",
        "CreateSecurityGroup",
        "groupId",
        "DescribeSecurityGroups",
        "InvalidGroup.NotFound",
    ),
    (
        "ec2",
        "CreateVpcEndpoint",
        "vpcEndpointId",
        "DescribeVpcEndpoints",
        "InvalidVpcEndpointId.NotFound",
    ),
    (
        "ec2",
        "RunInstances",
        "instanceId",
        "DescribeInstances",
        "InvalidInstanceID.NotFound",
    ),
    ("apigateway", "CreateRestApi", "id", "GetRestApis", ""),
    (
        "route53resolver",
        "CreateResolverEndpoint",
        "ResolverEndpoint/Id",
        "ListResolverEndpoints",
        "",
    ),
];

/// No list lags longer than this: what is looked for later is seen.
const LONGEST: Duration = Duration::from_secs(10);

/// What is not shown yet, in how many reads more, and since when.
#[derive(Default)]
pub(crate) struct Lag {
    hidden: HashMap<String, (&'static Lagging, usize, Instant)>,
}

impl Lag {
    /// Takes note of what was made; the next `reads` reads do not show it.
    pub(crate) fn note(&mut self, call: &Call, answer: &str, reads: usize) {
        let lagging = LAGGING
            .iter()
            .find(|(service, create, ..)| call.service == *service && call.operation == *create);
        let Some(lagging) = lagging.filter(|_| reads > 0) else {
            return;
        };
        let path = lagging.2;
        let id = match call.protocol {
            Protocol::Ec2 => markup::text(answer, path),
            _ => serde_json::from_str::<Value>(answer)
                .ok()
                .and_then(|document| {
                    let id = document.pointer(&format!("/{path}"))?;
                    id.as_str().map(ToOwned::to_owned)
                }),
        };
        if let Some(id) = id {
            self.hidden.insert(id, (lagging, reads, Instant::now()));
        }
    }

    /// The answer without what does not show yet.
    pub(crate) fn retell(&mut self, call: &Call, mut answer: String) -> Result<String, Error> {
        let mut missing = None;
        for (id, ((service, _, path, read, code), left, made)) in &mut self.hidden {
            let shows =
                call.service == *service && call.operation == *read && answer.contains(id.as_str());
            if *left == 0 || made.elapsed() > LONGEST || !shows {
                continue;
            }
            *left -= 1;
            // Asked for by name it is an error; a filter merely finds nothing.
            let named = |(key, value): (String, String)| !key.starts_with("Filter") && value == *id;
            if !code.is_empty() && call.parameters().into_iter().any(named) {
                missing = Some(Error::new(
                    400,
                    code,
                    format!("The ID '{id}' does not exist"),
                ));
            }
            let key = path.rsplit('/').next().unwrap_or(path);
            answer = match call.protocol {
                Protocol::Ec2 => markup::without(&answer, key, id).unwrap_or(answer),
                _ => without(&answer, key, id).unwrap_or(answer),
            };
        }
        missing.map_or(Ok(answer), Err)
    }
}

fn without(answer: &str, key: &str, id: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(answer).ok()?;
    for (_, member) in document.as_object_mut()? {
        if let Some(items) = member.as_array_mut() {
            items.retain(|item| item.get(key).and_then(Value::as_str) != Some(id));
        }
    }
    Some(document.to_string())
}
