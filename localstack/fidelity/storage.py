"""Buckets, log groups, parameters."""

import json

from .row import gap, same


def written_twice(w):
    bucket = w.bucket()
    for _ in range(2):
        w.s3.put_object(Bucket=bucket, Key="a", Body=b"x", IfNoneMatch="*")
    return "accepted"


def deleted_under_a_condition(w):
    bucket = w.bucket()
    w.s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    w.s3.delete_object(Bucket=bucket, Key="a", IfMatch='"another"')
    return "deleted"


def tls_only(w):
    bucket = w.bucket()
    deny = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]}
    w.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(deny))
    w.s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    return "accepted"


def malformed_policy(w):
    w.s3.put_bucket_policy(Bucket=w.bucket(), Policy='{"Statement": 1}')
    return "accepted"


def retention(w):
    name = w.name()
    w.logs.create_log_group(logGroupName=name)
    w.logs.put_retention_policy(logGroupName=name, retentionInDays=31)
    return "accepted"


def windows(w):
    name = "/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base"
    return "there" if w.ssm.get_parameter(Name=name)["Parameter"]["Value"].startswith("ami-") else "none"


ROWS = [
    same("`PutObject` that must be the first, twice", written_twice, "PreconditionFailed"),
    same("`DeleteObject` of another version than is there", deleted_under_a_condition, "PreconditionFailed"),
    gap("object written without TLS where the policy denies it", tls_only, "AccessDenied", "accepted"),
    gap("malformed bucket policy", malformed_policy, "MalformedPolicy", "accepted"),
    gap("retention of 31 days", retention, "InvalidParameterException", "accepted"),
    same("public parameter of the Windows image", windows, "there"),
]
