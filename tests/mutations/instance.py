"""The Windows instance and its key."""

import base64

from table import on


@on("test/key-pair name", allow=["test/key-pair"], adopt=True)
def _(w):
    """Replaced by one of another name, with its tags, and its parameter."""
    tags = w["ec2"].describe_key_pairs(KeyNames=[w.name])["KeyPairs"][0]["Tags"]
    w["ec2"].delete_key_pair(KeyName=w.name)
    w["ssm"].delete_parameter(Name=f"/ec2/keypair/{w.id}")
    made = w["ec2"].create_key_pair(
        KeyName="by-hand", TagSpecifications=[{"ResourceType": "key-pair", "Tags": tags}],
    )
    w["ssm"].put_parameter(Name=f"/ec2/keypair/{made['KeyPairId']}", Type="SecureString", Value="x")


@on("test/key-pair type", allow=["test/key-pair"])
def _(w):
    w.books("ec2", ["key_pairs", w.name, "key_type"], "ed25519")


@on("test/key-pair parameter_type", allow=["test/key-pair"])
def _(w):
    w["ssm"].put_parameter(Name=f"/ec2/keypair/{w.id}", Type="String", Value="x", Overwrite=True)


@on("test/key-pair private_key", allow=["test/key-pair"], also=["changed test/key-pair parameter_type"])
def _(w):
    w["ssm"].delete_parameter(Name=f"/ec2/keypair/{w.id}")


@on("test/key-pair missing", allow=["test/instance"])
def _(w):
    w["ec2"].delete_key_pair(KeyName=w.name)


def instance(field, what="changed", label="", stop=False, shape="plain", allow=(), **parameters):
    @on(f"test/instance {field}", what, label, shape, allow=allow)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        if stop:
            w["ec2"].stop_instances(InstanceIds=[w.id])
        w["ec2"].modify_instance_attribute(InstanceId=w.id, **given)
        if stop:
            w["ec2"].start_instances(InstanceIds=[w.id])


GOES = ["test/instance"]
instance("instance_type", stop=True, allow=GOES, InstanceType={"Value": "t3.micro"})
instance("user_data", stop=True, allow=GOES, UserData={"Value": base64.b64encode(b"theirs")})
instance("source_check", SourceDestCheck={"Value": False})
instance("groups", Groups=lambda w: [w.group()])
instance("groups", "unexpected", "one more", Groups=lambda w: [w.out("test/group")["id"], w.group()])
instance("volume_deleted_with_it", BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}])


@on("test/instance detailed_monitoring")
def _(w):
    w["ec2"].monitor_instances(InstanceIds=[w.id])


@on("test/instance metadata_tags")
def _(w):
    w["ec2"].modify_instance_metadata_options(InstanceId=w.id, InstanceMetadataTags="enabled")


@on("test/instance metadata_tokens")
def _(w):
    w["ec2"].modify_instance_metadata_options(InstanceId=w.id, HttpTokens="optional")


def volume_of(w):
    live = w["ec2"].describe_instances(InstanceIds=[w.id])["Reservations"][0]["Instances"][0]
    return live["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]


def volume(field, allow=(), also=(), **parameters):
    on(f"test/instance {field}", allow=allow, also=also)(
        lambda w: w["ec2"].modify_volume(VolumeId=volume_of(w), **parameters)
    )


volume("volume_type", VolumeType="gp2")
volume("volume_iops", Iops=16000)
volume("volume_throughput", Throughput=1000)
volume("root_volume.gib", GOES, Size=200)


@on("test/instance root_volume.encrypted", allow=GOES)
def _(w):
    w.books("ec2", ["volumes", volume_of(w), "encrypted"], False)


@on("test/instance profile", allow=GOES)
def _(w):
    filters = [{"Name": "instance-id", "Values": [w.id]}]
    found = w["ec2"].describe_iam_instance_profile_associations(Filters=filters)
    for association in found["IamInstanceProfileAssociations"]:
        w["ec2"].disassociate_iam_instance_profile(AssociationId=association["AssociationId"])


@on("test/instance profile", label="made again", allow=GOES)
def _(w):
    # Same name, same ARN, another id: the instance gets no credentials from it.
    iam, name = w["iam"], w.out("test/instance-profile")["name"]
    before = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    for role in before["Roles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
    iam.delete_instance_profile(InstanceProfileName=name)
    iam.create_instance_profile(InstanceProfileName=name, Tags=before["Tags"])
    for role in before["Roles"]:
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])


def instance_books(field, attribute, value, **kwargs):
    @on(f"test/instance {field}", allow=GOES, **kwargs)
    def _(w):
        reservation = w["ec2"].describe_instances(InstanceIds=[w.id])["Reservations"][0]["ReservationId"]
        w.books("ec2", ["reservations", reservation, "instances", 0, attribute], value(w) if callable(value) else value)


instance_books("key_pair", "key_name", "theirs")
instance_books("subnet", "_subnet_id", lambda w: w.out("network/subnet-b")["id"])
instance_books("image", "image_id", "ami-00000000", shape="domain")


@on("test/instance missing")
def _(w):
    w["ec2"].terminate_instances(InstanceIds=[w.id])
