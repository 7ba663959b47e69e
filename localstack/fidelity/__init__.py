"""Where the emulators differ from AWS, as data, and how each difference is seen.

A row says what AWS does, what moto and LocalStack do with our launchers, and has a probe that answers
the same way. A gap that has closed is noticed as well as one that has opened.
"""

from . import apigateway, containers, ec2, endpoints, elbv2, names, rights, storage
from .row import Row

ROWS = [
    row for part in (ec2, endpoints, elbv2, containers, apigateway, names, storage, rights) for row in part.ROWS
]

BEGIN, END = "<!-- fidelity: written by probe.py --write -->", "<!-- /fidelity -->"


def table():
    """The rows as README.md has them."""
    head = ["| Probe | AWS | moto | LocalStack |", "|---|---|---|---|"]
    lines = [f"| {row.what} | {row.aws} | {told(row, row.moto)} | {told(row, row.localstack)} |" for row in ROWS]
    return "\n".join([BEGIN, "", *head, *lines, "", END])


def told(row, outcome):
    return "as AWS" if outcome == row.aws else f"**{outcome}**"
