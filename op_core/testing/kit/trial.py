"""One run of the kit on an installed adapter, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from op_core.errors import SettingsError
from op_core.testing.kit import SUITES
from op_core.testing.kit.cases import cases
from op_core.testing.kit.tiers import Verdict, verdict

__all__ = ["tests_of", "tried"]

_LOOK = 1  # second between two looks at what was told meanwhile
_SHOWN = 2_000  # characters of what pytest said last


def tests_of(entry: metadata.EntryPoint, given: Path | None) -> Path:
    """
    Return the folder of an adapter's tests: the one that is *given*, else that of its project, else ``tests`` here.

    Raises:
        SettingsError: There is none. A wheel holds no tests; the source distribution does.
    """
    project = _project(entry)
    looked = [given] if given is not None else [*([project / "tests"] if project else ()), Path("tests")]
    for folder in looked:
        if folder.is_dir():
            return folder.absolute()
    said = " nor ".join(str(folder.absolute()) for folder in looked)
    raise SettingsError(
        f"the tests of adapter {entry.name!r} are not found, neither {said} is a folder; name it by --tests DIR."
        " A wheel holds none: they are in the adapter's repository or source distribution"
    )


def tried(name: str, tests: Path, *, live: bool, step: Callable[[str, int, int | None], None]) -> Verdict:
    """
    Run the kit, and judge.

    Args:
        step: Told the case that just ended, how many have, and of how many.

    Raises:
        SettingsError: pytest did not even begin; the text is what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "events.jsonl")
        told.touch()
        command = [sys.executable, "-m", "op_core.testing.kit.run", name, str(tests), str(told)]
        if live:
            command.append("--live")
        with Path(folder, "output").open("w+", encoding="utf-8", errors="replace") as said:
            events = list(_watched(command, tests.parent, told, said, step))
            said.seek(0)
            output = said.read()
    if not any(one["event"] == "collected" for one in events):
        raise SettingsError(f"the tests in {tests} cannot be run: {output.strip()[-_SHOWN:] or 'pytest said nothing'}")
    return verdict(cases(SUITES), events, live=live)


def _watched(
    command: list[str], where: Path, told: Path, said: IO[str], step: Callable[[str, int, int | None], None]
) -> Iterator[dict[str, Any]]:
    """Yield each event as it is told."""
    count, done = None, 0
    process = subprocess.Popen(command, cwd=where, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)  # noqa: S603 - this interpreter, on the kit
    try:
        with told.open(encoding="utf-8") as lines:
            going, rest = True, ""
            while going:
                try:
                    process.wait(_LOOK)
                    going = False  # one more look
                except subprocess.TimeoutExpired:
                    pass
                *whole, rest = (rest + lines.read()).split("\n")
                for event in map(json.loads, whole):
                    count = event.get("count", count)
                    done += event["event"] == "case"
                    step(f"trying {event['id']}" if "id" in event else "trying", done, count)
                    yield event
    finally:
        process.kill()
        process.wait()


def _project(entry: metadata.EntryPoint) -> Path | None:
    """Return the folder of a project that is installed in place."""
    text = entry.dist.read_text("direct_url.json") if entry.dist is not None else None
    origin = json.loads(text) if text else {}
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(origin["url"]).path))
