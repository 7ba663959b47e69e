//! How much of the account's quotas is left.

use aws_sdk_ec2::types::Instance;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;

/// A quota that the network hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// VPCs per region.
    Vpcs,
    /// Interface endpoints per VPC.
    InterfaceEndpoints,
    /// Application Load Balancers per region.
    LoadBalancers,
    /// Network interfaces per region.
    NetworkInterfaces,
    /// vCPUs of running On-Demand Standard instances.
    StandardVcpus,
}

impl Quota {
    /// Service code and quota code ("Service Quotas" of the services' user guides).
    fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Vpcs => ("vpc", "L-F678F1CE"),
            Self::InterfaceEndpoints => ("vpc", "L-29B6F2EB"),
            Self::LoadBalancers => ("elasticloadbalancing", "L-53DA6B97"),
            Self::NetworkInterfaces => ("vpc", "L-DF5E4CA3"),
            Self::StandardVcpus => ("ec2", "L-1216C47A"),
        }
    }

    /// As the Service Quotas console calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vpcs => "VPCs per Region",
            Self::InterfaceEndpoints => "Interface VPC endpoints per VPC",
            Self::LoadBalancers => "Application Load Balancers per Region",
            Self::NetworkInterfaces => "Network interfaces per Region",
            Self::StandardVcpus => "Running On-Demand Standard instances (vCPUs)",
        }
    }

    /// How much there may be.
    ///
    /// # Errors
    /// A failed read.
    pub async fn limit(self, reads: &Reads) -> Result<f64, Fault> {
        const OPERATION: &str = "servicequotas:GetServiceQuota";
        let (service, code) = self.codes();
        let request = reads.clients.quotas.get_service_quota();
        let request = request.service_code(service).quota_code(code);
        let answer = call(OPERATION, request.send()).await?;
        let value = answer.quota.and_then(|quota| quota.value);
        value.ok_or_else(|| Fault::new(Class::Refused, OPERATION, "the answer has no value"))
    }

    /// How much there is; endpoints are counted in `vpc`.
    ///
    /// # Errors
    /// A failed read.
    pub async fn used(self, reads: &Reads, vpc: Option<&str>) -> Result<usize, Fault> {
        let ec2 = &reads.clients.ec2;
        Ok(match self {
            Self::Vpcs => {
                let pages = ec2.describe_vpcs().into_paginator().items().send();
                let found: Vec<_> = call("ec2:DescribeVpcs", pages.try_collect()).await?;
                found.len()
            }
            Self::InterfaceEndpoints => {
                let Some(vpc) = vpc else { return Ok(0) };
                let request = ec2
                    .describe_vpc_endpoints()
                    .filters(filter("vpc-id", [vpc]))
                    .filters(filter("vpc-endpoint-type", ["Interface"]));
                let pages = request.into_paginator().items().send();
                let found: Vec<_> = call("ec2:DescribeVpcEndpoints", pages.try_collect()).await?;
                found.len()
            }
            Self::LoadBalancers => {
                let pages = reads.clients.elb.describe_load_balancers().into_paginator();
                let operation = "elasticloadbalancing:DescribeLoadBalancers";
                let found: Vec<_> = call(operation, pages.items().send().try_collect()).await?;
                let application = |lb: &&aws_sdk_elasticloadbalancingv2::types::LoadBalancer| {
                    lb.r#type()
                        .is_none_or(|kind| kind.as_str() == "application")
                };
                found.iter().filter(application).count()
            }
            Self::NetworkInterfaces => {
                let pages = ec2.describe_network_interfaces().into_paginator();
                let operation = "ec2:DescribeNetworkInterfaces";
                let found: Vec<_> = call(operation, pages.items().send().try_collect()).await?;
                found.len()
            }
            Self::StandardVcpus => {
                let alive = filter("instance-state-name", ["pending", "running"]);
                let pages = ec2.describe_instances().filters(alive).into_paginator();
                let found: Vec<_> =
                    call("ec2:DescribeInstances", pages.items().send().try_collect()).await?;
                let instances = found
                    .iter()
                    .flat_map(aws_sdk_ec2::types::Reservation::instances);
                instances.filter(|i| is_standard(i)).map(vcpus).sum()
            }
        })
    }
}

/// Families A, C, D, H, I, M, R, T and Z share one quota ("On-Demand Instance quotas").
fn is_standard(instance: &Instance) -> bool {
    // Spot instances have a quota of their own.
    if instance.instance_lifecycle().is_some() {
        return false;
    }
    // One of which AWS does not say the type may be one of them.
    let Some(of) = instance.instance_type() else {
        return true;
    };
    let family = of.as_str();
    let family = family
        .trim_end_matches(|c: char| c != '.')
        .trim_end_matches('.');
    let letters: String = family
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    matches!(
        letters.as_str(),
        "a" | "c" | "d" | "h" | "i" | "im" | "is" | "m" | "r" | "t" | "z"
    )
}

fn vcpus(instance: &Instance) -> usize {
    let options = instance.cpu_options();
    let cores = options
        .and_then(aws_sdk_ec2::types::CpuOptions::core_count)
        .unwrap_or(1);
    let threads = options
        .and_then(aws_sdk_ec2::types::CpuOptions::threads_per_core)
        .unwrap_or(2);
    usize::try_from(cores * threads).unwrap_or_default()
}
