"""Public parameters."""

import time

WINDOWS_IMAGES = "/aws/service/ami-windows-latest/"


def windows_image():
    """The public parameter of the Windows image; no client may put one under /aws/."""
    from moto.ec2.models import ec2_backends
    from moto.ssm import models

    load = models.ParameterDict._check_loading_status

    def check(self, key):
        load(self, key)
        key = str(key or "")
        if not key.startswith(WINDOWS_IMAGES) or dict.__contains__(self, key):
            return
        images = ec2_backends[self.account_id][self.region_name].amis.values()
        windows = [image.id for image in images if "Windows_Server" in (image.name or "")]
        parameter = models.Parameter(
            account_id=self.account_id, name=key, value=windows[0] if windows else "ami-00000000",
            parameter_type="String", description=None, allowed_pattern=None, keyid=None,
            last_modified_date=time.time(), version=1, data_type="text",
        )
        dict.__setitem__(self, key, [parameter])

    models.ParameterDict._check_loading_status = check


EXTENSIONS = (windows_image,)
