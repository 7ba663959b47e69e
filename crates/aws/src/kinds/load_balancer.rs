//! The internal Application Load Balancer.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancer as Live, LoadBalancerAttribute, LoadBalancerSchemeEnum,
    LoadBalancerStateEnum, LoadBalancerTypeEnum, Tag,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::ec2::filter;
use crate::kinds::{SecurityGroup, Subnet, Vpc};
use crate::{Aws, Reads, Writes};

/// An internal application load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    /// Name, at most 32 characters.
    pub name: String,
    /// Where its access logs go, if anywhere.
    pub access_logs: Option<AccessLogs>,
}

/// A place for access logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLogs {
    /// Name of a bucket in the load balancer's region.
    pub bucket: String,
    /// What the keys begin with; may be empty.
    pub prefix: String,
}

impl AccessLogs {
    /// The attributes that send logs here ("Attributes", `LoadBalancerAttribute`, Elastic Load
    /// Balancing API reference).
    fn attributes(&self) -> [(String, String); 3] {
        [
            ("access_logs.s3.enabled", "true"),
            ("access_logs.s3.bucket", self.bucket.as_str()),
            ("access_logs.s3.prefix", self.prefix.as_str()),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
    }
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancerOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Host name.
    pub dns_name: String,
    /// Hosted zone of the host name, for aliases.
    pub zone_id: String,
}

/// The attribute we set otherwise than AWS does.
const DROPS_INVALID_HEADERS: &str = "routing.http.drop_invalid_header_fields.enabled";

/// AWS's defaults of an internal application load balancer ("Edit attributes for your Application
/// Load Balancer", Elastic Load Balancing user guide). What is not answered has them. Where logs go is
/// not among them: a bucket cannot be set back to none, and says nothing while they are off.
const DEFAULTS: [(&str, &str); 16] = [
    ("access_logs.s3.enabled", "false"),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.enabled", "false"),
    ("deletion_protection.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    (DROPS_INVALID_HEADERS, "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "false",
    ),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
    ("health_check_logs.s3.enabled", "false"),
];

#[async_trait]
impl Kind for LoadBalancer {
    type Cloud = Aws;
    type Needs = (Ref<Vpc>, Vec<Ref<Subnet>>, Ref<SecurityGroup>);
    type Out = LoadBalancerOut;
    const NAME: &'static str = "elasticloadbalancing/load-balancer";
    const PACE: Pace = Pace::seconds(5, 130, 60, 900);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &LoadBalancerOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (vpc, subnets, group): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let subnets = subnets.iter().map(|s| s.as_ref().map(|s| s.id.clone()));
        let logs = self.access_logs.iter().flat_map(AccessLogs::attributes);
        let own = logs.chain([(DROPS_INVALID_HEADERS.to_owned(), "true".to_owned())]);
        attrs(
            "internal",
            Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())),
            Attr::set_of(subnets),
            Attr::set_of([group.as_ref().map(|group| group.id.clone())]),
            with_defaults(&DEFAULTS, own),
        )
    }
    fn impact(field: &str) -> Impact {
        match field {
            "scheme" | "vpc" => Impact::Replace,
            "subnets" | "groups" => Impact::Tied,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<LoadBalancerOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for name in names {
            for live in describe(reads, &name).await? {
                candidates.push(candidate(reads, live).await?);
            }
        }
        Ok(candidates)
    }

    async fn phases(
        reads: &Reads,
        outs: &[LoadBalancerOut],
    ) -> Vec<Result<Phase<LoadBalancerOut>, Fault>> {
        let mut phases = Vec::new();
        for out in outs {
            phases.push(phase(reads, out).await);
        }
        phases
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<LoadBalancerOut>, Fault> {
        let (vpc, subnets, group) = needs;
        let answer = writes
            .call("elasticloadbalancing:CreateLoadBalancer", |c| {
                c.elb
                    .create_load_balancer()
                    .name(&self.name)
                    .scheme(LoadBalancerSchemeEnum::Internal)
                    .r#type(LoadBalancerTypeEnum::Application)
                    .set_subnets(Some(subnets.iter().map(|s| s.id.clone()).collect()))
                    .security_groups(&group.id)
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let live = answer.load_balancers.unwrap_or_default().into_iter().next();
        let live = live.ok_or_else(|| {
            let operation = "elasticloadbalancing:CreateLoadBalancer";
            Fault::new(
                Class::Ambiguous,
                operation,
                "the answer names no load balancer",
            )
        })?;
        Ok(Created {
            attrs: attrs(
                "internal",
                vpc.id.clone().into(),
                Attr::set(subnets.iter().map(|s| s.id.clone())),
                Attr::set([group.id.clone()]),
                with_defaults(&DEFAULTS, []),
            ),
            out: out_of(&live),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (_, subnets, group): &<Self::Needs as Needs>::Known,
        out: &LoadBalancerOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<LoadBalancerOut, Fault> {
        let changed = |field: &str| changes.iter().any(|change| change.root() == field);
        if changed("attributes") {
            writes
                .call("elasticloadbalancing:ModifyLoadBalancerAttributes", |c| {
                    let attributes = changed_attributes(changes).map(|(key, value)| {
                        LoadBalancerAttribute::builder()
                            .key(key)
                            .value(value)
                            .build()
                    });
                    c.elb
                        .modify_load_balancer_attributes()
                        .load_balancer_arn(&out.arn)
                        .set_attributes(Some(attributes.collect()))
                        .send()
                })
                .await?;
        }
        if changed("groups") {
            writes
                .call("elasticloadbalancing:SetSecurityGroups", |c| {
                    c.elb
                        .set_security_groups()
                        .load_balancer_arn(&out.arn)
                        .security_groups(&group.id)
                        .send()
                })
                .await?;
        }
        if changed("subnets") {
            writes
                .call("elasticloadbalancing:SetSubnets", |c| {
                    let subnets = subnets.iter().map(|s| s.id.clone()).collect();
                    c.elb
                        .set_subnets()
                        .load_balancer_arn(&out.arn)
                        .set_subnets(Some(subnets))
                        .send()
                })
                .await?;
        }
        if changed("addresses") {
            writes
                .call("elasticloadbalancing:SetIpAddressType", |c| {
                    c.elb
                        .set_ip_address_type()
                        .load_balancer_arn(&out.arn)
                        .ip_address_type(IpAddressType::Ipv4)
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &LoadBalancerOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn untag(writes: &Writes, out: &LoadBalancerOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.arn, keys).await
    }

    async fn delete(writes: &Writes, outs: &[LoadBalancerOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("elasticloadbalancing:DeleteLoadBalancer", |c| {
                    c.elb
                        .delete_load_balancer()
                        .load_balancer_arn(&out.arn)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

fn attrs(scheme: &str, vpc: Attr, subnets: Attr, groups: Attr, attributes: Value) -> Attrs {
    Attrs::new()
        .with("scheme", scheme)
        .with("vpc", vpc)
        .with("subnets", subnets)
        .with("groups", groups)
        .with("attributes", Attr::Known(attributes))
        .with("addresses", IpAddressType::Ipv4.as_str())
}

/// Attributes over AWS's defaults.
pub(crate) fn with_defaults(
    defaults: &[(&str, &str)],
    own: impl IntoIterator<Item = (String, String)>,
) -> Value {
    let defaults = defaults.iter();
    let mut all: BTreeMap<String, String> = defaults
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    all.extend(own);
    json!(all)
}

/// Key and desired value of every attribute that differs.
pub(crate) fn changed_attributes(changes: &[Change]) -> impl Iterator<Item = (String, String)> {
    changes.iter().filter_map(|change| {
        let key = change.field.strip_prefix("attributes.")?;
        match &change.to {
            Attr::Known(Value::String(value)) => Some((key.to_owned(), value.clone())),
            _ => None,
        }
    })
}

fn out_of(live: &Live) -> LoadBalancerOut {
    LoadBalancerOut {
        name: live.load_balancer_name().unwrap_or_default().to_owned(),
        arn: live.load_balancer_arn().unwrap_or_default().to_owned(),
        dns_name: live.dns_name().unwrap_or_default().to_owned(),
        zone_id: live
            .canonical_hosted_zone_id()
            .unwrap_or_default()
            .to_owned(),
    }
}

async fn candidate(reads: &Reads, live: Live) -> Result<Candidate<LoadBalancerOut>, Fault> {
    let out = out_of(&live);
    let request = reads
        .clients
        .elb
        .describe_load_balancer_attributes()
        .load_balancer_arn(&out.arn);
    let operation = "elasticloadbalancing:DescribeLoadBalancerAttributes";
    let (attributes, tags) =
        tokio::try_join!(call(operation, request.send()), tags_of(reads, &out.arn))?;
    let attributes = attributes.attributes.unwrap_or_default().into_iter();
    let attributes = attributes.filter_map(|a| Some((a.key?, a.value?)));
    let addresses = live
        .ip_address_type()
        .map_or("ipv4", IpAddressType::as_str)
        .to_owned();
    let state = live.state().and_then(|state| state.code());
    // "active_impaired: the load balancer is routing traffic but does not have the resources it needs
    // to scale" (LoadBalancerState).
    let impaired = state == Some(&LoadBalancerStateEnum::ActiveImpaired);
    let notes = impaired.then(|| {
        let reason = live.state().and_then(|state| state.reason());
        format!(
            "load balancer {} is active_impaired{}: it serves, but cannot grow; make room for it in its subnets (8 free addresses in each)",
            out.name,
            reason.map_or(String::new(), |reason| format!(" ({reason})")),
        )
    });
    let notes = notes.into_iter().collect();
    Ok(Candidate {
        attrs: attrs(
            live.scheme().map_or("", LoadBalancerSchemeEnum::as_str),
            live.vpc_id().unwrap_or_default().into(),
            Attr::set(
                live.availability_zones()
                    .iter()
                    .filter_map(|z| z.subnet_id.clone()),
            ),
            Attr::set(live.security_groups().to_vec()),
            with_defaults(&DEFAULTS, attributes),
        )
        .with("addresses", addresses),
        mark: Mark::Tags(tags),
        name: Some(out.name.clone()),
        out,
        pristine: false,
        health: match state {
            Some(LoadBalancerStateEnum::Active | LoadBalancerStateEnum::ActiveImpaired) => {
                Health::Ready
            }
            Some(LoadBalancerStateEnum::Failed) => Health::Broken("its state is failed".into()),
            _ => Health::Pending,
        },
        notes,
    })
}

/// Gone only when its network interfaces are: they outlive the API's answer, and the security
/// group cannot go before them.
async fn phase(reads: &Reads, out: &LoadBalancerOut) -> Result<Phase<LoadBalancerOut>, Fault> {
    let found = describe(reads, &out.name).await?;
    let live = found
        .iter()
        .find(|live| live.load_balancer_arn() == Some(&out.arn));
    if let Some(live) = live {
        let state = live.state();
        let reason = state.and_then(|s| s.reason()).unwrap_or("no reason given");
        return Ok(match state.and_then(|state| state.code()) {
            Some(LoadBalancerStateEnum::Active | LoadBalancerStateEnum::ActiveImpaired) => {
                Phase::Ready(out_of(live))
            }
            Some(LoadBalancerStateEnum::Failed) => Phase::Failed(reason.into()),
            _ => Phase::Pending(format!("{} is provisioning", out.name)),
        });
    }
    let path = out
        .arn
        .split_once(":loadbalancer/")
        .map_or("", |(_, path)| path);
    let request = reads
        .clients
        .ec2
        .describe_network_interfaces()
        .filters(filter("description", [format!("ELB {path}")]));
    let left = call("ec2:DescribeNetworkInterfaces", request.send()).await?;
    Ok(match left.network_interfaces().len() {
        0 => Phase::Gone,
        // Of one that is gone, or of one that is not listed yet.
        n => Phase::Pending(format!("{} has {n} network interfaces", out.name)),
    })
}

async fn describe(reads: &Reads, name: &str) -> Result<Vec<Live>, Fault> {
    let request = reads.clients.elb.describe_load_balancers().names(name);
    match call("elasticloadbalancing:DescribeLoadBalancers", request.send()).await {
        Err(fault) if fault.class == Class::Gone => Ok(Vec::new()),
        answer => Ok(answer?.load_balancers.unwrap_or_default()),
    }
}

pub(crate) fn to_tags(tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// Tags of anything of Elastic Load Balancing.
pub(crate) async fn tags_of(reads: &Reads, arn: &str) -> Result<Tags, Fault> {
    let mut tags = tags_of_all(reads, vec![arn.to_owned()]).await?;
    Ok(tags.remove(arn).unwrap_or_default())
}

/// Tags of several of them, by ARN.
pub(crate) async fn tags_of_all(
    reads: &Reads,
    arns: Vec<String>,
) -> Result<BTreeMap<String, Tags>, Fault> {
    let mut all = BTreeMap::new();
    // "The Amazon Resource Names (ARN) of the resources. You can specify up to 20" (DescribeTags).
    for twenty in arns.chunks(20) {
        let request = reads.clients.elb.describe_tags();
        let request = request.set_resource_arns(Some(twenty.to_vec()));
        let answer = call("elasticloadbalancing:DescribeTags", request.send()).await?;
        for described in answer.tag_descriptions.unwrap_or_default() {
            let tags = described.tags.unwrap_or_default().into_iter();
            let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
            all.insert(described.resource_arn.unwrap_or_default(), tags.collect());
        }
    }
    Ok(all)
}

/// Puts tags on anything of Elastic Load Balancing.
pub(crate) async fn tag(writes: &Writes, arn: &str, tags: &Tags) -> Result<(), Fault> {
    writes
        .call("elasticloadbalancing:AddTags", |c| {
            c.elb
                .add_tags()
                .resource_arns(arn)
                .set_tags(Some(to_tags(tags)))
                .send()
        })
        .await
        .map(drop)
}

/// Takes tags off anything of Elastic Load Balancing.
pub(crate) async fn untag(writes: &Writes, arn: &str, keys: &[String]) -> Result<(), Fault> {
    writes
        .call("elasticloadbalancing:RemoveTags", |c| {
            c.elb
                .remove_tags()
                .resource_arns(arn)
                .set_tag_keys(Some(keys.to_vec()))
                .send()
        })
        .await
        .map(drop)
}
