"""One difference, or one likeness, and its probe."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Row:
    """Outcomes are what the probe answers: a fact, or the code of a refusal."""

    what: str
    probe: Callable
    aws: str
    moto: str
    localstack: str

    def seen(self, world):
        try:
            return str(self.probe(world))
        except ClientError as error:
            return error.response["Error"]["Code"]


def same(what, probe, aws):
    """Both emulators do as AWS does."""
    return Row(what, probe, aws, aws, aws)


def gap(what, probe, aws, moto, localstack=None):
    """Both emulators do otherwise, in one way unless the other's is given."""
    return Row(what, probe, aws, moto, localstack or moto)
