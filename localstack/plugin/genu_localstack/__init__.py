"""Providers for LocalStack that send every operation of a service to the moto that comes with it.

State is moto's, and so is shared with the services that LocalStack itself builds on moto.
"""

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services import moto
from localstack.services.plugins import Service, aws_provider

# Where moto's name of a service is another than AWS's.
NAMES = {"application-autoscaling": "applicationautoscaling", "service-quotas": "servicequotas"}


def routed(load=moto.load_moto_routing_table):
    """Looks a service's routes up by moto's name for it."""
    return lambda service: load(NAMES.get(service, service))


moto.load_moto_routing_table = routed()


def ask_moto(context, request):
    return moto.call_moto(context)


def from_moto(api):
    def create():
        service = load_service(api)
        operations = dict.fromkeys(service.operation_names, ask_moto)
        return Service(api, skeleton=Skeleton(service, operations))

    create.__name__ = api
    return aws_provider(api=api)(create)


application_autoscaling = from_moto("application-autoscaling")
ecr = from_moto("ecr")
ecs = from_moto("ecs")
elbv2 = from_moto("elbv2")
service_quotas = from_moto("service-quotas")
