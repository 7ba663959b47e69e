"""EC2: the network."""

import json

from table import REGION, on


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


tagged("network/flow-log", shape="domain")


@on("network/flow-log missing", shape="domain")
def _(w):
    w["ec2"].delete_flow_logs(FlowLogIds=[w.id])


for field, key, value in (
    ("vpc", "resource_id", "vpc-00000000000000000"),
    ("destination", "log_destination", "arn:aws:s3:::theirs/logs"),
    ("traffic", "traffic_type", "REJECT"),
    ("interval", "max_aggregation_interval", 60),
):
    on(f"network/flow-log {field}", shape="domain")(
        lambda w, key=key, value=value: w.books("ec2", ["flow_logs", w.id, key], value)
    )
