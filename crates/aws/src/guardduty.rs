//! What GuardDuty's Runtime Monitoring puts into a VPC by itself: an interface endpoint and its
//! security group. With automated agents it makes them in every VPC with an ECS task on Fargate, and
//! deletes neither when the tasks are gone (GuardDuty's user guide, "How Runtime Monitoring works with
//! Fargate" and "Disabling, uninstalling, and cleaning up resources").

use std::time::Duration;

use aws_sdk_ec2::types::{SecurityGroup, VpcEndpoint};
use reconciler::{Class, Fault, Tags};
use tokio::time::{Instant, sleep};

use crate::call::call;
use crate::clients::{Reads, Writes};
use crate::ec2::{filter, from_tags};

/// The tag with which GuardDuty marks what it made; `false` on an ECS cluster keeps it out of there.
pub const TAG: &str = "GuardDutyManaged";
/// How the name of its security group begins; the id of the VPC follows.
const GROUP: &str = "GuardDutyManagedSecurityGroup-";
/// An endpoint's interfaces go within minutes; AWS gives no limit.
const PATIENCE: Duration = Duration::from_mins(15);
const PAUSE: Duration = Duration::from_secs(3);

/// What GuardDuty made in one VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardDuty {
    /// `vpce-…`, of the service `com.amazonaws.<region>.guardduty-data`.
    pub endpoints: Vec<String>,
    /// `sg-…`, named `GuardDutyManagedSecurityGroup-vpc-…`.
    pub groups: Vec<String>,
}

impl GuardDuty {
    /// Whether there is nothing of GuardDuty's.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.groups.is_empty()
    }

    /// One line a thing, in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let endpoints = self.endpoints.iter();
        let endpoints = endpoints.map(|id| format!("VPC endpoint {id} (guardduty-data)"));
        let groups = self.groups.iter();
        let groups = groups.map(|id| format!("security group {id} ({GROUP}vpc-…)"));
        endpoints.chain(groups).collect()
    }

    /// The commands that delete it by hand, in their order.
    #[must_use]
    pub fn commands(&self, region: &str) -> Vec<String> {
        let mut commands = Vec::new();
        if !self.endpoints.is_empty() {
            commands.push(format!(
                "aws ec2 delete-vpc-endpoints --region {region} --vpc-endpoint-ids {}",
                self.endpoints.join(" ")
            ));
        }
        commands.extend(
            self.groups.iter().map(|id| {
                format!("aws ec2 delete-security-group --region {region} --group-id {id}")
            }),
        );
        commands
    }

    /// Deletes it: the endpoints, then, once their network interfaces are gone, the groups. What is gone
    /// already is no error. Waits up to 15 minutes.
    ///
    /// # Errors
    /// A refused call; something that is still there after that time.
    pub async fn remove(&self, writes: &Writes) -> Result<(), Fault> {
        self.remove_endpoints(writes).await?;
        let end = Instant::now() + PATIENCE;
        while !self.endpoints_gone(&writes.reads).await? {
            if Instant::now() >= end {
                let what = format!("{} is still being deleted", self.endpoints.join(", "));
                return Err(Fault::new(Class::InUse, "ec2:DescribeVpcEndpoints", what)
                    .hint("run the same again in some minutes"));
            }
            sleep(PAUSE).await;
        }
        for group in &self.groups {
            // Interfaces hold their groups for a while after their endpoint is gone.
            loop {
                let deleted = writes
                    .call("ec2:DeleteSecurityGroup", |c| {
                        c.ec2.delete_security_group().group_id(group).send()
                    })
                    .await;
                match deleted {
                    Ok(_) => break,
                    Err(fault) if fault.class == Class::Gone => break,
                    Err(fault) if fault.class == Class::InUse && Instant::now() < end => {
                        sleep(PAUSE).await;
                    }
                    Err(fault) => return Err(fault),
                }
            }
        }
        Ok(())
    }

    async fn remove_endpoints(&self, writes: &Writes) -> Result<(), Fault> {
        const OPERATION: &str = "ec2:DeleteVpcEndpoints";
        if self.endpoints.is_empty() {
            return Ok(());
        }
        let ids = self.endpoints.clone();
        let answer = writes
            .call(OPERATION, |c| {
                let request = c.ec2.delete_vpc_endpoints();
                request.set_vpc_endpoint_ids(Some(ids)).send()
            })
            .await?;
        // The call itself succeeds, and says of each endpoint why it stays.
        let refused = answer.unsuccessful.unwrap_or_default().into_iter();
        let mut refused = refused.filter_map(|item| {
            let (error, id) = (item.error?, item.resource_id.unwrap_or_default());
            let code = error.code.unwrap_or_default();
            (!code.ends_with(".NotFound"))
                .then(|| (code, format!("{id}: {}", error.message.unwrap_or_default())))
        });
        match refused.next() {
            None => Ok(()),
            Some((code, message)) => {
                let mut fault = Fault::new(Class::Refused, OPERATION, message);
                fault.code = Some(code);
                Err(fault)
            }
        }
    }

    async fn endpoints_gone(&self, reads: &Reads) -> Result<bool, Fault> {
        if self.endpoints.is_empty() {
            return Ok(true);
        }
        let request = reads.clients.ec2.describe_vpc_endpoints();
        let request = request.filters(filter("vpc-endpoint-id", &self.endpoints));
        let found = call("ec2:DescribeVpcEndpoints", request.send()).await?;
        Ok(found.vpc_endpoints().iter().all(is_deleted))
    }
}

/// AWS shows a deleted endpoint for a while.
fn is_deleted(endpoint: &VpcEndpoint) -> bool {
    let state = endpoint.state();
    state.is_some_and(|state| state.as_str().eq_ignore_ascii_case("deleted"))
}

fn is_marked(tags: &Tags) -> bool {
    tags.get(TAG).is_some_and(|value| value == "true")
}

/// Whether GuardDuty made the endpoint. One of the same service that bears no tag of GuardDuty's was
/// made by hand.
pub(crate) fn made_endpoint(endpoint: &VpcEndpoint) -> bool {
    let service = endpoint.service_name().unwrap_or_default();
    let name = service.rsplit('.').next().unwrap_or_default();
    matches!(name, "guardduty-data" | "guardduty-data-fips")
        && is_marked(&from_tags(endpoint.tags.clone()))
}

/// Whether GuardDuty made the group.
pub(crate) fn made_group(group: &SecurityGroup) -> bool {
    let name = group.group_name().unwrap_or_default();
    name.starts_with(GROUP) && is_marked(&from_tags(group.tags.clone()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::Tag;

    use super::*;

    #[test]
    fn guardduty_made_what_bears_its_name_and_its_tag() {
        let tag = |value: &str| Tag::builder().key(TAG).value(value).build();
        let endpoint = |service: &str, value: Option<&str>| {
            let endpoint = VpcEndpoint::builder().service_name(service);
            made_endpoint(&endpoint.set_tags(value.map(|v| vec![tag(v)])).build())
        };
        let service = "com.amazonaws.ap-northeast-1.guardduty-data";
        assert!(endpoint(service, Some("true")));
        assert!(!endpoint(service, None), "made by hand");
        assert!(!endpoint(service, Some("false")));
        assert!(!endpoint("com.amazonaws.ap-northeast-1.logs", Some("true")));
        let group = |name: &str, value: Option<&str>| {
            let group = SecurityGroup::builder().group_name(name);
            made_group(&group.set_tags(value.map(|v| vec![tag(v)])).build())
        };
        assert!(group("GuardDutyManagedSecurityGroup-vpc-1", Some("true")));
        assert!(!group("GuardDutyManagedSecurityGroup-vpc-1", None));
        assert!(!group("web", Some("true")));
    }
}
