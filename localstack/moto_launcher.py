"""moto's server, made as strict as a deployer needs it.

usage: moto_launcher.py PORT

Each function below closes one gap between moto and AWS by extending moto in process; README.md
beside this file lists them. The product is never bent to please an emulator.

Beside moto's own `/moto-api`, the server answers:
    GET  /genu-calls          every call since the last reset, one `service:Operation` a line
    POST /genu-calls/reset    forgets them
    GET  /genu-inventory      everything that is live, one `kind id` a line
    POST /genu-fork           a second server with a copy of everything; answers its port
    POST /genu-books          sets one attribute in moto's books that no call of AWS's sets:
                              {"service", "region", "path": ["vpcs", "vpc-…", "cidr_block"], "value"}
    POST /genu-exit           ends this server

Environment: GENU_SERVICE_DELAY, seconds until an ECS service has its tasks (0);
GENU_END_WITH_PARENT, ends with the process that started it.
"""

import io
import json
import os
import re
import signal
import socket
import sys
import threading
import time
import urllib.parse

for flag in (
    "MOTO_IAM_LOAD_MANAGED_POLICIES",
    "MOTO_ENABLE_KEYPAIR_VALIDATION",
    "MOTO_ENABLE_AMI_VALIDATION",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION",
):
    os.environ.setdefault(flag, "true")

SERVICE_DELAY = float(os.environ.get("GENU_SERVICE_DELAY", "0"))
WINDOWS_IMAGES = "/aws/service/ami-windows-latest/"
# An image that no registry has: its tasks stop as they do on AWS.
MISSING_IMAGE = "does-not-exist"


def endpoint_services():
    """moto's list lacks a service that the network uses; and a filter that AWS knows."""
    from moto.ec2.models import vpcs

    if "bedrock-agentcore" not in vpcs.AWS_ENDPOINT_SERVICES:
        vpcs.AWS_ENDPOINT_SERVICES.append("bedrock-agentcore")
    known = vpcs.VPCEndPoint.get_filter_value

    def get_filter_value(self, name, method=None):
        return self.id if name == "vpc-endpoint-id" else known(self, name, method)

    vpcs.VPCEndPoint.get_filter_value = get_filter_value
    select = vpcs.VPCBackend._filter_endpoint_services

    def filter_endpoint_services(names, filters, services):
        for item in filters or []:
            item.setdefault("Value", item.get("Values", []))
        return select(names, filters, services)

    vpcs.VPCBackend._filter_endpoint_services = staticmethod(filter_endpoint_services)


def private_dns():
    """A second interface endpoint with private DNS for one service is refused, as AWS refuses it."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.vpcs import VPCBackend

    create = VPCBackend.create_vpc_endpoint

    def create_vpc_endpoint(self, vpc_id, service_name, *args, **kwargs):
        wants = kwargs.get("private_dns_enabled")
        for other in self.vpc_end_points.values():
            alike = other.vpc_id == vpc_id and other.service_name == service_name and other.state != "deleted"
            interfaces = "Interface" == other.vpc_endpoint_type == kwargs.get("endpoint_type")
            if wants and alike and interfaces and other.private_dns_enabled:
                raise EC2ClientError(
                    "InvalidParameter",
                    "private-dns-enabled cannot be set because there is already a conflicting DNS domain "
                    f"for {service_name} in the VPC {vpc_id}",
                )
        return create(self, vpc_id, service_name, *args, **kwargs)

    VPCBackend.create_vpc_endpoint = create_vpc_endpoint
    EC2Backend.create_vpc_endpoint = create_vpc_endpoint


def hosted_zones():
    """A CallerReference makes one zone, and a VPC takes one private zone of a name."""
    from moto.route53.exceptions import Route53ClientError
    from moto.route53.models import Route53Backend

    create, associate = Route53Backend.create_hosted_zone, Route53Backend.associate_vpc_with_hosted_zone

    def free(self, name, vpc):
        for zone in self.zones.values():
            same = zone.name.rstrip(".") == name.rstrip(".")
            if same and any(v["vpc_id"] == vpc for v in zone.vpcs):
                raise Route53ClientError(
                    "ConflictingDomainExists",
                    f"The VPC {vpc} is already associated with another hosted zone with the same domain name.",
                )

    def create_hosted_zone(self, name, private_zone, caller_reference=None, vpcid=None, **kwargs):
        if any(zone.caller_reference == caller_reference for zone in self.zones.values()):
            raise Route53ClientError(
                "HostedZoneAlreadyExists",
                "A hosted zone has already been created with the specified caller reference.",
            )
        free(self, name, vpcid)
        return create(self, name, private_zone, caller_reference=caller_reference, vpcid=vpcid, **kwargs)

    def associate_vpc_with_hosted_zone(self, zone_id, vpcid, vpcregion):
        free(self, self.get_hosted_zone(zone_id).name, vpcid)
        return associate(self, zone_id, vpcid, vpcregion)

    Route53Backend.create_hosted_zone = create_hosted_zone
    Route53Backend.associate_vpc_with_hosted_zone = associate_vpc_with_hosted_zone


def believed_signatures():
    """moto miscalculates the signatures of REST requests once it enforces rights; it is rights that
    are of interest."""
    from moto.iam.access_control import IAMRequestBase

    IAMRequestBase.check_signature = lambda self: None


def simulated_policies():
    """SimulatePrincipalPolicy for users, from their inline policies; moto lacks the operation."""
    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.iam.responses import IamResponse

    def listed(self, name):
        numbers = range(1, 1000)
        values = (self.querystring.get(f"{name}.member.{n}") for n in numbers)
        return [value[0] for value in values if value]

    def simulate_principal_policy(self):
        user = self.backend.get_user(self._get_param("PolicySourceArn").split("/")[-1])
        policies = [IAMPolicy(document) for document in user.policies.values()]
        resources = listed(self, "ResourceArns") or ["*"]

        def allowed(action, resource):
            answers = [p.is_action_permitted(action, resource) for p in policies]
            return PermissionResult.DENIED not in answers and PermissionResult.PERMITTED in answers

        def decision(yes):
            return "allowed" if yes else "implicitDeny"

        return ActionResult({
            "IsTruncated": False,
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resources[0],
                    "EvalDecision": decision(all(allowed(action, r) for r in resources)),
                    "ResourceSpecificResults": [
                        {"EvalResourceName": r, "EvalResourceDecision": decision(allowed(action, r))}
                        for r in resources
                    ],
                }
                for action in listed(self, "ActionNames")
            ],
        })

    IamResponse.simulate_principal_policy = simulate_principal_policy


def windows_image():
    """The public parameter of the Windows image; no client may put one under /aws/."""
    from moto.ec2.models import ec2_backends
    from moto.ssm import models

    load = models.ParameterDict._check_loading_status

    def check(self, key):
        load(self, key)
        key = str(key or "")
        if not key.startswith(WINDOWS_IMAGES) or dict.__contains__(self, key):
            return
        images = ec2_backends[self.account_id][self.region_name].amis.values()
        windows = [image.id for image in images if "Windows_Server" in (image.name or "")]
        parameter = models.Parameter(
            account_id=self.account_id, name=key, value=windows[0] if windows else "ami-00000000",
            parameter_type="String", description=None, allowed_pattern=None, keyid=None,
            last_modified_date=time.time(), version=1, data_type="text",
        )
        dict.__setitem__(self, key, [parameter])

    models.ParameterDict._check_loading_status = check


def rest_api_tags():
    """Tags of REST APIs, which moto's server only knows for stages."""
    from moto.apigateway import urls
    from moto.apigateway.responses import APIGatewayResponse

    def extend(name):
        known = getattr(APIGatewayResponse, name)

        def handler(self):
            arn = urllib.parse.unquote(self.path.split("/tags/")[1])
            if "/stages/" in arn:
                return known(self)
            api = self.backend.get_rest_api(arn.split("/restapis/")[1])
            if name == "tag_resource":
                api.tags = {**(api.tags or {}), **(self._get_param("tags") or {})}
            if name == "untag_resource":
                gone = self.querystring.get("tagKeys") or []
                api.tags = {k: v for k, v in (api.tags or {}).items() if k not in gone}
            return json.dumps({"tags": api.tags or {}})

        setattr(APIGatewayResponse, name, handler)

    for name in ("get_tags", "tag_resource", "untag_resource"):
        extend(name)
    path = "{0}/tags/arn:(?P<partition>[^/]+):apigateway:(?P<region_name>[^/]+)::/restapis/(?P<function_id>[^/]+)$"
    urls.url_paths[path] = APIGatewayResponse.dispatch


def rest_api_deletes():
    """Deleting a REST API that is gone says so; moto breaks."""
    from moto.apigateway.models import APIGatewayBackend

    delete = APIGatewayBackend.delete_rest_api

    def delete_rest_api(self, api_id):
        self.get_rest_api(api_id)
        return delete(self, api_id)

    APIGatewayBackend.delete_rest_api = delete_rest_api


def rest_api_patches():
    """Patches of a REST API that moto drops or gets wrong: its VPC endpoints, types of content, its
    compression, and the way back to its own endpoint."""
    from moto.apigateway.models import RestAPI

    path = "/endpointConfiguration/vpcEndpointIds"
    kinds = "/binaryMediaTypes/"
    apply = RestAPI.apply_patch_operations

    def apply_patch_operations(self, operations):
        ids = self.endpoint_configuration.get("vpcEndpointIds", [])
        for operation in operations:
            if operation["path"] == path and operation["op"] == "add":
                ids = [*ids, operation["value"]]
            elif operation["path"] == path and operation["op"] == "remove":
                ids = [i for i in ids if i != operation["value"]]
            elif operation["path"].startswith(kinds):
                kind = operation["path"].removeprefix(kinds).replace("~1", "/")
                others = [known for known in self.binaryMediaTypes if known != kind]
                self.binaryMediaTypes = others + ([kind] if operation["op"] == "add" else [])
            elif operation["path"] == "/minimumCompressionSize":
                size = operation.get("value")
                self.minimum_compression_size = int(size) if size else None
            elif operation["path"] == "/disableExecuteApiEndpoint":
                self.disableExecuteApiEndpoint = operation["value"] == "true"
        known = (path, "/minimumCompressionSize", "/disableExecuteApiEndpoint")
        apply(self, [o for o in operations if o["path"] not in known and not o["path"].startswith(kinds)])
        self.endpoint_configuration["vpcEndpointIds"] = ids

    RestAPI.apply_patch_operations = apply_patch_operations


def dependency_violations():
    """Groups and subnets in use are not deleted; a terminated instance's interfaces go."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import Instance
    from moto.ec2.models.security_groups import SecurityGroupBackend
    from moto.ec2.models.subnets import SubnetBackend

    def live(backend):
        instances = (i for r in backend.reservations.values() for i in r.instances)
        return [i for i in instances if i._state.name not in ("terminated", "shutting-down")]

    def endpoints(backend):
        return [e for e in backend.vpc_end_points.values() if e.state != "deleted"]

    delete_group, delete_net = SecurityGroupBackend.delete_security_group, SubnetBackend.delete_subnet

    def refers(group, other):
        rules = other.ingress_rules + other.egress_rules
        return any((rule.source_group or {}).get("GroupId") == group for rule in rules)

    def delete_security_group(self, name=None, group_id=None):
        if group_id:
            others = [g for v in self.groups.values() for g in v.values() if g.id != group_id]
            used = any(g.id == group_id for i in live(self) for g in i.security_groups)
            used |= any(group_id in (e.security_group_ids or []) for e in endpoints(self))
            used |= any(refers(group_id, other) for other in others)
            if used:
                raise DependencyViolationError(f"resource {group_id} has a dependent object")
        return delete_group(self, name, group_id)

    def delete_subnet(self, subnet_id):
        used = any(i.subnet_id == subnet_id for i in live(self))
        used |= any(subnet_id in (e.subnet_ids or []) for e in endpoints(self))
        if used:
            raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
        return delete_net(self, subnet_id)

    SecurityGroupBackend.delete_security_group = delete_security_group
    EC2Backend.delete_security_group = delete_security_group
    SubnetBackend.delete_subnet = delete_subnet
    EC2Backend.delete_subnet = delete_subnet

    stop = Instance.terminate

    def terminate(self):
        answer = stop(self)
        for nic in list(self.nics.values()):
            self.ec2_backend.enis.pop(nic.id, None)
        return answer

    Instance.terminate = terminate


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


def load_balancer_names():
    """Names of load balancers are unique."""
    from moto.elbv2.exceptions import DuplicateLoadBalancerName
    from moto.elbv2.models import ELBv2Backend

    create = ELBv2Backend.create_load_balancer

    def create_load_balancer(self, name, *args, **kwargs):
        if any(balancer.name == name for balancer in self.load_balancers.values()):
            raise DuplicateLoadBalancerName()
        return create(self, name, *args, **kwargs)

    ELBv2Backend.create_load_balancer = create_load_balancer


def loopback_is_tls():
    """moto ignores the condition of a TLS-only policy and denies everything: loopback counts as TLS."""
    from types import SimpleNamespace

    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    decide = FakeBucket.get_permission

    def get_permission(self, action, resource):
        if self.policy is None:
            return PermissionResult.NEUTRAL
        document = json.loads(self.policy)
        document["Statement"] = [
            s for s in document["Statement"] if "aws:SecureTransport" not in json.dumps(s.get("Condition", {}))
        ]
        if not document["Statement"]:
            return PermissionResult.NEUTRAL
        return decide(SimpleNamespace(policy=json.dumps(document).encode()), action, resource)

    FakeBucket.get_permission = get_permission


def scaling_not_found():
    """What is gone is an `ObjectNotFoundException`; moto calls it a wrong request."""
    from moto.applicationautoscaling.exceptions import AWSValidationException
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.core.exceptions import JsonRESTError

    def saying_so(name):
        delete = getattr(ApplicationAutoscalingBackend, name)

        def tried(self, *args, **kwargs):
            try:
                return delete(self, *args, **kwargs)
            except AWSValidationException as error:
                raise JsonRESTError("ObjectNotFoundException", error.message)

        setattr(ApplicationAutoscalingBackend, name, tried)

    saying_so("delete_scaling_policy")
    saying_so("deregister_scalable_target")


def bucket_versioning():
    """The answer's root element has the name that S3 gives it."""
    from moto.s3.responses import S3Response

    def get_bucket_versioning(self):
        status = self.backend.get_bucket_versioning(self.bucket_name)
        inner = f"<Status>{status}</Status>" if status else ""
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return 200, {}, f'<VersioningConfiguration xmlns="{space}">{inner}</VersioningConfiguration>'

    S3Response.get_bucket_versioning = get_bucket_versioning


def balancer_attributes():
    """An application load balancer is cross-zone, always; moto answers that it is not."""
    from moto.elbv2.models import FakeLoadBalancer

    init = FakeLoadBalancer.__init__

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if self.type == "application":
            self.attrs["load_balancing.cross_zone.enabled"] = "true"

    FakeLoadBalancer.__init__ = __init__


def endpoint_options():
    """What interface endpoints are made with or changed to beside what moto keeps: private DNS, DNS
    options, the type of their addresses; and the way back to the policy of AWS's own."""
    from moto.ec2.models.vpcs import VPCEndPoint
    from moto.ec2.responses.vpcs import VPCs

    create, modify = VPCs.create_vpc_endpoint, VPCs.modify_vpc_endpoint

    def keep(self, endpoint):
        if self._get_param("DnsOptions"):
            endpoint.dns_options = {**getattr(endpoint, "dns_options", {}), **self._get_param("DnsOptions")}
        if self._get_param("IpAddressType"):
            endpoint.ip_address_type = self._get_param("IpAddressType")

    def create_vpc_endpoint(self):
        answer = create(self)
        keep(self, answer._result["VpcEndpoint"])
        return answer

    def modify_vpc_endpoint(self):
        answer = modify(self)
        endpoint = self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")]
        keep(self, endpoint)
        if self._get_param("PrivateDnsEnabled") is not None:
            endpoint.private_dns_enabled = self._get_bool_param("PrivateDnsEnabled")
        if self._get_bool_param("ResetPolicy"):
            endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
        return answer

    VPCs.create_vpc_endpoint = create_vpc_endpoint
    VPCs.modify_vpc_endpoint = modify_vpc_endpoint


def subnet_options():
    """Options of a subnet that moto does not know; and the state of its IPv6 ranges, which it garbles."""
    from moto.ec2.models.subnets import Subnet
    from moto.ec2.responses.subnets import Subnets

    def ranges(self):
        known = self.ipv6_cidr_block_associations.values()
        return [known_one for known_one in known if known_one["ipv6CidrBlockState"]["State"] == "associated"]

    Subnet.ipv6_cidr_block_association_set = property(ranges)

    modify = Subnets.modify_subnet_attribute

    def modify_subnet_attribute(self):
        answer = modify(self)
        subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
        names = subnet.private_dns_name_options_on_launch
        if self._get_param("EnableDns64.Value") is not None:
            subnet.enable_dns64 = self._get_param("EnableDns64.Value")
        if self._get_param("PrivateDnsHostnameTypeOnLaunch"):
            names["HostnameType"] = self._get_param("PrivateDnsHostnameTypeOnLaunch")
        if self._get_param("EnableResourceNameDnsAAAARecordOnLaunch.Value") is not None:
            names["EnableResourceNameDnsAAAARecord"] = self._get_param("EnableResourceNameDnsAAAARecordOnLaunch.Value")
        return answer

    Subnets.modify_subnet_attribute = modify_subnet_attribute


def route_propagation():
    """Gateways that spread their routes into a table."""
    from moto.core.responses import EmptyResult
    from moto.ec2.responses.route_tables import RouteTables

    def table(self):
        return self.ec2_backend.get_route_table(self._get_param("RouteTableId"))

    def enable_vgw_route_propagation(self):
        known = getattr(table(self), "propagating_vgws", [])
        table(self).propagating_vgws = [*known, {"GatewayId": self._get_param("GatewayId")}]
        return EmptyResult()

    def disable_vgw_route_propagation(self):
        known = getattr(table(self), "propagating_vgws", [])
        table(self).propagating_vgws = [g for g in known if g["GatewayId"] != self._get_param("GatewayId")]
        return EmptyResult()

    RouteTables.enable_vgw_route_propagation = enable_vgw_route_propagation
    RouteTables.disable_vgw_route_propagation = disable_vgw_route_propagation


def instance_options():
    """Detailed monitoring, which moto cannot switch; options of the metadata are changed one by one."""
    from moto.core.responses import ActionResult
    from moto.ec2.models.instances import InstanceBackend
    from moto.ec2.models import EC2Backend
    from moto.ec2.responses.monitoring import Monitoring

    def modify_instance_metadata_options(self, instance_id, dry_run=False, **given):
        options = self.get_instance(instance_id).metadata_options
        names = {"hop_limit": "http_put_response_hop_limit", "http_protocol": "http_protocol_ipv6",
                 "metadata_tags": "instance_metadata_tags"}
        for name, value in given.items():
            if value is not None:
                setattr(options, names.get(name, name), value)
        return options

    for backend in (InstanceBackend, EC2Backend):
        backend.modify_instance_metadata_options = modify_instance_metadata_options

    def switched(state):
        def switch(self):
            instances = [self.ec2_backend.get_instance(i) for i in self._get_param("InstanceIds", [])]
            for instance in instances:
                instance.monitoring_state = state
            answers = [{"InstanceId": i.id, "Monitoring": {"State": state}} for i in instances]
            return ActionResult({"InstanceMonitorings": answers})

        return switch

    Monitoring.monitor_instances = switched("enabled")
    Monitoring.unmonitor_instances = switched("disabled")


def listener_options():
    """Listeners keep how they ask clients for certificates, and without TLS none of their own."""
    from moto.elbv2.responses import ELBV2Response

    modify = ELBV2Response.modify_listener

    def modify_listener(self):
        answer = modify(self)
        for listener in answer._result["Listeners"]:
            if self._get_param("MutualAuthentication"):
                listener.mutual_authentication = self._get_param("MutualAuthentication")
            if listener.protocol == "HTTP":
                listener.certificate, listener.certificates = None, []
        return answer

    ELBV2Response.modify_listener = modify_listener


def connect_endpoints():
    """EC2 Instance Connect Endpoints: made and described."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response
    from moto.moto_api._internal import mock_random

    def books(self):
        return self.ec2_backend.__dict__.setdefault("connect_endpoints", {})

    def create_instance_connect_endpoint(self):
        subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
        made = {"InstanceConnectEndpointId": f"eice-{mock_random.get_random_hex(17)}", "State": "create-complete",
                "SubnetId": subnet.id, "VpcId": subnet.vpc_id}
        books(self)[made["InstanceConnectEndpointId"]] = made
        return ActionResult({"InstanceConnectEndpoint": made})

    def describe_instance_connect_endpoints(self):
        wanted = self._filters_from_querystring().get("vpc-id")
        found = [e for e in books(self).values() if not wanted or e["VpcId"] in wanted]
        return ActionResult({"InstanceConnectEndpoints": found})

    EC2Response.create_instance_connect_endpoint = create_instance_connect_endpoint
    EC2Response.describe_instance_connect_endpoints = describe_instance_connect_endpoints


def role_updates():
    """UpdateRole leaves alone what it is not given."""
    from moto.iam.models import IAMBackend

    def update_role(self, role_name, role_description, max_session_duration):
        role = self.get_role(role_name)
        if role_description is not None:
            role.description = role_description
        if max_session_duration is not None:
            role.max_session_duration = max_session_duration
        return role

    IAMBackend.update_role = update_role


def resolver_options():
    """Protocols and type of addresses of a resolver endpoint; an address goes by its id alone."""
    from moto.route53resolver.models import ResolverEndpoint
    from moto.route53resolver.responses import Route53ResolverResponse

    describe, update = ResolverEndpoint.description, Route53ResolverResponse.update_resolver_endpoint
    disassociate = ResolverEndpoint.disassociate_ip_address

    def description(self):
        return {**describe(self), **getattr(self, "_options", {})}

    def update_resolver_endpoint(self):
        endpoint = self.route53resolver_backend.resolver_endpoints[self._get_param("ResolverEndpointId")]
        given = {name: self._get_param(name) for name in ("Protocols", "ResolverEndpointType")}
        endpoint._options = {**getattr(endpoint, "_options", {}), **{k: v for k, v in given.items() if v}}
        if self._get_param("Name") is None:
            return json.dumps({"ResolverEndpoint": endpoint.description()})
        return update(self)

    def disassociate_ip_address(self, value):
        for subnet, addresses in self.subnets.items():
            if value.get("IpId") in addresses.values():
                value = {**value, "SubnetId": subnet}
        return disassociate(self, value)

    ResolverEndpoint.description = description
    ResolverEndpoint.disassociate_ip_address = disassociate_ip_address
    Route53ResolverResponse.update_resolver_endpoint = update_resolver_endpoint


def log_groups():
    """Keys and classes of log groups."""
    from moto.logs.models import LogGroup
    from moto.logs.responses import LogsResponse

    describe = LogGroup.to_describe_dict

    def to_describe_dict(self):
        return {"logGroupClass": getattr(self, "log_group_class", "STANDARD"), **describe(self)}

    def keyed(self):
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.kms_key_id = self._get_param("kmsKeyId")
        return "{}"

    LogGroup.to_describe_dict = to_describe_dict
    LogsResponse.associate_kms_key = LogsResponse.disassociate_kms_key = keyed


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


def stage_patches():
    """Patches of stages that moto drops: canaries, client certificates, and taking settings of
    methods away."""
    from moto.apigateway.models import Stage

    apply, as_json = Stage.apply_operations, Stage.to_json

    def apply_operations(self, operations):
        more = self.__dict__.setdefault("_more", {})
        left = []
        for operation in operations:
            path, value = operation["path"], operation.get("value")
            if path == "/clientCertificateId":
                more["clientCertificateId"] = value or None
            elif path == "/canarySettings" and operation["op"] == "remove":
                more.pop("canarySettings", None)
            elif path.startswith("/canarySettings/"):
                more["canarySettings"] = {"percentTraffic": 10.0, "deploymentId": self.deployment_id}
            elif operation["op"] == "remove" and path.count("/") == 2 and path[1:] in self.method_settings:
                self.method_settings.pop(path[1:])
            else:
                left.append(operation)
        return apply(self, left)

    def to_json(self):
        return {**as_json(self), **{k: v for k, v in self.__dict__.get("_more", {}).items() if v is not None}}

    Stage.apply_operations, Stage.to_json = apply_operations, to_json


class Tokens:
    """EC2's ClientToken: the same token gets the same answer."""

    def __init__(self, app):
        self.app, self.seen, self.lock = app, {}, threading.RLock()

    def __call__(self, env, start):
        if env.get("PATH_INFO") == "/moto-api/reset":
            self.seen.clear()
        if env.get("REQUEST_METHOD") != "POST" or "urlencoded" not in env.get("CONTENT_TYPE", ""):
            return self.app(env, start)
        query = urllib.parse.parse_qs(body_of(env).decode("utf8", "replace"))
        token = query.get("ClientToken")
        if not token:
            return self.app(env, start)
        scope = str(env.get("HTTP_AUTHORIZATION", "").split("/")[2:4])
        with self.lock:
            return self.once((scope, query["Action"][0], token[0]), env, start)

    def once(self, key, env, start):
        if key not in self.seen:
            head = {}
            body = b"".join(self.app(env, lambda status, headers, exc=None: head.update(s=status, h=headers)))
            if not head["s"].startswith("200"):
                start(head["s"], head["h"])
                return [body]
            self.seen[key] = (head["s"], head["h"], body)
        status, headers, body = self.seen[key]
        start(status, headers)
        return [body]


class Calls:
    """Logs every call as `service:Operation`, for tests that count them; and what tests ask of the
    server itself."""

    def __init__(self, app):
        self.app, self.calls = app, []

    def fork(self):
        """A copy of this process that serves on a port of its own and ends with its parent."""
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if os.fork():
            listener.close()
            return port
        end_with_parent()
        self.calls = []
        serve(self, port, listener.fileno())
        os._exit(0)

    def __call__(self, env, start):
        path = env.get("PATH_INFO", "")
        if path == "/genu-calls":
            start("200 OK", [("content-type", "text/plain")])
            return ["\n".join(self.calls).encode()]
        if path == "/genu-calls/reset":
            self.calls = []
            start("200 OK", [("content-type", "text/plain")])
            return [b""]
        if path == "/genu-fork":
            port = self.fork()
            start("200 OK", [("content-type", "text/plain")])
            return [str(port).encode()]
        if path == "/genu-books":
            write(**json.loads(body_of(env)))
            start("200 OK", [("content-type", "text/plain")])
            return [b""]
        if path == "/genu-exit":
            os._exit(0)
        if path == "/genu-inventory":
            start("200 OK", [("content-type", "text/plain")])
            return ["\n".join(sorted(inventory())).encode()]
        if not path.startswith("/moto-api"):
            self.calls.append(self.name(env))
        return self.app(env, start)

    @staticmethod
    def name(env):
        scope = env.get("HTTP_AUTHORIZATION", "").split("/")
        service = scope[3] if len(scope) > 3 else "unknown"
        target = env.get("HTTP_X_AMZ_TARGET")
        if target:
            return f"{service}:{target.split('.')[-1]}"
        if "urlencoded" in env.get("CONTENT_TYPE", ""):
            action = urllib.parse.parse_qs(body_of(env).decode("utf8", "replace")).get("Action", ["?"])[0]
            return f"{service}:{action}"
        query = re.sub(r"=[^&]*", "", env.get("QUERY_STRING", ""))
        return f"{service}:{env['REQUEST_METHOD']} {env.get('PATH_INFO', '')}?{query}".rstrip("?")


def inventory():
    """What is live, straight from moto's books: without what it keeps of things that are gone."""
    from moto.backends import get_backend

    def books(service):
        for account in get_backend(service).values():
            yield from account.values()

    def line(kind, things):
        return [f"{kind} {thing}" for thing in things]

    for ec2 in books("ec2"):
        yield from line("vpc", ec2.vpcs)
        yield from line("subnet", [s for zone in ec2.subnets.values() for s in zone])
        yield from line("route-table", ec2.route_tables)
        groups = [g for vpc in ec2.groups.values() for g in vpc.values()]
        yield from line("security-group", [g.id for g in groups])
        rules = [rule for g in groups for rule in g.ingress_rules + g.egress_rules]
        yield from line("security-group-rule", [rule.id for rule in rules])
        yield from line("vpc-endpoint", [e.id for e in ec2.vpc_end_points.values() if e.state != "deleted"])
        instances = [i for r in ec2.reservations.values() for i in r.instances]
        yield from line("instance", [i.id for i in instances if i._state.name != "terminated"])
        yield from line("volume", ec2.volumes)
        yield from line("key-pair", ec2.key_pairs)
    for ssm in books("ssm"):
        yield from line("parameter", [name for name in ssm._parameters.keys() if not name.startswith("/aws/")])
    simple = {
        "s3": ["buckets"], "ecr": ["repositories"], "logs": ["groups"], "iam": ["roles", "instance_profiles"],
        "elbv2": ["load_balancers", "target_groups"], "ecs": ["clusters", "services"],
        "apigateway": ["apis"], "route53resolver": ["resolver_endpoints"],
        "applicationautoscaling": ["policies"], "route53": ["zones"],
    }
    for service, collections in simple.items():
        for book in books(service):
            for name in collections:
                things = getattr(book, name)
                # ECS keeps inactive clusters and services.
                live = [k for k, v in things.items() if v and getattr(v, "status", "ACTIVE") != "INACTIVE"]
                yield from line(f"{service} {name}", live)
    for book in books("ecs"):
        revisions = [d for family in book.task_definitions.values() for d in family.values()]
        yield from line("task-definition", [d.arn for d in revisions if not d.status.startswith("DELETE")])
    for book in books("apigateway"):
        for api in book.apis.values():
            yield from line("deployment", [f"{api.id}/{d}" for d in api.deployments])
    for book in books("applicationautoscaling"):
        yield from line("scalable-target", [t for d in book.targets.values() for t in d])


def write(service, region, path, value):
    """One attribute or entry somewhere in the books of a service."""
    from moto.backends import get_backend

    def inside(thing, step):
        return thing[step] if isinstance(thing, (dict, list)) else getattr(thing, step)

    (thing,) = [account[region] for account in get_backend(service).values()]
    *way, last = path
    for step in way:
        thing = inside(thing, step)
    if isinstance(thing, (dict, list)):
        thing[last] = value
    else:
        setattr(thing, last, value)


def body_of(env):
    body = env["wsgi.input"].read(int(env.get("CONTENT_LENGTH") or 0))
    env["wsgi.input"] = io.BytesIO(body)
    return body


def end_with_parent():
    """Nobody is left who could stop this server: it stops itself."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def serve(app, port, fd=None):
    from werkzeug.serving import make_server

    make_server("127.0.0.1", port, app, threaded=True, fd=fd).serve_forever()


def main():
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    extensions = (
        endpoint_services, private_dns, hosted_zones, believed_signatures, simulated_policies, windows_image, rest_api_tags, rest_api_deletes, rest_api_patches, dependency_violations, ecs_services,
        load_balancer_names, loopback_is_tls, scaling_not_found, bucket_versioning, balancer_attributes,
        endpoint_options, subnet_options, route_propagation, instance_options, listener_options, connect_endpoints, role_updates,
        resolver_options, log_groups, task_definitions, stage_patches,
    )
    for extend in extensions:
        extend()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    if os.environ.get("GENU_END_WITH_PARENT"):
        end_with_parent()
    # Forked servers that have ended are nobody's concern.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve(Calls(Tokens(DomainDispatcherApplication(create_backend_app))), int(sys.argv[1]))


if __name__ == "__main__":
    main()
