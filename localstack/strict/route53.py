"""Hosted zones."""


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


EXTENSIONS = (hosted_zones,)
