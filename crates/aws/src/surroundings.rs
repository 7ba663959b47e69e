//! What the network is built into: account, zones, AWS's prefix list.

use aws_types::SdkConfig;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::{Guard, Reads};
use crate::imported::{Import, Imported};
use crate::offers::{Offers, offers};

/// Account id and ARN of the caller.
///
/// # Errors
/// Wrong credentials, unreachable endpoint.
pub async fn caller(config: &SdkConfig) -> Result<(String, String), Fault> {
    let sts = aws_sdk_sts::config::Builder::from(config).interceptor(Guard::ReadsOnly);
    let sts = aws_sdk_sts::Client::from_conf(sts.build());
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
    /// The VPC of the user's own, when there is one.
    pub imported: Option<Imported>,
    /// Endpoint services, when they were looked at.
    pub offers: Option<Offers>,
}

/// What is to be looked for.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Environment name.
    pub env: String,
    /// Zones pinned earlier.
    pub zones: Option<Vec<String>>,
    /// Endpoint services that the zones have to offer, `com.amazonaws.<region>.<service>` each.
    pub services: Vec<String>,
    /// The VPC of the user's own.
    pub import: Option<Import>,
    /// Isolated subnets of it, pinned earlier.
    pub subnets: Option<Vec<String>>,
}

impl Surroundings {
    /// Looks them up.
    ///
    /// # Errors
    /// A failed read; a region with fewer than two zones; no such VPC.
    pub async fn look(reads: &Reads, wishes: &Wishes) -> Result<Self, Fault> {
        let imported = async {
            let pinned = wishes.subnets.as_deref();
            match &wishes.import {
                Some(import) => Imported::look(reads, import, pinned, &wishes.env)
                    .await
                    .map(Some),
                None => Ok(None),
            }
        };
        let (s3_prefix_list, mut imported) = tokio::try_join!(s3_prefix_list(reads), imported)?;
        let (zones, offers) = match &mut imported {
            Some(imported) => {
                let free_choice = wishes.subnets.is_none()
                    && wishes.import.as_ref().is_some_and(|i| i.subnets.is_none());
                let offers = if free_choice {
                    offers(reads, &wishes.services).await.ok()
                } else {
                    None
                };
                imported.prefer(|zone| lacking(offers.as_ref(), zone) == 0);
                let zones = imported.subnets.iter();
                (zones.map(|subnet| subnet.zone.clone()).collect(), offers)
            }
            None => zones(reads, wishes).await?,
        };
        Ok(Self {
            account: reads.account.clone(),
            region: reads.region.clone(),
            partition: reads.partition.clone(),
            zones,
            s3_prefix_list,
            imported,
            offers,
        })
    }
}

async fn s3_prefix_list(reads: &Reads) -> Result<String, Fault> {
    const OPERATION: &str = "ec2:DescribeManagedPrefixLists";
    let name = format!("com.amazonaws.{}.s3", reads.region);
    let request = reads.clients.ec2.describe_managed_prefix_lists();
    let request = request.filters(crate::ec2::filter("prefix-list-name", [&name]));
    let lists = call(OPERATION, request.send()).await?;
    let first = lists.prefix_lists.unwrap_or_default().into_iter().next();
    first.and_then(|list| list.prefix_list_id).ok_or_else(|| {
        let what = format!("the region has no managed prefix list {name}");
        Fault::new(Class::Refused, OPERATION, what)
    })
}

/// How many services an endpoint cannot have in `zone`.
fn lacking(offers: Option<&Offers>, zone: &str) -> usize {
    let offers = offers.into_iter().flatten();
    let lacking = offers.filter(|(_, offer)| !offer.is_in(zone));
    lacking.count()
}

/// Zones of the subnets that bear our tags: what a lost state forgot.
async fn zones_in_use(reads: &Reads, env: &str) -> Result<Vec<String>, Fault> {
    let request = reads.clients.ec2.describe_subnets();
    let request = request
        .filters(crate::ec2::filter("tag:genu-deploy:env", [env]))
        .filters(crate::ec2::filter(
            "tag:genu-deploy:region",
            [&reads.region],
        ));
    let answer = call("ec2:DescribeSubnets", request.send()).await?;
    let subnets = answer.subnets.unwrap_or_default().into_iter();
    let mut zones: Vec<String> = subnets.filter_map(|s| s.availability_zone).collect();
    zones.sort();
    zones.dedup();
    Ok(zones)
}

/// Two zones for a new VPC: those pinned, those in use, else the first that offer every service,
/// else the first.
async fn zones(reads: &Reads, wishes: &Wishes) -> Result<(Vec<String>, Option<Offers>), Fault> {
    if let Some(zones) = &wishes.zones {
        return Ok((zones.clone(), None));
    }
    let operation = "ec2:DescribeAvailabilityZones";
    let request = reads
        .clients
        .ec2
        .describe_availability_zones()
        .filters(crate::ec2::filter("zone-type", ["availability-zone"]));
    let (answer, offers, in_use) = tokio::join!(
        call(operation, request.send()),
        offers(reads, &wishes.services),
        zones_in_use(reads, &wishes.env),
    );
    let in_use = in_use?;
    if in_use.len() == 2 {
        return Ok((in_use, offers.ok()));
    }
    // Without the right to ask, the first zones have to do.
    let offers = offers.ok();
    let mut zones: Vec<String> = answer?
        .availability_zones
        .unwrap_or_default()
        .into_iter()
        .filter(|zone| zone.state == Some(aws_sdk_ec2::types::AvailabilityZoneState::Available))
        .filter_map(|zone| zone.zone_name)
        .collect();
    zones.sort();
    if zones.len() < 2 {
        let what = format!(
            "{} offers {} availability zone to this account; two are needed",
            reads.region,
            zones.len()
        );
        return Err(Fault::new(Class::Refused, operation, what).hint("use another region"));
    }
    zones.sort_by_key(|zone| (lacking(offers.as_ref(), zone), zone.clone()));
    zones.truncate(2);
    zones.sort();
    Ok((zones, offers))
}
