//! AWS's token buckets, an account and region each, on scaled time. Figures: "Request throttling for
//! the Amazon EC2 API", "Amazon API Gateway quotas", Elastic Load Balancing, ECS, Route 53.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::Call;

/// Calls that share a bucket, its size, milliseconds until a token comes back.
struct Bucket(&'static str, fn(&Call) -> bool, u32, u64);

fn is(call: &Call, service: &str, operations: &[&str]) -> bool {
    call.service == service && operations.iter().any(|o| call.operation == *o)
}

const BUCKETS: &[Bucket] = &[
    Bucket(
        "endpoint create",
        |c| is(c, "ec2", &["CreateVpcEndpoint"]),
        4,
        3_333,
    ),
    Bucket(
        "endpoint modify",
        |c| is(c, "ec2", &["ModifyVpcEndpoint"]),
        4,
        3_333,
    ),
    Bucket(
        "endpoint delete",
        |c| is(c, "ec2", &["DeleteVpcEndpoints"]),
        4,
        3_333,
    ),
    Bucket("instances", |c| is(c, "ec2", &["RunInstances"]), 5, 500),
    Bucket(
        "tags",
        |c| is(c, "ec2", &["CreateTags", "DeleteTags"]),
        100,
        100,
    ),
    Bucket(
        "ec2 reads",
        |c| c.service == "ec2" && c.operation.starts_with("Describe"),
        100,
        50,
    ),
    Bucket(
        "ec2 changes",
        |c| {
            let own = [
                "CreateVpcEndpoint",
                "ModifyVpcEndpoint",
                "DeleteVpcEndpoints",
                "RunInstances",
                "CreateTags",
                "DeleteTags",
            ];
            c.service == "ec2" && c.changes() && !own.contains(&c.operation.as_str())
        },
        50,
        200,
    ),
    Bucket("apigateway", |c| c.service == "apigateway", 40, 100),
    Bucket(
        "rest api create",
        |c| is(c, "apigateway", &["CreateRestApi"]),
        1,
        3_000,
    ),
    Bucket(
        "rest api delete",
        |c| is(c, "apigateway", &["DeleteRestApi"]),
        1,
        30_000,
    ),
    Bucket(
        "rest deployment",
        |c| is(c, "apigateway", &["CreateDeployment"]),
        1,
        5_000,
    ),
    Bucket(
        "rest resource",
        |c| is(c, "apigateway", &["CreateResource", "DeleteResource"]),
        5,
        200,
    ),
    Bucket(
        "rest resources",
        |c| is(c, "apigateway", &["GetResources"]),
        5,
        400,
    ),
    Bucket(
        "balancer",
        |c| {
            is(
                c,
                "elasticloadbalancing",
                &["CreateLoadBalancer", "SetSubnets"],
            )
        },
        10,
        5_000,
    ),
    Bucket(
        "balancing reads",
        |c| c.service == "elasticloadbalancing" && !c.changes(),
        40,
        100,
    ),
    Bucket(
        "balancing changes",
        |c| {
            c.service == "elasticloadbalancing"
                && c.changes()
                && !is(
                    c,
                    "elasticloadbalancing",
                    &["CreateLoadBalancer", "SetSubnets"],
                )
        },
        20,
        333,
    ),
    Bucket(
        "task definitions",
        |c| is(c, "ecs", &["RegisterTaskDefinition"]),
        20,
        1_000,
    ),
    Bucket(
        "ecs changes",
        |c| c.service == "ecs" && c.changes(),
        50,
        200,
    ),
    Bucket("ecs reads", |c| c.service == "ecs" && !c.changes(), 100, 50),
    Bucket("route53", |c| c.service == "route53", 50, 100),
];

/// All buckets; full at first.
#[derive(Default)]
pub(crate) struct Buckets {
    limiters: HashMap<(&'static str, String), DefaultDirectRateLimiter>,
}

impl Buckets {
    /// Whether `call` finds a token in each of its buckets, when time runs `speed` times as fast.
    pub(crate) fn take(&mut self, call: &Call, speed: f64) -> bool {
        let theirs = BUCKETS.iter().filter(|Bucket(_, test, ..)| test(call));
        let mut granted = true;
        for Bucket(name, _, size, millis) in theirs {
            let key = (*name, call.region.clone());
            let limiter = self.limiters.entry(key).or_insert_with(|| {
                let period = Duration::from_millis(*millis).div_f64(speed);
                let size = NonZeroU32::new(*size).unwrap_or(NonZeroU32::MIN);
                let quota = Quota::with_period(period).unwrap_or(Quota::per_second(size));
                RateLimiter::direct(quota.allow_burst(size))
            });
            granted &= limiter.check().is_ok();
        }
        granted
    }
}
