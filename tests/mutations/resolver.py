"""The inbound resolver endpoint."""

from table import ACCOUNT, REGION, on


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
