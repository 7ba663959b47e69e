"""Deletions of objects under a condition."""

import functools
import threading


def deletes():
    """`If-Match` is heeded, as S3 does for buckets of every kind; LocalStack refuses the header."""
    from localstack.aws.api.s3 import PreconditionFailed
    from localstack.services.s3.provider import S3Provider

    delete, lock = S3Provider.delete_object, threading.Lock()

    @functools.wraps(delete)
    def delete_object(self, context, bucket, key, if_match=None, **more):
        if if_match is None:
            return delete(self, context, bucket, key, **more)
        with lock:
            _, known = self._get_cross_account_bucket(context, bucket)
            found = known.objects.get(key)
            etag = getattr(found, "etag", None)
            if etag and if_match.strip('"') not in ("*", etag):
                raise PreconditionFailed(
                    "At least one of the pre-conditions you specified did not hold", Condition="If-Match",
                )
            return delete(self, context, bucket, key, **more)

    S3Provider.delete_object = delete_object
