//! What the kinds read from recorded answers, and what the SDKs read from recorded errors.

use std::fmt::Write as _;
use std::future::Future;

use reconciler::{Facts, Fault, Id, Kind, Phase, Scope};

use super::answers::{always, replay};
use super::{Recording, checked_in};
use crate::Aws;
use crate::call::call;
use crate::classify::class_of;
use crate::clients::Clients;
use crate::kinds::{
    EcsCluster, EcsService, EcsServiceOut, Instance, LogGroup, Repository, RouteTable,
    SecurityGroup, Subnet, TargetGroup, Vpc, VpcEndpoint,
};

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// What a kind makes of recordings, as text: identity, health, mark, attributes.
fn look<K: Kind<Cloud = Aws>>(
    recordings: &[&str],
    made: &[(&str, &str)],
    name: Option<&str>,
) -> String {
    let reads = replay(recordings, made);
    let facts = Facts::default();
    let wanted = name.map(|name| (Id::new("a/thing"), Some(name.to_owned())));
    let scope = Scope::<K> {
        env: "prod",
        region: "us-east-1",
        recorded: Vec::new(),
        wanted: wanted.into_iter().collect(),
        found: &facts,
    };
    let mut text = format!("{} from {}\n", K::NAME, recordings.join(", "));
    let found = match wait(K::list(&reads, &scope)) {
        Ok(found) => found,
        Err(fault) => {
            writeln!(text, "  failed: {fault}").unwrap();
            return text;
        }
    };
    for candidate in found {
        let identity = K::identity(&candidate.out);
        let (health, mark) = (candidate.health, candidate.mark);
        writeln!(text, "  {identity}: {health:?}, {mark:?}").unwrap();
        let attrs = serde_json::to_value(&candidate.attrs).unwrap();
        for (field, value) in attrs.as_object().unwrap() {
            writeln!(text, "    {field}: {value}").unwrap();
        }
    }
    text
}

#[test]
fn kinds_read_what_aws_answered() {
    const ATTRIBUTE: (&str, &str) = (
        "DescribeVpcAttribute",
        "<DescribeVpcAttributeResponse><enableDnsSupport><value>true</value></enableDnsSupport><enableDnsHostnames><value>false</value></enableDnsHostnames></DescribeVpcAttributeResponse>",
    );
    const OF_INSTANCE: (&str, &str) = (
        "DescribeInstanceAttribute",
        "<DescribeInstanceAttributeResponse/>",
    );
    let cluster = "stackd-ecs-svc-a4afa4ae3c";
    let table = [
        look::<Vpc>(
            &[
                "ec2/DescribeVpcs-one-with-empty-tag-value",
                "ec2/DescribeSecurityGroups-default-group-of-a-new-vpc",
                "ec2/DescribeSecurityGroupRules-first-rule-of-a-new-group",
            ],
            &[ATTRIBUTE],
            None,
        ),
        look::<Vpc>(&["ec2/DescribeVpcs-filter-none"], &[], None),
        look::<Subnet>(&["ec2/DescribeSubnets-isolated"], &[], None),
        look::<Subnet>(&["ec2/DescribeSubnets-maps-public-addresses"], &[], None),
        look::<RouteTable>(&["ec2/DescribeRouteTables-main-of-a-new-vpc"], &[], None),
        look::<RouteTable>(&["ec2/DescribeRouteTables-own-with-association"], &[], None),
        look::<SecurityGroup>(
            &[
                "ec2/DescribeSecurityGroups-own-group-without-rules",
                "ec2/DescribeSecurityGroupRules-first-rule-of-a-new-group",
            ],
            &[],
            None,
        ),
        look::<VpcEndpoint>(&["ec2/DescribeVpcEndpoints-interface"], &[], None),
        look::<VpcEndpoint>(
            &["ec2/DescribeVpcEndpoints-gateway-s3-with-policy"],
            &[],
            None,
        ),
        look::<VpcEndpoint>(&["ec2/DescribeVpcEndpoints-two-older"], &[], None),
        look::<VpcEndpoint>(&["ec2/DescribeVpcEndpoints-none"], &[], None),
        look::<Instance>(
            &[
                "ec2/DescribeInstances-running-with-profile",
                "ec2/DescribeVolumes-encrypted-root-in-use",
                "ssm/GetParameter-public-image",
            ],
            &[OF_INSTANCE],
            None,
        ),
        look::<Instance>(
            &[
                "ec2/DescribeInstances-none",
                "ssm/GetParameter-public-image",
            ],
            &[],
            None,
        ),
        look::<EcsCluster>(
            &["ecs/DescribeClusters-inactive-after-delete"],
            &[],
            Some(cluster),
        ),
        look::<EcsCluster>(&["ecs/DescribeClusters-missing"], &[], Some(cluster)),
        look::<EcsCluster>(
            &["ecs/DescribeClusters-while-services-drain"],
            &[],
            Some(cluster),
        ),
        look::<LogGroup>(
            &[
                "logs/DescribeLogGroups-with-retention",
                "logs/ListTagsForResource-one",
            ],
            &[],
            Some("c7n-test-a"),
        ),
        look::<LogGroup>(&["logs/DescribeLogGroups-none"], &[], Some("/genu/prod")),
        look::<Repository>(
            &["ecr/DescribeRepositories-not-found"],
            &[],
            Some("genu-prod-web"),
        ),
        look::<Repository>(
            &[
                "ecr/DescribeRepositories-two",
                "ecr/GetLifecyclePolicy-none",
                "ecr/ListTagsForResource-two",
            ],
            &[],
            Some("genu-prod-web"),
        ),
        look::<TargetGroup>(
            &["elbv2/DescribeTargetGroups-not-found-by-name"],
            &[],
            Some("genu-prod-web"),
        ),
        look::<TargetGroup>(
            &[
                "elbv2/DescribeTargetGroups-one-unbound",
                "elbv2/DescribeTargetGroupAttributes-ip-target-defaults",
                "elbv2/DescribeTags-one",
            ],
            &[],
            Some("genu-prod-web"),
        ),
    ];
    let failed = |text: &&String| text.contains("failed: ");
    let failed: Vec<&String> = table.iter().filter(failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    checked_in("reads.txt", &table.join("\n"));
}

/// Where a service stands, by each recorded answer about one.
#[test]
fn phases_of_services_are_those_that_were_recorded() {
    let mut table = String::new();
    let services = Recording::all().into_iter().filter(|recording| {
        recording.service() == "ecs"
            && recording.operation == "DescribeServices"
            && recording.told.get("output").is_some()
    });
    for recording in services {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        for live in recording.told["output"]["services"].as_array().unwrap() {
            let out = EcsServiceOut {
                name: text(&live["serviceName"]),
                arn: text(&live["serviceArn"]),
                cluster: text(&live["clusterArn"]),
                task: text(&live["taskDefinition"]),
                made: None,
                rollout: None,
            };
            let none = [("ListTasks", "{\"taskArns\":[]}")];
            let reads = replay(&[&recording.name], &none);
            let phases = wait(EcsService::phases(&reads, &[out]));
            let told = match phases.into_iter().next().unwrap().unwrap() {
                Phase::Ready(_) => "Ready".to_owned(),
                Phase::Pending(what) => format!("Pending: {what}"),
                Phase::Deleting(trouble) => format!("Deleting: {}", trouble.why),
                Phase::Ended(trouble) => format!("Ended: {}", trouble.why),
                Phase::Failed(trouble) => format!("Failed: {}", trouble.why),
                Phase::Gone => "Gone".to_owned(),
            };
            writeln!(table, "{}: {told}", recording.name).unwrap();
        }
    }
    checked_in("phases.txt", &table);
}

/// Sends any call of a service and gives its failure.
async fn failed(clients: &Clients, service: &str) -> Option<Fault> {
    macro_rules! sent {
        ($request:expr) => {
            call("test:Call", $request.send()).await.map(drop)
        };
    }
    let answer = match service {
        "ec2" => sent!(clients.ec2.describe_vpcs()),
        "iam" => sent!(clients.iam.get_role().role_name("x")),
        "elbv2" => sent!(clients.elb.describe_load_balancers()),
        "ecs" => sent!(clients.ecs.describe_clusters()),
        "ecr" => sent!(clients.ecr.describe_repositories()),
        "ssm" => sent!(clients.ssm.get_parameter().name("x")),
        "logs" => sent!(clients.logs.describe_log_groups()),
        "application-autoscaling" => {
            let request = clients.scaling.describe_scalable_targets();
            sent!(request.service_namespace("ecs".into()))
        }
        "apigateway" => sent!(clients.apigateway.get_rest_apis()),
        "route53" => sent!(clients.route53.list_hosted_zones()),
        "s3" => sent!(clients.s3.get_bucket_policy().bucket("x")),
        _ => return None,
    };
    answer.err()
}

/// Code, words and class come through each protocol as they were recorded, whatever the operation.
#[test]
fn every_recorded_error_comes_through_the_sdk() {
    let mut replayed = 0;
    for recording in Recording::all() {
        let Some(error) = recording.told.get("error") else {
            continue;
        };
        // The code of an answer without a body is not on the wire.
        if recording.operation.starts_with("Head") {
            continue;
        }
        let reads = always(&recording);
        let Some(fault) = wait(failed(&reads.clients, recording.service())) else {
            assert!(["states", "cloudformation"].contains(&recording.service()));
            continue;
        };
        replayed += 1;
        let code = error["code"].as_str().unwrap();
        let message = error["message"].as_str().unwrap_or_default();
        let status = u16::try_from(error["status"].as_u64().unwrap()).unwrap();
        assert_eq!(fault.code.as_deref(), Some(code), "{}", recording.name);
        if message.is_empty() {
            assert!(fault.message.contains("no message"), "{}", recording.name);
        } else {
            let told = crate::denial::shortened(message);
            assert_eq!(fault.message, told, "{}", recording.name);
        }
        let class = class_of("test:Call", code, message, status);
        assert_eq!(fault.class, class, "{}", recording.name);
    }
    assert_eq!(replayed, 118);
}
