"""
What ``op-core adapters check`` runs in a process of its own: ``python -m op_core.testing.kit.run NAME TESTS EVENTS``.

The kit is remembered before anything of the author's is imported: first the adapter, then the tests.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from op_core import plugins
from op_core.testing.kit.plugin import Watch
from op_core.testing.kit.unchanged import Unchanged

__all__: list[str] = []


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m op_core.testing.kit.run", description="Run the kit once.")
    parser.add_argument("name")
    parser.add_argument("tests")
    parser.add_argument("events", type=Path)
    parser.add_argument("--live", action="store_true")
    asked = parser.parse_args()
    core = Unchanged.of("op_core")
    adapter: type = plugins.find_adapters().get(asked.name)
    own = Unchanged.of(adapter.__module__.partition(".")[0])
    options = ["-q", "--tb=short", "-p", "no:cacheprovider", "--continue-on-collection-errors", "--maxfail=0"]
    if find_spec("xdist"):
        options += ["-n", "0"]  # what is seen is seen in this process
    if asked.live:
        options.append("--op-live")
    return int(pytest.main([*options, asked.tests], [Watch(adapter, asked.events, (core, own), asked.live)]))


if __name__ == "__main__":
    sys.exit(_main())
