"""Roles, users, and what they may do."""

import json

from .row import same

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:CreateVpc", "Resource": "*"}],
}


def described(w):
    role = w.role()
    w.iam.update_role(RoleName=role, MaxSessionDuration=7200)
    return w.iam.get_role(RoleName=role)["Role"].get("Description", "lost")


def simulated(w):
    user = w.name()
    arn = w.iam.create_user(UserName=user)["User"]["Arn"]
    w.iam.put_user_policy(UserName=user, PolicyName="x", PolicyDocument=json.dumps(ALLOW))
    asked = w.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["ec2:CreateVpc", "ec2:DeleteVpc"])
    return ", ".join(answer["EvalDecision"] for answer in asked["EvaluationResults"])


def role_in_use(w):
    role = w.role()
    w.iam.put_role_policy(RoleName=role, PolicyName="x", PolicyDocument=json.dumps(ALLOW))
    w.iam.delete_role(RoleName=role)
    return "deleted"


ROWS = [
    same("a role's description after `UpdateRole` of something else", described, "kept"),
    same("`SimulatePrincipalPolicy`", simulated, "allowed, implicitDeny"),
    same("`DeleteRole` with a policy in it", role_in_use, "DeleteConflict"),
]
