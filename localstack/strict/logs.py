"""Log groups."""


def log_groups():
    """Keys and classes of log groups."""
    from moto.logs.models import LogGroup
    from moto.logs.responses import LogsResponse

    describe = LogGroup.to_describe_dict

    def to_describe_dict(self):
        return {"logGroupClass": getattr(self, "log_group_class", "STANDARD"), **describe(self)}

    def keyed(self):
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.kms_key_id = self._get_param("kmsKeyId")
        return "{}"

    LogGroup.to_describe_dict = to_describe_dict
    LogsResponse.associate_kms_key = LogsResponse.disassociate_kms_key = keyed


EXTENSIONS = (log_groups,)
