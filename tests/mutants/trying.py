"""Each mutant, given to the tests that run its line: one process each, forked when everything is imported."""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import shutil
import signal
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
import pytest
from making import MADE, Mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.utils.file_utils import setup_source_paths
from reaching import Reached, arguments

_MEMORY = "/dev/shm"  # noqa: S108 - where there is one, no COMMIT of a test waits for a disk: twice as fast
_PATIENCE = 20  # CPU seconds that a mutant has beside five times what its tests take without it


@attrs.frozen
class Fate:
    """
    What became of a mutant.

    Attributes:
        name: The mutant.
        state: `killed`, `ended` (it used up its CPU time), `survived`, or `unreached` (no test runs its line).
        test: The test that failed or was running.
        tried: How many tests it was given.
        reaching: How many run its line.
    """

    name: str
    state: str
    test: str | None
    tried: int
    reaching: int

    @property
    def line(self) -> str:
        """It as a line of JSON."""
        return json.dumps(attrs.asdict(self))


def load(kept: Path) -> dict[str, Fate]:
    """Return the fates in a file; the last word about a mutant counts."""
    if not kept.exists():
        return {}
    return {fate.name: fate for fate in (Fate(**json.loads(line)) for line in kept.read_text().splitlines())}


def attempt(
    mutants: Sequence[Mutant],
    reached: Reached,
    files: Sequence[str],
    *,
    seconds: float,
    workers: int,
    is_again: bool,
    told: Callable[[Fate], None],
) -> None:
    """
    Give each mutant to the tests in *files* that run its line, for so many CPU seconds; *told* hears each fate.

    Tests that killed another mutant of the function come first, then those of the file's own name, then the quick.
    """
    setup_source_paths()
    set_mutant_under_test("")
    os.chdir(MADE)
    loop = _Loop(mutants, reached, seconds, workers, is_again, told)
    code = pytest.main([*arguments(files), "--rootdir=."], plugins=[loop])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"pytest ended with {code!r}")


@attrs.frozen
class _Running:
    mutant: Mutant
    heard: int
    chosen: list[str]
    reaching: int
    place: str


@attrs.define
class _Loop:
    """What pytest does with the tests once it has found them."""

    mutants: Sequence[Mutant]
    reached: Reached
    seconds: float
    workers: int
    is_again: bool
    told: Callable[[Fate], None]
    killers: dict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter))
    running: dict[int, _Running] = attrs.field(factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        order = list(self.mutants)
        random.Random(6).shuffle(order)  # noqa: S311 - so that any part of a run is a fair sample
        gc.collect()
        gc.freeze()
        for mutant in order:
            reaching = [test for test in self.reached.by(mutant.file, mutant.lines) if test in items]
            if not reaching:
                if not self.is_again:
                    self.told(Fate(mutant.name, "unreached", None, 0, 0))
                continue
            while len(self.running) >= self.workers:
                self._end_one()
            chosen = list(self._chosen(mutant, reaching))
            self._start(mutant, [items[test] for test in chosen], chosen, len(reaching))
        while self.running:
            self._end_one()
        return True

    def _chosen(self, mutant: Mutant, reaching: Sequence[str]) -> Iterator[str]:
        """Yield tests until their time is used up."""
        killed = self.killers[mutant.function]
        own = f"{Path(mutant.file).parent.name}/test_{Path(mutant.file).stem}"
        cost = self.reached.seconds
        left = self.seconds
        likely = sorted(reaching, key=lambda test: (-killed[test], own not in test, cost[test], test))
        quickest = min(reaching, key=lambda test: cost[test])
        for test in likely:
            if cost[test] <= left or test == quickest:  # at least one, whatever it costs
                left -= cost[test]
                yield test

    def _start(self, mutant: Mutant, items: list[pytest.Item], chosen: list[str], reaching: int) -> None:
        heard, says = os.pipe()
        place = tempfile.mkdtemp(prefix="mutant-", dir=_MEMORY if Path(_MEMORY).is_dir() else None)
        child = os.fork()
        if child:
            os.close(says)
            self.running[child] = _Running(mutant, heard, chosen, reaching, place)
            return
        try:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = place
            limit = int(_PATIENCE + 5 * sum(self.reached.seconds[test] for test in chosen))
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            signal.alarm(5 * limit)  # one that waits for ever uses no CPU
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            items[0].config.pluginmanager.unregister(name="terminalreporter")
            set_mutant_under_test(mutant.name)
            code = _run(items, says)
        except BaseException:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are kills too
            code = 1
        os._exit(code)  # nothing of the parent's goes on in here

    def _end_one(self) -> None:
        child, status = os.wait()
        ended = self.running.pop(child)
        with os.fdopen(ended.heard) as said:
            begun = said.read().splitlines()
        shutil.rmtree(ended.place, ignore_errors=True)
        state = "ended" if os.WIFSIGNALED(status) else "killed" if os.WEXITSTATUS(status) else "survived"
        test = ended.chosen[int(begun[-1])] if begun and state != "survived" else None
        if state == "killed" and test:
            self.killers[ended.mutant.function][test] += 1
        self.told(Fate(ended.mutant.name, state, test, len(begun), ended.reaching))


def _run(items: Sequence[pytest.Item], says: int) -> int:
    """Run tests until one fails, and say which is begun."""
    session = items[0].session
    for number, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True)):
        os.write(says, f"{number}\n".encode())
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed or session.shouldstop:
            return 1
    return 0
