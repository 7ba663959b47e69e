"""moto, made as strict as a deployer needs it, one file for each of AWS's services.

Each function in a module's `EXTENSIONS` closes one gap between moto and AWS by extending moto in
process; README.md beside this package lists them. What another moto has no place for is told, never
left out in silence.
"""

from . import (
    apigateway, applicationautoscaling, ec2_dependencies, ec2_endpoints, ec2_flow_logs, ec2_instances, ec2_subnets,
    ecr, ecs, elbv2, iam, logs, route53, route53resolver, s3, ssm,
)

SERVICES = (
    apigateway, applicationautoscaling, ec2_dependencies, ec2_endpoints, ec2_flow_logs, ec2_instances, ec2_subnets,
    ecr, ecs, elbv2, iam, logs, route53, route53resolver, s3, ssm,
)


def extend():
    """Applies every extension; those that could not be, as `module.function: why`."""
    failed = []
    for service in SERVICES:
        for extension in service.EXTENSIONS:
            try:
                extension()
            except (ImportError, AttributeError) as error:
                failed.append(f"{service.__name__.split('.')[-1]}.{extension.__name__}: {error}")
    return failed
