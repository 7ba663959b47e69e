"""REST APIs and their stages."""

import json
import urllib.parse


def rest_api_tags():
    """Tags of REST APIs, which moto's server only knows for stages."""
    from moto.apigateway import urls
    from moto.apigateway.responses import APIGatewayResponse

    def extend(name):
        known = getattr(APIGatewayResponse, name)

        def handler(self):
            arn = urllib.parse.unquote(self.path.split("/tags/")[1])
            if "/stages/" in arn:
                return known(self)
            api = self.backend.get_rest_api(arn.split("/restapis/")[1])
            if name == "tag_resource":
                api.tags = {**(api.tags or {}), **(self._get_param("tags") or {})}
            if name == "untag_resource":
                gone = self.querystring.get("tagKeys") or []
                api.tags = {k: v for k, v in (api.tags or {}).items() if k not in gone}
            return json.dumps({"tags": api.tags or {}})

        setattr(APIGatewayResponse, name, handler)

    for name in ("get_tags", "tag_resource", "untag_resource"):
        extend(name)
    path = "{0}/tags/arn:(?P<partition>[^/]+):apigateway:(?P<region_name>[^/]+)::/restapis/(?P<function_id>[^/]+)$"
    urls.url_paths[path] = APIGatewayResponse.dispatch


def rest_api_deletes():
    """Deleting a REST API that is gone says so; moto breaks."""
    from moto.apigateway.models import APIGatewayBackend

    delete = APIGatewayBackend.delete_rest_api

    def delete_rest_api(self, api_id):
        self.get_rest_api(api_id)
        return delete(self, api_id)

    APIGatewayBackend.delete_rest_api = delete_rest_api


def rest_api_patches():
    """Patches of a REST API that moto drops or gets wrong: its VPC endpoints, types of content, its
    compression, and the way back to its own endpoint."""
    from moto.apigateway.models import RestAPI

    path = "/endpointConfiguration/vpcEndpointIds"
    kinds = "/binaryMediaTypes/"
    apply = RestAPI.apply_patch_operations

    def apply_patch_operations(self, operations):
        ids = self.endpoint_configuration.get("vpcEndpointIds", [])
        for operation in operations:
            if operation["path"] == path and operation["op"] == "add":
                ids = [*ids, operation["value"]]
            elif operation["path"] == path and operation["op"] == "remove":
                ids = [i for i in ids if i != operation["value"]]
            elif operation["path"].startswith(kinds):
                kind = operation["path"].removeprefix(kinds).replace("~1", "/")
                others = [known for known in self.binaryMediaTypes if known != kind]
                self.binaryMediaTypes = others + ([kind] if operation["op"] == "add" else [])
            elif operation["path"] == "/minimumCompressionSize":
                size = operation.get("value")
                self.minimum_compression_size = int(size) if size else None
            elif operation["path"] == "/disableExecuteApiEndpoint":
                self.disableExecuteApiEndpoint = operation["value"] == "true"
        known = (path, "/minimumCompressionSize", "/disableExecuteApiEndpoint")
        apply(self, [o for o in operations if o["path"] not in known and not o["path"].startswith(kinds)])
        self.endpoint_configuration["vpcEndpointIds"] = ids

    RestAPI.apply_patch_operations = apply_patch_operations


def stage_patches():
    """Patches of stages that moto drops: canaries, client certificates, and taking settings of
    methods away."""
    from moto.apigateway.models import Stage

    apply, as_json = Stage.apply_operations, Stage.to_json

    def apply_operations(self, operations):
        more = self.__dict__.setdefault("_more", {})
        left = []
        for operation in operations:
            path, value = operation["path"], operation.get("value")
            if path == "/clientCertificateId":
                more["clientCertificateId"] = value or None
            elif path == "/canarySettings" and operation["op"] == "remove":
                more.pop("canarySettings", None)
            elif path.startswith("/canarySettings/"):
                more["canarySettings"] = {"percentTraffic": 10.0, "deploymentId": self.deployment_id}
            elif operation["op"] == "remove" and path.count("/") == 2 and path[1:] in self.method_settings:
                self.method_settings.pop(path[1:])
            else:
                left.append(operation)
        return apply(self, left)

    def to_json(self):
        return {**as_json(self), **{k: v for k, v in self.__dict__.get("_more", {}).items() if v is not None}}

    Stage.apply_operations, Stage.to_json = apply_operations, to_json


EXTENSIONS = (rest_api_tags, rest_api_deletes, rest_api_patches, stage_patches)
