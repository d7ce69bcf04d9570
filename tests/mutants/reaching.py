"""Which tests run which line, and what each test costs: asked of the sources as they are, by coverage."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

import attrs
import pytest
from coverage import Coverage
from making import MADE
from mutmut.configuration import config

_KEPT = MADE / "reached.json"


@attrs.define
class Reached:
    """
    What the tests run.

    Attributes:
        files: By test file: what it held when it was asked.
        seconds: By test: the CPU time that it takes, under coverage.
        lines: By source file, then by line: the tests that run it.
    """

    files: dict[str, str] = attrs.field(factory=dict)
    seconds: dict[str, float] = attrs.field(factory=dict)
    lines: dict[str, dict[str, list[str]]] = attrs.field(factory=lambda: defaultdict(dict))

    def by(self, file: str, lines: Iterable[int]) -> set[str]:
        """Return the tests that run any of these lines."""
        known = self.lines.get(file, {})
        return {test for line in lines for test in known.get(str(line), ())}


class _Watch:
    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.coverage.switch_context(item.nodeid)
        began = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - began
        self.coverage.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


def reached() -> Reached:
    """Return what `look` kept."""
    return Reached(**json.loads(_KEPT.read_text())) if _KEPT.exists() else Reached()


def look() -> None:
    """Keep which test runs which line. Test files that are new or other than before are asked."""
    kept = reached()
    now = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in _test_files()}
    changed = [file for file, digest in now.items() if kept.files.get(file) != digest]
    if changed:
        _forget(kept, [*changed, *(file for file in kept.files if file not in now)])
        _ask(kept, changed)
        kept.files = now
        _KEPT.write_text(json.dumps(attrs.asdict(kept)))
        shutil.copytree("tests", MADE / "tests", dirs_exist_ok=True)


def arguments(tests: Sequence[str]) -> list[str]:
    """Return what pytest is told: what `pyproject.toml` says, with no limit of time."""
    return ["-q", "--tb=line", "-o", "timeout=0", *config().pytest_add_cli_args, *tests]


def _test_files() -> list[Path]:
    chosen = [Path(name) for name in config().pytest_add_cli_args_test_selection]
    return sorted(file for path in chosen for file in (path.rglob("test_*.py") if path.is_dir() else [path]))


def _forget(kept: Reached, files: Iterable[str]) -> None:
    of = set(files)
    gone = {test for test in kept.seconds if test.partition("::")[0] in of}
    for by_line in kept.lines.values():
        for line, tests in by_line.items():
            by_line[line] = [test for test in tests if test not in gone]
    for test in gone:
        del kept.seconds[test]


def _ask(kept: Reached, files: Sequence[str]) -> None:
    """Run test files once, and learn what each test reaches. No mutant is given to one that fails with none."""
    coverage = Coverage(data_file=None, include=config().only_mutate, config_file=False, concurrency=["thread"])
    watch = _Watch(coverage)
    coverage.start()
    pytest.main(arguments(files), plugins=[watch])
    coverage.stop()
    for test in sorted(watch.failed):
        print(f"left out, for it fails with nothing broken: {test}")
    kept.seconds |= {test: seconds for test, seconds in watch.seconds.items() if test not in watch.failed}
    data = coverage.get_data()
    for name in data.measured_files():
        by_line = kept.lines.setdefault(str(Path(name).relative_to(Path.cwd())), {})
        for line, tests in data.contexts_by_lineno(name).items():
            by_line.setdefault(str(line), []).extend(test for test in tests if test in kept.seconds)
