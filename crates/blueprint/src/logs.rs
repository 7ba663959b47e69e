//! Logs of the network's traffic, in a bucket of the user's.

use aws::kinds::{AccessLogs, FlowLog};

use crate::{Drawing, Ground};

impl Drawing<'_> {
    /// A flow log of the VPC, where the configuration says so.
    pub(crate) fn flow_logs(&mut self, ground: &Ground) {
        let Some(place) = &self.env.closed_network_flow_logs else {
            return;
        };
        let mut destination = format!("arn:{}:s3:::{}", self.around.partition, place.bucket);
        if !place.prefix.is_empty() {
            destination = format!("{destination}/{}", place.prefix);
        }
        self.add(
            "network/flow-log",
            ground.vpc.clone(),
            FlowLog { destination },
        );
    }

    /// The place of the load balancer's access logs, where the configuration says so.
    pub(crate) fn access_logs(&self) -> Option<AccessLogs> {
        let place = self.env.closed_network_access_logs.as_ref()?;
        Some(AccessLogs {
            bucket: place.bucket.clone(),
            prefix: place.prefix.clone(),
        })
    }
}
