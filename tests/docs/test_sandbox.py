"""The page about the sandbox says what the sandbox has, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from op_core.sandbox import Sandbox
from op_core.sandbox.behaviour import Behaviour
from op_core.sandbox.calls import all_calls
from op_core.sandbox.order_view import Forms

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "wire.md"


@pytest.fixture(scope="module")
def tables():
    """Return the rows of each table of the section, by the heading of its first column."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## The sandbox\n")[2].partition("\n## ")[0]
    found = {}
    for table in re.findall(r"((?:^\|.*\n)+)", section, re.MULTILINE):
        heading, _, *rows = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in table.splitlines()]
        found[heading[0].strip("`")] = {row[0].strip("`"): row for row in rows}
    return found


def test_calls(tables):
    """Every call of its own has a row, in the words of its route, and there is no other row."""
    with Sandbox() as sandbox:
        own = [call.name for call in all_calls(sandbox.local) if call.kind == "own"]
    assert {*own, "GET /", "GET /openapi.json"} == set(tables["call"])


@pytest.mark.parametrize(("heading", "model"), [("switch", Behaviour), ("answers", Forms)])
def test_switches(tables, heading, model):
    """Every switch has a row with its values, the default first, and there is no other row."""
    assert set(model.model_fields) == set(tables[heading])
    for name, field in model.model_fields.items():
        values = re.findall(r"`([^`]*)`", tables[heading][name][1])
        if choices := [one for one in get_args(field.annotation) if isinstance(one, str)]:
            assert (set(choices), field.default) == (set(values), values[0])
        elif isinstance(field.default, bool):
            assert ["true", "false"] == (values if field.default else values[::-1])
        elif isinstance(field.default, int | str):
            assert tables[heading][name][1].startswith((str(field.default), f"`{field.default}`"))
