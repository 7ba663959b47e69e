//! What the kinds of EC2 share: filters, tags, and the search for what blocks a deletion.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use reconciler::{Class, Fault, Kind, Scope, Tags};

use crate::call::call;
use crate::clients::{Reads, Writes};

pub(crate) fn filter<S: Into<String>>(name: &str, values: impl IntoIterator<Item = S>) -> Filter {
    let values = values.into_iter().map(Into::into).collect();
    Filter::builder()
        .name(name)
        .set_values(Some(values))
        .build()
}

/// Resources that bear our environment and region.
pub(crate) fn marked<K: Kind>(scope: &Scope<'_, K>) -> Vec<Filter> {
    vec![
        filter("tag:genu-deploy:env", [scope.env]),
        filter("tag:genu-deploy:region", [scope.region]),
    ]
}

pub(crate) fn specification(of: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(of)
        .set_tags(Some(to_tags(tags)))
        .build()
}

pub(crate) fn to_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

pub(crate) fn from_tags(tags: Option<Vec<Tag>>) -> Tags {
    tags.unwrap_or_default()
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

/// Puts tags on anything of EC2.
pub(crate) async fn tag(writes: &Writes, id: &str, tags: &Tags) -> Result<(), Fault> {
    writes
        .call("ec2:CreateTags", |c| {
            c.ec2
                .create_tags()
                .resources(id)
                .set_tags(Some(to_tags(tags)))
                .send()
        })
        .await?;
    Ok(())
}

/// Takes tags off anything of EC2.
pub(crate) async fn untag(writes: &Writes, id: &str, keys: &[String]) -> Result<(), Fault> {
    let tags = keys.iter().map(|key| Tag::builder().key(key).build());
    let tags: Vec<Tag> = tags.collect();
    writes
        .call("ec2:DeleteTags", |c| {
            c.ec2
                .delete_tags()
                .resources(id)
                .set_tags(Some(tags))
                .send()
        })
        .await
        .map(drop)
}

/// Adds to a `DependencyViolation` who it is that holds on: looked at only then.
pub(crate) async fn name_blockers(
    reads: &Reads,
    answer: Result<(), Fault>,
    by: &str,
    id: &str,
) -> Result<(), Fault> {
    let Err(mut fault) = answer else {
        return Ok(());
    };
    if fault.class != Class::InUse {
        return Err(fault);
    }
    let request = reads
        .clients
        .ec2
        .describe_network_interfaces()
        .filters(filter(by, [id]));
    if let Ok(found) = call("ec2:DescribeNetworkInterfaces", request.send()).await {
        let names: Vec<String> = found
            .network_interfaces
            .unwrap_or_default()
            .into_iter()
            .map(|eni| {
                format!(
                    "network interface {} ({}, {})",
                    eni.network_interface_id.unwrap_or_default(),
                    eni.description
                        .filter(|d| !d.is_empty())
                        .unwrap_or_else(|| "no description".into()),
                    eni.requester_id.or(eni.owner_id).unwrap_or_default(),
                )
            })
            .collect();
        if !names.is_empty() {
            fault.message = format!("{id} is held by {}", names.join(", "));
            fault.hint =
                Some("delete what owns that network interface, then run the same again".into());
        }
    }
    Err(fault)
}
