"""IAM."""

import json

from table import on


OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@on("web/task-role tags.Name")
def _(w):
    w["iam"].tag_role(RoleName=w.name, Tags=[{"Key": "Name", "Value": "by hand"}])


@on("web/task-role description")
def _(w):
    w["iam"].update_role(RoleName=w.name, Description="by hand")


@on("web/task-role session_seconds")
def _(w):
    w["iam"].update_role(RoleName=w.name, MaxSessionDuration=43200)


def inline(w):
    name = w["iam"].list_role_policies(RoleName=w.name)["PolicyNames"][0]
    return name, w["iam"].get_role_policy(RoleName=w.name, PolicyName=name)["PolicyDocument"]


@on("web/task-role inline.documents.*.Statement")
def _(w):
    name, _ = inline(w)
    w["iam"].put_role_policy(RoleName=w.name, PolicyName=name, PolicyDocument=json.dumps(OPEN))


@on("web/task-role inline.documents.*.Statement", "unexpected", "one more")
def _(w):
    name, document = inline(w)
    document["Statement"] += OPEN["Statement"]
    w["iam"].put_role_policy(RoleName=w.name, PolicyName=name, PolicyDocument=json.dumps(document))


@on("web/task-role inline.documents.*.Version")
def _(w):
    name, document = inline(w)
    document["Version"] = "2008-10-17"
    key = w["iam"].get_role(RoleName=w.name)["Role"]["RoleId"]
    w.books("iam", ["roles", key, "policies", name], json.dumps(document), "aws")


@on("web/task-role inline.names", also=["changed web/task-role inline.documents.*"])
def _(w):
    name, _ = inline(w)
    w["iam"].delete_role_policy(RoleName=w.name, PolicyName=name)


@on("test/role inline.names", "unexpected")
def _(w):
    w["iam"].put_role_policy(RoleName=w.name, PolicyName="theirs", PolicyDocument=json.dumps(OPEN))


@on("web/execution-role managed", "unexpected")
def _(w):
    w["iam"].attach_role_policy(RoleName=w.name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


@on("test/role managed")
def _(w):
    for policy in w["iam"].list_attached_role_policies(RoleName=w.name)["AttachedPolicies"]:
        w["iam"].detach_role_policy(RoleName=w.name, PolicyArn=policy["PolicyArn"])


@on("web/task-role trust")
def _(w):
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    w["iam"].update_assume_role_policy(RoleName=w.name, PolicyDocument=json.dumps(trust))


@on("web/task-role boundary", "unexpected", stays="a guardrail of somebody else's")
def _(w):
    w["iam"].put_role_permissions_boundary(RoleName=w.name, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")


@on("web/task-role path", adopt=True)
def _(w):
    key = w["iam"].get_role(RoleName=w.name)["Role"]["RoleId"]
    w.books("iam", ["roles", key, "path"], "/theirs/", "aws")


@on("web/task-role missing")
def _(w):
    name, _ = inline(w)
    w["iam"].delete_role_policy(RoleName=w.name, PolicyName=name)
    w["iam"].delete_role(RoleName=w.name)


@on("test/instance-profile tags.Name")
def _(w):
    w["iam"].tag_instance_profile(InstanceProfileName=w.name, Tags=[{"Key": "Name", "Value": "by hand"}])


@on("test/instance-profile path", adopt=True, allow=["test/instance"])
def _(w):
    w.books("iam", ["instance_profiles", w.name, "path"], "/theirs/", "aws")


def take_role(w):
    w["iam"].remove_role_from_instance_profile(InstanceProfileName=w.name, RoleName=w.out("test/role")["name"])


@on("test/instance-profile roles")
def _(w):
    take_role(w)


@on("test/instance-profile missing", allow=["test/instance"])
def _(w):
    take_role(w)
    w["iam"].delete_instance_profile(InstanceProfileName=w.name)
