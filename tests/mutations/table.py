"""The table of changes, and the world they are made in."""

import base64
import json
import urllib.request

import boto3
from botocore.config import Config

REGION = "ap-northeast-1"
ACCOUNT = "123456789012"
TABLE = {}


def on(where, what="changed", label="", shape="plain", also=(), allow=(), stays=None, adopt=False):
    """Enters a change of a field into the table.

    where: `id field`; `id missing` for a whole resource; `id` alone for something beside it.
    what: how it is told, `changed`, `missing` or `unexpected`.
    label: tells several changes of one field apart.
    shape: the deployment that has the field, `plain` or `domain`.
    also: what else is told, as `what id field`: consequences that are drift themselves.
    allow: replacements that `apply` has to be allowed, by id.
    stays: why `apply` does not undo it, where it does not on purpose.
    adopt: it is another thing afterwards, found by its tags, and `apply` has to be told to adopt it.
    """
    identity, _, field = where.partition(" ")
    if field == "missing":
        what, field = "missing", ""

    def enter(change):
        name = f"{where}, {label}" if label else where
        assert name not in TABLE, name
        TABLE[name] = {
            "entry": {
                "name": name, "id": identity, "field": field, "what": what, "shape": shape,
                "also": list(also), "allow": list(allow), "stays": stays, "adopt": adopt,
            },
            "change": change,
        }
        return change

    return enter


# Fields that nobody can change without making another thing of it, by `kind field`.
EXEMPT = {
    "application-autoscaling/scalable-target resource": "its identity: another resource is another target",
    "application-autoscaling/scaling-policy resource": "its identity: it is looked for under its target",
    "apigateway/stage api": "its identity: it is looked for under its API",
    "apigateway/stage name": "its identity: stages cannot be renamed",
    "ecr/image repository": "its identity: it is looked for in its repository",
    "route53/alias-record zone": "its identity: it is looked for in its zone",
    "elasticloadbalancing/listener load_balancer": "its identity: it is looked for under its load balancer",
    "ec2/vpc missing": "AWS deletes no VPC that anything stands in",
    "ec2/subnet missing": "AWS deletes no subnet that anything stands in",
}


class World:
    """One emulator, and the records of what stands in it."""

    session = boto3.Session(
        region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
    )

    def __init__(self, url, records, identity):
        self.url, self.records = url, records
        self.me = records.get(identity)
        self.clients = {}

    def __getitem__(self, service):
        if service not in self.clients:
            self.clients[service] = self.session.client(
                service, endpoint_url=self.url,
                config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self.clients[service]

    def out(self, identity):
        return self.records[identity]

    @property
    def id(self):
        return self.me["id"]

    @property
    def arn(self):
        return self.me["arn"]

    @property
    def name(self):
        return self.me["name"]

    def books(self, service, path, value, region=REGION):
        """Writes one attribute into the emulator's own books."""
        order = json.dumps({"service": service, "region": region, "path": path, "value": value})
        request = urllib.request.Request(f"{self.url}/genu-books", order.encode(), method="POST")
        urllib.request.urlopen(request).read()

    # What several changes need.

    def subnet(self, zone, cidr):
        """A subnet beside ours."""
        vpc = self.out("network/vpc")["id"]
        made = self["ec2"].create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone)
        return made["Subnet"]["SubnetId"]

    def group(self):
        """A security group beside ours."""
        made = self["ec2"].create_security_group(
            GroupName="theirs", Description="x", VpcId=self.out("network/vpc")["id"],
        )
        return made["GroupId"]

    def target_group(self):
        """A target group beside ours."""
        made = self["elbv2"].create_target_group(
            Name="theirs", Protocol="HTTP", Port=80, TargetType="ip", VpcId=self.out("network/vpc")["id"],
        )
        return made["TargetGroups"][0]["TargetGroupArn"]
