//! The record by which the user's own domain leads to the load balancer. Records carry no tags:
//! found under their zone.

use async_trait::async_trait;
use aws_sdk_route53::types::{
    AliasTarget, Change as RecordChange, ChangeAction, ChangeBatch, ChangeStatus,
    ResourceRecordSet, RrType,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::scalable_target::child_id;
use crate::kinds::{HostedZone, HostedZoneOut, LoadBalancer, LoadBalancerOut};
use crate::{Aws, Reads, Writes};

const CHANGE: &str = "route53:ChangeResourceRecordSets";

/// An alias of type A at the apex of its zone.
#[derive(Debug, Clone)]
pub struct AliasRecord {
    /// Domain, without the dot at its end.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasRecordOut {
    /// Id of the zone.
    pub zone: String,
    /// Domain, without the dot at its end.
    pub name: String,
    /// The change that made it so, while it spreads.
    pub change: Option<String>,
}

#[async_trait]
impl Kind for AliasRecord {
    type Cloud = Aws;
    type Needs = (Ref<HostedZone>, Ref<LoadBalancer>);
    type Out = AliasRecordOut;
    const NAME: &'static str = "route53/alias-record";
    const PACE: Pace = Pace::seconds(4, 45, 5, 900);
    // `UPSERT` may be repeated.
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = false;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &AliasRecordOut) -> String {
        format!("{}/{}", out.zone, out.name)
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (zone, balancer): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let balancer = balancer.as_ref();
        Attrs::new()
            .with("zone", Attr::of(zone.as_ref().map(|zone| zone.id.clone())))
            .with("target", Attr::of(balancer.map(|b| target(b))))
            .with("target_zone", Attr::of(balancer.map(|b| b.zone_id.clone())))
            .with("evaluates_target_health", false)
            .with("routing", Attr::Known(Value::Null))
            .with("health_check", Attr::Known(Value::Null))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "zone" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<AliasRecordOut>>, Fault> {
        let mut candidates = Vec::new();
        for zone in scope.found.all::<HostedZoneOut>() {
            let Some(record) = apex(reads, &zone.id, &zone.name).await? else {
                continue;
            };
            let alias = record.alias_target();
            candidates.push(Candidate {
                attrs: Attrs::new()
                    .with("zone", zone.id.as_str())
                    .with("target", alias.map_or("", |a| plain(a.dns_name())))
                    .with("target_zone", alias.map_or("", AliasTarget::hosted_zone_id))
                    .with(
                        "evaluates_target_health",
                        alias.is_some_and(AliasTarget::evaluate_target_health),
                    )
                    .with("routing", Attr::Known(json!(record.set_identifier())))
                    .with("health_check", Attr::Known(json!(record.health_check_id()))),
                mark: Mark::Child(child_id(&scope.wanted, &zone.name)),
                name: None,
                out: AliasRecordOut {
                    zone: zone.id.clone(),
                    name: zone.name.clone(),
                    change: None,
                },
                pristine: false,
                health: Health::Ready,
                notes: Vec::new(),
            });
        }
        Ok(candidates)
    }

    async fn phases(
        reads: &Reads,
        outs: &[AliasRecordOut],
    ) -> Vec<Result<Phase<AliasRecordOut>, Fault>> {
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
        _: &Tags,
        _: Uuid,
    ) -> Result<Created<AliasRecordOut>, Fault> {
        let out = self.upsert(writes, needs).await?;
        Ok(Created::complete(self, needs, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        out: &AliasRecordOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<AliasRecordOut, Fault> {
        // A record with a routing policy is another one, and none without may stand beside it.
        if changes.iter().any(|change| change.root() == "routing") {
            delete(writes, out).await?;
        }
        self.upsert(writes, needs).await
    }

    async fn tag(_: &Writes, _: &AliasRecordOut, _: &Tags) -> Result<(), Fault> {
        Ok(())
    }

    async fn untag(_: &Writes, _: &AliasRecordOut, _: &[String]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(writes: &Writes, outs: &[AliasRecordOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(delete(writes, out).await);
        }
        answers
    }
}

impl AliasRecord {
    async fn upsert(
        &self,
        writes: &Writes,
        (zone, balancer): &<<Self as Kind>::Needs as Needs>::Known,
    ) -> Result<AliasRecordOut, Fault> {
        let alias = AliasTarget::builder()
            .hosted_zone_id(&balancer.zone_id)
            .dns_name(target(balancer))
            .evaluate_target_health(false)
            .build()
            .map_err(|e| unbuilt(&e))?;
        let record = ResourceRecordSet::builder()
            .name(&self.name)
            .r#type(RrType::A)
            .alias_target(alias)
            .build()
            .map_err(|e| unbuilt(&e))?;
        let change = change(writes, &zone.id, ChangeAction::Upsert, record).await?;
        Ok(AliasRecordOut {
            zone: zone.id.clone(),
            name: self.name.clone(),
            change,
        })
    }
}

/// The name that answers over IPv4 and, should the load balancer ever have it, IPv6.
fn target(balancer: &LoadBalancerOut) -> String {
    format!("dualstack.{}", balancer.dns_name.to_lowercase())
}

/// As Route 53 keeps names: with a dot at the end.
fn plain(name: &str) -> &str {
    name.trim_end_matches('.')
}

fn unbuilt(error: &aws_smithy_types::error::operation::BuildError) -> Fault {
    Fault::new(Class::Refused, CHANGE, error.to_string())
}

async fn change(
    writes: &Writes,
    zone: &str,
    action: ChangeAction,
    record: ResourceRecordSet,
) -> Result<Option<String>, Fault> {
    let change = RecordChange::builder()
        .action(action)
        .resource_record_set(record)
        .build()
        .map_err(|e| unbuilt(&e))?;
    let batch = ChangeBatch::builder()
        .changes(change)
        .build()
        .map_err(|e| unbuilt(&e))?;
    let answer = writes
        .call(CHANGE, |c| {
            c.route53
                .change_resource_record_sets()
                .hosted_zone_id(zone)
                .change_batch(batch)
                .send()
        })
        .await?;
    Ok(answer.change_info.map(|info| info.id))
}

/// Deleting wants the record exactly as it is.
async fn delete(writes: &Writes, out: &AliasRecordOut) -> Result<(), Fault> {
    match apex(&writes.reads, &out.zone, &out.name).await? {
        Some(record) => change(writes, &out.zone, ChangeAction::Delete, record)
            .await
            .map(drop),
        None => Ok(()),
    }
}

/// The A record at the apex of a zone.
async fn apex(reads: &Reads, zone: &str, name: &str) -> Result<Option<ResourceRecordSet>, Fault> {
    let request = reads
        .clients
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .start_record_name(name)
        .start_record_type(RrType::A)
        .max_items(1);
    let page = match call("route53:ListResourceRecordSets", request.send()).await {
        Err(fault) if fault.class == Class::Gone => return Ok(None),
        page => page?,
    };
    let first = page.resource_record_sets.into_iter().next();
    Ok(first.filter(|record| plain(record.name()) == name && record.r#type == RrType::A))
}

async fn phase(reads: &Reads, out: &AliasRecordOut) -> Result<Phase<AliasRecordOut>, Fault> {
    if apex(reads, &out.zone, &out.name).await?.is_none() {
        return Ok(Phase::Gone);
    }
    let ready = Phase::Ready(AliasRecordOut {
        change: None,
        ..out.clone()
    });
    let Some(change) = &out.change else {
        return Ok(ready);
    };
    let request = reads.clients.route53.get_change().id(change);
    match call("route53:GetChange", request.send()).await {
        // Changes are forgotten after a while: it is long done.
        Err(fault) if fault.class == Class::Gone => Ok(ready),
        answer => Ok(match answer?.change_info.map(|info| info.status) {
            Some(ChangeStatus::Pending) => {
                Phase::Pending(format!("{} spreads to the name servers", out.name))
            }
            _ => ready,
        }),
    }
}
