"""
Every animal of the zoo, tried with every case of the kit: which cases find it out, besides its own.

`python tests/zoo/matrix.py`, with `--only NAME …` for some of them, with `--quick` without what runs the whole engine.
It ends with 1 where an animal's own case does not find it out, or any case finds fault with the reference.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import attrs
from animals import ANIMALS, Animal

from op_core.testing.kit import SUITES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENGINE = ("BlindSuite", "HistoriesSuite", "WireSuite")
NAMES = {f"Test{suite.__name__}": suite.name for suite in SUITES}


@attrs.frozen
class Row:
    """
    What came of one animal.

    Attributes:
        failed: The ids of the cases that found it out.
        ran: How many ran.
    """

    name: str
    own: str
    failed: tuple[str, ...]
    ran: int

    @property
    def well(self) -> bool:
        """Tell whether its own case found it out, or nothing found fault with the reference."""
        return self.own in self.failed if self.own else not self.failed

    @property
    def line(self) -> str:
        """Tell it in one line."""
        others = [one for one in self.failed if one != self.own]
        more = f"{', '.join(others[:3])}{' …' if len(others) > 3 else ''}"
        return f"{'well' if self.well else 'ALIVE':6}{self.name:32}{self.own:48}{len(others):3} others: {more}"


def tried(animal: Animal | None, *, quick: bool) -> Row:
    """Try it with every case, in a process of its own; *quick*: without the suites that run the whole engine."""
    name = animal.name if animal else ""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:schemathesis",
        "-rfE",
        "--tb=no",
        "--show-capture=no",
    ]
    command += ["-k", " and ".join(f"not {suite}" for suite in ENGINE)] if quick else []
    command.append(str(HERE / "whole.py"))
    given = {**os.environ, "ZOO_ANIMAL": name}
    said = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False).stdout
    failed = re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)::test_(\w+)", said, re.MULTILINE)
    counts = re.findall(r"(\d+) (?:passed|failed|error)", said)
    if not counts:
        raise RuntimeError(f"{name or 'the reference'} could not be tried:\n{said[-2000:]}")
    ids = dict.fromkeys(f"{NAMES[suite]}-{case.replace('_', '-')}" for suite, case in failed)
    return Row(name or "the reference", animal.case if animal else "", tuple(ids), sum(map(int, counts)))


def main() -> int:
    """Try them all and print the table."""
    asked = argparse.ArgumentParser(description="Every animal of the zoo, tried with every case of the kit.")
    asked.add_argument("--only", nargs="+", metavar="NAME", choices=[one.name for one in ANIMALS], help="some of them")
    asked.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="processes")
    asked.add_argument("--quick", action="store_true", help="without what runs the whole engine")
    given = asked.parse_args()
    left_out = tuple(f"{NAMES[f'Test{suite}']}-" for suite in ENGINE) if given.quick else ()
    chosen = [one for one in ANIMALS if not one.case.startswith(left_out)]
    chosen = [one for one in chosen if not given.only or one.name in given.only]
    began = time.monotonic()
    rows: list[Row] = []
    with ThreadPoolExecutor(given.at_once) as pool:
        for row in pool.map(partial(tried, quick=given.quick), [None, *chosen]):
            rows.append(row)
            print(row.line, flush=True)
    alive = [row.name for row in rows if not row.well]
    lonely = sum(len(row.failed) == 1 for row in rows[1:])
    print(
        f"{len(chosen)} animals, {rows[0].ran} cases each, in {time.monotonic() - began:.0f} s: "
        f"{len(rows) - len(alive) - 1} found out by their own case, {lonely} by that one alone"
    )
    if alive:
        print(f"not as it should be: {', '.join(alive)}")
    return bool(alive)


if __name__ == "__main__":
    sys.exit(main())
