"""Instances, and the doors to them."""

import threading


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


def profile_ids():
    """An instance shows the id of its profile, not that of the association: a profile that is made again
    has another one."""
    from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociation as Association

    init = Association.__init__

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        profile = {"Arn": self.iam_instance_profile.arn, "Id": self.iam_instance_profile.id}
        self.ec2_backend.modify_instance_attribute(self.instance_id, "iam_instance_profile", profile)

    Association.__init__ = __init__


def deaths_at_launch():
    """While the books say why (`dies_at_launch`: code and message), instances end a moment after their
    launch was answered with success."""
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import StateReason

    run = EC2Backend.run_instances

    def run_instances(self, *args, **kwargs):
        made = run(self, *args, **kwargs)
        reason = getattr(self, "dies_at_launch", None)
        for instance in made.instances if reason else ():
            instance._state.name, instance._state.code = "pending", 0
            threading.Timer(1.0, die, (instance, reason)).start()
        return made

    def die(instance, reason):
        instance.terminate()
        instance._reason = "Client.InternalError"
        instance.state_reason = StateReason(reason["message"], reason["code"])

    EC2Backend.run_instances = run_instances


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


EXTENSIONS = (instance_options, profile_ids, deaths_at_launch, connect_endpoints)
