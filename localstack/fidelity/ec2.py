"""VPCs, groups, subnets, instances."""

from .row import gap, same


def group_referenced(w):
    vpc = w.vpc()
    one, two = w.group(vpc), w.group(vpc)
    pair = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": one}]}]
    w.ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=pair)
    w.ec2.delete_security_group(GroupId=one)
    return "deleted"


def subnet_in_use(w):
    (subnet,) = w.subnets(w.vpc(), "a")
    w.instance(subnet)
    w.ec2.delete_subnet(SubnetId=subnet)
    return "deleted"


def vpc_in_use(w):
    vpc = w.vpc()
    w.subnets(vpc)
    w.ec2.delete_vpc(VpcId=vpc)
    return "deleted"


def terminated_interface(w):
    (subnet,) = w.subnets(w.vpc(), "a")
    made = w.instance(subnet)
    w.ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    left = w.ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])
    return "stays" if left["NetworkInterfaces"] else "goes"


def instance_token(w):
    (subnet,) = w.subnets(w.vpc(), "a")
    ids = {w.instance(subnet, ClientToken="twice")["InstanceId"] for _ in range(2)}
    return f"{len(ids)} made"


def table_token(w):
    vpc = w.vpc()
    made = (w.ec2.create_route_table(VpcId=vpc, ClientToken="twice") for _ in range(2))
    return f"{len({table['RouteTable']['RouteTableId'] for table in made})} made"


def profile_missing(w):
    (subnet,) = w.subnets(w.vpc(), "a")
    w.instance(subnet, IamInstanceProfile={"Name": "nobodys"})
    return "accepted"


def group_name(w):
    w.ec2.create_security_group(VpcId=w.vpc(), GroupName="sg-mine", Description="x")
    return "accepted"


def tag_of_awss(w):
    w.ec2.create_tags(Resources=[w.vpc()], Tags=[{"Key": "aws:mine", "Value": "x"}])
    return "accepted"


def pages(w):
    for _ in range(6):
        w.vpc()
    return "pages" if "NextToken" in w.ec2.describe_vpcs(MaxResults=5) else "all at once"


def key_by_id(w):
    name = w.name()
    key = w.ec2.create_key_pair(KeyName=name)["KeyPairId"]
    w.ec2.delete_key_pair(KeyPairId=key)
    left = w.ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}])["KeyPairs"]
    return "stays" if left else "goes"


ROWS = [
    same("`DeleteSecurityGroup` of one that another refers to", group_referenced, "DependencyViolation"),
    same("`DeleteSubnet` with an instance in it", subnet_in_use, "DependencyViolation"),
    same("`DeleteVpc` with subnets", vpc_in_use, "DependencyViolation"),
    same("interface of a terminated instance", terminated_interface, "goes"),
    same("`RunInstances` twice with one token", instance_token, "1 made"),
    same("`CreateRouteTable` twice with one token", table_token, "1 made"),
    gap("`RunInstances` with an instance profile that is nowhere", profile_missing, "InvalidParameterValue", "NoSuchEntity"),
    gap("`CreateSecurityGroup` named `sg-…`", group_name, "InvalidParameterValue", "accepted"),
    gap("`CreateTags` with a key of AWS's", tag_of_awss, "InvalidParameterValue", "accepted"),
    gap("`DescribeVpcs` with `MaxResults`", pages, "pages", "all at once"),
    gap("`DeleteKeyPair` by id", key_by_id, "goes", "stays"),
]
