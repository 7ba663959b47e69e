//! Instances in the VPC, all of them, and where the key of ours is.

use std::collections::BTreeMap;

use audit::{Instance, KeyParameter};
use aws_sdk_ec2::types::{HttpTokensState, Instance as Live, Reservation, Volume};
use jiff::Timestamp;
use reconciler::Fault;

use super::ours::Ours;
use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;
use crate::kinds::{self, parameter_of, stored_as};

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Vec<Instance>, Fault> {
    let ec2 = &reads.clients.ec2;
    let alive = ["pending", "running", "stopping", "stopped"];
    let request = ec2
        .describe_instances()
        .filters(filter("vpc-id", [&ours.vpc]))
        .filters(filter("instance-state-name", alive))
        .into_paginator();
    let found: Vec<Reservation> = call(
        "ec2:DescribeInstances",
        request.items().send().try_collect(),
    )
    .await?;
    let found = found
        .into_iter()
        .flat_map(|r| r.instances.unwrap_or_default());
    let found: Vec<Live> = found.collect();
    let encrypted = volumes(reads, &found).await?;
    let instances = found.iter().map(|live| {
        let id = &ours.unread.id(live.instance_id.clone(), "an instance");
        let launched = live.launch_time().map(aws_smithy_types::DateTime::secs);
        let launched = launched.and_then(|at| Timestamp::from_second(at).ok());
        let state = live.state().and_then(|state| state.name());
        let tokens = live.metadata_options().and_then(|o| o.http_tokens());
        let groups = live.security_groups().iter();
        Instance {
            ours: ours.id_of::<kinds::Instance>(id),
            id: id.to_owned(),
            state: state.map_or("", |state| state.as_str()).to_owned(),
            launched: launched.unwrap_or_default(),
            public_address: live.public_ip_address().map(ToOwned::to_owned),
            metadata_tokens: tokens == Some(&HttpTokensState::Required),
            volumes: volumes_of(live)
                .map(|volume| {
                    let is = encrypted.get(volume).copied().unwrap_or_default();
                    (volume.to_owned(), is)
                })
                .collect(),
            groups: groups
                .map(|group| ours.unread.id(group.group_id.clone(), "a security group"))
                .collect(),
        }
    });
    Ok(instances.collect())
}

fn volumes_of(live: &Live) -> impl Iterator<Item = &str> {
    let devices = live.block_device_mappings().iter();
    devices.filter_map(|device| device.ebs()?.volume_id())
}

/// Which volumes are encrypted.
async fn volumes(reads: &Reads, instances: &[Live]) -> Result<BTreeMap<String, bool>, Fault> {
    let ids: Vec<&str> = instances.iter().flat_map(volumes_of).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let request = reads.clients.ec2.describe_volumes();
    let request = request.filters(filter("volume-id", ids)).into_paginator();
    let found: Vec<Volume> =
        call("ec2:DescribeVolumes", request.items().send().try_collect()).await?;
    let known = found
        .into_iter()
        .filter_map(|volume| Some((volume.volume_id?, volume.encrypted == Some(true))));
    Ok(known.collect())
}

/// Where the private key is. Described, never read.
pub(super) async fn key_parameter(
    reads: &Reads,
    ours: &Ours<'_>,
) -> Result<Option<KeyParameter>, Fault> {
    let Some(key) = ours.one::<kinds::KeyPair>() else {
        return Ok(None);
    };
    Ok(Some(KeyParameter {
        name: parameter_of(&key.id),
        kind: stored_as(reads, &key.id).await?,
    }))
}
