"""ECS and its scaling."""

from table import ACCOUNT, on


def revision(field, change, **kwargs):
    """Registers another revision of the task definition."""
    @on(f"web/task-definition {field}", **kwargs)
    def _(w):
        answer = w["ecs"].describe_task_definition(taskDefinition=w.me["family"], include=["TAGS"])
        known = (
            "family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes",
            "requiresCompatibilities", "cpu", "memory", "runtimePlatform", "ephemeralStorage",
        )
        live = {key: value for key, value in answer["taskDefinition"].items() if key in known}
        change(live, live["containerDefinitions"][0])
        w["ecs"].register_task_definition(**live, tags=answer["tags"])


def of_task(field, what="changed", **values):
    revision(field, lambda task, container: task.update(values), what=what)


def of_container(field, what="changed", **values):
    revision(field, lambda task, container: container.update(values), what=what)


def of_log(field, key, value):
    revision(field, lambda task, container: container["logConfiguration"]["options"].update({key: value}))


def another_container(task, container):
    task["containerDefinitions"].append({**container, "name": "theirs", "portMappings": []})


def not_essential(task, container):
    another_container(task, container)
    container["essential"] = False


VARIABLES = [{"name": "THEIRS", "value": "x"}]
of_task("architecture", runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"})
of_task("system", runtimePlatform={"cpuArchitecture": "X86_64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})
of_task("compatibilities", "unexpected", requiresCompatibilities=["FARGATE", "EC2"])
of_task("cpu", cpu="1024")
of_task("memory", memory="1024")
of_task("ephemeral_gib", ephemeralStorage={"sizeInGiB": 30})
of_task("execution_role", executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/theirs")
of_task("task_role", taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/theirs")
of_task("volumes", "unexpected", volumes=[{"name": "theirs"}])
of_container("image", image="theirs")
of_container("command", command=["theirs"])
of_container("entry_point", entryPoint=["theirs"])
of_container("user", user="root")
of_container("privileged", privileged=True)
of_container("read_only_root", readonlyRootFilesystem=False)
of_container("secrets", "unexpected", secrets=[{"name": "THEIRS", "valueFrom": "theirs"}])
of_container("port", portMappings=[{"containerPort": 9090, "hostPort": 9090, "protocol": "tcp"}])
of_container("protocol", portMappings=[{"containerPort": 8080, "hostPort": 8080, "protocol": "udp"}])
of_log("log_group", "awslogs-group", "theirs")
of_log("log_prefix", "awslogs-stream-prefix", "theirs")
of_log("log_region", "awslogs-region", "us-east-1")
revision("log_driver", lambda task, container: container["logConfiguration"].update(logDriver="fluentd"))
revision("bucket", lambda task, container: container["environment"][0].update(value="theirs"))
revision("bucket_owner", lambda task, container: container["environment"][1].update(value="999999999999"))
revision("environment", lambda task, container: container["environment"].extend(VARIABLES), what="unexpected")
revision("containers", another_container, what="unexpected")
revision("essential", not_essential, also=["unexpected web/task-definition containers"])


@on("web/task-definition network_mode")
def _(w):
    family, number = newest(w).split("/")[-1].split(":")
    w.books("ecs", ["task_definitions", family, int(number), "network_mode"], "bridge")


def newest(w):
    answer = w["ecs"].describe_task_definition(taskDefinition=w.out("web/task-definition")["family"])
    return answer["taskDefinition"]["taskDefinitionArn"]


@on("web/task-definition tags.Name")
def _(w):
    w["ecs"].tag_resource(resourceArn=newest(w), tags=[{"key": "Name", "value": "by hand"}])


@on("web/task-definition", label="out of service")
def _(w):
    w["ecs"].deregister_task_definition(taskDefinition=newest(w))


@on("web/task-definition missing")
def _(w):
    revision = newest(w)
    w["ecs"].deregister_task_definition(taskDefinition=revision)
    w["ecs"].delete_task_definitions(taskDefinitions=[revision])


for identity in ("web/cluster", "web/service"):
    on(f"{identity} tags.Name")(
        lambda w: w["ecs"].tag_resource(resourceArn=w.arn, tags=[{"key": "Name", "value": "by hand"}])
    )


@on("web/cluster container_insights")
def _(w):
    w["ecs"].update_cluster(cluster=w.name, settings=[{"name": "containerInsights", "value": "enhanced"}])


@on("web/cluster exec_logging")
def _(w):
    w["ecs"].update_cluster(cluster=w.name, configuration={"executeCommandConfiguration": {"logging": "NONE"}})


@on("web/cluster capacity_providers", "unexpected")
def _(w):
    w["ecs"].put_cluster_capacity_providers(
        cluster=w.name, capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=[],
    )


def delete_service(w):
    service = w.out("web/service")
    w["ecs"].delete_service(cluster=service["cluster"], service=service["name"], force=True)
    w["ecs"].get_waiter("services_inactive").wait(
        cluster=service["cluster"], services=[service["name"]], WaiterConfig={"Delay": 1},
    )


@on("web/cluster missing", also=["missing web/service"])
def _(w):
    delete_service(w)
    w["ecs"].delete_cluster(cluster=w.name)


@on("web/service missing")
def _(w):
    delete_service(w)


def service(field, what="changed", label="", also=(), **parameters):
    @on(f"web/service {field}", what, label, also=also)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        w["ecs"].update_service(cluster=w.me["cluster"], service=w.name, **given)


def rollout(**changed):
    return {
        "minimumHealthyPercent": 50, "maximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True}, **changed,
    }


def network(w, **changed):
    subnets = [w.out(f"network/subnet-{zone}")["id"] for zone in "ab"]
    usual = {
        "subnets": subnets, "securityGroups": [w.out("web/service-group")["id"]], "assignPublicIp": "DISABLED",
    }
    return {"awsvpcConfiguration": {**usual, **changed}}


def target(w, **changed):
    usual = {"targetGroupArn": w.out("web/target-group")["arn"], "containerName": "web", "containerPort": 8080}
    return [{**usual, **changed}]


def their_definition(w):
    answer = w["ecs"].register_task_definition(
        family="theirs", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"],
        containerDefinitions=[{"name": "web", "image": "theirs"}],
    )
    return answer["taskDefinition"]["taskDefinitionArn"]


service("alarms", "unexpected", deploymentConfiguration=rollout(alarms={"alarmNames": ["theirs"], "enable": True, "rollback": False}))
service("capacity_providers", "unexpected", capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}])
service("circuit_breaker.enable", deploymentConfiguration=rollout(deploymentCircuitBreaker={"enable": False, "rollback": True}))
service("circuit_breaker.rollback", deploymentConfiguration=rollout(deploymentCircuitBreaker={"enable": True, "rollback": False}))
service("rollout", deploymentConfiguration=rollout(minimumHealthyPercent=0))
service("container", loadBalancers=lambda w: target(w, containerName="theirs"))
service("container_port", loadBalancers=lambda w: target(w, containerPort=9090))
service("target_group", loadBalancers=lambda w: target(w, targetGroupArn=w.target_group()))
service("exec", enableExecuteCommand=True)
service("health_check_grace", healthCheckGracePeriodSeconds=600)
service("managed_tags", enableECSManagedTags=True)
service("platform_version", platformVersion="1.3.0")
service("propagates_tags", propagateTags="SERVICE")
service("registries", "unexpected", serviceRegistries=[{"registryArn": "arn:aws:servicediscovery:theirs"}])
service("zone_rebalancing", availabilityZoneRebalancing="DISABLED")
service("groups", networkConfiguration=lambda w: network(w, securityGroups=[w.group()]))
service("groups", "unexpected", "one more", networkConfiguration=lambda w: network(
    w, securityGroups=[w.out("web/service-group")["id"], w.group()],
))
service("subnets", networkConfiguration=lambda w: network(w, subnets=[w.out("network/subnet-a")["id"]]))
service("public_address", networkConfiguration=lambda w: network(w, assignPublicIp="ENABLED"))
service("task_definition", taskDefinition=their_definition)


def service_books(field, attribute, value):
    @on(f"web/service {field}")
    def _(w):
        w.books("ecs", ["services", f"{w.me['cluster']}:{w.name}", attribute], value)


service_books("controller", "deployment_controller", {"type": "EXTERNAL"})
service_books("launch_type", "launch_type", "EC2")
service_books("scheduling", "scheduling_strategy", "DAEMON")


@on("web/service last_rollout")
def _(w):
    answer = w["ecs"].describe_services(cluster=w.me["cluster"], services=[w.name])
    failed = answer["services"][0]["deployments"][0]["id"]
    w.books("ecs", ["services", f"{w.me['cluster']}:{w.name}", "_failed"], failed)


def scalable_target(field, what="changed", **parameters):
    on(f"web/scaling {field}", what)(
        lambda w: w["application-autoscaling"].register_scalable_target(
            ServiceNamespace="ecs", ResourceId=w.me["resource"], ScalableDimension="ecs:service:DesiredCount", **parameters,
        )
    )


scalable_target("min", MinCapacity=0)
scalable_target("max", MaxCapacity=2)
scalable_target("suspended", "unexpected", SuspendedState={"DynamicScalingInSuspended": True})


@on("web/scaling missing", also=["missing web/scaling-cpu", "missing web/scaling-memory"])
def _(w):
    w["application-autoscaling"].deregister_scalable_target(
        ServiceNamespace="ecs", ResourceId=w.me["resource"], ScalableDimension="ecs:service:DesiredCount",
    )


def put_policy(w, name, **changed):
    tracking = {
        "TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "ScaleInCooldown": 300, "ScaleOutCooldown": 300, "DisableScaleIn": False, **changed,
    }
    w["application-autoscaling"].put_scaling_policy(
        PolicyName=name, ServiceNamespace="ecs", ResourceId=w.out("web/scaling")["resource"],
        ScalableDimension="ecs:service:DesiredCount", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )


def scaling_policy(field, **changed):
    on(f"web/scaling-cpu {field}")(lambda w: put_policy(w, w.name, **changed))


scaling_policy("metric", PredefinedMetricSpecification={"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"})
scaling_policy("scale_in", DisableScaleIn=True)
scaling_policy("scale_in_cooldown_seconds", ScaleInCooldown=1)
scaling_policy("scale_out_cooldown_seconds", ScaleOutCooldown=1)
scaling_policy("target", TargetValue=99.0)
on("theirs", "unexpected", "a scaling policy")(lambda w: put_policy(w, "theirs"))


@on("web/scaling-cpu type", also=["changed web/scaling-cpu metric", "changed web/scaling-cpu target"])
def _(w):
    key = "\t".join(["ecs", w.me["resource"], "ecs:service:DesiredCount", w.name])
    w.books("applicationautoscaling", ["policies", key, "policy_type"], "StepScaling")


@on("web/scaling-cpu missing")
def _(w):
    w["application-autoscaling"].delete_scaling_policy(
        PolicyName=w.name, ServiceNamespace="ecs", ResourceId=w.me["resource"],
        ScalableDimension="ecs:service:DesiredCount",
    )
