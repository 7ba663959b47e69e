//! Ids that what there is only one of has in the deployment, and names of what may be ours.

use crate::Evidence;

/// The load balancer.
pub(crate) const LOAD_BALANCER: &str = "web/load-balancer";
/// The web bucket.
pub(crate) const BUCKET: &str = "web/bucket";
/// The service of the web server.
pub(crate) const SERVICE: &str = "web/service";
/// The inbound resolver endpoint.
pub(crate) const RESOLVER: &str = "resolver/endpoint";
/// The private zone.
pub(crate) const ZONE: &str = "network/zone";
/// The key pair of the Windows instance.
pub(crate) const KEY_PAIR: &str = "test/key-pair";

/// The VPC: our id when we made it, else AWS's.
pub(crate) fn vpc(evidence: &Evidence) -> String {
    if evidence.vpc.ours {
        "network/vpc".into()
    } else {
        evidence.vpc.id.clone()
    }
}

/// Our id when there is one, else AWS's.
pub(crate) fn name(ours: Option<&String>, id: &str) -> String {
    ours.cloned().unwrap_or_else(|| id.to_owned())
}
