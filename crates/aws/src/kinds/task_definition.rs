//! The task definition of the web server. The resource is the family: an update registers a new
//! revision and retires the older ones, which running services survive.

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, CpuArchitecture, KeyValuePair, LogConfiguration, LogDriver,
    NetworkMode, OsFamily, PortMapping, RuntimePlatform, SortOrder, TaskDefinition as Live,
    TaskDefinitionField, TaskDefinitionStatus, TransportProtocol,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::call::call;
use crate::kinds::ecs_cluster::{from_tags, tag, to_tags, untag};
use crate::kinds::{Bucket, LogGroup, Repository, Role};
use crate::{Aws, Reads, Writes};

/// A Fargate task with one container.
#[derive(Debug, Clone)]
pub struct TaskDefinition {
    /// Family name.
    pub family: String,
    /// Container name.
    pub container: String,
    /// Image; `None` is the repository's `latest`.
    pub image: Option<String>,
    /// Port the container listens on.
    pub port: i32,
    /// Region of the logs.
    pub region: String,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinitionOut {
    /// Family name.
    pub family: String,
    /// ARN of the revision in use.
    pub arn: String,
}

type Known = <<TaskDefinition as Kind>::Needs as Needs>::Known;

const CPU: &str = "256";
const MEMORY: &str = "512";

#[async_trait]
impl Kind for TaskDefinition {
    type Cloud = Aws;
    /// Task role, execution role, log group, bucket, repository.
    type Needs = (
        Ref<Role>,
        Ref<Role>,
        Ref<LogGroup>,
        Ref<Bucket>,
        Ref<Repository>,
    );
    type Out = TaskDefinitionOut;
    const NAME: &'static str = "ecs/task-definition";
    const PACE: Pace = Pace::seconds(2, 1, 1, 300);
    // A second revision is harmless: the newest counts, the others are retired.
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = true;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &TaskDefinitionOut) -> String {
        out.family.clone()
    }
    fn name(&self) -> Option<String> {
        Some(self.family.clone())
    }
    fn attrs(
        &self,
        (task, execution, logs, bucket, repository): &<Self::Needs as Needs>::Maybe,
    ) -> Attrs {
        let image = match &self.image {
            Some(image) => Some(image.clone()),
            None => repository
                .as_ref()
                .map(|repository| format!("{}:latest", repository.uri)),
        };
        Attrs::new()
            .with("image", Attr::of(image))
            .with("container", self.container.as_str())
            .with("cpu", CPU)
            .with("memory", MEMORY)
            .with("network_mode", "awsvpc")
            .with("port", self.port)
            .with(
                "bucket",
                Attr::of(bucket.as_ref().map(|bucket| bucket.name.clone())),
            )
            .with(
                "log_group",
                Attr::of(logs.as_ref().map(|logs| logs.name.clone())),
            )
            .with(
                "task_role",
                Attr::of(task.as_ref().map(|role| role.arn.clone())),
            )
            .with(
                "execution_role",
                Attr::of(execution.as_ref().map(|role| role.arn.clone())),
            )
    }
    fn impact(_: &str) -> Impact {
        Impact::InPlace
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<TaskDefinitionOut>>, Fault> {
        let mut candidates = Vec::new();
        for family in scope.names(|out| &out.family) {
            let active = revisions(reads, &family, TaskDefinitionStatus::Active).await?;
            let (newest, health) = match active.into_iter().next() {
                Some(newest) => (Some(newest), Health::Ready),
                // A deletion that was cut short: out of service, and still there.
                None if scope.recorded.iter().any(|out| out.family == family) => {
                    let inactive =
                        revisions(reads, &family, TaskDefinitionStatus::Inactive).await?;
                    let why = "it was taken out of service".to_owned();
                    (inactive.into_iter().next(), Health::Unfinished(why))
                }
                None => (None, Health::Ready),
            };
            let Some(arn) = newest else {
                continue;
            };
            let (attrs, tags) = describe(reads, &arn).await?;
            candidates.push(Candidate {
                attrs,
                mark: Mark::Tags(tags),
                name: Some(family.clone()),
                out: TaskDefinitionOut { family, arn },
                pristine: false,
                health,
                notes: Vec::new(),
            });
        }
        Ok(candidates)
    }

    async fn phases(
        _: &Reads,
        outs: &[TaskDefinitionOut],
    ) -> Vec<Result<Phase<TaskDefinitionOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<TaskDefinitionOut>, Fault> {
        let out = self.register(writes, needs, tags).await?;
        Ok(Created::complete(self, needs, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        _: &TaskDefinitionOut,
        tags: &Tags,
        _: &[Change],
    ) -> Result<TaskDefinitionOut, Fault> {
        // The service still runs the old revision, and goes back to it if the new one fails: it is
        // retired when the service moves on.
        self.register(writes, needs, tags).await
    }

    async fn tag(writes: &Writes, out: &TaskDefinitionOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn untag(writes: &Writes, out: &TaskDefinitionOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.arn, keys).await
    }

    async fn delete(writes: &Writes, outs: &[TaskDefinitionOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            answers.push(delete(writes, &out.family).await);
        }
        answers
    }
}

impl TaskDefinition {
    /// The newest revision, if it is what would be registered: revisions are never changed, and one
    /// whose answer was lost is as good as another.
    async fn registered(
        &self,
        reads: &Reads,
        needs: &Known,
        tags: &Tags,
    ) -> Result<Option<TaskDefinitionOut>, Fault> {
        let newest = revisions(reads, &self.family, TaskDefinitionStatus::Active).await?;
        let Some(arn) = newest.into_iter().next() else {
            return Ok(None);
        };
        let (attrs, live) = describe(reads, &arn).await?;
        let alike = attrs == self.attrs(&<Self as Kind>::Needs::certain(needs));
        let marked = tags.iter().all(|(key, value)| live.get(key) == Some(value));
        let family = self.family.clone();
        Ok((alike && marked).then_some(TaskDefinitionOut { family, arn }))
    }

    async fn register(
        &self,
        writes: &Writes,
        needs: &Known,
        tags: &Tags,
    ) -> Result<TaskDefinitionOut, Fault> {
        const OPERATION: &str = "ecs:RegisterTaskDefinition";
        if let Some(registered) = self.registered(&writes.reads, needs, tags).await? {
            return Ok(registered);
        }
        let (task, execution, logs, bucket, repository) = needs;
        let latest = || format!("{}:latest", repository.uri);
        let option = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let options = [
            ("awslogs-group", logs.name.as_str()),
            ("awslogs-region", &self.region),
            ("awslogs-stream-prefix", "web"),
        ];
        let log = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .set_options(Some(options.map(option).into()))
            .build()
            .map_err(|e| Fault::new(Class::Refused, OPERATION, e.to_string()))?;
        let container = ContainerDefinition::builder()
            .name(&self.container)
            .image(self.image.clone().unwrap_or_else(latest))
            .essential(true)
            .port_mappings(
                PortMapping::builder()
                    .container_port(self.port)
                    .protocol(TransportProtocol::Tcp)
                    .build(),
            )
            .environment(
                KeyValuePair::builder()
                    .name("BUCKET_NAME")
                    .value(&bucket.name)
                    .build(),
            )
            .log_configuration(log)
            .build();
        let platform = RuntimePlatform::builder()
            .cpu_architecture(CpuArchitecture::X8664)
            .operating_system_family(OsFamily::Linux)
            .build();
        let answer = writes
            .call(OPERATION, |c| {
                c.ecs
                    .register_task_definition()
                    .family(&self.family)
                    .requires_compatibilities(Compatibility::Fargate)
                    .network_mode(NetworkMode::Awsvpc)
                    .cpu(CPU)
                    .memory(MEMORY)
                    .runtime_platform(platform)
                    .task_role_arn(&task.arn)
                    .execution_role_arn(&execution.arn)
                    .container_definitions(container)
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let registered = answer
            .task_definition
            .and_then(|live| live.task_definition_arn);
        Ok(TaskDefinitionOut {
            family: self.family.clone(),
            arn: registered.unwrap_or_default(),
        })
    }
}

fn live_attrs(live: Live) -> Attrs {
    let container = live
        .container_definitions
        .unwrap_or_default()
        .into_iter()
        .next();
    let container = container.unwrap_or_else(|| ContainerDefinition::builder().build());
    let bucket = container
        .environment()
        .iter()
        .find(|pair| pair.name() == Some("BUCKET_NAME"));
    let logs = container.log_configuration().and_then(|log| log.options());
    Attrs::new()
        .with("image", container.image().unwrap_or_default())
        .with("container", container.name().unwrap_or_default())
        .with("cpu", live.cpu.unwrap_or_default())
        .with("memory", live.memory.unwrap_or_default())
        .with(
            "network_mode",
            live.network_mode
                .map_or(String::new(), |mode| mode.as_str().to_owned()),
        )
        .with(
            "port",
            Attr::Known(json!(
                container
                    .port_mappings()
                    .first()
                    .and_then(aws_sdk_ecs::types::PortMapping::container_port)
            )),
        )
        .with(
            "bucket",
            bucket.and_then(|pair| pair.value()).unwrap_or_default(),
        )
        .with(
            "log_group",
            logs.and_then(|logs| logs.get("awslogs-group"))
                .cloned()
                .unwrap_or_default(),
        )
        .with("task_role", live.task_role_arn.unwrap_or_default())
        .with(
            "execution_role",
            live.execution_role_arn.unwrap_or_default(),
        )
}

async fn describe(reads: &Reads, arn: &str) -> Result<(Attrs, Tags), Fault> {
    let request = reads
        .clients
        .ecs
        .describe_task_definition()
        .task_definition(arn);
    let request = request.include(TaskDefinitionField::Tags);
    let answer = call("ecs:DescribeTaskDefinition", request.send()).await?;
    let attrs = answer.task_definition.map(live_attrs).unwrap_or_default();
    Ok((attrs, from_tags(answer.tags)))
}

/// Takes revisions out of use that nobody runs: all but those in `kept`.
pub(super) async fn retire(writes: &Writes, family: &str, kept: [&str; 2]) -> Result<(), Fault> {
    let active = revisions(&writes.reads, family, TaskDefinitionStatus::Active).await?;
    for arn in active.iter().filter(|arn| !kept.contains(&arn.as_str())) {
        deregister(writes, arn).await?;
    }
    Ok(())
}

/// Revisions of exactly this family, newest first.
async fn revisions(
    reads: &Reads,
    family: &str,
    status: TaskDefinitionStatus,
) -> Result<Vec<String>, Fault> {
    let request = reads
        .clients
        .ecs
        .list_task_definitions()
        .family_prefix(family);
    let pages = request
        .status(status)
        .sort(SortOrder::Desc)
        .into_paginator()
        .items()
        .send();
    let mut arns: Vec<String> = call("ecs:ListTaskDefinitions", pages.try_collect()).await?;
    // The prefix of a family is also that of longer ones.
    arns.retain(|arn| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        name.split(':').next() == Some(family)
    });
    arns.sort_by_key(|arn| {
        let revision = arn.rsplit(':').next().and_then(|n| n.parse::<u64>().ok());
        std::cmp::Reverse(revision)
    });
    Ok(arns)
}

async fn deregister(writes: &Writes, arn: &str) -> Result<(), Fault> {
    writes
        .call("ecs:DeregisterTaskDefinition", |c| {
            c.ecs
                .deregister_task_definition()
                .task_definition(arn)
                .send()
        })
        .await
        .map(drop)
}

async fn delete(writes: &Writes, family: &str) -> Result<(), Fault> {
    for arn in revisions(&writes.reads, family, TaskDefinitionStatus::Active).await? {
        deregister(writes, &arn).await?;
    }
    let inactive = revisions(&writes.reads, family, TaskDefinitionStatus::Inactive).await?;
    // "You can specify up to 10 task definitions as a list" (DeleteTaskDefinitions).
    for ten in inactive.chunks(10) {
        const OPERATION: &str = "ecs:DeleteTaskDefinitions";
        let answer = writes
            .call(OPERATION, |c| {
                c.ecs
                    .delete_task_definitions()
                    .set_task_definitions(Some(ten.to_vec()))
                    .send()
            })
            .await?;
        if let Some(failure) = answer.failures().first() {
            let (arn, reason) = (failure.arn(), failure.reason());
            let what = format!(
                "{}: {}",
                arn.unwrap_or(family),
                reason.unwrap_or("no reason given")
            );
            return Err(Fault::new(Class::Refused, OPERATION, what));
        }
    }
    Ok(())
}
