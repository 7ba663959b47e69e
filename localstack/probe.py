"""Compares an emulator with what is written about it.

usage: probe.py moto|localstack URL   the fidelity table against a running emulator
       probe.py --check               README.md against the table
       probe.py --write               the table into README.md

Ends with 1 when an expectation fails in either direction.
"""

import sys
from pathlib import Path

from fidelity import BEGIN, END, ROWS, table
from fidelity.world import World

README = Path(__file__).with_name("README.md")


def probe(emulator, url):
    world, wrong = World(url), 0
    for row in ROWS:
        expected, seen = getattr(row, emulator), row.seen(world)
        fits = seen == expected
        wrong += not fits
        mark = " " if seen == row.aws else "~"
        print(f"{mark} {row.what}: {seen}" if fits else f"! {row.what}: {seen}, not {expected}")
    likes = sum(getattr(row, emulator) == row.aws for row in ROWS)
    print(f"{emulator}: {len(ROWS)} probes, {likes} as AWS, {len(ROWS) - likes} known gaps, {wrong} surprises")
    return wrong == 0


def written():
    """README.md with the table as it is now."""
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + table() + after


def main(arguments):
    match arguments:
        case ["--write"]:
            README.write_text(written())
            return True
        case ["--check"]:
            fits = README.read_text() == written()
            print("README.md has the table" if fits else "README.md has another table: probe.py --write")
            return fits
        case ["moto" | "localstack" as emulator, url]:
            return probe(emulator, url)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
