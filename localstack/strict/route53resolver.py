"""Resolver endpoints."""

import json


def resolver_options():
    """Protocols and type of addresses of a resolver endpoint; an address goes by its id alone."""
    from moto.route53resolver.models import ResolverEndpoint
    from moto.route53resolver.responses import Route53ResolverResponse

    describe, update = ResolverEndpoint.description, Route53ResolverResponse.update_resolver_endpoint
    disassociate = ResolverEndpoint.disassociate_ip_address

    def description(self):
        return {**describe(self), **getattr(self, "_options", {})}

    def update_resolver_endpoint(self):
        endpoint = self.route53resolver_backend.resolver_endpoints[self._get_param("ResolverEndpointId")]
        given = {name: self._get_param(name) for name in ("Protocols", "ResolverEndpointType")}
        endpoint._options = {**getattr(endpoint, "_options", {}), **{k: v for k, v in given.items() if v}}
        if self._get_param("Name") is None:
            return json.dumps({"ResolverEndpoint": endpoint.description()})
        return update(self)

    def disassociate_ip_address(self, value):
        for subnet, addresses in self.subnets.items():
            if value.get("IpId") in addresses.values():
                value = {**value, "SubnetId": subnet}
        return disassociate(self, value)

    ResolverEndpoint.description = description
    ResolverEndpoint.disassociate_ip_address = disassociate_ip_address
    Route53ResolverResponse.update_resolver_endpoint = update_resolver_endpoint


EXTENSIONS = (resolver_options,)
