//! Bucket, image repository, load balancer and the web server's service.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::kinds::{
    AliasRecord, Bucket, EcsCluster, EcsService, HostedZone, Image, Listener, LoadBalancer,
    LogGroup, Peer, Repository, Role, ScalableTarget, ScalingPolicy, SecurityGroupRule,
    TargetGroup, TaskDefinition, TaskImage, Then, Tls,
};
use reconciler::Ref;
use serde_json::{Value, json};

use crate::network::{admit, let_out};
use crate::{Drawing, Ground, ids};

/// TCP port of the web server, whoever's image it is.
pub const PORT: u16 = 8080;
const HTTP: u16 = 80;
const HTTPS: u16 = 443;
/// TLS 1.3 and 1.2 with forward secrecy and authenticated encryption alone ("Security policies for
/// your Application Load Balancer").
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
const CONTAINER: &str = "web";

impl Drawing<'_> {
    pub(crate) fn web(&mut self, ground: &Ground) {
        let mut rules = admit(HTTP, "tcp", &self.clients);
        if self.env.domain().is_some() {
            rules.extend(admit(HTTPS, "tcp", &self.clients));
        }
        let balancer_group = self.group(
            "web/load-balancer-group",
            &ground.vpc,
            "Load balancer",
            Vec::new(),
            rules,
        );
        let mut rules = vec![aws::kinds::Rule {
            egress: false,
            protocol: "tcp",
            port: PORT,
            peer: Peer::Group(0),
        }];
        // To the interface endpoints, and to S3 through the gateway.
        rules.extend(self.to_vpc("tcp", HTTPS));
        let s3 = Peer::PrefixList(self.around.s3_prefix_list.clone());
        rules.push(let_out("tcp", HTTPS, s3));
        let service_group = self.group(
            "web/service-group",
            &ground.vpc,
            "Web server",
            vec![balancer_group.clone()],
            rules,
        );
        self.add(
            "web/load-balancer-to-service",
            (balancer_group.clone(), service_group.clone()),
            SecurityGroupRule { port: PORT },
        );
        let balancer = self.add(
            ids::LOAD_BALANCER,
            (ground.vpc.clone(), ground.subnets.clone(), balancer_group),
            LoadBalancer {
                name: format!("{}-web", self.naming.prefix()),
                access_logs: self.access_logs(),
            },
        );
        let target = self.add(
            "web/target-group",
            ground.vpc.clone(),
            TargetGroup {
                name: format!("{}-web", self.naming.prefix()),
                port: 80,
                health_check_path: "/healthcheck".into(),
            },
        );
        let listener = self.listeners(ground, &balancer, &target);

        let bucket = self.add(
            ids::BUCKET,
            (),
            Bucket {
                name: self.naming.bucket(),
                partition: self.around.partition.clone(),
            },
        );
        let repository_name = format!("{}-web", self.naming.prefix());
        let repository = self.add(
            "web/repository",
            (),
            Repository {
                name: repository_name.clone(),
            },
        );
        let (image, pushed) = self.image(&repository);
        let log_name = format!("/genu/{}/web", self.naming.env());
        let logs = self.add(
            "web/log-group",
            (),
            LogGroup {
                name: log_name.clone(),
                retention_days: self.env.closed_network_log_retention_days,
            },
        );
        let task_policy = self.task_policy();
        let task_role = self.role("web/task-role", "web-task", task_policy);
        let execution_policy = self.execution_policy(&repository_name, &log_name);
        let execution_role = self.role("web/execution-role", "web-execution", execution_policy);
        let task = self.add(
            "web/task-definition",
            (task_role, execution_role, logs, bucket, repository, pushed),
            TaskDefinition {
                family: format!("{}-web", self.naming.prefix()),
                container: CONTAINER.into(),
                image,
                port: PORT.into(),
                region: self.around.region.clone(),
                account: self.around.account.clone(),
            },
        );
        let (cluster_name, service_name) = (
            self.naming.prefix().to_owned(),
            format!("{}-web", self.naming.prefix()),
        );
        let cluster = self.add(
            "web/cluster",
            (),
            EcsCluster {
                name: cluster_name.clone(),
            },
        );
        let service = self.add(
            "web/service",
            (
                (cluster, task),
                (ground.subnets.clone(), service_group),
                (target, listener),
                // Without these no image is pulled and no log written: the reference only wins
                // the race.
                ground.endpoints(&["ecr.api", "ecr.dkr", "logs", "s3"]),
            ),
            EcsService {
                name: service_name.clone(),
                container: CONTAINER.into(),
                port: PORT.into(),
            },
        );
        let scaling = self.add(
            "web/scaling",
            service,
            ScalableTarget {
                resource: format!("service/{cluster_name}/{service_name}"),
                min: 1,
                max: 20,
            },
        );
        let metrics = [
            ("cpu", "ECSServiceAverageCPUUtilization"),
            ("memory", "ECSServiceAverageMemoryUtilization"),
        ];
        for (name, metric) in metrics {
            let id = format!("web/scaling-{name}");
            let policy = ScalingPolicy {
                name: self.naming.of(&id),
                metric,
                target: 50.0,
            };
            self.add(&id, scaling.clone(), policy);
        }
    }

    /// The user's own image, or the one that is packed, pushed to the repository.
    fn image(&mut self, repository: &Ref<Repository>) -> (TaskImage, Option<Ref<Image>>) {
        match (&self.env.closed_network_web_image, self.packed) {
            (None, Some(packed)) => {
                let image = Arc::clone(packed);
                let pushed = self.add(ids::IMAGE, repository.clone(), Image { image });
                let image = TaskImage::Pushed {
                    digest: packed.digest().to_owned(),
                    architecture: packed.architecture,
                };
                (image, Some(pushed))
            }
            (given, _) => (TaskImage::Given(given.clone().unwrap_or_default()), None),
        }
    }

    /// Plain HTTP; with a domain of one's own HTTPS, and HTTP that leads there. Returns the listener
    /// that forwards.
    fn listeners(
        &mut self,
        ground: &Ground,
        balancer: &Ref<LoadBalancer>,
        target: &Ref<TargetGroup>,
    ) -> Ref<Listener> {
        let http = |then| Listener {
            port: HTTP.into(),
            tls: None,
            then,
        };
        let Some((domain, certificate)) = self.env.domain() else {
            let needs = (balancer.clone(), Some(target.clone()), None);
            return self.add("web/listener", needs, http(Then::Forward));
        };
        let https = Listener {
            port: HTTPS.into(),
            tls: Some(Tls {
                certificate: certificate.to_owned(),
                policy: TLS_POLICY,
            }),
            then: Then::Forward,
        };
        let needs = (balancer.clone(), Some(target.clone()), None);
        let secure = self.add("web/listener-https", needs, https);
        // Nobody is sent to HTTPS before it answers.
        let needs = (balancer.clone(), None, Some(secure.clone()));
        self.add("web/listener", needs, http(Then::RedirectToHttps));
        let name = domain.to_owned();
        let zone = HostedZone { name: name.clone() };
        let zone = self.add(ids::ZONE, ground.vpc.clone(), zone);
        let alias = AliasRecord { name };
        self.add(ids::DOMAIN, (zone, balancer.clone()), alias);
        secure
    }

    /// A role of ECS tasks of this account and region, and of nobody else's.
    fn role(&mut self, id: &str, name: &str, policy: Value) -> Ref<Role> {
        let (partition, region, account) = (
            &self.around.partition,
            &self.around.region,
            &self.around.account,
        );
        let role = Role {
            name: self.naming.global(name),
            service: "ecs-tasks.amazonaws.com".into(),
            trust_condition: json!({
                "StringEquals": { "aws:SourceAccount": account },
                "ArnLike": { "aws:SourceArn": format!("arn:{partition}:ecs:{region}:{account}:*") },
            }),
            inline: BTreeMap::from([(name.to_owned(), policy)]),
            managed: Vec::new(),
        };
        self.add(id, (), role)
    }

    fn task_policy(&self) -> Value {
        let bucket = format!(
            "arn:{}:s3:::{}",
            self.around.partition,
            self.naming.bucket()
        );
        json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("{bucket}/*") },
                // Without it S3 answers 403 instead of 404 for a missing key.
                { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket },
            ],
        })
    }

    fn execution_policy(&self, repository: &str, log_group: &str) -> Value {
        let (partition, region, account) = (
            &self.around.partition,
            &self.around.region,
            &self.around.account,
        );
        let arn = |service: &str, rest: &str| {
            format!("arn:{partition}:{service}:{region}:{account}:{rest}")
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [
                        "ecr:BatchCheckLayerAvailability",
                        "ecr:BatchGetImage",
                        "ecr:GetDownloadUrlForLayer",
                    ],
                    "Resource": arn("ecr", &format!("repository/{}", self.image_repository(repository))),
                },
                // AWS knows no narrower resource for it.
                { "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" },
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": arn("logs", &format!("log-group:{log_group}:*")),
                },
            ],
        })
    }

    /// The repository that the image is pulled from: the user's, when it is in this registry.
    fn image_repository<'r>(&'r self, own: &'r str) -> &'r str {
        let image = self.env.closed_network_web_image.as_deref();
        let registry = format!("{}.dkr.ecr.{}.", self.around.account, self.around.region);
        let path = image
            .filter(|image| image.starts_with(&registry))
            .and_then(|image| image.split_once('/'));
        match path {
            Some((_, path)) => path.split(['@', ':']).next().unwrap_or(own),
            None => own,
        }
    }
}
