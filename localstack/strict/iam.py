"""Rights, and the roles that have them."""

import fnmatch
import json
import pathlib
import re


def believed_signatures():
    """moto miscalculates the signatures of REST requests once it enforces rights; it is rights that
    are of interest."""
    from moto.iam.access_control import IAMRequestBase

    IAMRequestBase.check_signature = lambda self: None


def own_resources():
    """Says whether an ARN has the form of one of an action's own resource types (Service Authorization Reference)."""
    path = pathlib.Path(__file__).resolve().parents[2] / "crates/aws/data/iam-reference.json"
    reference = json.loads(path.read_text())

    def own(action, resource):
        types = reference["actions"].get(action, {"types": {}})["types"]
        service = action.split(":")[0]
        forms = (reference["types"].get(f"{service}:{kind}") for kind in types)
        patterns = (re.sub(r"\$\{\w+\}", "*", form) for form in forms if form)
        return resource == "*" or any(fnmatch.fnmatchcase(resource, pattern) for pattern in patterns)

    return own


def simulated_policies():
    """SimulatePrincipalPolicy for users, from their inline policies; moto lacks the operation. Without ARNs it is
    about `*`; for ARNs that are not of an action's own types nothing is allowed, as AWS's simulator answers."""
    from moto.core.exceptions import ServiceException
    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.iam.responses import IamResponse

    own = own_resources()

    def listed(self, name):
        numbers = range(1, 1000)
        values = (self.querystring.get(f"{name}.member.{n}") for n in numbers)
        return [value[0] for value in values if value]

    def simulate_principal_policy(self):
        user = self.backend.get_user(self._get_param("PolicySourceArn").split("/")[-1])
        policies = [IAMPolicy(document) for document in user.policies.values()]
        resources = listed(self, "ResourceArns")
        if "*" in resources and len(resources) > 1:
            raise ServiceException("InvalidInput", "* must not be given beside ARNs")

        def decision(action, resource):
            answers = [p.is_action_permitted(action, resource) for p in policies]
            if PermissionResult.DENIED in answers:
                return "explicitDeny"
            return "allowed" if PermissionResult.PERMITTED in answers and own(action, resource) else "implicitDeny"

        def result(action):
            each = {resource: decision(action, resource) for resource in resources or ["*"]}
            worst = [d for d in ("explicitDeny", "implicitDeny", "allowed") if d in each.values()][0]
            specific = [
                {
                    "EvalResourceName": resource,
                    "EvalResourceDecision": of,
                    "MatchedStatements": [],
                    "MissingContextValues": [],
                }
                for resource, of in each.items()
                if resources
            ]
            return {
                "EvalActionName": action,
                "EvalResourceName": next(iter(each)),
                "EvalDecision": worst,
                "MatchedStatements": [],
                "MissingContextValues": [],
                "ResourceSpecificResults": specific,
            }

        results = [result(action) for action in listed(self, "ActionNames")]
        return ActionResult({"IsTruncated": False, "EvaluationResults": results})

    IamResponse.simulate_principal_policy = simulate_principal_policy


def role_updates():
    """UpdateRole leaves alone what it is not given."""
    from moto.iam.models import IAMBackend

    def update_role(self, role_name, role_description, max_session_duration):
        role = self.get_role(role_name)
        if role_description is not None:
            role.description = role_description
        if max_session_duration is not None:
            role.max_session_duration = max_session_duration
        return role

    IAMBackend.update_role = update_role


EXTENSIONS = (believed_signatures, simulated_policies, role_updates)
