"""VPC endpoints and resolver endpoints."""

from .row import gap, same
from .world import REGION


def second_private_dns(w):
    vpc = w.vpc()
    for _ in range(2):
        w.endpoint(vpc, SubnetIds=w.subnets(vpc, "a") if _ == 0 else [], PrivateDnsEnabled=True)
    return "accepted"


def token(w):
    vpc = w.vpc()
    return f"{len({w.endpoint(vpc, ClientToken='twice')['VpcEndpointId'] for _ in range(2)})} made"


def token_of_another(w):
    vpc = w.vpc()
    for service in ("logs", "sts"):
        w.endpoint(vpc, service, ClientToken="another")
    return "answered"


def token_of_what_is_gone(w):
    vpc = w.vpc()
    made = w.endpoint(vpc, ClientToken="gone")
    w.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    w.endpoint(vpc, ClientToken="gone")
    return "answered"


def for_resolver(w, vpc):
    options = {"PrivateDnsOnlyForInboundResolverEndpoint": True}
    return w.endpoint(vpc, "s3", PrivateDnsEnabled=True, DnsOptions=options)


def without_gateway(w):
    for_resolver(w, w.vpc())
    return "accepted"


def gateway_first(w):
    vpc = w.vpc()
    service = f"com.amazonaws.{REGION}.s3"
    gateway = w.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service)["VpcEndpoint"]["VpcEndpointId"]
    for_resolver(w, vpc)
    refused = w.ec2.delete_vpc_endpoints(VpcEndpointIds=[gateway])["Unsuccessful"]
    return refused[0]["Error"]["Code"] if refused else "deleted"


def bogus(w):
    w.endpoint(w.vpc(), "no-such-service")
    return "accepted"


def state(w):
    return w.endpoint(w.vpc())["State"]


def offered(w):
    names = w.ec2.describe_vpc_endpoint_services()["ServiceNames"]
    wanted = ("bedrock-agentcore", "cognito-identity", "cognito-idp")
    return "offered" if {f"com.amazonaws.{REGION}.{service}" for service in wanted} <= set(names) else "unknown"


def look(w, endpoint):
    return w.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])["VpcEndpoints"][0]


def groups(w):
    vpc = w.vpc()
    one, two = w.group(vpc), w.group(vpc)
    made = w.endpoint(vpc, SecurityGroupIds=[one], SubnetIds=w.subnets(vpc, "a"))
    w.ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"], AddSecurityGroupIds=[two], RemoveSecurityGroupIds=[one],
    )
    return "changed" if [g["GroupId"] for g in look(w, made)["Groups"]] == [two] else "dropped"


def private_dns_off(w):
    made = w.endpoint(w.vpc(), PrivateDnsEnabled=True)
    w.ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], PrivateDnsEnabled=False)
    return "dropped" if look(w, made)["PrivateDnsEnabled"] else "changed"


def interfaces(w):
    made = w.endpoint(w.vpc())
    return "there" if made.get("NetworkInterfaceIds") else "none"


def resolver(w, token):
    vpc = w.vpc()
    addresses = [{"SubnetId": subnet} for subnet in w.subnets(vpc)]
    made = w.route53resolver.create_resolver_endpoint(
        CreatorRequestId=token, Direction="INBOUND", SecurityGroupIds=[w.group(vpc)], IpAddresses=addresses,
    )
    return made["ResolverEndpoint"]


def resolver_token(w):
    token = w.name()
    return f"{len({resolver(w, token)['Id'] for _ in range(2)})} made"


def resolver_state(w):
    return resolver(w, w.name())["Status"]


REFUSED = "IdempotentParameterMismatch"

ROWS = [
    same("second interface endpoint with private DNS for one service", second_private_dns, "InvalidParameter"),
    same("`CreateVpcEndpoint` twice with one token", token, "1 made"),
    gap("`CreateVpcEndpoint` with the token of another request", token_of_another, REFUSED, REFUSED, "answered"),
    gap("`CreateVpcEndpoint` with the token of what is gone", token_of_what_is_gone, REFUSED, REFUSED, "answered"),
    same("interface for the resolver alone without the gateway", without_gateway, "InvalidParameter"),
    same("deletion of the gateway before that interface", gateway_first, "InvalidParameter"),
    same("services `bedrock-agentcore`, `cognito-identity`, `cognito-idp`", offered, "offered"),
    same("`ModifyVpcEndpoint` of groups", groups, "changed"),
    same("`ModifyVpcEndpoint` of private DNS", private_dns_off, "changed"),
    gap("`CreateVpcEndpoint` for a service that is none", bogus, "InvalidServiceName", "accepted"),
    gap("state of an endpoint just made", state, "pending", "available"),
    gap("interfaces of an endpoint without subnets named", interfaces, "there", "none"),
    gap("resolver endpoint twice with one `CreatorRequestId`", resolver_token, "1 made", "ResourceExistsException"),
    gap("status of a resolver endpoint just made", resolver_state, "CREATING", "OPERATIONAL", "CREATING"),
]
