//! Reads that lag behind writes: the first ones after a create do not show what it made, the first ones
//! after an update of a service show it as it was before.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::answer::Error;
use crate::{Call, Protocol, markup};

/// A create and the reads that lag behind it.
struct Lagging {
    service: &'static str,
    create: &'static str,
    /// Path of the identity in the create's answer.
    id: &'static str,
    /// The read, and the error of one that names what it does not see yet.
    reads: &'static [(&'static str, &'static str)],
}

const LAGGING: &[Lagging] = &[
    Lagging {
        service: "ec2",
        create: "CreateVpc",
        id: "vpcId",
        // The default group of a VPC comes with it, and may be shown later.
        reads: &[
            ("DescribeVpcs", "InvalidVpcID.NotFound"),
            ("DescribeSecurityGroups", ""),
        ],
    },
    Lagging {
        service: "ec2",
        create: "CreateSubnet",
        id: "subnetId",
        reads: &[("DescribeSubnets", "InvalidSubnetID.NotFound")],
    },
    Lagging {
        service: "ec2",
        create: "CreateRouteTable",
        id: "routeTableId",
        reads: &[("DescribeRouteTables", "InvalidRouteTableID.NotFound")],
    },
    Lagging {
        service: "ec2",
        create: "CreateSecurityGroup",
        id: "groupId",
        reads: &[
            ("DescribeSecurityGroups", "InvalidGroup.NotFound"),
            ("DescribeSecurityGroupRules", ""),
        ],
    },
    Lagging {
        service: "ec2",
        create: "CreateVpcEndpoint",
        id: "vpcEndpointId",
        reads: &[("DescribeVpcEndpoints", "InvalidVpcEndpointId.NotFound")],
    },
    Lagging {
        service: "ec2",
        create: "RunInstances",
        id: "instanceId",
        reads: &[("DescribeInstances", "InvalidInstanceID.NotFound")],
    },
    Lagging {
        service: "apigateway",
        create: "CreateRestApi",
        id: "id",
        reads: &[("GetRestApis", "")],
    },
    Lagging {
        service: "route53resolver",
        create: "CreateResolverEndpoint",
        id: "ResolverEndpoint/Id",
        reads: &[("ListResolverEndpoints", "")],
    },
    // "The role with name … cannot be found" to reads right after CreateRole: what Terraform waits for.
    Lagging {
        service: "iam",
        create: "CreateRole",
        id: "RoleName",
        reads: &[
            ("GetRole", "NoSuchEntity"),
            ("ListRolePolicies", "NoSuchEntity"),
            ("ListAttachedRolePolicies", "NoSuchEntity"),
        ],
    },
    Lagging {
        service: "iam",
        create: "CreateInstanceProfile",
        id: "InstanceProfileName",
        reads: &[("GetInstanceProfile", "NoSuchEntity")],
    },
];

/// No list lags longer than this: what is looked for later is seen.
const LONGEST: Duration = Duration::from_secs(10);

/// What one read does not show yet.
struct Hidden {
    id: String,
    /// Its name in the read's answer.
    key: &'static str,
    service: &'static str,
    read: &'static str,
    code: &'static str,
    /// In how many reads more.
    left: usize,
    made: Instant,
}

/// A service as it was before an update.
struct Stale {
    before: Value,
    left: usize,
    updated: Instant,
}

/// What is not shown yet, and services as they are and as they were.
#[derive(Default)]
pub(crate) struct Lag {
    hidden: Vec<Hidden>,
    services: HashMap<String, Value>,
    stale: HashMap<String, Stale>,
}

impl Lag {
    /// Takes note of what was made or changed; the next `reads` reads do not show it.
    pub(crate) fn note(&mut self, call: &Call, answer: &str, reads: usize) {
        if reads == 0 {
            return;
        }
        if call.service == "ecs" {
            self.note_service(call, answer, reads);
        }
        let lagging = LAGGING
            .iter()
            .find(|lagging| call.service == lagging.service && call.operation == lagging.create);
        let Some(lagging) = lagging else {
            return;
        };
        let id = match call.protocol {
            Protocol::Ec2 | Protocol::Query => markup::text(answer, lagging.id),
            _ => serde_json::from_str::<Value>(answer)
                .ok()
                .and_then(|document| {
                    let id = document.pointer(&format!("/{}", lagging.id))?;
                    id.as_str().map(ToOwned::to_owned)
                }),
        };
        let Some(id) = id else {
            return;
        };
        self.hidden.retain(|hidden| hidden.id != id);
        let hidden = lagging.reads.iter().map(|(read, code)| Hidden {
            id: id.clone(),
            key: lagging.id.rsplit('/').next().unwrap_or(lagging.id),
            service: lagging.service,
            read,
            code,
            left: reads,
            made: Instant::now(),
        });
        self.hidden.extend(hidden);
    }

    fn note_service(&mut self, call: &Call, answer: &str, reads: usize) {
        let Ok(document) = serde_json::from_str::<Value>(answer) else {
            return;
        };
        let arn = |service: &Value| service["serviceArn"].as_str().map(ToOwned::to_owned);
        match call.operation.as_str() {
            "DescribeServices" => {
                for service in document["services"].as_array().into_iter().flatten() {
                    self.services
                        .extend(arn(service).map(|arn| (arn, service.clone())));
                }
            }
            "UpdateService" => {
                let before =
                    arn(&document["service"]).and_then(|arn| self.services.remove_entry(&arn));
                let stale = before.map(|(arn, before)| {
                    let updated = Instant::now();
                    (
                        arn,
                        Stale {
                            before,
                            left: reads,
                            updated,
                        },
                    )
                });
                self.stale.extend(stale);
            }
            _ => {}
        }
    }

    /// The answer without what does not show yet.
    pub(crate) fn retell(&mut self, call: &Call, mut answer: String) -> Result<String, Error> {
        let mut missing = None;
        for hidden in &mut self.hidden {
            let Hidden { id, key, code, .. } = &*hidden;
            // Asked for by name it is an error; a filter merely finds nothing.
            let named = |(key, value): (String, String)| !key.starts_with("Filter") && value == *id;
            let named = !code.is_empty() && call.parameters().into_iter().any(named);
            let shows = call.service == hidden.service
                && call.operation == hidden.read
                && (named || answer.contains(id.as_str()));
            if hidden.left == 0 || hidden.made.elapsed() > LONGEST || !shows {
                continue;
            }
            if named {
                let message = format!("{id} cannot be found");
                let status = if hidden.service == "iam" { 404 } else { 400 };
                missing = Some(Error::new(status, code, message));
            }
            answer = match call.protocol {
                Protocol::Ec2 | Protocol::Query => {
                    markup::without(&answer, key, id).unwrap_or(answer)
                }
                _ => without(&answer, key, id).unwrap_or(answer),
            };
            hidden.left -= 1;
        }
        if call.name() == "ecs:DescribeServices" {
            answer = self.before(&answer).unwrap_or(answer);
        }
        missing.map_or(Ok(answer), Err)
    }

    /// Services as they were before an update of a moment ago.
    fn before(&mut self, answer: &str) -> Option<String> {
        let mut document: Value = serde_json::from_str(answer).ok()?;
        for service in document["services"].as_array_mut()? {
            let stale = service["serviceArn"]
                .as_str()
                .and_then(|arn| self.stale.get_mut(arn));
            if let Some(stale) = stale
                && stale.left > 0
                && stale.updated.elapsed() < LONGEST
            {
                stale.left -= 1;
                *service = stale.before.clone();
            }
        }
        Some(document.to_string())
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
