//! AWS's token buckets, on our side of the wire, so that a burst waits here instead of failing
//! there. Figures: "Request throttling for the Amazon EC2 API", "Amazon API Gateway quotas",
//! "Request throttling" of Elastic Load Balancing, "Quotas" of Route 53.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::Mutex;

/// Which figures hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateProfile {
    /// AWS's own.
    Aws,
    /// None: an emulator.
    None,
}

/// Operations, tokens in a full bucket, milliseconds until one comes back.
const BUCKETS: &[(&[&str], u32, u64)] = &[
    (&["ec2:CreateVpcEndpoint"], 4, 3_334),
    (&["ec2:ModifyVpcEndpoint"], 4, 3_334),
    (&["ec2:DeleteVpcEndpoints"], 4, 3_334),
    (&["ec2:RunInstances"], 5, 500),
    (&["apigateway:CreateRestApi"], 1, 3_000),
    (&["apigateway:DeleteRestApi"], 1, 30_000),
    (&["apigateway:CreateDeployment"], 1, 5_000),
    (
        &["apigateway:CreateResource", "apigateway:DeleteResource"],
        5,
        200,
    ),
    (
        &[
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:SetSubnets",
        ],
        10,
        5_000,
    ),
    (&["ecs:RegisterTaskDefinition"], 20, 1_000),
];
/// Whole services, on top of the above.
const SERVICES: &[(&str, u32, u64)] = &[
    ("apigateway:", 40, 100),
    ("ec2:", 50, 200),
    ("elasticloadbalancing:", 20, 334),
    ("route53:", 5, 200),
];

/// First come, first served: the governor alone would let waiters race, and the queue's order
/// (longest way first) would be lost.
struct Bucket(Mutex<DefaultDirectRateLimiter>);

impl Bucket {
    fn new(tokens: u32, millis: u64) -> Option<Self> {
        let quota = Quota::with_period(Duration::from_millis(millis))?
            .allow_burst(NonZeroU32::new(tokens)?);
        Some(Self(Mutex::new(RateLimiter::direct(quota))))
    }

    async fn take(&self) {
        self.0.lock().await.until_ready().await;
    }
}

/// The buckets of one account and region.
pub(crate) struct Limits {
    operations: Vec<(&'static [&'static str], Bucket)>,
    services: Vec<(&'static str, Bucket)>,
}

impl Limits {
    pub(crate) fn new(profile: RateProfile) -> Self {
        let (operations, services) = match profile {
            RateProfile::Aws => (BUCKETS, SERVICES),
            RateProfile::None => (&[][..], &[][..]),
        };
        Self {
            operations: operations
                .iter()
                .filter_map(|&(names, tokens, millis)| Some((names, Bucket::new(tokens, millis)?)))
                .collect(),
            services: services
                .iter()
                .filter_map(|&(prefix, tokens, millis)| {
                    Some((prefix, Bucket::new(tokens, millis)?))
                })
                .collect(),
        }
    }

    /// Waits until `operation` may be called.
    pub(crate) async fn take(&self, operation: &str) {
        for (names, bucket) in &self.operations {
            if names.contains(&operation) {
                bucket.take().await;
            }
        }
        for (prefix, bucket) in &self.services {
            if operation.starts_with(prefix) {
                bucket.take().await;
            }
        }
    }
}
