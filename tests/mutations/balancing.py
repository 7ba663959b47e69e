"""The load balancer and its target group."""

from table import TABLE, on


for identity in ("web/load-balancer", "web/target-group", "web/listener"):
    on(f"{identity} tags.Name")(
        lambda w: w["elbv2"].add_tags(ResourceArns=[w.arn], Tags=[{"Key": "Name", "Value": "by hand"}])
    )

BALANCER = {
    "access_logs.s3.enabled": "true",
    "client_keep_alive.seconds": "60",
    "connection_logs.s3.enabled": "true",
    "deletion_protection.enabled": "true",
    "health_check_logs.s3.enabled": "true",
    "idle_timeout.timeout_seconds": "5",
    "load_balancing.cross_zone.enabled": "false",
    "routing.http.desync_mitigation_mode": "monitor",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "true",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true",
    "routing.http.xff_client_port.enabled": "true",
    "routing.http.xff_header_processing.mode": "remove",
    "routing.http2.enabled": "false",
    "waf.fail_open.enabled": "true",
    "zonal_shift.config.enabled": "true",
}
TARGETS = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "on",
    "load_balancing.algorithm.type": "weighted_random",
    "load_balancing.cross_zone.enabled": "false",
    "slow_start.duration_seconds": "60",
    "stickiness.app_cookie.duration_seconds": "60",
    "stickiness.enabled": "true",
    "stickiness.lb_cookie.duration_seconds": "60",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "2",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "50",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "2",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "50",
}


def attributes(identity, all_of_them, call, parameter):
    for key, value in all_of_them.items():
        on(f"{identity} attributes.{key}")(
            lambda w, key=key, value=value: getattr(w["elbv2"], call)(
                **{parameter: w.arn}, Attributes=[{"Key": key, "Value": value}]
            )
        )


attributes("web/load-balancer", BALANCER, "modify_load_balancer_attributes", "LoadBalancerArn")
attributes("web/target-group", TARGETS, "modify_target_group_attributes", "TargetGroupArn")


for key, value in (("bucket", "theirs"), ("prefix", "by-hand")):
    on(f"web/load-balancer attributes.access_logs.s3.{key}", shape="domain")(
        lambda w, key=key, value=value: w["elbv2"].modify_load_balancer_attributes(
            LoadBalancerArn=w.arn, Attributes=[{"Key": f"access_logs.s3.{key}", "Value": value}],
        )
    )


@on("web/target-group attributes.stickiness.type")
def _(w):
    cookie = [("stickiness.type", "app_cookie"), ("stickiness.app_cookie.cookie_name", "theirs")]
    w["elbv2"].modify_target_group_attributes(
        TargetGroupArn=w.arn, Attributes=[{"Key": key, "Value": value} for key, value in cookie],
    )


def balancer_books(field, attribute, value):
    on(f"web/load-balancer {field}", allow=["web/load-balancer"])(
        lambda w: w.books("elbv2", ["load_balancers", w.arn, attribute], value)
    )


balancer_books("scheme", "scheme", "internet-facing")
balancer_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("web/load-balancer addresses")
def _(w):
    w["elbv2"].set_ip_address_type(LoadBalancerArn=w.arn, IpAddressType="dualstack")


@on("web/load-balancer groups")
def _(w):
    w["elbv2"].set_security_groups(LoadBalancerArn=w.arn, SecurityGroups=[w.group()])


@on("web/load-balancer groups", "unexpected", "one more")
def _(w):
    ours = w.out("web/load-balancer-group")["id"]
    w["elbv2"].set_security_groups(LoadBalancerArn=w.arn, SecurityGroups=[ours, w.group()])


@on("web/load-balancer subnets")
def _(w):
    w["ec2"].associate_vpc_cidr_block(VpcId=w.out("network/vpc")["id"], CidrBlock="100.64.0.0/16")
    other = w.subnet("d", "100.64.0.0/24")
    w["elbv2"].set_subnets(LoadBalancerArn=w.arn, Subnets=[w.out("network/subnet-a")["id"], other])


TABLE["web/load-balancer subnets"]["entry"]["also"].append("unexpected network/vpc other_ranges")


@on("web/load-balancer missing", also=["missing web/listener"])
def _(w):
    w["elbv2"].delete_load_balancer(LoadBalancerArn=w.arn)


def health_check(field, **parameters):
    on(f"web/target-group health_check.{field}")(
        lambda w: w["elbv2"].modify_target_group(TargetGroupArn=w.arn, **parameters)
    )


health_check("codes", Matcher={"HttpCode": "200-499"})
health_check("enabled", HealthCheckEnabled=False)
health_check("healthy_threshold", HealthyThresholdCount=9)
health_check("interval_seconds", HealthCheckIntervalSeconds=60)
health_check("path", HealthCheckPath="/theirs")
health_check("port", HealthCheckPort="81")
health_check("protocol", HealthCheckProtocol="HTTPS")
health_check("timeout_seconds", HealthCheckTimeoutSeconds=20)
health_check("unhealthy_threshold", UnhealthyThresholdCount=9)


def target_books(field, attribute, value):
    on(f"web/target-group {field}", allow=["web/target-group"])(
        lambda w: w.books("elbv2", ["target_groups", w.arn, attribute], value)
    )


target_books("addresses", "ip_address_type", "ipv6")
target_books("port", "port", 81)
target_books("protocol", "protocol", "HTTPS")
target_books("protocol_version", "protocol_version", "HTTP2")
target_books("target_type", "target_type", "instance")
target_books("vpc", "vpc_id", "vpc-00000000000000000")


@on("web/target-group missing", also=["missing web/listener"])
def _(w):
    w["elbv2"].delete_listener(ListenerArn=w.out("web/listener")["arn"])
    w["elbv2"].delete_target_group(TargetGroupArn=w.arn)


def listener(identity, field, what="changed", label="", shape="plain", also=(), **parameters):
    @on(f"{identity} {field}", what, label, shape, also)
    def _(w):
        given = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        w["elbv2"].modify_listener(ListenerArn=w.arn, **given)


def forward(w, target, sticky):
    config = {
        "TargetGroups": [{"TargetGroupArn": target, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": sticky, "DurationSeconds": 60},
    }
    return [{"Type": "forward", "TargetGroupArn": target, "ForwardConfig": config}]


def certificate(w):
    """One of theirs."""
    return w["acm"].request_certificate(DomainName="theirs.closed")["CertificateArn"]


def redirect(**to):
    return [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301", **to}}]


listener("web/listener-https", "client_certificates", shape="domain", MutualAuthentication={"Mode": "passthrough"})
listener("web/listener", "port", Port=8080)
listener("web/listener", "forward_to", DefaultActions=lambda w: forward(w, w.target_group(), False))
listener("web/listener", "forward_to", label="a page", DefaultActions=[
    {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}},
])
listener("web/listener", "sticky", DefaultActions=lambda w: forward(w, w.out("web/target-group")["arn"], True))
listener("web/listener", "protocol", also=["changed web/listener certificate", "changed web/listener tls_policy"],
         Protocol="HTTPS", SslPolicy="ELBSecurityPolicy-2016-08", Certificates=lambda w: [{"CertificateArn": certificate(w)}])
listener("web/listener-https", "certificate", shape="domain", Certificates=lambda w: [{"CertificateArn": certificate(w)}])
listener("web/listener-https", "tls_policy", shape="domain", SslPolicy="ELBSecurityPolicy-2016-08")
listener("web/listener", "redirect", shape="domain", DefaultActions=redirect(Port="8443"))
listener("web/listener", "redirect", label="another status", shape="domain", DefaultActions=redirect(StatusCode="HTTP_302"))
listener("web/listener", "redirect", label="another host", shape="domain", DefaultActions=redirect(Host="theirs.example"))
listener("web/listener", "redirect", label="another path", shape="domain", DefaultActions=redirect(Path="/theirs"))


@on("web/listener rules", "unexpected")
def _(w):
    w["elbv2"].create_rule(
        ListenerArn=w.arn, Priority=10, Conditions=[{"Field": "path-pattern", "Values": ["/theirs"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": w.out("web/target-group")["arn"]}],
    )


@on("web/listener missing")
def _(w):
    w["elbv2"].delete_listener(ListenerArn=w.arn)


@on("unexpected/listener-8080", "unexpected")
def _(w):
    w["elbv2"].create_listener(
        LoadBalancerArn=w.out("web/load-balancer")["arn"], Protocol="HTTP", Port=8080,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": w.out("web/target-group")["arn"]}],
    )
