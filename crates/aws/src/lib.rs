//! AWS: clients, what its errors mean, how fast it may be called, and one file a resource kind.
//! The only library that links the SDKs.

pub mod authorization;
mod call;
mod certificate;
mod classify;
mod clients;
mod connect;
mod deletion;
mod denial;
mod discover;
mod dns;
mod ec2;
mod evidence;
pub mod foreign;
mod guardduty;
mod hints;
mod imported;
pub mod kinds;
mod limits;
mod log_bucket;
mod notices;
mod offers;
pub mod policies;
mod policy;
mod private_zones;
mod profile;
mod quotas;
mod regions;
mod rights;
mod s3_state;
mod surroundings;
mod trust;
mod unreachable;
mod web_files;

#[cfg(test)]
#[path = "../tests/recorded/mod.rs"]
mod recorded;

pub use certificate::Certificate;
pub use clients::{Reads, Writes};
pub use connect::{Connection, Settings, connect};
pub use discover::{Discovered, discover};
pub use dns::{Answers, ResolverRule, foreign_name_servers, resolver_rules};
pub use evidence::evidence;
pub use guardduty::{GuardDuty, TAG as GUARDDUTY_TAG};
pub use imported::{ExistingEndpoint, Import, Imported, ImportedSubnet, Unfit, UnfitSubnet};
pub use limits::RateProfile;
pub use log_bucket::{LogBucket, log_bucket};
pub use notices::publish;
pub use offers::{Offer, Offers, offers};
pub use private_zones::{PrivateZone, private_zones};
pub use quotas::Quota;
pub use rights::{Answer, Ask, Denial, Denied, Principal, denied, principal};
pub use s3_state::{Address, Bootstrap, S3Home, Setting, StateBucket};
pub use surroundings::{Surroundings, Wishes, caller};
pub use trust::Bundle;
pub use web_files::{WebFiles, WebObject};

use reconciler::{Catalog, Cloud};

/// The cloud of this crate's kinds.
#[derive(Debug)]
pub enum Aws {}

impl Cloud for Aws {
    type Reads = Reads;
    type Writes = Writes;
}

/// Every kind there is, in build order.
#[must_use]
pub fn catalog() -> Catalog<Aws> {
    Catalog::default()
        .with::<kinds::Vpc>()
        .with::<kinds::Subnet>()
        .with::<kinds::RouteTable>()
        .with::<kinds::SecurityGroup>()
        .with::<kinds::SecurityGroupRule>()
        .with::<kinds::VpcEndpoint>()
        .with::<kinds::FlowLog>()
        .with::<kinds::HostedZone>()
        .with::<kinds::Bucket>()
        .with::<kinds::Repository>()
        .with::<kinds::Image>()
        .with::<kinds::LogGroup>()
        .with::<kinds::Role>()
        .with::<kinds::InstanceProfile>()
        .with::<kinds::LoadBalancer>()
        .with::<kinds::TargetGroup>()
        .with::<kinds::Listener>()
        .with::<kinds::AliasRecord>()
        .with::<kinds::EcsCluster>()
        .with::<kinds::TaskDefinition>()
        .with::<kinds::EcsService>()
        .with::<kinds::ScalableTarget>()
        .with::<kinds::ScalingPolicy>()
        .with::<kinds::RestApi>()
        .with::<kinds::Stage>()
        .with::<kinds::ResolverEndpoint>()
        .with::<kinds::KeyPair>()
        .with::<kinds::Instance>()
}
