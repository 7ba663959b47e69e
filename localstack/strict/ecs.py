"""Clusters, services, tasks and their definitions."""

import os
import time

SERVICE_DELAY = float(os.environ.get("GENU_SERVICE_DELAY", "0"))
# How long a deleted service is still draining, seconds. On AWS a minute and more.
DRAINING = float(os.environ.get("GENU_DRAINING", "1"))
# An image that no registry has: its tasks stop as they do on AWS.
MISSING_IMAGE = "does-not-exist"


def ecs_services():
    """What a service was created with is answered; one name takes one service, and a token one create;
    a cluster with services stays."""
    import moto.ecs.models as models
    import moto.ecs.responses as responses
    from moto.core.exceptions import JsonRESTError
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow

    backend, response = models.EC2ContainerServiceBackend, responses.EC2ContainerServiceResponse
    delete_cluster_, create = backend.delete_cluster, response.create_service

    def delete_cluster(self, name):
        cluster = self._get_cluster(name)
        services = [s for s in self.services.values() if s.cluster_arn == cluster.arn]
        if any(s.status == "ACTIVE" for s in services):
            raise JsonRESTError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
        if any(s.status == "DRAINING" for s in services):
            raise JsonRESTError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
        return delete_cluster_(self, name)

    def create_service(self):
        token, cluster = self._get_param("clientToken"), self._get_param("cluster", "default").split("/")[-1]
        before = self.ecs_backend.services.get(f"{cluster}:{self._get_param('serviceName')}")
        if before and before.status == "DRAINING":
            raise JsonRESTError("InvalidParameterException", "Unable to Start a service that is still Draining.")
        if before and before.status == "ACTIVE":
            if token and before._token == token:
                return ActionResult({"service": before})
            raise JsonRESTError("InvalidParameterException", "Creation of service was not idempotent.")
        answer = create(self)
        service = answer._result["service"]
        service._token, service.created_at = token, utcnow()
        kept = (("deploymentConfiguration", "deployment_configuration"),
                ("healthCheckGracePeriodSeconds", "health_check_grace_period_seconds"),
                ("availabilityZoneRebalancing", "availability_zone_rebalancing"))
        for parameter, attribute in kept:
            if self._get_param(parameter) is not None:
                setattr(service, attribute, self._get_param(parameter))
        return answer

    backend.delete_cluster = delete_cluster
    response.create_service = create_service


def draining():
    """A deleted service is draining for a while: described, its name taken, changed by nobody."""
    from moto.core.exceptions import JsonRESTError
    from moto.ecs.models import EC2ContainerServiceBackend, Service

    def status(self):
        if self._ended is None:
            return self._status
        return "DRAINING" if time.time() - self._ended < DRAINING else "INACTIVE"

    def set_status(self, status):
        if status == "INACTIVE":
            self._ended, self.desired_count = self._ended or time.time(), 0
        self._status = status

    Service._ended = None
    Service.status = property(status, set_status)
    update = EC2ContainerServiceBackend.update_service

    def update_service(self, properties):
        pair = f"{properties.get('cluster', 'default').split('/')[-1]}:{properties['service'].split('/')[-1]}"
        service = self.services.get(pair)
        if service and service.status != "ACTIVE":
            raise JsonRESTError("ServiceNotActiveException", "Service was not ACTIVE.")
        return update(self, properties)

    EC2ContainerServiceBackend.update_service = update_service


def rollouts():
    """An update begins a deployment of its own. It gets its tasks after a while; with an image that is
    nowhere it fails, and a younger one goes back to what ran before."""
    import moto.ecs.models as models
    from moto.core.utils import utcnow
    from moto.moto_api._internal import mock_random

    backend = models.EC2ContainerServiceBackend
    describe, update = backend.describe_services, backend.update_service

    def begin(service, definition):
        now = utcnow()
        deployment = {
            **service.deployments[0], "id": f"ecs-svc/{mock_random.randint(0, 32**12)}", "status": "PRIMARY",
            "taskDefinition": definition, "createdAt": now, "updatedAt": now, "failedTasks": 0,
            "rolloutState": "IN_PROGRESS", "rolloutStateReason": "",
        }
        for before in service.deployments:
            before["status"] = "ACTIVE"
        service.task_definition = definition
        service.deployments = [deployment, *service.deployments]

    def update_service(self, properties):
        given = dict(properties)
        forced = given.pop("force_new_deployment", False)
        told = given.get("task_definition")
        rolled = [told, given.get("platform_version"), given.get("network_configuration")]
        before = {pair: service.task_definition for pair, service in self.services.items()}
        service = update(self, given)
        pair = f"{service.cluster_name}:{service.name}"
        # "…trigger a new service deployment" (UpdateService), whether or not the values differ.
        if (forced or any(rolled)) and service.deployments:
            begin(service, told or before[pair])
        return service

    def image(self, deployment):
        try:
            definition = self.describe_task_definition(deployment["taskDefinition"])
        except Exception:
            return ""
        return definition.container_definitions[0].get("image", "")

    def say(service, text):
        event = {"id": str(len(service.events) + 1), "createdAt": utcnow(), "message": f"(service {service.name}) {text}"}
        service.events = [event, *service.events]

    def fail(self, service):
        failed = service.deployments[0]
        service._stopped = (failed["id"], image(self, failed))
        breaker = "ECS deployment circuit breaker:"
        failed.update(rolloutState="FAILED", failedTasks=3, rolloutStateReason=f"{breaker} tasks failed to start.")
        if not service._sound:
            service.running_count = 0
            say(service, "was unable to place a task: CannotPullContainerError")
            return
        # The old tasks never stopped.
        say(service, f"(deployment {failed['id']}) deployment failed: tasks failed to start.")
        begin(service, service._sound)
        complete(service)
        say(service, f"rolled back to {service._sound}.")

    def complete(service):
        service.running_count, service._sound = service.desired_count, service.deployments[0]["taskDefinition"]
        service.deployments = service.deployments[:1]
        service.deployments[0].update(rolloutState="COMPLETED", failedTasks=0)

    def move(self, service):
        primary = service.deployments[0]
        # A rollout that failed for good, by the books, until the next one.
        if service._failed == primary["id"]:
            service.running_count = service.desired_count
            primary.update(rolloutState="FAILED")
        elif MISSING_IMAGE in image(self, primary) and service.desired_count > 0:
            if primary["rolloutState"] != "FAILED":
                fail(self, service)
        elif (utcnow() - primary["createdAt"]).total_seconds() >= SERVICE_DELAY:
            complete(service)
        else:
            service.running_count = service.desired_count if service._sound else 0
            primary["rolloutState"] = "IN_PROGRESS"

    def describe_services(self, *args, **kwargs):
        services, failures = describe(self, *args, **kwargs)
        for service in services:
            if service.status == "ACTIVE" and service.deployments:
                move(self, service)
                service.pending_count = service.desired_count - service.running_count
                service.deployments[0].update(
                    runningCount=service.running_count, pendingCount=service.pending_count,
                    desiredCount=service.desired_count,
                )
        return services, failures

    for name in ("_failed", "_sound", "_stopped"):
        setattr(models.Service, name, None)
    backend.update_service = update_service
    backend.describe_services = describe_services


def stopped_tasks():
    """Tasks that could not pull their image are listed among the stopped ones, with the reason and the
    deployment that started them; beside them those that the deployment before stopped."""
    import moto.ecs.responses as responses
    from moto.core.responses import ActionResult

    response = responses.EC2ContainerServiceResponse
    listed, described = response.list_tasks, response.describe_tasks

    def arns(service):
        task = service.arn.replace(":service/", ":task/")
        return [task, f"{task}-before"]

    def list_tasks(self):
        if self._get_param("desiredStatus") != "STOPPED":
            return listed(self)
        name = self._get_param("serviceName")
        services = [s for s in self.ecs_backend.services.values() if s.name == name and s.status == "ACTIVE"]
        return ActionResult({"taskArns": [arn for s in services if s._stopped for arn in arns(s)]})

    def describe_tasks(self):
        asked = self._get_param("tasks") or []
        stopped = [s for s in self.ecs_backend.services.values() if s._stopped and arns(s)[0] in asked]
        if not stopped:
            return described(self)
        tasks = []
        for service in stopped:
            deployment, image = service._stopped
            reasons = (
                (deployment, f"CannotPullContainerError: pull image manifest has been retried 7 time(s): {image}"),
                ("ecs-svc/0", f"Scaling activity initiated by (deployment {deployment})"),
            )
            tasks += [
                {"taskArn": arn, "lastStatus": "STOPPED", "startedBy": by, "stoppedReason": why, "containers": []}
                for arn, (by, why) in zip(arns(service), reasons)
            ]
        return ActionResult({"failures": [], "tasks": tasks})

    response.list_tasks = list_tasks
    response.describe_tasks = describe_tasks


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


EXTENSIONS = (ecs_services, draining, rollouts, stopped_tasks, task_definitions)
