"""
Break the code that moves money in thousands of places, one at a time, and list what no test saw.

`python tests/mutants/run.py 'op_core.claims.*'`. mutmut makes the mutants, the type check refuses more than half of
them, and each of the others is given to the tests that run the changed line, the likeliest first, until one fails or
`--seconds` of CPU time are used up. Goes on where it was stopped; `--again` gives the survivors more time.

Beside the mutants, `--controls` processes run in which nothing is broken: one that fails there would be a false kill.
"""

from __future__ import annotations

import argparse
import fnmatch
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from making import MADE, Mutant, is_made, made, make
from reaching import look, reached
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from trying import Fate, attempt, load

_STATES = ("killed", "ended", "survived", "unreached")


def main() -> None:
    """Make what is not made yet, try what is not tried yet, and say what came of it."""
    asked = _asked()
    if not is_made():
        print("making the mutants, and checking the types of each: some five minutes")
        _apart(make)
    print("asking the tests that are new which lines they run: at first some seven minutes")
    _apart(look)
    kept = (MADE / "fates.jsonl").absolute()
    every = [mutant for mutant in made() if any(fnmatch.fnmatch(mutant.name, name) for name in asked.names)]
    fates = load(kept)
    wanted = ("survived", "unreached") if asked.again else (None,)
    states = {name: fate.state for name, fate in fates.items()}
    todo = [mutant for mutant in every if not mutant.is_refused and states.get(mutant.name) in wanted]
    chance = random.Random(6)  # noqa: S311 - the same ones each time
    if asked.sample and len(todo) > asked.sample:
        todo = chance.sample(todo, asked.sample)
    controls = [  # no mutant has such a name, so that the code runs as it is
        attrs.evolve(mutant, name=f"control.{number}.{mutant.name}")
        for number, mutant in enumerate(chance.choices(todo, k=asked.controls) if todo else ())
    ]
    _try([*todo, *controls], asked, kept)
    _show(every, load(kept))


def _apart(step: Callable[[], None]) -> None:
    """Run a step in a process of its own: it imports the sources, and the mutants must be imported instead."""
    process = multiprocessing.get_context("spawn").Process(target=step)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["*"], help="mutants, as op_core.claims.caps.*")
    parser.add_argument("--tests", nargs="*", help="test files, instead of all that pyproject.toml names")
    parser.add_argument("--seconds", type=float, default=6, help="CPU seconds of tests for each (default 6)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="so many, drawn by chance, instead of all")
    parser.add_argument("--controls", type=int, default=0, help="so many processes with nothing broken")
    parser.add_argument("--again", action="store_true", help="try the survivors once more, and nothing else")
    return parser.parse_args()


def _try(todo: Sequence[Mutant], asked: argparse.Namespace, kept: Path) -> None:
    if not todo:
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    counts: Counter[str] = Counter()
    console = Console(file=os.fdopen(os.dup(1), "w"))  # pytest takes the other one
    bar = Progress(*columns, console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    with kept.open("a") as file, bar:
        task = bar.add_task("", total=len(todo))

        def told(fate: Fate) -> None:
            file.write(fate.line + "\n")
            file.flush()
            counts[fate.state] += 1
            bar.update(
                task, advance=1, description=", ".join(f"{counts[state]} {state}" for state in _STATES), refresh=True
            )

        tests = reached()
        files = asked.tests or sorted(tests.files)
        attempt(todo, tests, files, seconds=asked.seconds, workers=asked.workers, is_again=asked.again, told=told)


def _show(mutants: Sequence[Mutant], fates: dict[str, Fate]) -> None:
    """Print a table by file, the false kills, and the survivors by name."""
    by_file: dict[str, Counter[str]] = {}
    for mutant in mutants:
        fate = fates.get(mutant.name)
        counts = by_file.setdefault(mutant.file.removeprefix("op_core/"), Counter())
        counts["refused" if mutant.is_refused else fate.state if fate else "untried"] += 1
    columns = ("refused", *_STATES, "untried")
    table = Table("file", "mutants", *columns)
    for file, counts in [*by_file.items(), ("all", sum(by_file.values(), Counter()))]:
        table.add_row(file, str(counts.total()), *(str(counts[column]) for column in columns))
    console = Console(width=120)
    console.print(table)
    controls = [fate for fate in fates.values() if fate.name.startswith("control.")]
    if controls:
        console.print(
            f"{len(controls)} with nothing broken: {sum(f.state in ('killed', 'ended') for f in controls)} failed"
        )
    names = {mutant.name for mutant in mutants}
    for state in ("survived", "unreached", "ended"):
        for fate in sorted((f for f in fates.values() if f.state == state and f.name in names), key=lambda f: f.name):
            console.print(
                f"{state} {fate.name} ({fate.tried} of {fate.reaching} tests)", highlight=False, soft_wrap=True
            )


if __name__ == "__main__":
    main()
