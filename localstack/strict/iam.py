"""Rights, and the roles that have them."""


def believed_signatures():
    """moto miscalculates the signatures of REST requests once it enforces rights; it is rights that
    are of interest."""
    from moto.iam.access_control import IAMRequestBase

    IAMRequestBase.check_signature = lambda self: None


def simulated_policies():
    """SimulatePrincipalPolicy for users, from their inline policies; moto lacks the operation."""
    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.iam.responses import IamResponse

    def listed(self, name):
        numbers = range(1, 1000)
        values = (self.querystring.get(f"{name}.member.{n}") for n in numbers)
        return [value[0] for value in values if value]

    def simulate_principal_policy(self):
        user = self.backend.get_user(self._get_param("PolicySourceArn").split("/")[-1])
        policies = [IAMPolicy(document) for document in user.policies.values()]
        resources = listed(self, "ResourceArns") or ["*"]

        def allowed(action, resource):
            answers = [p.is_action_permitted(action, resource) for p in policies]
            return PermissionResult.DENIED not in answers and PermissionResult.PERMITTED in answers

        def decision(yes):
            return "allowed" if yes else "implicitDeny"

        return ActionResult({
            "IsTruncated": False,
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resources[0],
                    "EvalDecision": decision(all(allowed(action, r) for r in resources)),
                    "ResourceSpecificResults": [
                        {"EvalResourceName": r, "EvalResourceDecision": decision(allowed(action, r))}
                        for r in resources
                    ],
                }
                for action in listed(self, "ActionNames")
            ],
        })

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
