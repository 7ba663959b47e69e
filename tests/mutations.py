"""What people do to a deployment behind the tool's back: one change for every field that is managed.

A helper of the journeys (`tests/src/mutations.rs`), started with the emulator's Python. Lines of JSON
come in and go out:
    {"list": true}                            -> the table
    {"run": NAME, "url": URL, "records": {}}  -> {"error": null, or what went wrong}

`records` are those of the deployment's state: what is called what. Each function below does with
boto3 what a person would do at the console. What no call of AWS's changes, and is compared all the
same, is written straight into the emulator's books.
"""

import base64
import json
import sys
import traceback
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


# EC2: the network.


def tagged(identity, **kwargs):
    """Its name changed, by EC2's tags."""
    on(f"{identity} tags.Name", **kwargs)(
        lambda w: w["ec2"].create_tags(Resources=[w.id], Tags=[{"Key": "Name", "Value": "by hand"}])
    )


for identity in (
    "network/vpc", "network/subnet-a", "network/route-table-a", "web/load-balancer-group", "endpoint/logs",
    "web/load-balancer-to-service", "test/key-pair", "test/instance",
):
    tagged(identity)


@on("network/vpc cidr", allow=["network/vpc"])
def _(w):
    vpc = w["ec2"].describe_vpcs(VpcIds=[w.id])["Vpcs"][0]
    association = vpc["CidrBlockAssociationSet"][0]["AssociationId"]
    w.books("ec2", ["vpcs", w.id, "cidr_block"], "10.99.0.0/16")
    w.books("ec2", ["vpcs", w.id, "_cidr_block_association_set", association, "cidr_block"], "10.99.0.0/16")


@on("network/vpc dns_support")
def _(w):
    w["ec2"].modify_vpc_attribute(VpcId=w.id, EnableDnsSupport={"Value": False})


@on("network/vpc dns_hostnames")
def _(w):
    w["ec2"].modify_vpc_attribute(VpcId=w.id, EnableDnsHostnames={"Value": False})


@on("network/vpc default_group_rules", "unexpected")
def _(w):
    filters = [{"Name": "vpc-id", "Values": [w.id]}, {"Name": "group-name", "Values": ["default"]}]
    group = w["ec2"].describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    w["ec2"].authorize_security_group_ingress(GroupId=group, IpPermissions=[rule(22, "10.0.0.0/8")])


@on("network/vpc other_ranges", "unexpected")
def _(w):
    w["ec2"].associate_vpc_cidr_block(VpcId=w.id, CidrBlock="100.64.0.0/16")


@on("network/vpc other_ranges", "unexpected", "IPv6")
def _(w):
    w["ec2"].associate_vpc_cidr_block(VpcId=w.id, AmazonProvidedIpv6CidrBlock=True)


def subnet_attribute(field, **parameters):
    on(f"network/subnet-a {field}")(
        lambda w: w["ec2"].modify_subnet_attribute(SubnetId=w.id, **parameters)
    )


subnet_attribute("public_addresses", MapPublicIpOnLaunch={"Value": True})
subnet_attribute("ipv6_addresses", AssignIpv6AddressOnCreation={"Value": True})
subnet_attribute("dns64", EnableDns64={"Value": True})
subnet_attribute("host_name_type", PrivateDnsHostnameTypeOnLaunch="resource-name")
subnet_attribute("resource_name_a", EnableResourceNameDnsARecordOnLaunch={"Value": True})
subnet_attribute("resource_name_aaaa", EnableResourceNameDnsAAAARecordOnLaunch={"Value": True})


@on("network/subnet-a ipv6_ranges", "unexpected")
def _(w):
    w["ec2"].associate_subnet_cidr_block(SubnetId=w.id, Ipv6CidrBlock="2001:db8::/64")


def subnet_books(field, attribute, value, **kwargs):
    @on(f"network/subnet-a {field}", allow=["network/subnet-a"], **kwargs)
    def _(w):
        subnet = w["ec2"].describe_subnets(SubnetIds=[w.id])["Subnets"][0]
        w.books("ec2", ["subnets", subnet["AvailabilityZone"], w.id, attribute], value)


subnet_books("cidr", "cidr_block", "10.0.200.0/24")
subnet_books("zone", "_availability_zone", {"name": REGION + "d"})
subnet_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("network/route-table-a other_routes", "unexpected")
def _(w):
    gateway = w["ec2"].create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    w["ec2"].attach_internet_gateway(InternetGatewayId=gateway, VpcId=w.out("network/vpc")["id"])
    w["ec2"].create_route(RouteTableId=w.id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


@on("network/route-table-a propagating_gateways", "unexpected")
def _(w):
    gateway = w["ec2"].create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    w["ec2"].attach_vpn_gateway(VpnGatewayId=gateway, VpcId=w.out("network/vpc")["id"])
    w["ec2"].enable_vgw_route_propagation(RouteTableId=w.id, GatewayId=gateway)


def disassociate(w):
    table = w["ec2"].describe_route_tables(RouteTableIds=[w.id])["RouteTables"][0]
    for association in table["Associations"]:
        w["ec2"].disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


@on("network/route-table-a subnets")
def _(w):
    disassociate(w)


@on("network/route-table-a vpc", allow=["network/route-table-a"])
def _(w):
    w.books("ec2", ["route_tables", w.id, "vpc_id"], "vpc-00000000000000000")


@on("network/route-table-a missing")
def _(w):
    disassociate(w)
    w["ec2"].delete_route_table(RouteTableId=w.id)


def rule(port, cidr):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}


def rules(w, egress):
    answer = w["ec2"].describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [w.id]}])
    return [r["SecurityGroupRuleId"] for r in answer["SecurityGroupRules"] if r["IsEgress"] == egress]


@on("web/load-balancer-group ingress")
def _(w):
    w["ec2"].revoke_security_group_ingress(GroupId=w.id, SecurityGroupRuleIds=rules(w, False)[:1])


@on("web/load-balancer-group ingress", "unexpected", "one more")
def _(w):
    w["ec2"].authorize_security_group_ingress(GroupId=w.id, IpPermissions=[rule(22, "0.0.0.0/0")])


@on("network/endpoint-group egress", "unexpected")
def _(w):
    w["ec2"].authorize_security_group_egress(GroupId=w.id, IpPermissions=[rule(22, "0.0.0.0/0")])


@on("web/service-group egress")
def _(w):
    w["ec2"].revoke_security_group_egress(GroupId=w.id, SecurityGroupRuleIds=rules(w, True)[:1])


def group_books(field, attribute, value):
    @on(f"test/group {field}", allow=["test/group"])
    def _(w):
        w.books("ec2", ["groups", w.out("network/vpc")["id"], w.id, attribute], value)


group_books("description", "description", "by hand")
group_books("group_name", "group_name", "by-hand")
group_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("test/group missing", also=["missing test/instance"])
def _(w):
    w["ec2"].terminate_instances(InstanceIds=[w.out("test/instance")["id"]])
    w["ec2"].delete_security_group(GroupId=w.id)


@on("web/load-balancer-to-service egress")
def _(w):
    wider = {
        "IpProtocol": "tcp", "FromPort": 1, "ToPort": 9000,
        "ReferencedGroupId": w.out("web/service-group")["id"],
    }
    w["ec2"].modify_security_group_rules(
        GroupId=w.me["group"],
        SecurityGroupRules=[{"SecurityGroupRuleId": w.id, "SecurityGroupRule": wider}],
    )


@on("web/load-balancer-to-service group", adopt=True)
def _(w):
    """Taken away, and put into another group with its tags."""
    other = w.out("web/service-group")["id"]
    live = w["ec2"].describe_security_group_rules(SecurityGroupRuleIds=[w.id])["SecurityGroupRules"][0]
    w["ec2"].revoke_security_group_egress(GroupId=w.me["group"], SecurityGroupRuleIds=[w.id])
    w["ec2"].authorize_security_group_egress(
        GroupId=other,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": live["FromPort"], "ToPort": live["ToPort"],
                        "UserIdGroupPairs": [{"GroupId": other}]}],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": live["Tags"]}],
    )


@on("web/load-balancer-to-service missing")
def _(w):
    w["ec2"].revoke_security_group_egress(GroupId=w.me["group"], SecurityGroupRuleIds=[w.id])


def endpoint(identity, field, what="changed", label="", **parameters):
    """`parameters` may be functions of the world."""
    @on(f"{identity} {field}", what, label)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        w["ec2"].modify_vpc_endpoint(VpcEndpointId=w.id, **given)


THEIRS = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*"}


def policy_of(w):
    return json.loads(w["ec2"].describe_vpc_endpoints(VpcEndpointIds=[w.id])["VpcEndpoints"][0]["PolicyDocument"])


def with_theirs(w):
    document = policy_of(w)
    document["Statement"].append(THEIRS)
    return json.dumps(document)


endpoint("endpoint/logs", "addresses", IpAddressType="dualstack")
endpoint("endpoint/logs", "dns_records", DnsOptions={"DnsRecordIpType": "dualstack"})
endpoint("endpoint/s3-on-premises", "dns_for_resolver_only", DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": False})
endpoint("endpoint/logs", "private_dns", PrivateDnsEnabled=False)
endpoint("endpoint/logs", "groups", "unexpected", AddSecurityGroupIds=lambda w: [w.group()])
endpoint("endpoint/logs", "groups", "changed", "another", AddSecurityGroupIds=lambda w: [w.group()],
         RemoveSecurityGroupIds=lambda w: [w.out("network/endpoint-group")["id"]])
endpoint("endpoint/logs", "subnets", RemoveSubnetIds=lambda w: [w.out("network/subnet-b")["id"]])
endpoint("endpoint/s3", "route_tables", RemoveRouteTableIds=lambda w: [w.out("network/route-table-b")["id"]])
endpoint("endpoint/s3", "policy", "unexpected", "a statement", PolicyDocument=with_theirs)
endpoint("endpoint/s3", "policy", "changed", "another", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [THEIRS]}))
endpoint("endpoint/s3", "policy", "changed", "reset", ResetPolicy=True)


def endpoint_books(field, attribute, value, **kwargs):
    on(f"endpoint/logs {field}", allow=["endpoint/logs"], **kwargs)(
        lambda w: w.books("ec2", ["vpc_end_points", w.id, attribute], value)
    )


endpoint_books("service", "service_name", "com.amazonaws.ap-northeast-1.monitoring")
endpoint_books("type", "vpc_endpoint_type", "Gateway", also=[
    "changed endpoint/logs private_dns", "changed endpoint/logs dns_records",
])
endpoint_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("endpoint/polly missing")
def _(w):
    w["ec2"].delete_vpc_endpoints(VpcEndpointIds=[w.id])


# The load balancer.

for identity in ("web/load-balancer", "web/target-group", "web/listener"):
    on(f"{identity} tags.Name")(
        lambda w: w["elbv2"].add_tags(ResourceArns=[w.arn], Tags=[{"Key": "Name", "Value": "by hand"}])
    )

BALANCER = {
    "access_logs.s3.enabled": "true",
    "client_keep_alive.seconds": "60",
    "connection_logs.s3.enabled": "true",
    "deletion_protection.enabled": "true",
    "health_check_logs.s3.enabled": "true",
    "idle_timeout.timeout_seconds": "5",
    "load_balancing.cross_zone.enabled": "false",
    "routing.http.desync_mitigation_mode": "monitor",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "true",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true",
    "routing.http.xff_client_port.enabled": "true",
    "routing.http.xff_header_processing.mode": "remove",
    "routing.http2.enabled": "false",
    "waf.fail_open.enabled": "true",
    "zonal_shift.config.enabled": "true",
}
TARGETS = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "on",
    "load_balancing.algorithm.type": "weighted_random",
    "load_balancing.cross_zone.enabled": "false",
    "slow_start.duration_seconds": "60",
    "stickiness.app_cookie.duration_seconds": "60",
    "stickiness.enabled": "true",
    "stickiness.lb_cookie.duration_seconds": "60",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "2",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "50",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "2",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "50",
}


def attributes(identity, all_of_them, call, parameter):
    for key, value in all_of_them.items():
        on(f"{identity} attributes.{key}")(
            lambda w, key=key, value=value: getattr(w["elbv2"], call)(
                **{parameter: w.arn}, Attributes=[{"Key": key, "Value": value}]
            )
        )


attributes("web/load-balancer", BALANCER, "modify_load_balancer_attributes", "LoadBalancerArn")
attributes("web/target-group", TARGETS, "modify_target_group_attributes", "TargetGroupArn")


@on("web/target-group attributes.stickiness.type")
def _(w):
    cookie = [("stickiness.type", "app_cookie"), ("stickiness.app_cookie.cookie_name", "theirs")]
    w["elbv2"].modify_target_group_attributes(
        TargetGroupArn=w.arn, Attributes=[{"Key": key, "Value": value} for key, value in cookie],
    )


def balancer_books(field, attribute, value):
    on(f"web/load-balancer {field}", allow=["web/load-balancer"])(
        lambda w: w.books("elbv2", ["load_balancers", w.arn, attribute], value)
    )


balancer_books("scheme", "scheme", "internet-facing")
balancer_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("web/load-balancer addresses")
def _(w):
    w["elbv2"].set_ip_address_type(LoadBalancerArn=w.arn, IpAddressType="dualstack")


@on("web/load-balancer groups")
def _(w):
    w["elbv2"].set_security_groups(LoadBalancerArn=w.arn, SecurityGroups=[w.group()])


@on("web/load-balancer groups", "unexpected", "one more")
def _(w):
    ours = w.out("web/load-balancer-group")["id"]
    w["elbv2"].set_security_groups(LoadBalancerArn=w.arn, SecurityGroups=[ours, w.group()])


@on("web/load-balancer subnets")
def _(w):
    w["ec2"].associate_vpc_cidr_block(VpcId=w.out("network/vpc")["id"], CidrBlock="100.64.0.0/16")
    other = w.subnet("d", "100.64.0.0/24")
    w["elbv2"].set_subnets(LoadBalancerArn=w.arn, Subnets=[w.out("network/subnet-a")["id"], other])


TABLE["web/load-balancer subnets"]["entry"]["also"].append("unexpected network/vpc other_ranges")


@on("web/load-balancer missing", also=["missing web/listener"])
def _(w):
    w["elbv2"].delete_load_balancer(LoadBalancerArn=w.arn)


def health_check(field, **parameters):
    on(f"web/target-group health_check.{field}")(
        lambda w: w["elbv2"].modify_target_group(TargetGroupArn=w.arn, **parameters)
    )


health_check("codes", Matcher={"HttpCode": "200-499"})
health_check("enabled", HealthCheckEnabled=False)
health_check("healthy_threshold", HealthyThresholdCount=9)
health_check("interval_seconds", HealthCheckIntervalSeconds=60)
health_check("path", HealthCheckPath="/theirs")
health_check("port", HealthCheckPort="81")
health_check("protocol", HealthCheckProtocol="HTTPS")
health_check("timeout_seconds", HealthCheckTimeoutSeconds=20)
health_check("unhealthy_threshold", UnhealthyThresholdCount=9)


def target_books(field, attribute, value):
    on(f"web/target-group {field}", allow=["web/target-group"])(
        lambda w: w.books("elbv2", ["target_groups", w.arn, attribute], value)
    )


target_books("addresses", "ip_address_type", "ipv6")
target_books("port", "port", 81)
target_books("protocol", "protocol", "HTTPS")
target_books("protocol_version", "protocol_version", "HTTP2")
target_books("target_type", "target_type", "instance")
target_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("web/target-group missing", also=["missing web/listener"])
def _(w):
    w["elbv2"].delete_listener(ListenerArn=w.out("web/listener")["arn"])
    w["elbv2"].delete_target_group(TargetGroupArn=w.arn)


def listener(identity, field, what="changed", label="", shape="plain", also=(), **parameters):
    @on(f"{identity} {field}", what, label, shape, also)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        w["elbv2"].modify_listener(ListenerArn=w.arn, **given)


def forward(w, target, sticky):
    config = {
        "TargetGroups": [{"TargetGroupArn": target, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": sticky, "DurationSeconds": 60},
    }
    return [{"Type": "forward", "TargetGroupArn": target, "ForwardConfig": config}]


def certificate(w):
    """One of theirs."""
    return w["acm"].request_certificate(DomainName="theirs.closed")["CertificateArn"]


def redirect(**to):
    return [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301", **to}}]


listener("web/listener-https", "client_certificates", shape="domain", MutualAuthentication={"Mode": "passthrough"})
listener("web/listener", "port", Port=8080)
listener("web/listener", "forward_to", DefaultActions=lambda w: forward(w, w.target_group(), False))
listener("web/listener", "forward_to", label="a page", DefaultActions=[
    {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}},
])
listener("web/listener", "sticky", DefaultActions=lambda w: forward(w, w.out("web/target-group")["arn"], True))
listener("web/listener", "protocol", also=["changed web/listener certificate", "changed web/listener tls_policy"],
         Protocol="HTTPS", SslPolicy="ELBSecurityPolicy-2016-08", Certificates=lambda w: [{"CertificateArn": certificate(w)}])
listener("web/listener-https", "certificate", shape="domain", Certificates=lambda w: [{"CertificateArn": certificate(w)}])
listener("web/listener-https", "tls_policy", shape="domain", SslPolicy="ELBSecurityPolicy-2016-08")
listener("web/listener", "redirect", shape="domain", DefaultActions=redirect(Port="8443"))
listener("web/listener", "redirect", label="another status", shape="domain", DefaultActions=redirect(StatusCode="HTTP_302"))
listener("web/listener", "redirect", label="another host", shape="domain", DefaultActions=redirect(Host="theirs.example"))
listener("web/listener", "redirect", label="another path", shape="domain", DefaultActions=redirect(Path="/theirs"))


@on("web/listener rules", "unexpected")
def _(w):
    w["elbv2"].create_rule(
        ListenerArn=w.arn, Priority=10, Conditions=[{"Field": "path-pattern", "Values": ["/theirs"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": w.out("web/target-group")["arn"]}],
    )


@on("web/listener missing")
def _(w):
    w["elbv2"].delete_listener(ListenerArn=w.arn)


@on("unexpected/listener-8080", "unexpected")
def _(w):
    w["elbv2"].create_listener(
        LoadBalancerArn=w.out("web/load-balancer")["arn"], Protocol="HTTP", Port=8080,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": w.out("web/target-group")["arn"]}],
    )


# S3, ECR, logs.


@on("web/bucket tags.Name")
def _(w):
    tags = w["s3"].get_bucket_tagging(Bucket=w.name)["TagSet"]
    for tag in tags:
        tag["Value"] = "by hand" if tag["Key"] == "Name" else tag["Value"]
    w["s3"].put_bucket_tagging(Bucket=w.name, Tagging={"TagSet": tags})


@on("web/bucket encryption")
def _(w):
    by = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    w["s3"].put_bucket_encryption(Bucket=w.name, ServerSideEncryptionConfiguration={"Rules": [by]})


@on("web/bucket ownership")
def _(w):
    w["s3"].put_bucket_ownership_controls(
        Bucket=w.name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
    )


for block in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"):
    @on(f"web/bucket public_access_block.{block}")
    def _(w, block=block):
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        w["s3"].put_public_access_block(
            Bucket=w.name, PublicAccessBlockConfiguration={name: name != block for name in names},
        )


@on("web/bucket public_access_block", label="none")
def _(w):
    w["s3"].delete_public_access_block(Bucket=w.name)


@on("web/bucket policy")
def _(w):
    w["s3"].delete_bucket_policy(Bucket=w.name)


@on("web/bucket policy", "unexpected", "a statement")
def _(w):
    document = json.loads(w["s3"].get_bucket_policy(Bucket=w.name)["Policy"])
    theirs = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{w.name}/*",
    }
    document["Statement"].append(theirs)
    w["s3"].put_bucket_policy(Bucket=w.name, Policy=json.dumps(document))


@on("web/bucket missing")
def _(w):
    w["s3"].delete_bucket(Bucket=w.name)


@on("web/repository tags.Name")
def _(w):
    w["ecr"].tag_resource(resourceArn=w.arn, tags=[{"Key": "Name", "Value": "by hand"}])


@on("web/repository scan_on_push")
def _(w):
    w["ecr"].put_image_scanning_configuration(
        repositoryName=w.name, imageScanningConfiguration={"scanOnPush": False},
    )


@on("web/repository tag_mutability")
def _(w):
    w["ecr"].put_image_tag_mutability(repositoryName=w.name, imageTagMutability="IMMUTABLE")


@on("web/repository encryption", allow=["web/repository"])
def _(w):
    w.books("ecr", ["repositories", w.name, "encryption_configuration"], {"encryptionType": "KMS", "kmsKey": "theirs"})


@on("web/repository missing")
def _(w):
    w["ecr"].delete_repository(repositoryName=w.name, force=True)


@on("web/log-group tags.Name")
def _(w):
    w["logs"].tag_log_group(logGroupName=w.name, tags={"Name": "by hand"})


@on("web/log-group retention_days")
def _(w):
    w["logs"].put_retention_policy(logGroupName=w.name, retentionInDays=1)


@on("web/log-group retention_days", label="for ever")
def _(w):
    w["logs"].delete_retention_policy(logGroupName=w.name)


@on("web/log-group kms_key", "unexpected", stays="somebody's care for what is in it")
def _(w):
    w["logs"].associate_kms_key(logGroupName=w.name, kmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/theirs")


@on("web/log-group class", allow=["web/log-group"])
def _(w):
    w.books("logs", ["groups", w.name, "log_group_class"], "INFREQUENT_ACCESS")


@on("web/log-group missing")
def _(w):
    w["logs"].delete_log_group(logGroupName=w.name)


# IAM.

OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@on("web/task-role tags.Name")
def _(w):
    w["iam"].tag_role(RoleName=w.name, Tags=[{"Key": "Name", "Value": "by hand"}])


@on("web/task-role description")
def _(w):
    w["iam"].update_role(RoleName=w.name, Description="by hand")


@on("web/task-role session_seconds")
def _(w):
    w["iam"].update_role(RoleName=w.name, MaxSessionDuration=43200)


def inline(w):
    name = w["iam"].list_role_policies(RoleName=w.name)["PolicyNames"][0]
    return name, w["iam"].get_role_policy(RoleName=w.name, PolicyName=name)["PolicyDocument"]


@on("web/task-role inline.documents.*.Statement")
def _(w):
    name, _ = inline(w)
    w["iam"].put_role_policy(RoleName=w.name, PolicyName=name, PolicyDocument=json.dumps(OPEN))


@on("web/task-role inline.documents.*.Statement", "unexpected", "one more")
def _(w):
    name, document = inline(w)
    document["Statement"] += OPEN["Statement"]
    w["iam"].put_role_policy(RoleName=w.name, PolicyName=name, PolicyDocument=json.dumps(document))


@on("web/task-role inline.documents.*.Version")
def _(w):
    name, document = inline(w)
    document["Version"] = "2008-10-17"
    key = w["iam"].get_role(RoleName=w.name)["Role"]["RoleId"]
    w.books("iam", ["roles", key, "policies", name], json.dumps(document), "aws")


@on("web/task-role inline.names", also=["changed web/task-role inline.documents.*"])
def _(w):
    name, _ = inline(w)
    w["iam"].delete_role_policy(RoleName=w.name, PolicyName=name)


@on("test/role inline.names", "unexpected")
def _(w):
    w["iam"].put_role_policy(RoleName=w.name, PolicyName="theirs", PolicyDocument=json.dumps(OPEN))


@on("web/execution-role managed", "unexpected")
def _(w):
    w["iam"].attach_role_policy(RoleName=w.name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


@on("test/role managed")
def _(w):
    for policy in w["iam"].list_attached_role_policies(RoleName=w.name)["AttachedPolicies"]:
        w["iam"].detach_role_policy(RoleName=w.name, PolicyArn=policy["PolicyArn"])


@on("web/task-role trust")
def _(w):
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    w["iam"].update_assume_role_policy(RoleName=w.name, PolicyDocument=json.dumps(trust))


@on("web/task-role boundary", "unexpected", stays="a guardrail of somebody else's")
def _(w):
    w["iam"].put_role_permissions_boundary(RoleName=w.name, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")


@on("web/task-role path", adopt=True)
def _(w):
    key = w["iam"].get_role(RoleName=w.name)["Role"]["RoleId"]
    w.books("iam", ["roles", key, "path"], "/theirs/", "aws")


@on("web/task-role missing")
def _(w):
    name, _ = inline(w)
    w["iam"].delete_role_policy(RoleName=w.name, PolicyName=name)
    w["iam"].delete_role(RoleName=w.name)


@on("test/instance-profile tags.Name")
def _(w):
    w["iam"].tag_instance_profile(InstanceProfileName=w.name, Tags=[{"Key": "Name", "Value": "by hand"}])


@on("test/instance-profile path", adopt=True, allow=["test/instance"])
def _(w):
    w.books("iam", ["instance_profiles", w.name, "path"], "/theirs/", "aws")


def take_role(w):
    w["iam"].remove_role_from_instance_profile(InstanceProfileName=w.name, RoleName=w.out("test/role")["name"])


@on("test/instance-profile roles")
def _(w):
    take_role(w)


@on("test/instance-profile missing", allow=["test/instance"])
def _(w):
    take_role(w)
    w["iam"].delete_instance_profile(InstanceProfileName=w.name)


# ECS and its scaling.


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
of_container("read_only_root", readonlyRootFilesystem=True)
of_container("secrets", "unexpected", secrets=[{"name": "THEIRS", "valueFrom": "theirs"}])
of_container("port", portMappings=[{"containerPort": 9090, "hostPort": 9090, "protocol": "tcp"}])
of_container("protocol", portMappings=[{"containerPort": 8080, "hostPort": 8080, "protocol": "udp"}])
of_log("log_group", "awslogs-group", "theirs")
of_log("log_prefix", "awslogs-stream-prefix", "theirs")
of_log("log_region", "awslogs-region", "us-east-1")
revision("log_driver", lambda task, container: container["logConfiguration"].update(logDriver="fluentd"))
revision("bucket", lambda task, container: container["environment"][0].update(value="theirs"))
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


# API Gateway.


def patched(field, what="changed", label="", **operation):
    """A patch of the REST API; the value may be a function of the world."""
    @on(f"proxy/user-pool {field}", what, label)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in operation.items()}
        w["apigateway"].update_rest_api(restApiId=w.id, patchOperations=[given])


patched("name", op="replace", path="/name", value="by hand")
patched("description", op="replace", path="/description", value="by hand")
patched("api_key_source", op="replace", path="/apiKeySource", value="AUTHORIZER")
patched("binary_types", "unexpected", op="add", path="/binaryMediaTypes/image~1png")
patched("compression_bytes", op="replace", path="/minimumCompressionSize", value="0")
patched("default_endpoint", op="replace", path="/disableExecuteApiEndpoint", value="true")
patched("endpoints", "unexpected", op="add", path="/endpointConfiguration/vpcEndpointIds", value=lambda w: w.out("endpoint/logs")["id"])
patched("policy", op="replace", path="/policy", value=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
]}))


@on("proxy/user-pool endpoint_type", allow=["proxy/user-pool"])
def _(w):
    w.books("apigateway", ["apis", w.id, "endpoint_configuration", "types"], ["REGIONAL"])


@on("proxy/user-pool tags.Name")
def _(w):
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{w.id}"
    w["apigateway"].tag_resource(resourceArn=arn, tags={"Name": "by hand"})


@on("proxy/user-pool missing", also=["missing proxy/user-pool-stage"])
def _(w):
    w["apigateway"].delete_rest_api(restApiId=w.id)


def resource(w, path="/"):
    found = w["apigateway"].get_resources(restApiId=w.id, limit=500)["items"]
    return next(item["id"] for item in found if item["path"] == path)


def put_mock(w, verb):
    call = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": verb}
    w["apigateway"].put_method(**call, authorizationType="NONE")
    w["apigateway"].put_integration(**call, type="MOCK")


on("proxy/user-pool surface", "unexpected")(lambda w: put_mock(w, "DELETE"))


@on("proxy/user-pool surface", label="one less", also=["changed proxy/user-pool methods.*"])
def _(w):
    w["apigateway"].delete_method(restApiId=w.id, resourceId=resource(w), httpMethod="OPTIONS")


def method(field, what="changed", label="", **changed):
    """The method at the root defined anew."""
    @on(f"proxy/user-pool methods.*.{field}", what, label)
    def _(w):
        at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
        live = w["apigateway"].get_method(**at)
        kept = ("authorizationType", "apiKeyRequired", "requestParameters")
        given = {key: live[key] for key in kept if key in live}
        given.update({key: value(live.get(key)) if callable(value) else value for key, value in changed.items()})
        w["apigateway"].put_method(**at, **given)
        # Whoever puts a method anew at AWS puts its integration, too.
        put_integration(w, at, live)


def put_integration(w, at, live, **changed):
    integration = live["methodIntegration"]
    kept = ("type", "uri", "requestParameters", "requestTemplates", "passthroughBehavior", "timeoutInMillis")
    given = {key: integration[key] for key in kept if key in integration}
    given["integrationHttpMethod"] = integration.get("httpMethod") or at["httpMethod"]
    given.update({key: value(integration.get(key)) if callable(value) else value for key, value in changed.items()})
    for status in live.get("methodResponses", {}).values():
        w["apigateway"].put_method_response(**at, statusCode=status["statusCode"], responseParameters=status.get("responseParameters", {}))
    w["apigateway"].put_integration(**at, **given)
    for response in integration.get("integrationResponses", {}).values():
        kept = ("statusCode", "responseParameters", "responseTemplates")
        w["apigateway"].put_integration_response(**at, **{key: response[key] for key in kept if response.get(key)})


def integration(field, what="changed", label="", **changed):
    """The integration of the method at the root put anew."""
    @on(f"proxy/user-pool methods.*.integration.{field}", what, label)
    def _(w):
        at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
        put_integration(w, at, w["apigateway"].get_method(**at), **changed)


def response(field, what="changed", label="", **changed):
    """Another response of the method at the root."""
    @on(f"proxy/user-pool methods.*.integration.{field}", what, label)
    def _(w):
        at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
        live = w["apigateway"].get_integration(**at)["integrationResponses"]["200"]
        given = {key: live[key] for key in ("statusCode", "responseParameters") if live.get(key)}
        given.update({key: value(live.get(key)) if callable(value) else value for key, value in changed.items()})
        if given["statusCode"] != "200":
            w["apigateway"].put_method_response(**at, statusCode=given["statusCode"])
        w["apigateway"].put_integration_response(**at, **given)


def replaced(live):
    """The first of them with another value."""
    key, value = sorted(live.items())[0]
    return {**live, key: not value if isinstance(value, bool) else "'theirs'"}


def extended(key, value):
    return lambda live: {**(live or {}), key: value}


method("authorization", authorizationType="AWS_IAM")
method("needs_key", apiKeyRequired=True)
method("parameters", requestParameters=replaced)
method("parameters", "unexpected", "one more", requestParameters=extended("method.request.header.Theirs", False))
integration("kind", type="HTTP")
integration("http_method", integrationHttpMethod="PUT")
integration("uri", uri="https://theirs.example")
integration("parameters", requestParameters=replaced)
integration("parameters", "unexpected", "one more", requestParameters=extended("integration.request.header.Theirs", "'theirs'"))
integration("passthrough", passthroughBehavior="NEVER")
integration("timeout_ms", timeoutInMillis=50)
integration("templates", "unexpected", "one more", requestTemplates=extended("application/json", "theirs"))
response("headers", responseParameters=replaced)
response("headers", "unexpected", "one more", responseParameters=extended("method.response.header.Theirs", "'theirs'"))
response("other_responses", "unexpected", statusCode="500")
response("other_responses", "unexpected", "a template", responseTemplates={"application/json": "theirs"})


@on("proxy/user-pool methods.*.integration.templates")
def _(w):
    at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "OPTIONS"}
    put_integration(w, at, w["apigateway"].get_method(**at), requestTemplates=replaced)


@on("proxy/user-pool methods.*.integration.status")
def _(w):
    at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
    live = w["apigateway"].get_integration(**at)["integrationResponses"]["200"]
    w["apigateway"].put_method_response(**at, statusCode="201")
    w["apigateway"].delete_integration_response(**at, statusCode="200")
    w["apigateway"].put_integration_response(**at, statusCode="201", responseParameters=live["responseParameters"])


def stage(field, what="changed", *operations):
    on(f"proxy/user-pool-stage {field}", what)(
        lambda w: w["apigateway"].update_stage(restApiId=w.me["api"], stageName=w.name, patchOperations=list(operations))
    )


stage("description", "changed", {"op": "replace", "path": "/description", "value": "by hand"})
stage("tracing", "changed", {"op": "replace", "path": "/tracingEnabled", "value": "true"})
stage("cache", "changed", {"op": "replace", "path": "/cacheClusterEnabled", "value": "true"})
stage("variables", "unexpected", {"op": "replace", "path": "/variables/theirs", "value": "x"})
stage("method_settings", "unexpected", {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"})
stage("access_log", "changed",
      {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:theirs"},
      {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"})
stage("client_certificate", "changed", {"op": "replace", "path": "/clientCertificateId", "value": "theirs"})
stage("canary", "changed", {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "10.0"})


@on("proxy/user-pool-stage deployed")
def _(w):
    made = w["apigateway"].create_deployment(restApiId=w.me["api"], description="by hand")["id"]
    w["apigateway"].update_stage(restApiId=w.me["api"], stageName=w.name, patchOperations=[
        {"op": "replace", "path": "/deploymentId", "value": made},
    ])


@on("proxy/user-pool-stage web_acl", "unexpected", stays="a firewall in front of it is somebody's care")
def _(w):
    w.books("apigateway", ["apis", w.me["api"], "stages", w.name, "web_acl_arn"], "arn:aws:wafv2:theirs")


@on("proxy/user-pool-stage tags.Name")
def _(w):
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{w.me['api']}/stages/{w.name}"
    w["apigateway"].tag_resource(resourceArn=arn, tags={"Name": "by hand"})


@on("proxy/user-pool-stage missing")
def _(w):
    w["apigateway"].delete_stage(restApiId=w.me["api"], stageName=w.name)


# The resolver.


def resolver(field, what="changed", **parameters):
    on(f"resolver/endpoint {field}", what)(
        lambda w: w["route53resolver"].update_resolver_endpoint(ResolverEndpointId=w.id, **parameters)
    )


resolver("name", Name="by-hand")
resolver("address_type", ResolverEndpointType="DUALSTACK")
resolver("protocols", "unexpected", Protocols=["Do53", "DoH"])


@on("resolver/endpoint direction", allow=["resolver/endpoint"])
def _(w):
    w.books("route53resolver", ["resolver_endpoints", w.id, "direction"], "OUTBOUND")


@on("resolver/endpoint groups", allow=["resolver/endpoint"])
def _(w):
    w.books("route53resolver", ["resolver_endpoints", w.id, "security_group_ids"], [w.group()])


@on("resolver/endpoint addresses", "unexpected")
def _(w):
    address = {"SubnetId": w.out("network/subnet-a")["id"], "Ip": "10.0.9.9"}
    w["route53resolver"].associate_resolver_endpoint_ip_address(ResolverEndpointId=w.id, IpAddress=address)


@on("resolver/endpoint addresses", "changed", "another")
def _(w):
    subnet = w.out("network/subnet-a")["id"]
    old = w["route53resolver"].list_resolver_endpoint_ip_addresses(ResolverEndpointId=w.id)["IpAddresses"]
    address = {"SubnetId": subnet, "Ip": "10.0.9.9"}
    w["route53resolver"].associate_resolver_endpoint_ip_address(ResolverEndpointId=w.id, IpAddress=address)
    gone = next(item["IpId"] for item in old if item["SubnetId"] == subnet)
    w["route53resolver"].disassociate_resolver_endpoint_ip_address(ResolverEndpointId=w.id, IpAddress={"IpId": gone})


@on("resolver/endpoint subnets", "unexpected", also=[
    "unexpected resolver/endpoint addresses", "unexpected network/vpc other_ranges",
])
def _(w):
    w["ec2"].associate_vpc_cidr_block(VpcId=w.out("network/vpc")["id"], CidrBlock="100.64.0.0/16")
    address = {"SubnetId": w.subnet("d", "100.64.0.0/24"), "Ip": "100.64.0.9"}
    w["route53resolver"].associate_resolver_endpoint_ip_address(ResolverEndpointId=w.id, IpAddress=address)


@on("resolver/endpoint tags.Name")
def _(w):
    arn = f"arn:aws:route53resolver:{REGION}:{ACCOUNT}:resolver-endpoint/{w.id}"
    w["route53resolver"].tag_resource(ResourceArn=arn, Tags=[{"Key": "Name", "Value": "by hand"}])


@on("resolver/endpoint missing")
def _(w):
    w["route53resolver"].delete_resolver_endpoint(ResolverEndpointId=w.id)


# The Windows instance and its key.


@on("test/key-pair name", allow=["test/key-pair"], adopt=True)
def _(w):
    """Replaced by one of another name, with its tags, and its parameter."""
    tags = w["ec2"].describe_key_pairs(KeyNames=[w.name])["KeyPairs"][0]["Tags"]
    w["ec2"].delete_key_pair(KeyName=w.name)
    w["ssm"].delete_parameter(Name=f"/ec2/keypair/{w.id}")
    made = w["ec2"].create_key_pair(
        KeyName="by-hand", TagSpecifications=[{"ResourceType": "key-pair", "Tags": tags}],
    )
    w["ssm"].put_parameter(Name=f"/ec2/keypair/{made['KeyPairId']}", Type="SecureString", Value="x")


@on("test/key-pair type", allow=["test/key-pair"])
def _(w):
    w.books("ec2", ["key_pairs", w.name, "key_type"], "ed25519")


@on("test/key-pair parameter_type", allow=["test/key-pair"])
def _(w):
    w["ssm"].put_parameter(Name=f"/ec2/keypair/{w.id}", Type="String", Value="x", Overwrite=True)


@on("test/key-pair private_key", allow=["test/key-pair"], also=["changed test/key-pair parameter_type"])
def _(w):
    w["ssm"].delete_parameter(Name=f"/ec2/keypair/{w.id}")


@on("test/key-pair missing", allow=["test/instance"])
def _(w):
    w["ec2"].delete_key_pair(KeyName=w.name)


def instance(field, what="changed", label="", stop=False, shape="plain", allow=(), **parameters):
    @on(f"test/instance {field}", what, label, shape, allow=allow)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        if stop:
            w["ec2"].stop_instances(InstanceIds=[w.id])
        w["ec2"].modify_instance_attribute(InstanceId=w.id, **given)
        if stop:
            w["ec2"].start_instances(InstanceIds=[w.id])


GOES = ["test/instance"]
instance("instance_type", stop=True, allow=GOES, InstanceType={"Value": "t3.micro"})
instance("user_data", stop=True, allow=GOES, UserData={"Value": base64.b64encode(b"theirs")})
instance("source_check", SourceDestCheck={"Value": False})
instance("groups", Groups=lambda w: [w.group()])
instance("groups", "unexpected", "one more", Groups=lambda w: [w.out("test/group")["id"], w.group()])
instance("volume_deleted_with_it", BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}])


@on("test/instance detailed_monitoring")
def _(w):
    w["ec2"].monitor_instances(InstanceIds=[w.id])


@on("test/instance metadata_tags")
def _(w):
    w["ec2"].modify_instance_metadata_options(InstanceId=w.id, InstanceMetadataTags="enabled")


@on("test/instance metadata_tokens")
def _(w):
    w["ec2"].modify_instance_metadata_options(InstanceId=w.id, HttpTokens="optional")


def volume_of(w):
    live = w["ec2"].describe_instances(InstanceIds=[w.id])["Reservations"][0]["Instances"][0]
    return live["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]


def volume(field, allow=(), also=(), **parameters):
    on(f"test/instance {field}", allow=allow, also=also)(
        lambda w: w["ec2"].modify_volume(VolumeId=volume_of(w), **parameters)
    )


volume("volume_type", VolumeType="gp2")
volume("volume_iops", Iops=16000)
volume("volume_throughput", Throughput=1000)
volume("root_volume.gib", GOES, Size=200)


@on("test/instance root_volume.encrypted", allow=GOES)
def _(w):
    w.books("ec2", ["volumes", volume_of(w), "encrypted"], False)


@on("test/instance profile", allow=GOES)
def _(w):
    filters = [{"Name": "instance-id", "Values": [w.id]}]
    found = w["ec2"].describe_iam_instance_profile_associations(Filters=filters)
    for association in found["IamInstanceProfileAssociations"]:
        w["ec2"].disassociate_iam_instance_profile(AssociationId=association["AssociationId"])


def instance_books(field, attribute, value, **kwargs):
    @on(f"test/instance {field}", allow=GOES, **kwargs)
    def _(w):
        reservation = w["ec2"].describe_instances(InstanceIds=[w.id])["Reservations"][0]["ReservationId"]
        w.books("ec2", ["reservations", reservation, "instances", 0, attribute], value(w) if callable(value) else value)


instance_books("key_pair", "key_name", "theirs")
instance_books("subnet", "_subnet_id", lambda w: w.out("network/subnet-b")["id"])
instance_books("image", "image_id", "ami-00000000", shape="domain")


@on("test/instance missing")
def _(w):
    w["ec2"].terminate_instances(InstanceIds=[w.id])


# The domain.


@on("network/zone name", shape="domain", allow=["network/zone"], also=["missing web/domain"])
def _(w):
    take_alias(w)
    w.books("route53", ["zones", w.id, "name"], "theirs.closed.", "aws")
    for own in (0, 1):
        w.books("route53", ["zones", w.id, "rrsets", own, "name"], "theirs.closed.", "aws")


@on("network/zone private", shape="domain", allow=["network/zone"], also=["changed network/zone vpc"])
def _(w):
    w.books("route53", ["zones", w.id, "private_zone"], False, "aws")


@on("network/zone vpc", shape="domain")
def _(w):
    theirs = w["ec2"].create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    pair = [{"VPCRegion": REGION, "VPCId": vpc} for vpc in (theirs, w.out("network/vpc")["id"])]
    w["route53"].associate_vpc_with_hosted_zone(HostedZoneId=w.id, VPC=pair[0])
    w["route53"].disassociate_vpc_from_hosted_zone(HostedZoneId=w.id, VPC=pair[1])


def record(w, action, **changed):
    name = w.out("network/zone")["name"]
    body = {"Name": name, "Type": "A", **changed}
    w["route53"].change_resource_record_sets(
        HostedZoneId=w.out("network/zone")["id"],
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": body}]},
    )


def alias_of(w):
    sets = w["route53"].list_resource_record_sets(HostedZoneId=w.out("network/zone")["id"])["ResourceRecordSets"]
    return next(item for item in sets if item["Type"] == "A" and "AliasTarget" in item)


def take_alias(w):
    record(w, "DELETE", **{key: value for key, value in alias_of(w).items() if key != "Name"})


@on("network/zone other_records", "unexpected", shape="domain", stays="records of others are theirs")
def _(w):
    record(w, "CREATE", Name="theirs." + w.name, TTL=60, ResourceRecords=[{"Value": "10.0.0.9"}])


@on("network/zone tags.Name", shape="domain")
def _(w):
    w["route53"].change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=w.id, AddTags=[{"Key": "Name", "Value": "by hand"}],
    )


@on("web/domain missing", shape="domain")
def _(w):
    take_alias(w)


@on("network/zone missing", shape="domain", also=["missing web/domain"])
def _(w):
    take_alias(w)
    w["route53"].delete_hosted_zone(Id=w.id)


def alias(field, also=(), **changed):
    @on(f"web/domain {field}", shape="domain", also=also)
    def _(w):
        live = alias_of(w)
        record(w, "UPSERT", AliasTarget={**live["AliasTarget"], **changed})


alias("target", DNSName="theirs.example.")
alias("target_zone", HostedZoneId="Z00000000000000000000")
alias("evaluates_target_health", EvaluateTargetHealth=True)


@on("web/domain routing", shape="domain")
def _(w):
    live = {key: value for key, value in alias_of(w).items() if key != "Name"}
    record(w, "DELETE", **live)
    record(w, "CREATE", **live, SetIdentifier="theirs", Weight=1)


@on("web/domain health_check", shape="domain")
def _(w):
    check = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80}
    made = w["route53"].create_health_check(CallerReference="theirs", HealthCheckConfig=check)
    live = {key: value for key, value in alias_of(w).items() if key != "Name"}
    record(w, "UPSERT", **live, HealthCheckId=made["HealthCheck"]["Id"])


def answer(order):
    if "list" in order:
        return {"entries": [row["entry"] for row in TABLE.values()], "exempt": EXEMPT}
    row = TABLE[order["run"]]
    try:
        row["change"](World(order["url"], order["records"], row["entry"]["id"]))
    except Exception:
        return {"error": traceback.format_exc()}
    return {"error": None}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
