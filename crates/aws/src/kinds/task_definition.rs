//! The task definition of the web server. The resource is the family: an update registers a new
//! revision and retires the older ones, which running services survive.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, CpuArchitecture, KeyValuePair, LogConfiguration, LogDriver,
    NetworkMode, OsFamily, PortMapping, RuntimePlatform, SortOrder, TaskDefinition as Live,
    TaskDefinitionField, TaskDefinitionStatus, TransportProtocol,
};
use oci_image::Architecture;
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::ecs_cluster::{from_tags, tag, to_tags, untag};
use crate::kinds::{Bucket, Image, LogGroup, Repository, RepositoryOut, Role};
use crate::{Aws, Reads, Writes};

/// A Fargate task with one container.
#[derive(Debug, Clone)]
pub struct TaskDefinition {
    /// Family name.
    pub family: String,
    /// Container name.
    pub container: String,
    /// What it runs.
    pub image: TaskImage,
    /// Port the container listens on.
    pub port: i32,
    /// Region of the logs.
    pub region: String,
    /// Account that must own the bucket, twelve digits.
    pub account: String,
}

/// The image of a task.
#[derive(Debug, Clone)]
pub enum TaskImage {
    /// One of the user's own, by its full name, for x86-64.
    Given(String),
    /// The one that is pushed to the repository: its digest and what it runs on.
    Pushed {
        /// `sha256:…`.
        digest: String,
        /// Its machine.
        architecture: Architecture,
    },
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

/// The variables by which the web server knows its bucket, and the account that must own it.
const BUCKET: &str = "BUCKET_NAME";
const OWNER: &str = "EXPECTED_BUCKET_OWNER";
const LOG_PREFIX: &str = "web";
const CPU: &str = "256";
const MEMORY: &str = "512";

#[async_trait]
impl Kind for TaskDefinition {
    type Cloud = Aws;
    /// Task role, execution role, log group, bucket, repository, and what is pushed to it.
    type Needs = (
        Ref<Role>,
        Ref<Role>,
        Ref<LogGroup>,
        Ref<Bucket>,
        Ref<Repository>,
        Option<Ref<Image>>,
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
        (task, execution, logs, bucket, repository, _): &<Self::Needs as Needs>::Maybe,
    ) -> Attrs {
        let image = match &self.image {
            TaskImage::Given(image) => Some(image.clone()),
            TaskImage::Pushed { digest, .. } => repository
                .as_ref()
                .map(|repository| by_digest(repository, digest)),
        };
        plain()
            .with("image", Attr::of(image))
            .with("architecture", self.architecture().as_str())
            .with("read_only_root", self.read_only_root())
            .with("containers", Attr::set([self.container.as_str()]))
            .with("log_region", self.region.as_str())
            .with("log_prefix", LOG_PREFIX)
            .with("environment", Attr::set([BUCKET, OWNER]))
            .with("bucket_owner", self.account.as_str())
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
            // By its family's name alone AWS shows the newest that is in service.
            let mut health = Health::Ready;
            let mut found = describe(reads, &family).await?;
            if found.is_none() && scope.recorded.iter().any(|out| out.family == family) {
                // A deletion that was cut short: out of service, and still there.
                let inactive = revisions(reads, &family, TaskDefinitionStatus::Inactive).await?;
                health = Health::Unfinished("it was taken out of service".into());
                if let Some(arn) = inactive.into_iter().next() {
                    found = describe(reads, &arn).await?;
                }
            }
            let Some((arn, attrs, tags)) = found else {
                continue;
            };
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
    fn architecture(&self) -> CpuArchitecture {
        match self.image {
            TaskImage::Pushed {
                architecture: Architecture::Arm64,
                ..
            } => CpuArchitecture::Arm64,
            _ => CpuArchitecture::X8664,
        }
    }

    /// Our own server writes no file; of others' nobody knows.
    fn read_only_root(&self) -> bool {
        matches!(self.image, TaskImage::Pushed { .. })
    }

    /// The newest revision, if it is what would be registered: revisions are never changed, and one
    /// whose answer was lost is as good as another.
    async fn registered(
        &self,
        reads: &Reads,
        needs: &Known,
        tags: &Tags,
    ) -> Result<Option<TaskDefinitionOut>, Fault> {
        let Some((arn, attrs, live)) = describe(reads, &self.family).await? else {
            return Ok(None);
        };
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
        let (task, execution, logs, bucket, repository, _) = needs;
        let image = match &self.image {
            TaskImage::Given(image) => image.clone(),
            TaskImage::Pushed { digest, .. } => by_digest(repository, digest),
        };
        let variable =
            |name: &str, value: &str| KeyValuePair::builder().name(name).value(value).build();
        let option = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let options = [
            ("awslogs-group", logs.name.as_str()),
            ("awslogs-region", &self.region),
            ("awslogs-stream-prefix", LOG_PREFIX),
        ];
        let log = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .set_options(Some(options.map(option).into()))
            .build()
            .map_err(|e| Fault::new(Class::Refused, OPERATION, e.to_string()))?;
        let container = ContainerDefinition::builder()
            .name(&self.container)
            .image(image)
            .essential(true)
            .readonly_root_filesystem(self.read_only_root())
            .port_mappings(
                PortMapping::builder()
                    .container_port(self.port)
                    .protocol(TransportProtocol::Tcp)
                    .build(),
            )
            .environment(variable(BUCKET, &bucket.name))
            .environment(variable(OWNER, &self.account))
            .log_configuration(log)
            .build();
        let platform = RuntimePlatform::builder()
            .cpu_architecture(self.architecture())
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

/// An image of the repository that nobody can exchange.
fn by_digest(repository: &RepositoryOut, digest: &str) -> String {
    format!("{}@{digest}", repository.uri)
}

/// What we leave out, as AWS reads that: a plain Linux task of Fargate's.
fn plain() -> Attrs {
    Attrs::new()
        .with("system", OsFamily::Linux.as_str())
        .with(
            "compatibilities",
            Attr::set([Compatibility::Fargate.as_str()]),
        )
        .with("protocol", TransportProtocol::Tcp.as_str())
        .with("log_driver", LogDriver::Awslogs.as_str())
        .with("secrets", Attr::set(Vec::<String>::new()))
        .with("command", 0)
        .with("entry_point", 0)
        .with("user", Attr::Known(Value::Null))
        .with("privileged", false)
        .with("essential", true)
        .with("volumes", Attr::set(Vec::<String>::new()))
        .with("ephemeral_gib", Attr::Known(Value::Null))
}

/// Names only of what may hold a secret; of a command, which may, the number of its words: none is ours.
fn live_attrs(live: Live) -> Attrs {
    let containers = live.container_definitions.unwrap_or_default();
    let names: Vec<String> = containers.iter().filter_map(|c| c.name.clone()).collect();
    let container = containers.into_iter().next();
    let container = container.unwrap_or_else(|| ContainerDefinition::builder().build());
    let variable = |name: &str| {
        let mut pairs = container.environment().iter();
        let pair = pairs.find(|pair| pair.name() == Some(name));
        pair.and_then(|pair| pair.value()).unwrap_or_default()
    };
    let log = container.log_configuration();
    let logs = log.and_then(|log| log.options());
    let option = |key: &str| logs.and_then(|logs| logs.get(key)).cloned();
    let platform = live.runtime_platform.as_ref();
    let named = |name: Option<&str>| name.unwrap_or_default().to_owned();
    plain()
        .with("image", container.image().unwrap_or_default())
        .with("containers", Attr::set(names))
        .with("log_region", option("awslogs-region").unwrap_or_default())
        .with(
            "log_prefix",
            option("awslogs-stream-prefix").unwrap_or_default(),
        )
        .with(
            "log_driver",
            log.map_or("", |log| log.log_driver().as_str()),
        )
        .with(
            "environment",
            Attr::set(
                container
                    .environment()
                    .iter()
                    .map(|pair| named(pair.name())),
            ),
        )
        .with(
            "secrets",
            Attr::set(container.secrets().iter().map(|secret| secret.name.clone())),
        )
        .with(
            "architecture",
            platform
                .and_then(|p| p.cpu_architecture())
                .map_or("X86_64", CpuArchitecture::as_str),
        )
        .with(
            "system",
            platform
                .and_then(|p| p.operating_system_family())
                .map_or("LINUX", OsFamily::as_str),
        )
        .with(
            "compatibilities",
            Attr::set(
                live.requires_compatibilities
                    .unwrap_or_default()
                    .iter()
                    .map(Compatibility::as_str),
            ),
        )
        .with(
            "protocol",
            container
                .port_mappings()
                .first()
                .and_then(aws_sdk_ecs::types::PortMapping::protocol)
                .map_or("tcp", TransportProtocol::as_str),
        )
        .with("command", container.command().len())
        .with("entry_point", container.entry_point().len())
        .with("user", Attr::Known(json!(container.user())))
        .with("privileged", container.privileged == Some(true))
        .with(
            "read_only_root",
            container.readonly_root_filesystem == Some(true),
        )
        .with("essential", container.essential != Some(false))
        .with(
            "volumes",
            Attr::set(
                live.volumes
                    .unwrap_or_default()
                    .iter()
                    .map(|volume| named(volume.name())),
            ),
        )
        .with(
            "ephemeral_gib",
            Attr::Known(json!(live.ephemeral_storage.map(|s| s.size_in_gib))),
        )
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
        .with("bucket", variable(BUCKET))
        .with("bucket_owner", variable(OWNER))
        .with("log_group", option("awslogs-group").unwrap_or_default())
        .with("task_role", live.task_role_arn.unwrap_or_default())
        .with(
            "execution_role",
            live.execution_role_arn.unwrap_or_default(),
        )
}

/// ARN, attributes and tags of a revision, or of the newest in service of a family.
async fn describe(
    reads: &Reads,
    arn_or_family: &str,
) -> Result<Option<(String, Attrs, Tags)>, Fault> {
    const OPERATION: &str = "ecs:DescribeTaskDefinition";
    let request = reads.clients.ecs.describe_task_definition();
    let request = request
        .task_definition(arn_or_family)
        .include(TaskDefinitionField::Tags);
    let answer = match call(OPERATION, request.send()).await {
        // "Unable to describe task definition", a `ClientException`, and nothing else says it.
        Err(fault) if fault.message.contains("Unable to describe task definition") => {
            return Ok(None);
        }
        answer => answer?,
    };
    let live = answer.task_definition.map(|live| {
        let arn = live.task_definition_arn.clone().unwrap_or_default();
        (arn, live_attrs(live), from_tags(answer.tags))
    });
    Ok(live)
}

/// Takes revisions out of use that nobody runs: all but those in `kept`.
pub(super) async fn retire(
    writes: &Writes,
    family: &str,
    kept: &BTreeSet<String>,
) -> Result<(), Fault> {
    let active = revisions(&writes.reads, family, TaskDefinitionStatus::Active).await?;
    for arn in active.iter().filter(|arn| !kept.contains(*arn)) {
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
    const OPERATION: &str = "ecs:DeleteTaskDefinitions";
    for arn in revisions(&writes.reads, family, TaskDefinitionStatus::Active).await? {
        deregister(writes, &arn).await?;
    }
    let inactive = revisions(&writes.reads, family, TaskDefinitionStatus::Inactive).await?;
    // "You can specify up to 10 task definitions as a list" (DeleteTaskDefinitions).
    let mut refused = Vec::new();
    for ten in inactive.chunks(10) {
        let answer = writes
            .call(OPERATION, |c| {
                c.ecs
                    .delete_task_definitions()
                    .set_task_definitions(Some(ten.to_vec()))
                    .send()
            })
            .await?;
        let failures = answer.failures().iter().map(|failure| {
            let arn = failure.arn().unwrap_or(family);
            let reason = failure.reason().unwrap_or("no reason given");
            let detail = failure.detail().map(|detail| format!(" ({detail})"));
            format!("{arn}: {reason}{}", detail.unwrap_or_default())
        });
        refused.extend(failures);
    }
    if !refused.is_empty() {
        return Err(Fault::new(Class::Refused, OPERATION, refused.join("; ")));
    }
    Ok(())
}
