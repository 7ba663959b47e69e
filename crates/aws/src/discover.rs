//! Which deployments there are in an account and region, by their tags and names alone: for who lost
//! a state, or wants to know that nothing was left.

use std::collections::{BTreeMap, BTreeSet};

use reconciler::Fault;
use reconciler::tags::{DEPLOYMENT, ENV, REGION};

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::{filter, from_tags};

/// What was found of one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovered {
    /// The deployments that its resources name: one, unless somebody made two.
    pub deployments: BTreeSet<String>,
    /// How many resources were met. Not all of them: what is looked at is what outlives the rest.
    pub resources: usize,
}

/// Looks at VPCs and security groups by their tags, and at log groups, roles and buckets by their names.
///
/// # Errors
/// A failed read.
pub async fn discover(reads: &Reads) -> Result<BTreeMap<String, Discovered>, Fault> {
    let (tagged, groups, roles, buckets) = tokio::try_join!(
        tagged(reads),
        log_groups(reads),
        roles(reads),
        buckets(reads)
    )?;
    let mut found: BTreeMap<String, Discovered> = BTreeMap::new();
    for (env, deployment) in tagged {
        let of = found.entry(env).or_default();
        of.resources += 1;
        of.deployments.extend(deployment);
    }
    for env in groups.into_iter().chain(roles).chain(buckets) {
        found.entry(env).or_default().resources += 1;
    }
    Ok(found)
}

/// Environment and deployment of each VPC and security group: whatever else is left of a network
/// stands in one. Not `DescribeTags`, which names what is long deleted, too.
async fn tagged(reads: &Reads) -> Result<Vec<(String, Option<String>)>, Fault> {
    let ours = || filter("tag-key", [ENV]);
    let ec2 = &reads.clients.ec2;
    let vpcs = ec2.describe_vpcs().filters(ours()).into_paginator();
    let vpcs = vpcs.items().send();
    let groups = ec2.describe_security_groups().filters(ours());
    let groups = groups.into_paginator().items().send();
    let (vpcs, groups) = tokio::try_join!(
        call("ec2:DescribeVpcs", vpcs.try_collect()),
        call("ec2:DescribeSecurityGroups", groups.try_collect())
    )?;
    let vpcs = vpcs.into_iter().map(|vpc| vpc.tags);
    let groups = groups.into_iter().map(|group| group.tags);
    Ok(vpcs
        .chain(groups)
        .map(from_tags)
        .filter(|tags| tags.get(REGION) == Some(&reads.region))
        .filter_map(|mut tags| Some((tags.remove(ENV)?, tags.remove(DEPLOYMENT))))
        .collect())
}

/// `/genu/<env>/…`
async fn log_groups(reads: &Reads) -> Result<Vec<String>, Fault> {
    let request = reads.clients.logs.describe_log_groups();
    let pages = request.log_group_name_prefix("/genu/").into_paginator();
    let groups: Vec<_> = call("logs:DescribeLogGroups", pages.items().send().try_collect()).await?;
    let names = groups.into_iter().filter_map(|group| group.log_group_name);
    Ok(names
        .filter_map(|name| Some(name.split('/').nth(2)?.to_owned()))
        .collect())
}

/// `genu-<env>-<region>-…`
async fn roles(reads: &Reads) -> Result<Vec<String>, Fault> {
    let pages = reads.clients.iam.list_roles().into_paginator();
    let roles: Vec<_> = call("iam:ListRoles", pages.items().send().try_collect()).await?;
    let here = format!("-{}-", reads.region);
    Ok(roles
        .into_iter()
        .filter_map(|role| {
            let (env, _) = role.role_name.strip_prefix("genu-")?.split_once(&here)?;
            Some(env.to_owned())
        })
        .collect())
}

/// `genu-<env>-web-<account>-<region>`
async fn buckets(reads: &Reads) -> Result<Vec<String>, Fault> {
    let request = reads.clients.s3.list_buckets().prefix("genu-");
    let pages = request.into_paginator().items().send();
    let buckets: Vec<_> = call("s3:ListAllMyBuckets", pages.try_collect()).await?;
    let end = format!("-web-{}-{}", reads.account, reads.region);
    Ok(buckets
        .into_iter()
        .filter_map(|bucket| {
            let name = bucket.name?;
            let env = name.strip_prefix("genu-")?.strip_suffix(&end)?;
            Some(env.to_owned())
        })
        .collect())
}
