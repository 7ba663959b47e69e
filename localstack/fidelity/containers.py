"""ECS and ECR, and what scales them."""

import hashlib
import json

from .row import gap, same


def task(w, cpu="256", memory="512"):
    family = w.name()
    w.ecs.register_task_definition(
        family=family, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu=cpu, memory=memory,
        containerDefinitions=[{"name": "web", "image": "example.org/web:1"}],
    )
    return family


def service(w, cluster, name, **more):
    w.ecs.create_service(cluster=cluster, serviceName=name, taskDefinition=task(w), desiredCount=1, **more)


def cluster(w):
    name = w.name()
    w.ecs.create_cluster(clusterName=name)
    return name


def runs(w):
    into = cluster(w)
    service(w, into, "web")
    seen = w.ecs.describe_services(cluster=into, services=["web"])["services"][0]
    return f"{seen['runningCount']} running"


def cluster_in_use(w):
    into = cluster(w)
    service(w, into, "web")
    w.ecs.delete_cluster(cluster=into)
    return "deleted"


def breaker(w):
    into = cluster(w)
    circuit = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    service(w, into, "web", deploymentConfiguration=circuit)
    seen = w.ecs.describe_services(cluster=into, services=["web"])["services"][0]
    return "kept" if seen.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker") else "dropped"


def service_twice(w):
    into = cluster(w)
    for _ in range(2):
        service(w, into, "web")
    return "accepted"


def service_token(w):
    into = cluster(w)
    for _ in range(2):
        service(w, into, "web", clientToken="twice")
    return f"{len(w.ecs.list_services(cluster=into)['serviceArns'])} made"


def deleted(w, into):
    service(w, into, "web")
    w.ecs.delete_service(cluster=into, service="web", force=True)
    return w.ecs.describe_services(cluster=into, services=["web"])["services"][0]


def service_draining(w):
    into = cluster(w)
    deleted(w, into)
    service(w, into, "web")
    return "accepted"


def update_draining(w):
    into = cluster(w)
    deleted(w, into)
    w.ecs.update_service(cluster=into, service="web", desiredCount=0)
    return "accepted"


def rollout(w):
    into = cluster(w)
    service(w, into, "web")

    def primary(service):
        return next(d["id"] for d in service["deployments"] if d["status"] == "PRIMARY")

    before = primary(w.ecs.describe_services(cluster=into, services=["web"])["services"][0])
    answer = w.ecs.update_service(cluster=into, service="web", taskDefinition=task(w))["service"]
    return "the same" if primary(answer) == before else "another"


def wrong_size(w):
    task(w, "256", "16384")
    return "accepted"


def repository(w):
    name = w.name()
    w.ecr.create_repository(repositoryName=name)
    return name


def sha(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layer(w, name, content=b"{}", claimed=None):
    upload = w.ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    w.ecr.upload_layer_part(
        repositoryName=name, uploadId=upload, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content,
    )
    w.ecr.complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[claimed or sha(content)])
    return "accepted"


def image(w, name):
    there = {"mediaType": "x", "size": 2, "digest": sha(b"{}")}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "y", "config": there, "layers": [there]})
    made = w.ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag="a")
    return "manifest's" if made["image"]["imageId"]["imageDigest"] == sha(manifest.encode()) else "another"


def pushed(w):
    name = repository(w)
    layer(w, name)
    return image(w, name)


def pushed_twice(w):
    name = repository(w)
    layer(w, name)
    image(w, name)
    return image(w, name)


def layer_twice(w):
    name = repository(w)
    layer(w, name)
    return layer(w, name)


def availability(w):
    asked = w.ecr.batch_check_layer_availability(repositoryName=repository(w), layerDigests=[sha(b"")])
    return asked["layers"][0]["layerAvailability"] if asked["layers"] else "a failure"


def policy_gone(w):
    return w.application_autoscaling.delete_scaling_policy(
        PolicyName="x", ServiceNamespace="ecs", ResourceId="service/a/b", ScalableDimension="ecs:service:DesiredCount",
    )


ROWS = [
    same("a service's tasks", runs, "1 running"),
    same("`DeleteCluster` with a service", cluster_in_use, "ClusterContainsServicesException"),
    same("a service's circuit breaker", breaker, "kept"),
    same("`CreateService` twice with one name", service_twice, "InvalidParameterException"),
    same("`CreateService` twice with one token", service_token, "1 made"),
    same("`CreateService` while one of its name drains", service_draining, "InvalidParameterException"),
    same("`UpdateService` while it drains", update_draining, "ServiceNotActiveException"),
    same("status of a service just deleted", lambda w: deleted(w, cluster(w))["status"], "DRAINING"),
    same("primary deployment after `UpdateService`", rollout, "another"),
    gap("`RegisterTaskDefinition` with 256 units and 16 GB", wrong_size, "ClientException", "accepted"),
    same("an image's digest", pushed, "manifest's"),
    same("`PutImage` with layers that are nowhere", lambda w: image(w, repository(w)), "LayersNotFoundException"),
    same("`PutImage` twice", pushed_twice, "ImageAlreadyExistsException"),
    same("a layer under another's digest", lambda w: layer(w, repository(w), claimed=sha(b"")), "InvalidLayerException"),
    same("a layer twice", layer_twice, "LayerAlreadyExistsException"),
    same("a layer that is nowhere", availability, "UNAVAILABLE"),
    same("`DeleteScalingPolicy` of one that is gone", policy_gone, "ObjectNotFoundException"),
]
