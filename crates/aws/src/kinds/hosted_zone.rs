//! The private hosted zone of the user's own domain. Its create call takes no tags: the marks stand
//! in its comment first.

use async_trait::async_trait;
use aws_sdk_route53::types::{
    HostedZone as Live, HostedZoneConfig, Tag, TagResourceType, VpcRegion,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled, tags,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
use crate::foreign::records;
use crate::kinds::Vpc;
use crate::{Aws, Reads, Writes};

/// What the keys of our marks begin with.
const MARKS: &str = "genu-deploy:";

/// A private hosted zone.
#[derive(Debug, Clone)]
pub struct HostedZone {
    /// Domain, without the dot at its end.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZoneOut {
    /// Id, without `/hostedzone/`.
    pub id: String,
    /// Domain, without the dot at its end.
    pub name: String,
    /// The VPC that we associated with it. Others may have associated more: theirs are left alone.
    pub vpc: String,
}

#[async_trait]
impl Kind for HostedZone {
    type Cloud = Aws;
    type Needs = Ref<Vpc>;
    type Out = HostedZoneOut;
    const NAME: &'static str = "route53/hosted-zone";
    const PACE: Pace = Pace::seconds(3, 2, 1, 300);
    // A `CallerReference` makes exactly one zone, and answers a second call with an error.
    const RESEND: Resend = Resend::Safe;
    // Nothing of the network waits for a zone to be known everywhere; its record does.
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = true;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &HostedZoneOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        // Several zones of one name may exist; only on one VPC they collide.
        None
    }
    fn attrs(&self, vpc: &<Self::Needs as Needs>::Maybe) -> Attrs {
        Attrs::new()
            .with("name", self.name.as_str())
            .with("vpc", Attr::of(vpc.as_ref().map(|vpc| vpc.id.clone())))
            .with("private", true)
            .with("other_records", Attr::set(Vec::<String>::new()))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "vpc" => Impact::Tied,
            // Data of others, as `destroy` takes it, too.
            "other_records" => Impact::LeftAlone,
            _ => Impact::Replace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<HostedZoneOut>>, Fault> {
        let pages = reads.clients.route53.list_hosted_zones().into_paginator();
        let found: Result<Vec<Live>, Fault> = call(
            "route53:ListHostedZones",
            pages.items().send().try_collect(),
        )
        .await;
        let found = match found {
            // Who has no domain needs no right to look at zones.
            Err(fault)
                if fault.class == Class::Denied
                    && scope.wanted.is_empty()
                    && scope.recorded.is_empty() =>
            {
                Vec::new()
            }
            found => found?,
        };
        let mut candidates = Vec::new();
        for live in found {
            let marks = marks_in(comment(&live));
            let marked = marks.get(tags::ENV).is_some_and(|env| env == scope.env)
                && marks.get(tags::REGION).is_some_and(|r| r == scope.region);
            let recorded = scope.recorded.iter().find(|out| out.id == bare(live.id()));
            if marked || recorded.is_some() {
                candidates.push(candidate(reads, &live, marks, recorded).await?);
            }
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[HostedZoneOut]) -> Vec<Result<Phase<HostedZoneOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        vpc: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<HostedZoneOut>, Fault> {
        let config = HostedZoneConfig::builder()
            .comment(comment_with(tags))
            .private_zone(true)
            .build();
        let answer = writes
            .call("route53:CreateHostedZone", |c| {
                c.route53
                    .create_hosted_zone()
                    .name(&self.name)
                    .caller_reference(token.to_string())
                    .vpc(association(&writes.reads.region, &vpc.id))
                    .hosted_zone_config(config)
                    .send()
            })
            .await?;
        let id = answer.hosted_zone.map(|zone| bare(zone.id()).to_owned());
        Ok(Created {
            out: HostedZoneOut {
                id: id.unwrap_or_default(),
                name: self.name.clone(),
                vpc: vpc.id.clone(),
            },
            attrs: self.attrs(&Some(vpc.clone())),
            tagged: false,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        vpc: &<Self::Needs as Needs>::Known,
        out: &HostedZoneOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<HostedZoneOut, Fault> {
        let live = vpcs(&writes.reads, &out.id).await?;
        // A zone keeps at least one VPC: the new one comes before the old one goes.
        if !live.iter().any(|(_, id)| *id == vpc.id) {
            let ours = association(&writes.reads.region, &vpc.id);
            writes
                .call("route53:AssociateVPCWithHostedZone", |c| {
                    c.route53
                        .associate_vpc_with_hosted_zone()
                        .hosted_zone_id(&out.id)
                        .vpc(ours)
                        .send()
                })
                .await?;
        }
        let old = live
            .iter()
            .filter(|(_, id)| *id == out.vpc && *id != vpc.id);
        for (region, id) in old {
            let other = association(region, id);
            let answer = writes
                .call("route53:DisassociateVPCFromHostedZone", |c| {
                    c.route53
                        .disassociate_vpc_from_hosted_zone()
                        .hosted_zone_id(&out.id)
                        .vpc(other)
                        .send()
                })
                .await;
            match answer {
                Err(fault) if fault.class != Class::Gone => return Err(fault),
                _ => {}
            }
        }
        Ok(HostedZoneOut {
            vpc: vpc.id.clone(),
            ..out.clone()
        })
    }

    async fn tag(writes: &Writes, out: &HostedZoneOut, tags: &Tags) -> Result<(), Fault> {
        // A zone takes ten tags at most, and its comment bears the marks already.
        let add = tags
            .iter()
            .filter(|(key, _)| !key.starts_with(MARKS))
            .map(|(key, value)| Tag::builder().key(key).value(value).build());
        let add: Vec<Tag> = add.collect();
        writes
            .call("route53:ChangeTagsForResource", |c| {
                c.route53
                    .change_tags_for_resource()
                    .resource_type(TagResourceType::Hostedzone)
                    .resource_id(&out.id)
                    .set_add_tags(Some(add))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn untag(writes: &Writes, out: &HostedZoneOut, keys: &[String]) -> Result<(), Fault> {
        writes
            .call("route53:ChangeTagsForResource", |c| {
                c.route53
                    .change_tags_for_resource()
                    .resource_type(TagResourceType::Hostedzone)
                    .resource_id(&out.id)
                    .set_remove_tag_keys(Some(keys.to_vec()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete(writes: &Writes, outs: &[HostedZoneOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("route53:DeleteHostedZone", |c| {
                    c.route53.delete_hosted_zone().id(&out.id).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

/// `/hostedzone/Z1` -> `Z1`.
pub(crate) fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn association(region: &str, vpc: &str) -> aws_sdk_route53::types::Vpc {
    aws_sdk_route53::types::Vpc::builder()
        .vpc_region(VpcRegion::from(region))
        .vpc_id(vpc)
        .build()
}

fn comment(live: &Live) -> &str {
    let config = live.config();
    config
        .and_then(HostedZoneConfig::comment)
        .unwrap_or_default()
}

/// The marks as a comment of at most 256 characters (`HostedZoneConfig`, API reference).
fn comment_with(tags: &Tags) -> String {
    let marks = tags.iter().filter(|(key, _)| key.starts_with(MARKS));
    let marks: Vec<String> = marks.map(|(key, value)| format!("{key}={value}")).collect();
    marks.join(" ")
}

fn marks_in(comment: &str) -> Tags {
    let words = comment.split_whitespace();
    let pairs = words.filter_map(|word| word.split_once('='));
    pairs
        .filter(|(key, _)| key.starts_with(MARKS))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

async fn candidate(
    reads: &Reads,
    live: &Live,
    mut marks: Tags,
    recorded: Option<&HostedZoneOut>,
) -> Result<Candidate<HostedZoneOut>, Fault> {
    let id = bare(live.id()).to_owned();
    let request = reads
        .clients
        .route53
        .list_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(&id);
    let (vpcs, tags) = tokio::try_join!(
        vpcs(reads, &id),
        call("route53:ListTagsForResource", request.send())
    )?;
    let tags = tags.resource_tag_set.and_then(|set| set.tags);
    marks.extend(
        tags.unwrap_or_default()
            .into_iter()
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))),
    );
    // NS, SOA and the alias are all that it should have; who else is there costs a call.
    let others = if live.resource_record_set_count().is_none_or(|n| n > 3) {
        records(reads, &id).await?
    } else {
        Vec::new()
    };
    // The one on record while it is there; without a record the only one.
    let ours = recorded.map(|out| out.vpc.as_str());
    let ours = ours.filter(|vpc| vpcs.iter().any(|(_, id)| id == vpc));
    let ours = ours.or(match vpcs.as_slice() {
        [(_, only)] => Some(only.as_str()),
        _ => None,
    });
    let out = HostedZoneOut {
        id,
        name: live.name().trim_end_matches('.').to_owned(),
        vpc: ours.unwrap_or_default().to_owned(),
    };
    Ok(Candidate {
        attrs: Attrs::new()
            .with("name", out.name.as_str())
            .with("vpc", out.vpc.as_str())
            .with(
                "private",
                live.config().is_some_and(|config| config.private_zone),
            )
            .with("other_records", Attr::set(others)),
        mark: Mark::Tags(marks),
        name: None,
        // Its own two records are all it was born with.
        pristine: live.resource_record_set_count() == Some(2),
        out,
        health: Health::Ready,
        notes: Vec::new(),
    })
}

/// Region and id of every VPC that the zone answers.
async fn vpcs(reads: &Reads, id: &str) -> Result<Vec<(String, String)>, Fault> {
    let request = reads.clients.route53.get_hosted_zone().id(id);
    let answer = call("route53:GetHostedZone", request.send()).await?;
    let vpcs = answer.vpcs.unwrap_or_default().into_iter();
    Ok(vpcs
        .filter_map(|vpc| Some((vpc.vpc_region?.as_str().to_owned(), vpc.vpc_id?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_survive_the_comment_and_nothing_else_is_read_from_it() {
        let tags = Tags::from([
            ("genu-deploy:env".into(), "priv".into()),
            ("genu-deploy:id".into(), "network/zone".into()),
            ("Name".into(), "genu priv".into()),
        ]);
        let comment = comment_with(&tags);
        assert_eq!(comment, "genu-deploy:env=priv genu-deploy:id=network/zone");
        let read = marks_in(&format!("by hand: a=b {comment}"));
        assert_eq!(read.len(), 2);
        assert_eq!(read["genu-deploy:env"], "priv");
    }
}
