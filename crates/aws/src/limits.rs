//! AWS's token buckets, on our side of the wire, so that a burst waits here instead of failing
//! there. Figures: "Request throttling for the Amazon EC2 API", "Amazon API Gateway quotas",
//! "Request throttling" of Elastic Load Balancing, "Quotas" of Route 53.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::Mutex;

/// Which figures hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateProfile {
    /// AWS's own, on a clock that runs so many times as fast: 1, except where a test scales time.
    Aws(NonZeroU32),
    /// None: an emulator.
    None,
}

impl RateProfile {
    /// AWS's own figures.
    pub const AWS: Self = Self::Aws(NonZeroU32::MIN);
}

impl FromStr for RateProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let times = match text.split_once('*') {
            None if text == "none" => return Ok(Self::None),
            None if text == "aws" => return Ok(Self::AWS),
            Some(("aws", times)) => times.parse().ok(),
            _ => None,
        };
        let times = times.ok_or("aws, none, or aws*N for a clock that runs N times as fast")?;
        Ok(Self::Aws(times))
    }
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
    fn new(tokens: u32, millis: u64, times: NonZeroU32) -> Option<Self> {
        let period = Duration::from_millis(millis) / times.get();
        let quota = Quota::with_period(period)?.allow_burst(NonZeroU32::new(tokens)?);
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
        let (operations, services, times) = match profile {
            RateProfile::Aws(times) => (BUCKETS, SERVICES, times),
            RateProfile::None => (&[][..], &[][..], NonZeroU32::MIN),
        };
        Self {
            operations: operations
                .iter()
                .filter_map(|&(names, tokens, millis)| {
                    Some((names, Bucket::new(tokens, millis, times)?))
                })
                .collect(),
            services: services
                .iter()
                .filter_map(|&(prefix, tokens, millis)| {
                    Some((prefix, Bucket::new(tokens, millis, times)?))
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
