"""What people do to a deployment behind the tool's back: one change for every field that is managed.

A helper of the journeys (`tests/src/mutations.rs`), started with the emulator's Python. Lines of JSON
come in and go out:
    {"list": true}                            -> the table
    {"run": NAME, "url": URL, "records": {}}  -> {"error": null, or what went wrong}

`records` are those of the deployment's state: what is called what. Each function below does with
boto3 what a person would do at the console. What no call of AWS's changes, and is compared all the
same, is written straight into the emulator's books.
"""

import json
import sys
import traceback

# Each enters its changes into the table.
import balancing  # noqa: F401
import containers  # noqa: F401
import domain  # noqa: F401
import instance  # noqa: F401
import network  # noqa: F401
import proxies  # noqa: F401
import resolver  # noqa: F401
import roles  # noqa: F401
import storage  # noqa: F401
from table import EXEMPT, TABLE, World


def answer(order):
    if "list" in order:
        return {"entries": [row["entry"] for row in TABLE.values()], "exempt": EXEMPT}
    row = TABLE[order["run"]]
    try:
        row["change"](World(order["url"], order["records"], row["entry"]["id"]))
    except Exception:
        return {"error": traceback.format_exc()}
    return {"error": None}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
