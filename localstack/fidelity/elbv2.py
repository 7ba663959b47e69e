"""Load balancers."""

from .row import gap, same


def twice(w):
    subnets = w.subnets(w.vpc())
    name = w.name()
    w.balancer(subnets, name)
    w.elbv2.create_load_balancer(Name=name, Subnets=subnets, Scheme="internet-facing")
    return "accepted"


def one_subnet(w):
    w.balancer(w.subnets(w.vpc(), "a"))
    return "accepted"


def listen(w, **more):
    vpc = w.vpc()
    balancer = w.balancer(w.subnets(vpc))["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": w.target(vpc)}]
    return lambda **port: w.elbv2.create_listener(LoadBalancerArn=balancer, DefaultActions=forward, **port)


def without_certificate(w):
    listen(w)(Protocol="HTTPS", Port=443)
    return "accepted"


def port_twice(w):
    make = listen(w)
    make(Protocol="HTTP", Port=80)
    make(Protocol="HTTP", Port=80)
    return "accepted"


def state(w):
    return w.balancer(w.subnets(w.vpc()))["State"]["Code"]


def internal_name(w):
    name = w.balancer(w.subnets(w.vpc()))["DNSName"]
    return "internal-…" if name.startswith("internal-") else "without it"


def cross_zone(w):
    arn = w.balancer(w.subnets(w.vpc()))["LoadBalancerArn"]
    all_ = w.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {a["Key"]: a["Value"] for a in all_}["load_balancing.cross_zone.enabled"]


ROWS = [
    same("a second load balancer of one name", twice, "DuplicateLoadBalancerName"),
    same("application load balancer across zones", cross_zone, "true"),
    gap("a load balancer in one subnet", one_subnet, "ValidationError", "accepted"),
    gap("HTTPS listener without certificate", without_certificate, "ValidationError", "accepted"),
    gap("a second listener of one port", port_twice, "DuplicateListener", "accepted"),
    same("state of a load balancer just made", state, "provisioning"),
    gap("DNS name of an internal load balancer", internal_name, "internal-…", "without it"),
]
