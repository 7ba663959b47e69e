//! The Windows instance to look at the network from inside.
//!
//! Its image is looked up when it is made and then left alone: a newer one is told, never applied.
//! A stopped instance is as it should be: neither drift, nor started, nor waited for.

mod end;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, BlockDeviceMapping, EbsBlockDevice, Filter, HttpTokensState,
    IamInstanceProfileSpecification, Instance as Live, InstanceAttributeName,
    InstanceMetadataOptionsRequest, InstanceMetadataTagsState, InstanceStateName, InstanceType,
    MonitoringState, ResourceType, Volume, VolumeType,
};
use base64::Engine;
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::call::{call, unseen};
use crate::ec2::{filter, from_tags, marked, specification, tag, untag};
use crate::kinds::{InstanceProfile, KeyPair, SecurityGroup, Subnet, VpcEndpoint};
use crate::{Aws, Reads, Writes};

/// AWS's public parameter of the current image.
const IMAGE_PARAMETER: &str =
    "/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base";

/// What a gp3 volume does when nothing more is paid for: operations a second.
const GP3_IOPS: i32 = 3000;
/// MiB a second.
const GP3_THROUGHPUT: i32 = 125;

/// What somebody put into a script may be a secret: it is compared, and never shown.
fn digest(script: &[u8]) -> String {
    let whole = Sha256::digest(script);
    let hex = whole[..8].iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", hex.collect::<String>())
}

/// A Windows instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Instance type, `r6i.large`.
    pub instance_type: String,
    /// Image; `None` is AWS's current one at the time it is made.
    pub image: Option<String>,
    /// Root volume, GiB.
    pub volume_gib: i32,
    /// Script run at first boot.
    pub user_data: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceOut {
    /// `i-…`.
    pub id: String,
}

#[async_trait]
impl Kind for Instance {
    type Cloud = Aws;
    /// Subnet, group, key pair, profile; and the endpoints without which it cannot register with
    /// Systems Manager.
    type Needs = (
        Ref<Subnet>,
        Ref<SecurityGroup>,
        Ref<KeyPair>,
        Ref<InstanceProfile>,
        Vec<Ref<VpcEndpoint>>,
    );
    type Out = InstanceOut;
    const NAME: &'static str = "ec2/instance";
    const PACE: Pace = Pace::seconds(4, 40, 60, 900);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &InstanceOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (subnet, group, key, profile, _): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let attrs = Attrs::new()
            .with("instance_type", self.instance_type.as_str())
            .with(
                "subnet",
                Attr::of(subnet.as_ref().map(|subnet| subnet.id.clone())),
            )
            .with(
                "groups",
                Attr::set_of([group.as_ref().map(|group| group.id.clone())]),
            )
            .with(
                "key_pair",
                Attr::of(key.as_ref().map(|key| key.name.clone())),
            )
            .with(
                "profile",
                Attr::of(profile.as_ref().map(|profile| profile.id.clone())),
            )
            .with("metadata_tokens", "required")
            .with("metadata_tags", "disabled")
            .with("source_check", true)
            .with("detailed_monitoring", false)
            .with("volume_type", VolumeType::Gp3.as_str())
            .with("volume_iops", GP3_IOPS)
            .with("volume_throughput", GP3_THROUGHPUT)
            .with("user_data", digest(self.user_data.as_bytes()))
            .with("root_volume", volume_attr(Some(self.volume_gib), true))
            .with("volume_deleted_with_it", true);
        match &self.image {
            Some(image) => attrs.with("image", image.as_str()),
            None => attrs,
        }
    }
    fn impact(field: &str) -> Impact {
        match field {
            "groups" => Impact::Tied,
            "instance_type" | "subnet" | "key_pair" | "profile" | "user_data" | "root_volume"
            | "image" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<InstanceOut>>, Fault> {
        let ids: Vec<&str> = scope.recorded.iter().map(|out| out.id.as_str()).collect();
        let mut found = describe(reads, marked(scope)).await?;
        if ids
            .iter()
            .any(|id| !found.iter().any(|i| i.instance_id() == Some(id)))
        {
            found.extend(describe(reads, vec![filter("instance-id", ids)]).await?);
        }
        let mut candidates = Vec::new();
        for live in found.into_iter().filter(is_alive) {
            candidates.push(candidate(reads, live).await?);
        }
        Ok(candidates)
    }

    async fn phases(reads: &Reads, outs: &[InstanceOut]) -> Vec<Result<Phase<InstanceOut>, Fault>> {
        let ids = outs.iter().map(|out| out.id.as_str());
        let found = describe(reads, vec![filter("instance-id", ids)]).await;
        outs.iter()
            .map(|out| {
                let found = found.as_ref().map_err(Clone::clone)?;
                let live = found
                    .iter()
                    .find(|live| live.instance_id() == Some(&out.id));
                let Some(live) = live else {
                    return Ok(Phase::Gone);
                };
                Ok(match live.state().and_then(|state| state.name()) {
                    Some(InstanceStateName::Terminated) => Phase::Ended(end::of(live)),
                    Some(InstanceStateName::ShuttingDown) => Phase::Deleting(end::of(live)),
                    Some(InstanceStateName::Pending) => {
                        Phase::Pending(format!("{} is pending", out.id))
                    }
                    _ => Phase::Ready(out.clone()),
                })
            })
            .collect()
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<InstanceOut>, Fault> {
        let (subnet, group, key, profile, _) = needs;
        let image = match &self.image {
            Some(image) => image.clone(),
            None => current_image(&writes.reads).await?,
        };
        let volume = EbsBlockDevice::builder()
            .volume_type(VolumeType::Gp3)
            .volume_size(self.volume_gib)
            .encrypted(true)
            .delete_on_termination(true)
            .build();
        let answer = writes
            .call("ec2:RunInstances", |c| {
                c.ec2
                    .run_instances()
                    .client_token(token.to_string())
                    .image_id(image)
                    .instance_type(InstanceType::from(self.instance_type.as_str()))
                    .min_count(1)
                    .max_count(1)
                    .subnet_id(&subnet.id)
                    .security_group_ids(&group.id)
                    .key_name(&key.name)
                    .iam_instance_profile(
                        IamInstanceProfileSpecification::builder()
                            .name(&profile.name)
                            .build(),
                    )
                    .metadata_options(
                        InstanceMetadataOptionsRequest::builder()
                            .http_tokens(HttpTokensState::Required)
                            .instance_metadata_tags(InstanceMetadataTagsState::Disabled)
                            .build(),
                    )
                    .block_device_mappings(
                        BlockDeviceMapping::builder()
                            .device_name("/dev/sda1")
                            .ebs(volume)
                            .build(),
                    )
                    .user_data(base64::prelude::BASE64_STANDARD.encode(&self.user_data))
                    .tag_specifications(specification(ResourceType::Instance, tags))
                    .tag_specifications(specification(ResourceType::Volume, tags))
                    .send()
            })
            .await?;
        let live = answer.instances.unwrap_or_default().into_iter().next();
        let id = live.and_then(|live| live.instance_id).unwrap_or_default();
        Ok(Created::complete(self, needs, InstanceOut { id }))
    }

    async fn update(
        &self,
        writes: &Writes,
        (_, group, ..): &<Self::Needs as Needs>::Known,
        out: &InstanceOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<InstanceOut, Fault> {
        if changes.iter().any(|change| {
            let volume = ["volume_type", "volume_iops", "volume_throughput"];
            volume.contains(&change.root())
        }) {
            plain_volume(writes, &out.id).await?;
        }
        for change in changes {
            match change.root() {
                "volume_type" | "volume_iops" | "volume_throughput" => {}
                "source_check" => {
                    writes
                        .call("ec2:ModifyInstanceAttribute", |c| {
                            let on = AttributeBooleanValue::builder().value(true).build();
                            c.ec2
                                .modify_instance_attribute()
                                .instance_id(&out.id)
                                .source_dest_check(on)
                                .send()
                        })
                        .await?;
                }
                "detailed_monitoring" => {
                    writes
                        .call("ec2:UnmonitorInstances", |c| {
                            c.ec2.unmonitor_instances().instance_ids(&out.id).send()
                        })
                        .await?;
                }
                "metadata_tokens" | "metadata_tags" => {
                    writes
                        .call("ec2:ModifyInstanceMetadataOptions", |c| {
                            c.ec2
                                .modify_instance_metadata_options()
                                .instance_id(&out.id)
                                .http_tokens(HttpTokensState::Required)
                                .instance_metadata_tags(InstanceMetadataTagsState::Disabled)
                                .send()
                        })
                        .await?;
                }
                "groups" => {
                    writes
                        .call("ec2:ModifyInstanceAttribute", |c| {
                            c.ec2
                                .modify_instance_attribute()
                                .instance_id(&out.id)
                                .groups(&group.id)
                                .send()
                        })
                        .await?;
                }
                _ => keep_no_volume(writes, &out.id).await?,
            }
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &InstanceOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(writes: &Writes, out: &InstanceOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[InstanceOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("ec2:TerminateInstances", |c| {
                    c.ec2.terminate_instances().instance_ids(&out.id).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn volume_attr(gib: Option<i32>, encrypted: bool) -> Attr {
    Attr::Known(json!({ "gib": gib, "encrypted": encrypted }))
}

fn is_alive(live: &Live) -> bool {
    let state = live.state().and_then(|state| state.name());
    !matches!(
        state,
        Some(InstanceStateName::Terminated | InstanceStateName::ShuttingDown)
    )
}

async fn candidate(reads: &Reads, live: Live) -> Result<Candidate<InstanceOut>, Fault> {
    let id = live.instance_id.clone().unwrap_or_default();
    let root = root_device(&live).and_then(|device| device.ebs());
    let volumes = root
        .and_then(|root| root.volume_id())
        .map(|id| filter("volume-id", [id]));
    let volumes = reads
        .clients
        .ec2
        .describe_volumes()
        .set_filters(volumes.map(|f| vec![f]));
    let script = reads
        .clients
        .ec2
        .describe_instance_attribute()
        .instance_id(&id)
        .attribute(InstanceAttributeName::UserData);
    let (volumes, script, current) = tokio::join!(
        async {
            if root.is_none() {
                return Ok(None);
            }
            let answer = call("ec2:DescribeVolumes", volumes.send()).await?;
            Ok(answer.volumes.unwrap_or_default().into_iter().next())
        },
        call("ec2:DescribeInstanceAttribute", script.send()),
        current_image(reads),
    );
    let volume: Option<Volume> = volumes?;
    let script = script?
        .user_data
        .and_then(|data| data.value)
        .unwrap_or_default();
    let script = base64::prelude::BASE64_STANDARD
        .decode(script)
        .unwrap_or_default();
    let image = live.image_id().unwrap_or_default();
    let notes = match current {
        Ok(current) if current != image => {
            vec![format!(
                "{id} runs {image}; AWS's current Windows image is {current}"
            )]
        }
        // Not worth a failed plan.
        _ => Vec::new(),
    };
    let pending = live.state().and_then(|s| s.name()) == Some(&InstanceStateName::Pending);
    // "BlockDeviceMappings" of a pending instance are empty until its volumes stand.
    let of_root = |attr: Attr| match root {
        None if pending => Attr::Unknown,
        _ => attr,
    };
    let tokens = live
        .metadata_options()
        .and_then(|options| options.http_tokens());
    let attrs = Attrs::new()
        .with(
            "instance_type",
            live.instance_type().map_or("", InstanceType::as_str),
        )
        .with("image", image)
        .with("subnet", live.subnet_id().unwrap_or_default())
        .with(
            "groups",
            Attr::set(
                live.security_groups()
                    .iter()
                    .filter_map(|g| g.group_id.clone()),
            ),
        )
        .with("key_pair", live.key_name().unwrap_or_default())
        .with(
            // By its id: the ARN of a profile that was made again is the same, and an instance does not
            // get the credentials of the new one.
            "profile",
            live.iam_instance_profile()
                .and_then(|p| p.id())
                .unwrap_or_default(),
        )
        .with(
            "metadata_tokens",
            tokens.map_or("", HttpTokensState::as_str),
        )
        .with(
            "metadata_tags",
            live.metadata_options()
                .and_then(|options| options.instance_metadata_tags())
                .map_or("disabled", InstanceMetadataTagsState::as_str),
        )
        .with("source_check", live.source_dest_check != Some(false))
        .with(
            "detailed_monitoring",
            live.monitoring()
                .and_then(|monitoring| monitoring.state())
                .is_some_and(|state| {
                    matches!(state, MonitoringState::Enabled | MonitoringState::Pending)
                }),
        )
        .with(
            "volume_type",
            of_root(
                volume
                    .as_ref()
                    .and_then(|v| v.volume_type())
                    .map_or("", VolumeType::as_str)
                    .into(),
            ),
        )
        .with(
            "volume_iops",
            volume.as_ref().and_then(|v| v.iops).unwrap_or(GP3_IOPS),
        )
        .with(
            "volume_throughput",
            volume
                .as_ref()
                .and_then(|v| v.throughput)
                .unwrap_or(GP3_THROUGHPUT),
        )
        .with("user_data", digest(&script))
        .with(
            "root_volume",
            match &volume {
                Some(volume) => volume_attr(volume.size, volume.encrypted == Some(true)),
                None => of_root(Attr::Known(Value::Null)),
            },
        )
        .with(
            "volume_deleted_with_it",
            of_root((root.and_then(|r| r.delete_on_termination) == Some(true)).into()),
        );
    Ok(Candidate {
        out: InstanceOut { id },
        attrs,
        mark: Mark::Tags(from_tags(live.tags)),
        name: None,
        pristine: false,
        health: if pending {
            Health::Pending
        } else {
            Health::Ready
        },
        notes,
    })
}

/// The root volume's mapping; the user's own volumes are none of our business.
fn root_device(live: &Live) -> Option<&aws_sdk_ec2::types::InstanceBlockDeviceMapping> {
    let mut devices = live.block_device_mappings().iter();
    devices.find(|device| device.device_name() == live.root_device_name())
}

/// Gives the root volume gp3's own speed again. Done when AWS shows it: until a change is through, the
/// volume is described as before, and a second change is refused.
async fn plain_volume(writes: &Writes, id: &str) -> Result<(), Fault> {
    const OPERATION: &str = "ec2:ModifyVolume";
    let live = describe(&writes.reads, vec![filter("instance-id", [id])]).await?;
    if live.is_empty() {
        return Err(unseen("ec2:DescribeInstances", id));
    }
    let root = live.first().and_then(root_device);
    let Some(volume) = root.and_then(|root| root.ebs()?.volume_id()) else {
        return Ok(());
    };
    if is_plain(&writes.reads, volume).await? {
        return Ok(());
    }
    let answer = writes
        .call(OPERATION, |c| {
            c.ec2
                .modify_volume()
                .volume_id(volume)
                .volume_type(VolumeType::Gp3)
                .iops(GP3_IOPS)
                .throughput(GP3_THROUGHPUT)
                .send()
        })
        .await;
    answer.map_err(|fault| match fault.code.as_deref() {
        Some("VolumeModificationRateExceeded") => fault
            .hint("AWS takes one change of a volume in six hours: run the same again after that"),
        _ => fault,
    })?;
    if is_plain(&writes.reads, volume).await? {
        return Ok(());
    }
    let what = format!("the change of {volume} is under way");
    Err(Fault::new(Class::InUse, OPERATION, what))
}

async fn is_plain(reads: &Reads, volume: &str) -> Result<bool, Fault> {
    let request = reads.clients.ec2.describe_volumes();
    let request = request.filters(filter("volume-id", [volume]));
    let found = call("ec2:DescribeVolumes", request.send()).await?;
    Ok(found.volumes().iter().any(|volume| {
        volume.volume_type() == Some(&VolumeType::Gp3)
            && volume.iops.unwrap_or(GP3_IOPS) == GP3_IOPS
            && volume.throughput.unwrap_or(GP3_THROUGHPUT) == GP3_THROUGHPUT
    }))
}

async fn keep_no_volume(writes: &Writes, id: &str) -> Result<(), Fault> {
    let live = describe(&writes.reads, vec![filter("instance-id", [id])]).await?;
    if live.is_empty() {
        return Err(unseen("ec2:DescribeInstances", id));
    }
    let device = live.first().and_then(root_device);
    let Some(device) = device.and_then(|device| device.device_name()) else {
        return Ok(());
    };
    writes
        .call("ec2:ModifyInstanceAttribute", |c| {
            let ebs = aws_sdk_ec2::types::EbsInstanceBlockDeviceSpecification::builder()
                .delete_on_termination(true)
                .build();
            let mapping = aws_sdk_ec2::types::InstanceBlockDeviceMappingSpecification::builder()
                .device_name(device)
                .ebs(ebs)
                .build();
            c.ec2
                .modify_instance_attribute()
                .instance_id(id)
                .block_device_mappings(mapping)
                .send()
        })
        .await
        .map(drop)
}

/// AWS's current Windows image in this region.
async fn current_image(reads: &Reads) -> Result<String, Fault> {
    let request = reads.clients.ssm.get_parameter().name(IMAGE_PARAMETER);
    let answer = call("ssm:GetParameter", request.send()).await?;
    answer
        .parameter
        .and_then(|parameter| parameter.value)
        .ok_or_else(|| {
            let what = format!("{IMAGE_PARAMETER} has no value");
            Fault::new(Class::Refused, "ssm:GetParameter", what)
                .hint("set closedNetworkTestEnvironmentAmiId")
        })
}

async fn describe(reads: &Reads, filters: Vec<Filter>) -> Result<Vec<Live>, Fault> {
    let request = reads
        .clients
        .ec2
        .describe_instances()
        .set_filters(Some(filters));
    let pages = request.into_paginator().items().send();
    let reservations: Vec<aws_sdk_ec2::types::Reservation> =
        call("ec2:DescribeInstances", pages.try_collect()).await?;
    Ok(reservations
        .into_iter()
        .flat_map(|r| r.instances.unwrap_or_default())
        .collect())
}
