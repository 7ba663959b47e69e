//! What the network is built into: account, zones, AWS's prefix list.

use aws_types::SdkConfig;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Reads;

/// Account id and ARN of the caller.
///
/// # Errors
/// Wrong credentials, unreachable endpoint.
pub async fn caller(config: &SdkConfig) -> Result<(String, String), Fault> {
    let sts = aws_sdk_sts::Client::new(config);
    let who = call("sts:GetCallerIdentity", sts.get_caller_identity().send()).await?;
    Ok((who.account.unwrap_or_default(), who.arn.unwrap_or_default()))
}

/// Facts of account and region that the desired network depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Twelve digits.
    pub account: String,
    /// Region name.
    pub region: String,
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// Availability zones in use, in AWS's order.
    pub zones: Vec<String>,
    /// AWS's managed prefix list of S3 in this region, for egress rules.
    pub s3_prefix_list: String,
}

impl Surroundings {
    /// Looks them up; `zones` are those pinned earlier, if any.
    ///
    /// # Errors
    /// A failed read; a region with fewer than two zones.
    pub async fn look(reads: &Reads, zones: Option<Vec<String>>) -> Result<Self, Fault> {
        let ec2 = &reads.clients.ec2;
        let (zones, s3_prefix_list) = tokio::try_join!(zones_of(reads, zones), async {
            let name = format!("com.amazonaws.{}.s3", reads.region);
            let filter = crate::ec2::filter("prefix-list-name", [&name]);
            let lists = call(
                "ec2:DescribeManagedPrefixLists",
                ec2.describe_managed_prefix_lists().filters(filter).send(),
            )
            .await?;
            let first = lists.prefix_lists.unwrap_or_default().into_iter().next();
            first.and_then(|list| list.prefix_list_id).ok_or_else(|| {
                let what = format!("the region has no managed prefix list {name}");
                Fault::new(Class::Refused, "ec2:DescribeManagedPrefixLists", what)
            })
        })?;
        Ok(Self {
            account: reads.account.clone(),
            region: reads.region.clone(),
            partition: reads.partition.clone(),
            zones,
            s3_prefix_list,
        })
    }
}

async fn zones_of(reads: &Reads, pinned: Option<Vec<String>>) -> Result<Vec<String>, Fault> {
    if let Some(zones) = pinned {
        return Ok(zones);
    }
    let operation = "ec2:DescribeAvailabilityZones";
    let request = reads
        .clients
        .ec2
        .describe_availability_zones()
        .filters(crate::ec2::filter("zone-type", ["availability-zone"]));
    let answer = call(operation, request.send()).await?;
    let mut zones: Vec<String> = answer
        .availability_zones
        .unwrap_or_default()
        .into_iter()
        .filter(|zone| zone.state == Some(aws_sdk_ec2::types::AvailabilityZoneState::Available))
        .filter_map(|zone| zone.zone_name)
        .collect();
    zones.sort();
    zones.truncate(2);
    if zones.len() < 2 {
        let what = format!(
            "{} offers {} availability zone to this account; two are needed",
            reads.region,
            zones.len()
        );
        return Err(Fault::new(Class::Refused, operation, what).hint("use another region"));
    }
    Ok(zones)
}
