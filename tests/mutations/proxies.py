"""API Gateway."""

import json

from table import ACCOUNT, REGION, on


def patched(field, what="changed", label="", **operation):
    """A patch of the REST API; the value may be a function of the world."""
    @on(f"proxy/user-pool {field}", what, label)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in operation.items()}
        w["apigateway"].update_rest_api(restApiId=w.id, patchOperations=[given])


patched("name", op="replace", path="/name", value="by hand")
patched("description", op="replace", path="/description", value="by hand")
patched("api_key_source", op="replace", path="/apiKeySource", value="AUTHORIZER")
patched("binary_types", "unexpected", op="add", path="/binaryMediaTypes/image~1png")
patched("compression_bytes", op="replace", path="/minimumCompressionSize", value="0")
patched("default_endpoint", op="replace", path="/disableExecuteApiEndpoint", value="true")
patched("endpoints", "unexpected", op="add", path="/endpointConfiguration/vpcEndpointIds", value=lambda w: w.out("endpoint/logs")["id"])
patched("policy", op="replace", path="/policy", value=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
]}))


@on("proxy/user-pool endpoint_type", allow=["proxy/user-pool"])
def _(w):
    w.books("apigateway", ["apis", w.id, "endpoint_configuration", "types"], ["REGIONAL"])


@on("proxy/user-pool tags.Name")
def _(w):
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{w.id}"
    w["apigateway"].tag_resource(resourceArn=arn, tags={"Name": "by hand"})


@on("proxy/user-pool missing", also=["missing proxy/user-pool-stage"])
def _(w):
    w["apigateway"].delete_rest_api(restApiId=w.id)


def resource(w, path="/"):
    found = w["apigateway"].get_resources(restApiId=w.id, limit=500)["items"]
    return next(item["id"] for item in found if item["path"] == path)


def put_mock(w, verb):
    call = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": verb}
    w["apigateway"].put_method(**call, authorizationType="NONE")
    w["apigateway"].put_integration(**call, type="MOCK")


on("proxy/user-pool surface", "unexpected")(lambda w: put_mock(w, "DELETE"))


@on("proxy/user-pool surface", label="one less", also=["changed proxy/user-pool methods.*"])
def _(w):
    w["apigateway"].delete_method(restApiId=w.id, resourceId=resource(w), httpMethod="OPTIONS")


def method(field, what="changed", label="", **changed):
    """The method at the root defined anew."""
    @on(f"proxy/user-pool methods.*.{field}", what, label)
    def _(w):
        at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
        live = w["apigateway"].get_method(**at)
        kept = ("authorizationType", "apiKeyRequired", "requestParameters")
        given = {key: live[key] for key in kept if key in live}
        given.update({key: value(live.get(key)) if callable(value) else value for key, value in changed.items()})
        w["apigateway"].put_method(**at, **given)
        # Whoever puts a method anew at AWS puts its integration, too.
        put_integration(w, at, live)


def put_integration(w, at, live, **changed):
    integration = live["methodIntegration"]
    kept = ("type", "uri", "requestParameters", "requestTemplates", "passthroughBehavior", "timeoutInMillis")
    given = {key: integration[key] for key in kept if key in integration}
    given["integrationHttpMethod"] = integration.get("httpMethod") or at["httpMethod"]
    given.update({key: value(integration.get(key)) if callable(value) else value for key, value in changed.items()})
    for status in live.get("methodResponses", {}).values():
        w["apigateway"].put_method_response(**at, statusCode=status["statusCode"], responseParameters=status.get("responseParameters", {}))
    w["apigateway"].put_integration(**at, **given)
    for response in integration.get("integrationResponses", {}).values():
        kept = ("statusCode", "responseParameters", "responseTemplates")
        w["apigateway"].put_integration_response(**at, **{key: response[key] for key in kept if response.get(key)})


def integration(field, what="changed", label="", **changed):
    """The integration of the method at the root put anew."""
    @on(f"proxy/user-pool methods.*.integration.{field}", what, label)
    def _(w):
        at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
        put_integration(w, at, w["apigateway"].get_method(**at), **changed)


def response(field, what="changed", label="", **changed):
    """Another response of the method at the root."""
    @on(f"proxy/user-pool methods.*.integration.{field}", what, label)
    def _(w):
        at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
        live = w["apigateway"].get_integration(**at)["integrationResponses"]["200"]
        given = {key: live[key] for key in ("statusCode", "responseParameters") if live.get(key)}
        given.update({key: value(live.get(key)) if callable(value) else value for key, value in changed.items()})
        if given["statusCode"] != "200":
            w["apigateway"].put_method_response(**at, statusCode=given["statusCode"])
        w["apigateway"].put_integration_response(**at, **given)


def replaced(live):
    """The first of them with another value."""
    key, value = sorted(live.items())[0]
    return {**live, key: not value if isinstance(value, bool) else "'theirs'"}


def extended(key, value):
    return lambda live: {**(live or {}), key: value}


method("authorization", authorizationType="AWS_IAM")
method("needs_key", apiKeyRequired=True)
method("parameters", requestParameters=replaced)
method("parameters", "unexpected", "one more", requestParameters=extended("method.request.header.Theirs", False))
integration("kind", type="HTTP")
integration("http_method", integrationHttpMethod="PUT")
integration("uri", uri="https://theirs.example")
integration("parameters", requestParameters=replaced)
integration("parameters", "unexpected", "one more", requestParameters=extended("integration.request.header.Theirs", "'theirs'"))
integration("passthrough", passthroughBehavior="NEVER")
integration("timeout_ms", timeoutInMillis=50)
integration("templates", "unexpected", "one more", requestTemplates=extended("application/json", "theirs"))
response("headers", responseParameters=replaced)
response("headers", "unexpected", "one more", responseParameters=extended("method.response.header.Theirs", "'theirs'"))
response("other_responses", "unexpected", statusCode="500")
response("other_responses", "unexpected", "a template", responseTemplates={"application/json": "theirs"})


@on("proxy/user-pool methods.*.integration.templates")
def _(w):
    at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "OPTIONS"}
    put_integration(w, at, w["apigateway"].get_method(**at), requestTemplates=replaced)


@on("proxy/user-pool methods.*.integration.status")
def _(w):
    at = {"restApiId": w.id, "resourceId": resource(w), "httpMethod": "POST"}
    live = w["apigateway"].get_integration(**at)["integrationResponses"]["200"]
    w["apigateway"].put_method_response(**at, statusCode="201")
    w["apigateway"].delete_integration_response(**at, statusCode="200")
    w["apigateway"].put_integration_response(**at, statusCode="201", responseParameters=live["responseParameters"])


def stage(field, what="changed", *operations):
    on(f"proxy/user-pool-stage {field}", what)(
        lambda w: w["apigateway"].update_stage(restApiId=w.me["api"], stageName=w.name, patchOperations=list(operations))
    )


stage("description", "changed", {"op": "replace", "path": "/description", "value": "by hand"})
stage("tracing", "changed", {"op": "replace", "path": "/tracingEnabled", "value": "true"})
stage("cache", "changed", {"op": "replace", "path": "/cacheClusterEnabled", "value": "true"})
stage("variables", "unexpected", {"op": "replace", "path": "/variables/theirs", "value": "x"})
stage("method_settings", "unexpected", {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"})
stage("access_log", "changed",
      {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:theirs"},
      {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"})
stage("client_certificate", "changed", {"op": "replace", "path": "/clientCertificateId", "value": "theirs"})
stage("canary", "changed", {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "10.0"})


@on("proxy/user-pool-stage deployed")
def _(w):
    made = w["apigateway"].create_deployment(restApiId=w.me["api"], description="by hand")["id"]
    w["apigateway"].update_stage(restApiId=w.me["api"], stageName=w.name, patchOperations=[
        {"op": "replace", "path": "/deploymentId", "value": made},
    ])


@on("proxy/user-pool-stage web_acl", "unexpected", stays="a firewall in front of it is somebody's care")
def _(w):
    w.books("apigateway", ["apis", w.me["api"], "stages", w.name, "web_acl_arn"], "arn:aws:wafv2:theirs")


@on("proxy/user-pool-stage tags.Name")
def _(w):
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{w.me['api']}/stages/{w.name}"
    w["apigateway"].tag_resource(resourceArn=arn, tags={"Name": "by hand"})


@on("proxy/user-pool-stage missing")
def _(w):
    w["apigateway"].delete_stage(restApiId=w.me["api"], stageName=w.name)
