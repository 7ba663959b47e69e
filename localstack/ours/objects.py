"""Where objects of buckets are kept."""

import os


def objects(files):
    """Below a directory of this server's own: LocalStack has one for all, and servers would share what
    buckets of one name hold."""
    from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

    init = EphemeralS3ObjectStore.__init__
    EphemeralS3ObjectStore.__init__ = lambda self, root_directory=None: init(self, os.path.join(files, "s3"))
