"""Flow logs into a folder of a bucket."""


def destinations():
    """A destination may name a folder behind the bucket; moto takes it all for the bucket's name."""
    from moto.ec2.exceptions import FlowLogAlreadyExists
    from moto.ec2.models.flow_logs import FlowLogsBackend

    create = FlowLogsBackend.create_flow_logs

    def create_flow_logs(self, **asked):
        destination = asked["log_destination"]
        wanted = asked["resource_ids"]
        if any(log.resource_id in wanted and log.log_destination == destination for log in self.flow_logs.values()):
            raise FlowLogAlreadyExists()
        if asked["log_destination_type"] == "s3":
            asked["log_destination"] = destination.split("/")[0]
        made, refused = create(self, **asked)
        for log in made:
            log.log_destination = destination
        return made, refused

    FlowLogsBackend.create_flow_logs = create_flow_logs


EXTENSIONS = (destinations,)
