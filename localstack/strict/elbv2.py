"""Load balancers and their listeners."""


def load_balancer_names():
    """Names of load balancers are unique."""
    from moto.elbv2.exceptions import DuplicateLoadBalancerName
    from moto.elbv2.models import ELBv2Backend

    create = ELBv2Backend.create_load_balancer

    def create_load_balancer(self, name, *args, **kwargs):
        if any(balancer.name == name for balancer in self.load_balancers.values()):
            raise DuplicateLoadBalancerName()
        return create(self, name, *args, **kwargs)

    ELBv2Backend.create_load_balancer = create_load_balancer


def balancer_attributes():
    """An application load balancer is cross-zone, always; moto answers that it is not."""
    from moto.elbv2.models import FakeLoadBalancer

    init = FakeLoadBalancer.__init__

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if self.type == "application":
            self.attrs["load_balancing.cross_zone.enabled"] = "true"

    FakeLoadBalancer.__init__ = __init__


def listener_options():
    """Listeners keep how they ask clients for certificates, and without TLS none of their own."""
    from moto.elbv2.responses import ELBV2Response

    modify = ELBV2Response.modify_listener

    def modify_listener(self):
        answer = modify(self)
        for listener in answer._result["Listeners"]:
            if self._get_param("MutualAuthentication"):
                listener.mutual_authentication = self._get_param("MutualAuthentication")
            if listener.protocol == "HTTP":
                listener.certificate, listener.certificates = None, []
        return answer

    ELBV2Response.modify_listener = modify_listener


EXTENSIONS = (load_balancer_names, balancer_attributes, listener_options)
