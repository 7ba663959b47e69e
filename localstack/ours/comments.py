"""Comments of hosted zones."""


def comments():
    """A private zone may go without: the moto in LocalStack breaks on it."""
    from moto.route53.responses import Route53

    create = Route53.create_hosted_zone

    def create_hosted_zone(self):
        body = self.body.decode() if isinstance(self.body, bytes) else self.body
        if "<Comment" not in body:
            body = body.replace("<HostedZoneConfig>", "<HostedZoneConfig><Comment></Comment>")
        self.body = body
        return create(self)

    Route53.create_hosted_zone = create_hosted_zone
