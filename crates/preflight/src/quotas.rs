//! Whether the account's quotas have room for what is to be made.

use aws::kinds::{EcsService, Instance, LoadBalancer, ResolverEndpoint, Vpc, VpcEndpoint};
use aws::{Quota, Reads};
use reconciler::{Action, Kind};

use crate::{Subject, Verdict};

/// vCPUs of the Windows instance, an r6i.large.
const WINDOWS_VCPUS: usize = 2;

pub(crate) async fn check(reads: &Reads, subject: &Subject<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for (quota, needed) in needed(subject) {
        if needed == 0 {
            continue;
        }
        let looked = tokio::try_join!(
            quota.limit(reads),
            quota.used(reads, subject.vpc.as_deref())
        );
        match looked {
            Ok((limit, used)) => judge(quota, limit, used, needed, &mut verdict),
            Err(fault) => verdict.unchecked(&format!("the quota \"{}\"", quota.name()), &fault),
        }
    }
    verdict
}

fn judge(quota: Quota, limit: f64, used: usize, needed: usize, verdict: &mut Verdict) {
    #[expect(clippy::cast_precision_loss, reason = "counts of resources are small")]
    let wanted = (used + needed) as f64;
    if wanted > limit {
        verdict.refuse(format!(
            "the quota \"{}\" is {limit}, {used} are in use, and {needed} more are needed: raise it in the Service Quotas console",
            quota.name()
        ));
    }
}

/// How much of each quota the steps to come take.
fn needed(subject: &Subject<'_>) -> [(Quota, usize); 5] {
    let created = |kind: &str| {
        let steps = subject.plan.steps.iter();
        steps
            .filter(|step| step.action == Action::Create && step.kind == kind)
            .map(|step| step.id.as_str())
            .collect::<Vec<_>>()
    };
    let gateway = |id: &&str| matches!(*id, "endpoint/s3" | "endpoint/dynamodb");
    let endpoints = created(VpcEndpoint::NAME);
    let endpoints = endpoints.iter().filter(|id| !gateway(id)).count();
    let zones = subject.around.zones.len();
    let in_each_zone =
        endpoints + created(LoadBalancer::NAME).len() + created(ResolverEndpoint::NAME).len();
    let alone = created(EcsService::NAME).len() + created(Instance::NAME).len();
    [
        (Quota::Vpcs, created(Vpc::NAME).len()),
        (Quota::InterfaceEndpoints, endpoints),
        (Quota::LoadBalancers, created(LoadBalancer::NAME).len()),
        (Quota::NetworkInterfaces, in_each_zone * zones + alone),
        (
            Quota::StandardVcpus,
            created(Instance::NAME).len() * WINDOWS_VCPUS,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_named_with_what_is_missing() {
        let mut verdict = Verdict::default();
        judge(Quota::Vpcs, 5.0, 4, 1, &mut verdict);
        assert_eq!(verdict, Verdict::default());
        judge(Quota::Vpcs, 5.0, 5, 1, &mut verdict);
        assert!(verdict.refusals[0].contains("\"VPCs per Region\" is 5, 5 are in use, and 1 more"));
    }
}
