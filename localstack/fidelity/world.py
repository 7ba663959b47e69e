"""What probes work with: clients, and fresh things of every kind."""

import functools
import itertools
import json

import boto3
from botocore.config import Config

REGION = "ap-northeast-1"


class World:
    def __init__(self, url):
        self.url, self.numbers = url, itertools.count(1)

    def __getattr__(self, service):
        return self.client(service.replace("_", "-"))

    @functools.cache
    def client(self, service):
        once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, config=once,
            aws_access_key_id="probe", aws_secret_access_key="probe",
        )

    def name(self):
        return f"probe-{next(self.numbers)}"

    def vpc(self):
        return self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def subnets(self, vpc, zones="ac"):
        made = (
            self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + zone)
            for n, zone in enumerate(zones)
        )
        return [subnet["Subnet"]["SubnetId"] for subnet in made]

    def group(self, vpc):
        return self.ec2.create_security_group(VpcId=vpc, GroupName=self.name(), Description="x")["GroupId"]

    def endpoint(self, vpc, service="logs", **more):
        made = self.ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", VpcEndpointType="Interface", **more,
        )
        return made["VpcEndpoint"]

    def instance(self, subnet, **more):
        image = self.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        made = self.ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.small", SubnetId=subnet, **more,
        )
        return made["Instances"][0]

    def balancer(self, subnets, name=None):
        made = self.elbv2.create_load_balancer(Name=name or self.name(), Subnets=subnets, Scheme="internal")
        return made["LoadBalancers"][0]

    def target(self, vpc):
        made = self.elbv2.create_target_group(
            Name=self.name(), VpcId=vpc, Protocol="HTTP", Port=80, TargetType="ip",
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def role(self):
        name = self.name()
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ]}
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Description="kept")
        return name

    def bucket(self):
        name = self.name()
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name
