//! Regions that an account has to switch on: there, credentials that are right elsewhere are refused as
//! wrong ones.

use aws_config::Region;
use aws_types::SdkConfig;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Guard;

/// A region of the partition of `region` that is never switched off.
fn home_of(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-north-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Asks, after a refusal that may come of it, whether the region is switched on for the account; the same
/// fault, with that as its reason where it is.
pub(crate) async fn explained(config: &SdkConfig, region: &str, fault: Fault) -> Fault {
    let home = home_of(region);
    // Only an answer of AWS's is about credentials.
    if fault.class != Class::Denied || fault.code.is_none() || home == region {
        return fault;
    }
    let ec2 = aws_sdk_ec2::config::Builder::from(config).interceptor(Guard::ReadsOnly);
    let ec2 = aws_sdk_ec2::Client::from_conf(ec2.region(Region::from_static(home)).build());
    let request = ec2.describe_regions().all_regions(true);
    // Whoever may not ask keeps the fault as it is.
    let answer = call("ec2:DescribeRegions", request.region_names(region).send()).await;
    let regions = answer.ok().and_then(|answer| answer.regions);
    let found = regions.into_iter().flatten().next();
    let status = found.and_then(|found| found.opt_in_status);
    with_status(region, status.as_deref(), fault)
}

/// `status` is `opt-in-not-required`, `opted-in` or `not-opted-in` (API reference of EC2, "Region").
fn with_status(region: &str, status: Option<&str>, fault: Fault) -> Fault {
    match status {
        Some("not-opted-in") => Fault {
            message: format!(
                "the region {region} is not switched on for this account ({})",
                fault.message
            ),
            hint: Some(format!(
                "switch it on (`aws account enable-region --region-name {region}`; it takes some minutes), or use another region"
            )),
            ..fault
        },
        Some("opted-in") => Fault {
            hint: Some(format!(
                "{region} takes no session tokens of the global STS endpoint: set AWS_STS_REGIONAL_ENDPOINTS=regional where they are made, and log in again"
            )),
            ..fault
        },
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_that_is_not_switched_on_is_the_reason() {
        let fault = || Fault::new(Class::Denied, "sts:GetCallerIdentity", "invalid token");
        let explained = with_status("ap-east-1", Some("not-opted-in"), fault());
        assert!(explained.message.contains("ap-east-1 is not switched on"));
        assert!(
            explained
                .hint
                .is_some_and(|hint| hint.contains("enable-region"))
        );
        let token = with_status("ap-east-1", Some("opted-in"), fault());
        assert!(
            token
                .hint
                .is_some_and(|hint| hint.contains("AWS_STS_REGIONAL_ENDPOINTS"))
        );
        for status in [Some("opt-in-not-required"), None] {
            let same = with_status("ap-northeast-1", status, fault());
            assert_eq!((same.message, same.hint), (fault().message, None));
        }
    }
}
