"""Everything that is live, by moto's own books."""


def inventory():
    """What is live, straight from moto's books: without what it keeps of things that are gone."""
    from moto.backends import get_backend

    def books(service):
        for account in get_backend(service).values():
            yield from account.values()

    def line(kind, things):
        return [f"{kind} {thing}" for thing in things]

    for ec2 in books("ec2"):
        yield from line("vpc", ec2.vpcs)
        yield from line("subnet", [s for zone in ec2.subnets.values() for s in zone])
        yield from line("route-table", ec2.route_tables)
        groups = [g for vpc in ec2.groups.values() for g in vpc.values()]
        yield from line("security-group", [g.id for g in groups])
        rules = [rule for g in groups for rule in g.ingress_rules + g.egress_rules]
        yield from line("security-group-rule", [rule.id for rule in rules])
        yield from line("vpc-endpoint", [e.id for e in ec2.vpc_end_points.values() if e.state != "deleted"])
        instances = [i for r in ec2.reservations.values() for i in r.instances]
        yield from line("instance", [i.id for i in instances if i._state.name != "terminated"])
        yield from line("volume", ec2.volumes)
        yield from line("key-pair", ec2.key_pairs)
    for ssm in books("ssm"):
        yield from line("parameter", [name for name in ssm._parameters.keys() if not name.startswith("/aws/")])
    simple = {
        "s3": ["buckets"], "ecr": ["repositories"], "logs": ["groups"], "iam": ["roles", "instance_profiles"],
        "elbv2": ["load_balancers", "target_groups"], "ecs": ["clusters", "services"],
        "apigateway": ["apis"], "route53resolver": ["resolver_endpoints"],
        "applicationautoscaling": ["policies"], "route53": ["zones"],
    }
    for service, collections in simple.items():
        for book in books(service):
            for name in collections:
                things = getattr(book, name)
                # ECS keeps inactive clusters and services.
                live = [k for k, v in things.items() if v and getattr(v, "status", "ACTIVE") != "INACTIVE"]
                yield from line(f"{service} {name}", live)
    for book in books("ecs"):
        revisions = [d for family in book.task_definitions.values() for d in family.values()]
        yield from line("task-definition", [d.arn for d in revisions if not d.status.startswith("DELETE")])
    for book in books("apigateway"):
        for api in book.apis.values():
            yield from line("deployment", [f"{api.id}/{d}" for d in api.deployments])
    for book in books("applicationautoscaling"):
        yield from line("scalable-target", [t for d in book.targets.values() for t in d])
