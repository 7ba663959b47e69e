"""The domain: zone, record, certificate."""

from table import REGION, on


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
