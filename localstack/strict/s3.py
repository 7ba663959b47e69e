"""Buckets."""

import json


def loopback_is_tls():
    """moto ignores the condition of a TLS-only policy and denies everything: loopback counts as TLS."""
    from types import SimpleNamespace

    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    decide = FakeBucket.get_permission

    def get_permission(self, action, resource):
        if self.policy is None:
            return PermissionResult.NEUTRAL
        document = json.loads(self.policy)
        document["Statement"] = [
            s for s in document["Statement"] if "aws:SecureTransport" not in json.dumps(s.get("Condition", {}))
        ]
        if not document["Statement"]:
            return PermissionResult.NEUTRAL
        return decide(SimpleNamespace(policy=json.dumps(document).encode()), action, resource)

    FakeBucket.get_permission = get_permission


def bucket_versioning():
    """The answer's root element has the name that S3 gives it."""
    from moto.s3.responses import S3Response

    def get_bucket_versioning(self):
        status = self.backend.get_bucket_versioning(self.bucket_name)
        inner = f"<Status>{status}</Status>" if status else ""
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return 200, {}, f'<VersioningConfiguration xmlns="{space}">{inner}</VersioningConfiguration>'

    S3Response.get_bucket_versioning = get_bucket_versioning


def list_parts():
    """The answer's root element has the name that S3 gives it."""
    from moto.s3.responses import S3Response

    listed = S3Response.list_parts

    def named(self):
        status, headers, body = listed(self)
        text = body.decode() if isinstance(body, bytes) else body
        return status, headers, text.replace("ListPartsResponse", "ListPartsResult")

    S3Response.list_parts = named


EXTENSIONS = (loopback_is_tls, bucket_versioning, list_parts)
