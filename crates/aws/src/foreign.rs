//! What others built on our network: looked for before anything is destroyed.

use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceType, VpcEndpoint};
use reconciler::{Class, Fault, tags};

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::{filter, from_tags};
use crate::guardduty::{self, GuardDuty};

/// What is not ours and uses the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    /// What somebody built on it: each line names one thing.
    pub users: Vec<String>,
    /// What GuardDuty put into the VPC by itself; it comes with the tasks and outlives them.
    pub guardduty: GuardDuty,
}

/// Lists what is not ours and stands in the VPC, on the execute-api endpoint or in it.
///
/// # Errors
/// A failed read.
pub async fn users(
    reads: &Reads,
    vpc: Option<&str>,
    endpoint: Option<&str>,
    env: &str,
) -> Result<Others, Fault> {
    let mut found = match vpc {
        Some(vpc) => in_vpc(reads, vpc, env).await?,
        None => Others::default(),
    };
    if let Some(endpoint) = endpoint {
        let pages = reads
            .clients
            .apigateway
            .get_rest_apis()
            .limit(500)
            .into_paginator();
        let apis: Vec<_> =
            call("apigateway:GetRestApis", pages.items().send().try_collect()).await?;
        for api in apis {
            let bound = api
                .endpoint_configuration()
                .map(aws_sdk_apigateway::types::EndpointConfiguration::vpc_endpoint_ids)
                .unwrap_or_default();
            let ours = api
                .tags()
                .and_then(|t| t.get(tags::ENV))
                .is_some_and(|e| e == env);
            if !ours && bound.iter().any(|id| id == endpoint) {
                found.users.push(format!(
                    "REST API {} ({}) is bound to {endpoint}",
                    api.id().unwrap_or_default(),
                    api.name().unwrap_or_default()
                ));
            }
        }
    }
    Ok(found)
}

async fn in_vpc(reads: &Reads, vpc: &str, env: &str) -> Result<Others, Fault> {
    let ec2 = &reads.clients.ec2;
    let here = || filter("vpc-id", [vpc]);
    let alive = filter(
        "instance-state-name",
        ["pending", "running", "stopping", "stopped"],
    );
    let (interfaces, endpoints, instances, groups) = tokio::try_join!(
        call(
            "ec2:DescribeNetworkInterfaces",
            ec2.describe_network_interfaces()
                .filters(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        call(
            "ec2:DescribeVpcEndpoints",
            ec2.describe_vpc_endpoints()
                .filters(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        call(
            "ec2:DescribeInstances",
            ec2.describe_instances()
                .filters(here())
                .filters(alive)
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        call(
            "ec2:DescribeSecurityGroups",
            ec2.describe_security_groups()
                .filters(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
    )?;
    let ours = |tags| from_tags(tags).get(tags::ENV).is_some_and(|e| e == env);
    let mut found = Others::default();
    let our_groups: Vec<&str> = groups
        .iter()
        .filter(|group| ours(group.tags.clone()))
        .filter_map(|group| group.group_id())
        .collect();
    // The interfaces of an endpoint are told with it.
    let of_endpoints: Vec<&String> = endpoints
        .iter()
        .filter(|endpoint| ours(endpoint.tags.clone()) || guardduty::made_endpoint(endpoint))
        .flat_map(VpcEndpoint::network_interface_ids)
        .collect();
    for interface in &interfaces {
        let of_endpoint = of_endpoints
            .iter()
            .any(|id| Some(id.as_str()) == interface.network_interface_id());
        // Interfaces of what else AWS runs for us carry our groups; a function of GenU's main
        // stack carries its own.
        let of_ours = interface
            .groups()
            .iter()
            .any(|group| group.group_id().is_some_and(|id| our_groups.contains(&id)));
        if !of_endpoint && !of_ours && !ours(interface.tag_set.clone()) {
            found.users.push(interface_line(interface));
        }
    }
    for endpoint in &endpoints {
        let state = endpoint
            .state()
            .map_or(String::new(), |s| s.as_str().to_lowercase());
        if ours(endpoint.tags.clone()) || state == "deleted" || state == "deleting" {
            continue;
        }
        if guardduty::made_endpoint(endpoint) {
            found
                .guardduty
                .endpoints
                .extend(endpoint.vpc_endpoint_id.clone());
        } else {
            found.users.push(endpoint_line(endpoint));
        }
    }
    for instance in instances
        .into_iter()
        .flat_map(|r| r.instances.unwrap_or_default())
    {
        if !ours(instance.tags.clone()) {
            found.users.push(format!(
                "instance {}",
                instance.instance_id().unwrap_or_default()
            ));
        }
    }
    for group in groups {
        if ours(group.tags.clone()) || group.group_name() == Some("default") {
            continue;
        }
        if guardduty::made_group(&group) {
            found.guardduty.groups.extend(group.group_id);
        } else {
            found.users.push(format!(
                "security group {} ({})",
                group.group_id().unwrap_or_default(),
                group.group_name().unwrap_or_default()
            ));
        }
    }
    Ok(found)
}

/// AWS itself keeps what it marks as managed by a requester: it goes with what asked for it.
fn interface_line(interface: &NetworkInterface) -> String {
    let lambda = interface.interface_type() == Some(&NetworkInterfaceType::Lambda);
    let of_lambda = if lambda {
        "a Lambda function, perhaps of GenU's main stack: "
    } else {
        ""
    };
    let described = interface.description().filter(|d| !d.is_empty());
    let requester = interface.requester_id().unwrap_or("a service of AWS");
    let managed = if interface.requester_managed() == Some(true) {
        format!("; kept by {requester}, and goes when what it belongs to is deleted there")
    } else {
        String::new()
    };
    format!(
        "network interface {} ({of_lambda}{}{managed})",
        interface.network_interface_id().unwrap_or_default(),
        described.unwrap_or("no description"),
    )
}

fn endpoint_line(endpoint: &VpcEndpoint) -> String {
    let managed = if endpoint.requester_managed() == Some(true) {
        "; made by a service of AWS such as Network Firewall or VPC Lattice, and goes when it is switched off there"
    } else {
        ""
    };
    format!(
        "VPC endpoint {} ({}{managed})",
        endpoint.vpc_endpoint_id().unwrap_or_default(),
        endpoint.service_name().unwrap_or("no service"),
    )
}

/// Records in our zone that we did not put there: `name type` each.
///
/// # Errors
/// A failed read.
pub async fn records(reads: &Reads, zone: &str) -> Result<Vec<String>, Fault> {
    const OPERATION: &str = "route53:ListResourceRecordSets";
    let request = reads.clients.route53.get_hosted_zone().id(zone);
    let name = match call("route53:GetHostedZone", request.send()).await {
        Err(fault) if fault.class == Class::Gone => return Ok(Vec::new()),
        found => found?.hosted_zone.map(|zone| zone.name),
    };
    let request = reads.clients.route53.list_resource_record_sets();
    // The first page, of up to 300, is enough to refuse with.
    let page = call(OPERATION, request.hosted_zone_id(zone).send()).await?;
    let found = page.resource_record_sets().iter();
    let ours = ["NS", "SOA", "A"];
    Ok(found
        .filter(|record| {
            Some(record.name()) != name.as_deref() || !ours.contains(&record.r#type().as_str())
        })
        .map(|record| {
            format!(
                "{} {}",
                record.name().trim_end_matches('.'),
                record.r#type()
            )
        })
        .collect())
}

/// Objects in the web bucket, for the question before a destroy. Counts one page.
///
/// # Errors
/// A failed read.
pub async fn objects(reads: &Reads, bucket: &str) -> Result<(usize, i64, bool), Fault> {
    let request = reads.clients.s3.list_object_versions().bucket(bucket);
    let request = request.expected_bucket_owner(&reads.account);
    let page = call("s3:ListBucketVersions", request.send()).await?;
    let bytes = page
        .versions()
        .iter()
        .filter_map(aws_sdk_s3::types::ObjectVersion::size)
        .sum();
    let more = page.is_truncated() == Some(true);
    Ok((page.versions().len(), bytes, more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_of_awss_keeps_is_told_with_who_keeps_it() {
        let interface = NetworkInterface::builder().network_interface_id("eni-1");
        let theirs = interface.clone().description("theirs").build();
        assert_eq!(interface_line(&theirs), "network interface eni-1 (theirs)");
        let kept = interface.requester_managed(true).requester_id("amazon-aws");
        let line = interface_line(&kept.build());
        assert!(
            line.contains("no description; kept by amazon-aws"),
            "{line}"
        );
        let endpoint = VpcEndpoint::builder().vpc_endpoint_id("vpce-1");
        let line = endpoint_line(&endpoint.requester_managed(true).build());
        assert!(
            line.contains("vpce-1 (no service; made by a service of AWS"),
            "{line}"
        );
    }
}
