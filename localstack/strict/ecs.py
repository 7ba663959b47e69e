"""Clusters, services, tasks and their definitions."""

import os
import time

SERVICE_DELAY = float(os.environ.get("GENU_SERVICE_DELAY", "0"))
# An image that no registry has: its tasks stop as they do on AWS.
MISSING_IMAGE = "does-not-exist"


def ecs_services():
    """Services get their tasks after a while, or fail with an image that is nowhere and go back to
    what they ran before; a cluster with services stays; what a service was created with is answered."""
    import moto.ecs.models as models
    import moto.ecs.responses as responses
    from moto.core.exceptions import JsonRESTError
    from moto.core.responses import ActionResult

    backend = models.EC2ContainerServiceBackend
    describe, delete_cluster_, create = (
        backend.describe_services, backend.delete_cluster, responses.EC2ContainerServiceResponse.create_service,
    )

    def image(self, service):
        try:
            definition = self.describe_task_definition(service.task_definition)
        except Exception:
            return ""
        return definition.container_definitions[0].get("image", "")

    def describe_services(self, *args, **kwargs):
        out = describe(self, *args, **kwargs)
        for service in out[0] if isinstance(out, tuple) else out:
            key = (service.task_definition, service.desired_count)
            if getattr(service, "_rollout", (None, 0))[0] != key:
                service._rollout = (key, time.time())
            broken = MISSING_IMAGE in image(self, service) and service.desired_count > 0
            # A rollout that failed for good, by the books, until the next one.
            failed = getattr(service, "_failed", False) and service._failed == service.deployments[0]["id"]
            if broken:
                service._stopped = image(self, service)
            if broken and getattr(service, "_sound", None):
                # The circuit breaker: the old tasks never stopped.
                service.task_definition, broken = service._sound, False
                service._rollout = ((service.task_definition, service.desired_count), 0)
                service.events = [{
                    "id": "2", "createdAt": time.time(),
                    "message": f"(service {service.name}) rolled back to {service._sound}.",
                }]
            done = not (broken or failed) and time.time() - service._rollout[1] >= SERVICE_DELAY
            if done:
                service._sound = service.task_definition
            service.running_count = service.desired_count if done or getattr(service, "_sound", None) else 0
            service.pending_count = service.desired_count - service.running_count
            for deployment in service.deployments:
                deployment.update(
                    runningCount=service.running_count, pendingCount=service.pending_count,
                    desiredCount=service.desired_count, taskDefinition=service.task_definition,
                    failedTasks=3 if broken else 0,
                    rolloutState="FAILED" if broken or failed else "COMPLETED" if done else "IN_PROGRESS",
                    rolloutStateReason="ECS deployment circuit breaker: tasks failed to start." if broken else "",
                )
            if broken:
                service.events = [{
                    "id": "1", "createdAt": time.time(),
                    "message": f"(service {service.name}) was unable to place a task: CannotPullContainerError",
                }]
        return out

    def list_tasks(self):
        if self._get_param("desiredStatus") != "STOPPED":
            return listed(self)
        name = self._get_param("serviceName")
        services = [s for s in self.ecs_backend.services.values() if s.name == name and s.status == "ACTIVE"]
        stopped = [s.arn.replace(":service/", ":task/") for s in services if getattr(s, "_stopped", None)]
        return ActionResult({"taskArns": stopped})

    def describe_tasks(self):
        arns = self._get_param("tasks") or []
        services = {s.arn.replace(":service/", ":task/"): s for s in self.ecs_backend.services.values()}
        stopped = [(arn, services[arn]) for arn in arns if arn in services]
        if not stopped:
            return described(self)
        reason = "CannotPullContainerError: pull image manifest has been retried 7 time(s): "
        return ActionResult({"failures": [], "tasks": [
            {"taskArn": arn, "lastStatus": "STOPPED", "stoppedReason": reason + s._stopped, "containers": []}
            for arn, s in stopped
        ]})

    listed, described = responses.EC2ContainerServiceResponse.list_tasks, responses.EC2ContainerServiceResponse.describe_tasks
    responses.EC2ContainerServiceResponse.list_tasks = list_tasks
    responses.EC2ContainerServiceResponse.describe_tasks = describe_tasks

    def delete_cluster(self, name):
        cluster = self._get_cluster(name)
        if any(s.cluster_arn == cluster.arn and s.status == "ACTIVE" for s in self.services.values()):
            raise JsonRESTError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
        return delete_cluster_(self, name)

    def create_service(self):
        answer = create(self)
        service = answer._result["service"]
        kept = (("deploymentConfiguration", "deployment_configuration"),
                ("healthCheckGracePeriodSeconds", "health_check_grace_period_seconds"),
                ("availabilityZoneRebalancing", "availability_zone_rebalancing"))
        for parameter, attribute in kept:
            if self._get_param(parameter) is not None:
                setattr(service, attribute, self._get_param(parameter))
        return answer

    backend.describe_services = describe_services
    backend.delete_cluster = delete_cluster
    responses.EC2ContainerServiceResponse.create_service = create_service


def task_definitions():
    """By its family alone only a revision that is in service is described."""
    from moto.ecs.models import EC2ContainerServiceBackend

    describe = EC2ContainerServiceBackend.describe_task_definition

    def describe_task_definition(self, task_definition_str):
        name = task_definition_str.split("/")[-1]
        if ":" not in name:
            revisions = self.task_definitions.get(name, {}).items()
            in_service = [number for number, known in revisions if known.status == "ACTIVE"]
            task_definition_str = f"{name}:{max(in_service, default=0)}"
        return describe(self, task_definition_str)

    EC2ContainerServiceBackend.describe_task_definition = describe_task_definition


EXTENSIONS = (ecs_services, task_definitions)
