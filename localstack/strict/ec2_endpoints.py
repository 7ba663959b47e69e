"""VPC endpoints and the services they lead to."""

import json

# Cognito's: "Access Amazon Cognito using an interface endpoint", Amazon Cognito developer guide.
SERVICES = ("bedrock-agentcore", "cognito-identity", "cognito-idp")


def endpoint_services():
    """moto's list lacks services that the network uses; and a filter that AWS knows."""
    from moto.ec2.models import vpcs

    for service in SERVICES:
        if service not in vpcs.AWS_ENDPOINT_SERVICES:
            vpcs.AWS_ENDPOINT_SERVICES.append(service)
    known = vpcs.VPCEndPoint.get_filter_value

    def get_filter_value(self, name, method=None):
        return self.id if name == "vpc-endpoint-id" else known(self, name, method)

    vpcs.VPCEndPoint.get_filter_value = get_filter_value
    select = vpcs.VPCBackend._filter_endpoint_services

    def filter_endpoint_services(names, filters, services):
        for item in filters or []:
            item.setdefault("Value", item.get("Values", []))
        return select(names, filters, services)

    vpcs.VPCBackend._filter_endpoint_services = staticmethod(filter_endpoint_services)


def private_dns():
    """A second interface endpoint with private DNS for one service is refused, as AWS refuses it."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.vpcs import VPCBackend

    create = VPCBackend.create_vpc_endpoint

    def create_vpc_endpoint(self, vpc_id, service_name, *args, **kwargs):
        wants = kwargs.get("private_dns_enabled")
        for other in self.vpc_end_points.values():
            alike = other.vpc_id == vpc_id and other.service_name == service_name and other.state != "deleted"
            interfaces = "Interface" == other.vpc_endpoint_type == kwargs.get("endpoint_type")
            if wants and alike and interfaces and other.private_dns_enabled:
                raise EC2ClientError(
                    "InvalidParameter",
                    "private-dns-enabled cannot be set because there is already a conflicting DNS domain "
                    f"for {service_name} in the VPC {vpc_id}",
                )
        return create(self, vpc_id, service_name, *args, **kwargs)

    VPCBackend.create_vpc_endpoint = create_vpc_endpoint
    EC2Backend.create_vpc_endpoint = create_vpc_endpoint


def endpoint_options():
    """What interface endpoints are made with or changed to beside what moto keeps: private DNS, DNS
    options, the type of their addresses; and the way back to the policy of AWS's own."""
    from moto.ec2.models.vpcs import VPCEndPoint
    from moto.ec2.responses.vpcs import VPCs

    create, modify = VPCs.create_vpc_endpoint, VPCs.modify_vpc_endpoint

    def keep(self, endpoint):
        if self._get_param("DnsOptions"):
            endpoint.dns_options = {**getattr(endpoint, "dns_options", {}), **self._get_param("DnsOptions")}
        if self._get_param("IpAddressType"):
            endpoint.ip_address_type = self._get_param("IpAddressType")

    def create_vpc_endpoint(self):
        answer = create(self)
        keep(self, answer._result["VpcEndpoint"])
        return answer

    def modify_vpc_endpoint(self):
        answer = modify(self)
        endpoint = self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")]
        keep(self, endpoint)
        if self._get_param("PrivateDnsEnabled") is not None:
            endpoint.private_dns_enabled = self._get_bool_param("PrivateDnsEnabled")
        if self._get_bool_param("ResetPolicy"):
            endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
        return answer

    VPCs.create_vpc_endpoint = create_vpc_endpoint
    VPCs.modify_vpc_endpoint = modify_vpc_endpoint


def gateway_and_interface():
    """An interface endpoint whose private DNS serves the resolver alone needs the service's gateway
    endpoint, which does not go before it."""
    from moto.core.responses import ActionResult
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.responses.vpcs import VPCs

    create = VPCs.create_vpc_endpoint

    def serves_resolver_alone(endpoint):
        options = getattr(endpoint, "dns_options", None) or {}
        return str(options.get("PrivateDnsOnlyForInboundResolverEndpoint")).lower() == "true"

    def alike(self, vpc, service, kind):
        endpoints = self.ec2_backend.vpc_end_points.values()
        return [
            e for e in endpoints
            if (e.vpc_id, e.service_name, e.vpc_endpoint_type) == (vpc, service, kind) and e.state != "deleted"
        ]

    def create_vpc_endpoint(self):
        options = self._get_param("DnsOptions") or {}
        vpc, service = self._get_param("VpcId"), self._get_param("ServiceName")
        wants = str(options.get("PrivateDnsOnlyForInboundResolverEndpoint")).lower() == "true"
        if wants and not alike(self, vpc, service, "Gateway"):
            raise EC2ClientError(
                "InvalidParameter",
                f"To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {vpc} must have a Gateway endpoint for the service.",
            )
        return create(self)

    def delete_vpc_endpoints(self):
        going, unsuccessful = [], []
        for name in self._get_param("VpcEndpointIds", []):
            endpoint = self.ec2_backend.vpc_end_points.get(name)
            interfaces = alike(self, endpoint.vpc_id, endpoint.service_name, "Interface") if endpoint else []
            held = [e.id for e in interfaces if serves_resolver_alone(e)]
            if endpoint and endpoint.vpc_endpoint_type == "Gateway" and held:
                message = (
                    f"Gateway endpoint cannot be deleted while Interface endpoint {held[0]} for the service has "
                    "PrivateDnsOnlyForInboundResolverEndpoint set to true"
                )
                unsuccessful.append({"ResourceId": name, "Error": {"Code": "InvalidParameter", "Message": message}})
            else:
                going.append(name)
        self.ec2_backend.delete_vpc_endpoints(vpce_ids=going)
        return ActionResult({"Unsuccessful": unsuccessful})

    VPCs.create_vpc_endpoint = create_vpc_endpoint
    VPCs.delete_vpc_endpoints = delete_vpc_endpoints


EXTENSIONS = (endpoint_services, private_dns, endpoint_options, gateway_and_interface)
