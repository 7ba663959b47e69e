//! The ECS cluster. Its service-linked role is made by ECS itself on first use and never deleted.

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    Cluster as Live, ClusterConfiguration, ClusterField, ClusterSetting, ClusterSettingName,
    ExecuteCommandConfiguration, ExecuteCommandLogging, Tag,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Pace, Phase,
    Resend, Scope, Settles, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::{Aws, Reads, Writes};

/// A cluster for Fargate.
#[derive(Debug, Clone)]
pub struct EcsCluster {
    /// Name.
    pub name: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsClusterOut {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
}

#[async_trait]
impl Kind for EcsCluster {
    type Cloud = Aws;
    type Needs = ();
    type Out = EcsClusterOut;
    const NAME: &'static str = "ecs/cluster";
    const PACE: Pace = Pace::seconds(2, 2, 2, 600);
    // Creating a cluster that exists answers with it.
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::Later;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &EcsClusterOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }
    fn attrs(&self, (): &()) -> Attrs {
        attrs(OFF.into(), Vec::new(), Value::Null)
    }
    fn impact(_: &str) -> Impact {
        Impact::InPlace
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<EcsClusterOut>>, Fault> {
        let names: Vec<String> = scope.names(|out| &out.name).into_iter().collect();
        let found = describe(reads, names).await?.into_iter();
        let candidate = |cluster: Live| Candidate {
            attrs: attrs_of(&cluster),
            health: match cluster.status() {
                Some("ACTIVE") => Health::Ready,
                Some("FAILED") => Health::Broken("its status is FAILED".into()),
                _ => Health::Pending,
            },
            name: cluster.cluster_name.clone(),
            out: EcsClusterOut {
                name: cluster.cluster_name.unwrap_or_default(),
                arn: cluster.cluster_arn.unwrap_or_default(),
            },
            mark: Mark::Tags(from_tags(cluster.tags)),
            pristine: false,
            notes: Vec::new(),
        };
        Ok(found
            .filter(|c| c.status() != Some("INACTIVE"))
            .map(candidate)
            .collect())
    }

    async fn phases(
        reads: &Reads,
        outs: &[EcsClusterOut],
    ) -> Vec<Result<Phase<EcsClusterOut>, Fault>> {
        let found = describe(reads, outs.iter().map(|out| out.name.clone()).collect()).await;
        outs.iter()
            .map(|out| {
                let found = found.as_ref().map_err(Clone::clone)?;
                let cluster = found.iter().find(|c| c.cluster_arn() == Some(&out.arn));
                Ok(match cluster.and_then(|c| c.status()) {
                    // An inactive one may be an earlier one of the name: the ARN is the same.
                    None | Some("INACTIVE") => Phase::Gone,
                    Some("ACTIVE") => Phase::Ready(out.clone()),
                    Some("FAILED") => {
                        Phase::Failed(format!("cluster {} has failed", out.name).into())
                    }
                    Some(status) => Phase::Pending(format!("cluster {} is {status}", out.name)),
                })
            })
            .collect()
    }

    async fn create(
        &self,
        writes: &Writes,
        (): &(),
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<EcsClusterOut>, Fault> {
        let answer = writes
            .call("ecs:CreateCluster", |c| {
                c.ecs
                    .create_cluster()
                    .cluster_name(&self.name)
                    // The account may have another default.
                    .settings(insights_off())
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let cluster = answer.cluster.ok_or_else(|| {
            Fault::new(
                Class::Ambiguous,
                "ecs:CreateCluster",
                "the answer names no cluster",
            )
        })?;
        let out = EcsClusterOut {
            name: self.name.clone(),
            arn: cluster.cluster_arn.unwrap_or_default(),
        };
        Ok(Created::complete(self, &(), out))
    }

    async fn update(
        &self,
        writes: &Writes,
        (): &(),
        out: &EcsClusterOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<EcsClusterOut, Fault> {
        let changed = |field: &str| changes.iter().any(|change| change.root() == field);
        if changed("container_insights") || changed("exec_logging") {
            writes
                .call("ecs:UpdateCluster", |c| {
                    let exec = ExecuteCommandConfiguration::builder();
                    let exec = exec.logging(ExecuteCommandLogging::Default).build();
                    let usual = ClusterConfiguration::builder();
                    let usual = usual.execute_command_configuration(exec).build();
                    c.ecs
                        .update_cluster()
                        .cluster(&out.name)
                        .settings(insights_off())
                        .configuration(usual)
                        .send()
                })
                .await?;
        }
        if changed("capacity_providers") {
            writes
                .call("ecs:PutClusterCapacityProviders", |c| {
                    c.ecs
                        .put_cluster_capacity_providers()
                        .cluster(&out.name)
                        .set_capacity_providers(Some(Vec::new()))
                        .set_default_capacity_provider_strategy(Some(Vec::new()))
                        .send()
                })
                .await?;
        }
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &EcsClusterOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn untag(writes: &Writes, out: &EcsClusterOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.arn, keys).await
    }

    async fn delete(writes: &Writes, outs: &[EcsClusterOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("ecs:DeleteCluster", |c| {
                    c.ecs.delete_cluster().cluster(&out.name).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

/// Container Insights costs by the metric and is nobody's wish here.
const OFF: &str = "disabled";

fn insights_off() -> ClusterSetting {
    ClusterSetting::builder()
        .name(ClusterSettingName::ContainerInsights)
        .value(OFF)
        .build()
}

fn attrs(insights: String, providers: Vec<String>, exec: Value) -> Attrs {
    Attrs::new()
        .with("container_insights", insights)
        .with("capacity_providers", Attr::set(providers))
        .with("exec_logging", Attr::Known(exec))
}

/// What is not answered has AWS's default.
fn attrs_of(live: &Live) -> Attrs {
    let insights = live
        .settings()
        .iter()
        .find(|setting| setting.name() == Some(&ClusterSettingName::ContainerInsights));
    let exec = live
        .configuration()
        .and_then(|configuration| configuration.execute_command_configuration())
        .and_then(|exec| exec.logging())
        // As if nothing had been said.
        .filter(|logging| **logging != ExecuteCommandLogging::Default);
    attrs(
        insights
            .and_then(|setting| setting.value())
            .unwrap_or(OFF)
            .to_owned(),
        live.capacity_providers().to_vec(),
        json!(exec.map(ExecuteCommandLogging::as_str)),
    )
}

async fn describe(reads: &Reads, names: Vec<String>) -> Result<Vec<Live>, Fault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let request = reads
        .clients
        .ecs
        .describe_clusters()
        .set_clusters(Some(names));
    let answer = call(
        "ecs:DescribeClusters",
        request
            .include(ClusterField::Tags)
            .include(ClusterField::Settings)
            .include(ClusterField::Configurations)
            .send(),
    )
    .await?;
    Ok(answer.clusters.unwrap_or_default())
}

pub(crate) fn to_tags(tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

pub(crate) fn from_tags(tags: Option<Vec<Tag>>) -> Tags {
    let tags = tags.unwrap_or_default().into_iter();
    tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

/// Puts tags on anything of ECS.
pub(crate) async fn tag(writes: &Writes, arn: &str, tags: &Tags) -> Result<(), Fault> {
    writes
        .call("ecs:TagResource", |c| {
            c.ecs
                .tag_resource()
                .resource_arn(arn)
                .set_tags(Some(to_tags(tags)))
                .send()
        })
        .await
        .map(drop)
}

/// Takes tags off anything of ECS.
pub(crate) async fn untag(writes: &Writes, arn: &str, keys: &[String]) -> Result<(), Fault> {
    writes
        .call("ecs:UntagResource", |c| {
            c.ecs
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(keys.to_vec()))
                .send()
        })
        .await
        .map(drop)
}
