"""Subnets and their route tables."""


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


def shared_and_ipv6_only():
    """A VPC that another account shares bears that account's id (`shared_by`, set in the books); a subnet
    without IPv4 has no range and no free addresses of that kind, as the API reference says of both."""
    from moto.ec2.models.subnets import Subnet
    from moto.ec2.models.vpcs import VPC

    own, free = VPC.owner_id.fget, Subnet.available_ip_address_count.fget
    VPC.owner_id = property(lambda self: getattr(self, "shared_by", None) or own(self))
    Subnet.available_ip_address_count = property(lambda self: 0 if self.ipv6_native else free(self))


EXTENSIONS = (subnet_options, route_propagation, shared_and_ipv6_only)
