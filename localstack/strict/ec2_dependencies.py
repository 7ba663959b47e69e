"""What is in use stays."""


def vpcs():
    """A VPC stays while an endpoint or a group other than its default one is in it."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.vpcs import VPCBackend

    delete = VPCBackend.delete_vpc

    def delete_vpc(self, vpc_id):
        used = any(g.name != "default" for g in self.groups.get(vpc_id, {}).values())
        used |= any(e.vpc_id == vpc_id and e.state != "deleted" for e in self.vpc_end_points.values())
        if used:
            raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
        return delete(self, vpc_id)

    VPCBackend.delete_vpc = delete_vpc
    EC2Backend.delete_vpc = delete_vpc


def dependency_violations():
    """Groups and subnets in use are not deleted; a terminated instance's interfaces go."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import Instance
    from moto.ec2.models.security_groups import SecurityGroupBackend
    from moto.ec2.models.subnets import SubnetBackend

    def live(backend):
        instances = (i for r in backend.reservations.values() for i in r.instances)
        return [i for i in instances if i._state.name not in ("terminated", "shutting-down")]

    def endpoints(backend):
        return [e for e in backend.vpc_end_points.values() if e.state != "deleted"]

    delete_group, delete_net = SecurityGroupBackend.delete_security_group, SubnetBackend.delete_subnet

    def refers(group, other):
        rules = other.ingress_rules + other.egress_rules
        return any((rule.source_group or {}).get("GroupId") == group for rule in rules)

    def delete_security_group(self, name=None, group_id=None):
        if group_id:
            others = [g for v in self.groups.values() for g in v.values() if g.id != group_id]
            used = any(g.id == group_id for i in live(self) for g in i.security_groups)
            used |= any(group_id in (e.security_group_ids or []) for e in endpoints(self))
            used |= any(refers(group_id, other) for other in others)
            if used:
                raise DependencyViolationError(f"resource {group_id} has a dependent object")
        return delete_group(self, name, group_id)

    def delete_subnet(self, subnet_id):
        used = any(i.subnet_id == subnet_id for i in live(self))
        used |= any(subnet_id in (e.subnet_ids or []) for e in endpoints(self))
        if used:
            raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
        return delete_net(self, subnet_id)

    SecurityGroupBackend.delete_security_group = delete_security_group
    EC2Backend.delete_security_group = delete_security_group
    SubnetBackend.delete_subnet = delete_subnet
    EC2Backend.delete_subnet = delete_subnet

    stop = Instance.terminate

    def terminate(self):
        answer = stop(self)
        for nic in list(self.nics.values()):
            self.ec2_backend.enis.pop(nic.id, None)
        return answer

    Instance.terminate = terminate


EXTENSIONS = (dependency_violations, vpcs)
