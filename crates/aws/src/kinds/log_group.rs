//! The log group of the web server, with a retention.

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::LogGroup as Live;
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Pace, Phase,
    Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::{Aws, Reads, Writes};

/// A log group.
#[derive(Debug, Clone)]
pub struct LogGroup {
    /// Name.
    pub name: String,
    /// Days until entries go; one of the values `CloudWatch` Logs knows.
    pub retention_days: i32,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroupOut {
    /// Name.
    pub name: String,
}

#[async_trait]
impl Kind for LogGroup {
    type Cloud = Aws;
    type Needs = ();
    type Out = LogGroupOut;
    const NAME: &'static str = "logs/log-group";
    const PACE: Pace = Pace::seconds(2, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &LogGroupOut) -> String {
        out.name.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (): &()) -> Attrs {
        defaults().with("retention_days", self.retention_days)
    }
    fn impact(field: &str) -> Impact {
        match field {
            "class" => Impact::Replace,
            // Somebody's care for what is in it: told, never taken off.
            "kms_key" => Impact::LeftAlone,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<LogGroupOut>>, Fault> {
        let names = scope.names(|out| &out.name);
        let mut candidates = Vec::new();
        for name in names {
            let request = reads
                .clients
                .logs
                .describe_log_groups()
                .log_group_name_prefix(&name);
            let pages = request.into_paginator().items().send();
            let found: Vec<_> = call("logs:DescribeLogGroups", pages.try_collect()).await?;
            for group in found
                .into_iter()
                .filter(|g| g.log_group_name() == Some(&name))
            {
                let arn = reads.arn("logs", &format!("log-group:{name}"));
                let request = reads
                    .clients
                    .logs
                    .list_tags_for_resource()
                    .resource_arn(arn);
                let tags = call("logs:ListTagsForResource", request.send()).await?.tags;
                candidates.push(Candidate {
                    out: LogGroupOut { name: name.clone() },
                    attrs: attrs_of(&group),
                    mark: Mark::Tags(tags.unwrap_or_default().into_iter().collect()),
                    name: Some(name.clone()),
                    pristine: false,
                    health: Health::Ready,
                    notes: Vec::new(),
                });
            }
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[LogGroupOut]) -> Vec<Result<Phase<LogGroupOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<LogGroupOut>, Fault> {
        writes
            .call("logs:CreateLogGroup", |c| {
                c.logs
                    .create_log_group()
                    .log_group_name(&self.name)
                    .set_tags(Some(tags.clone().into_iter().collect()))
                    .send()
            })
            .await?;
        Ok(Created {
            out: LogGroupOut {
                name: self.name.clone(),
            },
            attrs: defaults(),
            tagged: true,
        })
    }

    async fn update(
        &self,
        writes: &Writes,
        (): &(),
        out: &LogGroupOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<LogGroupOut, Fault> {
        let changed = |field: &str| changes.iter().any(|change| change.root() == field);
        if changed("retention_days") {
            writes
                .call("logs:PutRetentionPolicy", |c| {
                    c.logs
                        .put_retention_policy()
                        .log_group_name(&self.name)
                        .retention_in_days(self.retention_days)
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &LogGroupOut, tags: &Tags) -> Result<(), Fault> {
        let arn = writes.reads.arn("logs", &format!("log-group:{}", out.name));
        writes
            .call("logs:TagResource", |c| {
                c.logs
                    .tag_resource()
                    .resource_arn(arn)
                    .set_tags(Some(tags.clone().into_iter().collect()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn untag(writes: &Writes, out: &LogGroupOut, keys: &[String]) -> Result<(), Fault> {
        let arn = writes.reads.arn("logs", &format!("log-group:{}", out.name));
        writes
            .call("logs:UntagResource", |c| {
                c.logs
                    .untag_resource()
                    .resource_arn(arn)
                    .set_tag_keys(Some(keys.to_vec()))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete(writes: &Writes, outs: &[LogGroupOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("logs:DeleteLogGroup", |c| {
                    c.logs.delete_log_group().log_group_name(&out.name).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

/// As `CreateLogGroup` makes it when told nothing but a name (API reference).
fn defaults() -> Attrs {
    Attrs::new()
        .with("kms_key", Attr::Known(Value::Null))
        .with("class", "STANDARD")
}

fn attrs_of(live: &Live) -> Attrs {
    let class = live.log_group_class().map_or("STANDARD", |c| c.as_str());
    Attrs::new()
        .with("retention_days", Attr::Known(json!(live.retention_in_days)))
        .with("kms_key", Attr::Known(json!(live.kms_key_id)))
        .with("class", class)
}
