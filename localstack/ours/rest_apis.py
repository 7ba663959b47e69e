"""Changes of REST APIs and their stages."""

import functools


def rest_apis():
    """Tags given or taken later are those that lists tell; VPC endpoints can be swapped."""
    from localstack.services.apigateway.helpers import get_moto_rest_api
    from localstack.services.apigateway.legacy.provider import ApigatewayProvider

    def bearer(context, arn):
        """The API or stage that moto tells the tags of."""
        _, _, path = arn.partition("/restapis/")
        api_id, _, stage = path.partition("/stages/")
        api = get_moto_rest_api(context, api_id)
        return api.stages[stage] if stage else api

    def followed(name):
        native = getattr(ApigatewayProvider, name)

        @functools.wraps(native)
        def change(self, context, resource_arn, *args, **more):
            if "/restapis/" not in resource_arn:
                return native(self, context, resource_arn, *args, **more)
            of = bearer(context, resource_arn)
            gone = more.get("tag_keys") or []
            of.tags = {**(of.tags or {}), **(more.get("tags") or {})}
            of.tags = {key: value for key, value in of.tags.items() if key not in gone}
            return native(self, context, resource_arn, *args, **more)

        setattr(ApigatewayProvider, name, change)

    followed("tag_resource")
    followed("untag_resource")
    path, native = "/endpointConfiguration/vpcEndpointIds", ApigatewayProvider.update_rest_api

    @functools.wraps(native)
    def update_rest_api(self, context, rest_api_id, patch_operations=None, **more):
        settings = get_moto_rest_api(context, rest_api_id).endpoint_configuration
        left = []
        for operation in patch_operations or []:
            if operation.get("path") != path:
                left.append(operation)
                continue
            others = [i for i in settings.get("vpcEndpointIds") or [] if i != operation["value"]]
            settings["vpcEndpointIds"] = others + [operation["value"]] * (operation["op"] == "add")
        return native(self, context, rest_api_id, patch_operations=left, **more)

    ApigatewayProvider.update_rest_api = update_rest_api
