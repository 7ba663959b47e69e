//! What AWS takes its time for: things just made are pending, things just deleted are on their way
//! out and still hold the groups and subnets they were made with. Times: published measurements of
//! each service, typical values; where there are none, the middle of what Terraform waits for.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::Error;
use crate::{Call, Protocol, markup};

/// How fast AWS's time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// 1 is AWS's own; 20 makes a minute three seconds.
    pub speed: f64,
}

/// Path, then what the emulator says and what AWS would say while it is on its way up or down.
type Words = (&'static str, &'static str, &'static str);

/// A kind of thing that takes time.
struct Slow {
    service: &'static str,
    creates: &'static [&'static str],
    deletes: &'static [&'static str],
    /// Path of the identity in the create's answer; its last name is the key in every answer.
    id: &'static str,
    rising: &'static [Words],
    falling: &'static [Words],
    /// Seconds until it is up, by its create.
    up: fn(&Call) -> u64,
    /// Seconds until it is gone.
    down: u64,
    /// The emulator forgets it at once; AWS goes on showing it, with this state.
    lingers: Option<&'static str>,
}

const SLOW: &[Slow] = &[
    Slow {
        service: "ec2",
        creates: &["CreateVpcEndpoint"],
        deletes: &["DeleteVpcEndpoints"],
        id: "vpcEndpointId",
        rising: &[("state", "available", "pending")],
        falling: &[("state", "deleted", "deleting")],
        up: |call| if call.mentions("Gateway") { 7 } else { 75 },
        down: 120,
        lingers: None,
    },
    Slow {
        service: "ec2",
        creates: &["RunInstances"],
        deletes: &["TerminateInstances"],
        id: "instanceId",
        rising: &[
            ("instanceState/name", "running", "pending"),
            ("instanceState/code", "16", "0"),
        ],
        falling: &[
            ("instanceState/name", "terminated", "shutting-down"),
            ("instanceState/code", "48", "32"),
        ],
        up: |_| 30,
        down: 60,
        lingers: None,
    },
    // Gone from the lists at once; its network interfaces stay.
    Slow {
        service: "elasticloadbalancing",
        creates: &["CreateLoadBalancer"],
        deletes: &["DeleteLoadBalancer"],
        id: "LoadBalancerArn",
        rising: &[("State/Code", "active", "provisioning")],
        falling: &[],
        up: |_| 130,
        down: 60,
        lingers: None,
    },
    Slow {
        service: "route53",
        creates: &[
            "ChangeResourceRecordSets",
            "CreateHostedZone",
            "AssociateVPCWithHostedZone",
        ],
        deletes: &[],
        id: "ChangeInfo/Id",
        rising: &[("Status", "INSYNC", "PENDING")],
        falling: &[],
        up: |_| 45,
        down: 0,
        lingers: None,
    },
    Slow {
        service: "route53resolver",
        creates: &["CreateResolverEndpoint"],
        deletes: &["DeleteResolverEndpoint"],
        id: "ResolverEndpoint/Id",
        rising: &[("Status", "OPERATIONAL", "CREATING")],
        falling: &[],
        up: |_| 90,
        down: 90,
        lingers: Some("DELETING"),
    },
    Slow {
        service: "ecs",
        creates: &["CreateService"],
        deletes: &["DeleteService"],
        id: "service/serviceArn",
        rising: &[("rolloutState", "COMPLETED", "IN_PROGRESS")],
        falling: &[("status", "INACTIVE", "DRAINING")],
        up: |_| 65,
        down: 90,
        lingers: None,
    },
];

/// One slow thing.
struct Thing {
    slow: &'static Slow,
    id: String,
    holds: BTreeSet<String>,
    born: Instant,
    up: Duration,
    deleted: Option<Instant>,
    /// As last shown, for those that the emulator forgets.
    last: Option<Value>,
}

/// All slow things, load balancers with the target groups that their listeners lead to, and instance
/// profiles that EC2 does not know yet.
#[derive(Default)]
pub(crate) struct States {
    things: Vec<Thing>,
    bound: Vec<(String, String)>,
    profiles: Vec<(String, Instant)>,
}

/// How long a load balancer that is gone holds its target groups.
const RELEASE: Duration = Duration::from_secs(20);
/// How long IAM takes to tell EC2.
const PROPAGATION: Duration = Duration::from_secs(8);

impl States {
    /// What AWS would refuse because of what is still on its way.
    pub(crate) fn refusal(&self, call: &Call, pace: Pace) -> Option<Error> {
        let name = call.name();
        let parameters = call.parameters();
        let going = |thing: &&Thing| thing.is_going(pace);
        match name.as_str() {
            "ec2:DeleteSecurityGroup" | "ec2:DeleteSubnet" => {
                let id = parameters.get("GroupId").or(parameters.get("SubnetId"))?;
                let holder = self
                    .things
                    .iter()
                    .filter(going)
                    .find(|t| t.holds.contains(id))?;
                let message = format!("resource {id} has a dependent object ({})", holder.id);
                Some(Error::new(400, "DependencyViolation", message))
            }
            "ecs:DeleteCluster" => {
                let draining = self.things.iter().filter(going);
                let draining = draining.filter(|t| t.slow.service == "ecs").count();
                (draining > 0).then(|| {
                    let message = "The Cluster cannot be deleted while Tasks are active.";
                    Error::new(400, "ClusterContainsTasksException", message)
                })
            }
            "ecs:CreateService" | "ecs:UpdateService" => {
                let body: Value = serde_json::from_str(&call.body).ok()?;
                let name = body.get("serviceName").or(body.get("service"))?.as_str()?;
                let name = name.rsplit('/').next()?;
                let mut draining = self.things.iter().filter(going);
                draining
                    .find(|t| t.slow.service == "ecs" && t.id.ends_with(&format!("/{name}")))?;
                Some(if call.operation == "CreateService" {
                    let message = "Unable to Start a service that is still Draining.";
                    Error::new(400, "InvalidParameterException", message)
                } else {
                    Error::new(400, "ServiceNotActiveException", "Service was not ACTIVE.")
                })
            }
            "elasticloadbalancing:DeleteTargetGroup" => {
                let group = parameters.get("TargetGroupArn")?;
                let held = |balancer: &str| {
                    let mut things = self.things.iter();
                    things.any(|thing| thing.id == balancer && thing.went_within(RELEASE, pace))
                };
                let mut bound = self.bound.iter().filter(|(_, target)| target == group);
                bound.find(|(balancer, _)| held(balancer))?;
                let message =
                    format!("Target group '{group}' is currently in use by a listener or a rule");
                Some(Error::new(400, "ResourceInUse", message))
            }
            "ec2:RunInstances" => {
                let fresh = |at: &Instant| at.elapsed() < PROPAGATION.div_f64(pace.speed);
                let mut unknown = self.profiles.iter().filter(|(_, at)| fresh(at));
                let (profile, _) = unknown.find(|(profile, _)| call.mentions(profile))?;
                let message = format!(
                    "Value ({profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
                );
                Some(Error::new(400, "InvalidParameterValue", message))
            }
            _ => None,
        }
    }

    /// Takes note of what was executed.
    pub(crate) fn note(&mut self, call: &Call, answer: &str) {
        let does = |slow: &Slow, operations: &[&str]| {
            call.service == slow.service && operations.contains(&call.operation.as_str())
        };
        for slow in SLOW {
            if does(slow, slow.creates)
                && let Some(id) = identity(call, slow, answer)
            {
                self.things.retain(|thing| thing.id != id);
                self.things.push(Thing {
                    slow,
                    id,
                    holds: held(&call.body),
                    born: Instant::now(),
                    up: Duration::from_secs((slow.up)(call)),
                    deleted: None,
                    last: None,
                });
            }
            if does(slow, slow.deletes) {
                let theirs = self.things.iter_mut().filter(|t| t.slow.id == slow.id);
                for thing in theirs.filter(|thing| thing.deleted.is_none()) {
                    let name = thing.id.rsplit('/').next().unwrap_or(&thing.id);
                    if call.mentions(&thing.id) || call.mentions(&format!("\"{name}\"")) {
                        thing.deleted = Some(Instant::now());
                    }
                }
            }
        }
        if call.name() == "elasticloadbalancing:CreateListener" {
            let parameters = call.parameters();
            let balancer = parameters
                .get("LoadBalancerArn")
                .cloned()
                .unwrap_or_default();
            let groups = parameters
                .iter()
                .filter(|(key, _)| key.ends_with("TargetGroupArn"));
            let groups = groups.map(|(_, group)| (balancer.clone(), group.clone()));
            self.bound.extend(groups);
        }
        if call.name() == "iam:AddRoleToInstanceProfile"
            && let Some(profile) = call.parameters().remove("InstanceProfileName")
        {
            self.profiles.push((profile, Instant::now()));
        }
    }

    /// An answer as AWS would give it at this moment: status and text.
    pub(crate) fn retell(
        &mut self,
        call: &Call,
        pace: Pace,
        status: u16,
        answer: String,
    ) -> (u16, String) {
        let theirs = self
            .things
            .iter_mut()
            .filter(|t| t.slow.service == call.service);
        theirs.fold((status, answer), |(status, answer), thing| {
            thing.retell(call, pace, status, answer)
        })
    }
}

impl Thing {
    fn is_rising(&self, pace: Pace) -> bool {
        self.deleted.is_none() && self.born.elapsed() < self.up.div_f64(pace.speed)
    }

    fn is_going(&self, pace: Pace) -> bool {
        self.went_within(Duration::from_secs(self.slow.down), pace)
    }

    fn went_within(&self, time: Duration, pace: Pace) -> bool {
        let time = time.div_f64(pace.speed);
        self.deleted.is_some_and(|at| at.elapsed() < time)
    }

    fn key(&self) -> &'static str {
        self.slow.id.rsplit('/').next().unwrap_or(self.slow.id)
    }

    fn retell(&mut self, call: &Call, pace: Pace, status: u16, answer: String) -> (u16, String) {
        let words = match (self.is_rising(pace), self.is_going(pace)) {
            (true, _) => self.slow.rising,
            (_, true) => self.slow.falling,
            _ => &[],
        };
        if !matches!(call.protocol, Protocol::Json | Protocol::RestJson) {
            let told = markup::restate(&answer, self.key(), &self.id, words);
            return (status, told.unwrap_or(answer));
        }
        let Ok(mut document) = serde_json::from_str::<Value>(&answer) else {
            return (status, answer);
        };
        if let Some(state) = self.slow.lingers.filter(|_| self.is_going(pace)) {
            return match self.lingering(call, state) {
                Some(told) => (200, told(document).to_string()),
                None => (status, answer),
            };
        }
        let (key, id) = (self.key(), self.id.clone());
        let last = &mut self.last;
        walk(&mut document, &mut |object| {
            if object.get(key) == Some(&json!(id)) {
                for (path, from, to) in words {
                    replace(object, path, from, to);
                }
                *last = Some(object.clone());
            }
        });
        (status, document.to_string())
    }

    /// How an answer is told that should still show what the emulator has forgotten.
    fn lingering(&self, call: &Call, state: &str) -> Option<impl FnOnce(Value) -> Value + use<>> {
        let mut object = self.last.clone()?;
        object["Status"] = json!(state);
        let (one, several) = (
            call.operation.starts_with("Get") && call.mentions(&self.id),
            call.operation == "ListResolverEndpoints",
        );
        (one || several).then_some(move |mut document: Value| {
            if one {
                return json!({ "ResolverEndpoint": object });
            }
            if let Some(list) = document["ResolverEndpoints"].as_array_mut() {
                list.push(object);
            }
            document
        })
    }
}

/// A service whose rollout is under way has no task running yet.
fn replace(object: &mut Value, path: &str, from: &str, to: &str) {
    if object.get(path) == Some(&json!(from)) {
        object[path] = json!(to);
    }
    if path == "rolloutState" {
        for deployment in object["deployments"].as_array_mut().into_iter().flatten() {
            if deployment.get(path) == Some(&json!(from)) {
                deployment[path] = json!(to);
                deployment["runningCount"] = json!(0);
            }
        }
        object["runningCount"] = json!(0);
    }
}

fn walk(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(_) => {
            visit(value);
            let members = value.as_object_mut().into_iter().flatten();
            members.for_each(|(_, member)| walk(member, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn identity(call: &Call, slow: &Slow, answer: &str) -> Option<String> {
    match call.protocol {
        Protocol::Json | Protocol::RestJson => {
            let document: Value = serde_json::from_str(answer).ok()?;
            let pointer = format!("/{}", slow.id);
            document.pointer(&pointer)?.as_str().map(ToOwned::to_owned)
        }
        _ => markup::text(answer, slow.id),
    }
}

/// Groups and subnets that a request names.
fn held(body: &str) -> BTreeSet<String> {
    let words = body.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .filter(|word| word.starts_with("sg-") || word.starts_with("subnet-"))
        .map(ToOwned::to_owned)
        .collect()
}
