"""REST APIs."""

from .row import same


def api(w):
    return w.apigateway.create_rest_api(name=w.name(), endpointConfiguration={"types": ["PRIVATE"]})["id"]


def tagged(w):
    made = api(w)
    arn = f"arn:aws:apigateway:ap-northeast-1::/restapis/{made}"
    w.apigateway.tag_resource(resourceArn=arn, tags={"a": "b"})
    return "kept" if w.apigateway.get_tags(resourceArn=arn)["tags"] == {"a": "b"} else "dropped"


def tag_listed(w):
    made = api(w)
    w.apigateway.tag_resource(resourceArn=f"arn:aws:apigateway:ap-northeast-1::/restapis/{made}", tags={"a": "b"})
    (listed,) = (item for item in w.apigateway.get_rest_apis(limit=500)["items"] if item["id"] == made)
    return "listed" if listed.get("tags") == {"a": "b"} else "not listed"


def gone(w):
    made = api(w)
    w.apigateway.delete_rest_api(restApiId=made)
    w.apigateway.delete_rest_api(restApiId=made)
    return "accepted"


def endpoint(w):
    made, door = api(w), w.endpoint(w.vpc(), "execute-api")["VpcEndpointId"]
    patch = [{"op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": door}]
    w.apigateway.update_rest_api(restApiId=made, patchOperations=patch)
    ids = w.apigateway.get_rest_api(restApiId=made)["endpointConfiguration"].get("vpcEndpointIds")
    return "kept" if ids == [door] else "dropped"


def endpoint_swapped(w):
    made, vpc = api(w), w.vpc()
    doors = [w.endpoint(vpc, "execute-api", PrivateDnsEnabled=False) for _ in range(2)]
    one, two = (door["VpcEndpointId"] for door in doors)
    path = "/endpointConfiguration/vpcEndpointIds"
    for patch in (("add", one),), (("add", two), ("remove", one)):
        operations = [{"op": op, "path": path, "value": value} for op, value in patch]
        w.apigateway.update_rest_api(restApiId=made, patchOperations=operations)
    ids = w.apigateway.get_rest_api(restApiId=made)["endpointConfiguration"].get("vpcEndpointIds")
    return "swapped" if ids == [two] else "lost"


ROWS = [
    same("`TagResource` on a REST API", tagged, "kept"),
    same("`GetRestApis` after `TagResource`", tag_listed, "listed"),
    same("swap of a REST API's VPC endpoints", endpoint_swapped, "swapped"),
    same("`DeleteRestApi` of one that is gone", gone, "NotFoundException"),
    same("patch of a REST API's VPC endpoints", endpoint, "kept"),
]
