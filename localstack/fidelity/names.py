"""Zones and records."""

from .row import gap, same
from .world import REGION


def zone(w, vpc, name, reference=None):
    made = w.route53.create_hosted_zone(
        Name=name, CallerReference=reference or w.name(), VPC={"VPCRegion": REGION, "VPCId": vpc},
        HostedZoneConfig={"PrivateZone": True},
    )
    return made["HostedZone"]["Id"]


def reference_twice(w):
    reference = w.name()
    for _ in range(2):
        zone(w, w.vpc(), f"{w.name()}.closed", reference)
    return "accepted"


def name_twice(w):
    vpc, name = w.vpc(), f"{w.name()}.closed"
    for _ in range(2):
        zone(w, vpc, name)
    return "accepted"


def record_gone(w):
    name = f"{w.name()}.closed"
    record = {"Name": f"a.{name}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}
    w.route53.change_resource_record_sets(
        HostedZoneId=zone(w, w.vpc(), name),
        ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]},
    )
    return "accepted"


ROWS = [
    same("two zones with one `CallerReference`", reference_twice, "HostedZoneAlreadyExists"),
    same("two zones of one name for one VPC", name_twice, "ConflictingDomainExists"),
    gap("deletion of a record that is not there", record_gone, "InvalidChangeBatch", "InvalidInput"),
]
