"""Providers of LocalStack's that stand before moto and know less than it does, once it is extended."""


def providers():
    """ModifyVpcEndpoint drops groups, ModifySubnetAttribute options, SimulatePrincipalPolicy breaks on
    inline policies: what a provider does not have goes to moto."""
    from localstack.services.ec2.provider import Ec2Provider
    from localstack.services.iam.provider import IamProvider

    del Ec2Provider.modify_vpc_endpoint
    del Ec2Provider.modify_subnet_attribute
    del IamProvider.simulate_principal_policy
