"""The contract grows by fields: each says since when it is there, and none of the first contract is gone."""

import json
import re
from pathlib import Path

import attrs
import pytest

import op_core
from op_core import models, money, requests

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")
FIRST = json.loads((ROOT / "tests" / "contracts" / "0_1" / "fields.json").read_text(encoding="utf-8"))


def released(version):
    return tuple(int(part) for part in version.split(".")[:2])


def fields(module, name):
    return [one.name for one in attrs.fields(getattr(module, name)) if not one.inherited]


def since(name):
    """Return field to version, as the table of a request says it."""
    section = re.split(r"^#{2,3} ", PAGE.partition(f"\n### {name}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (\S+) \|", section, re.MULTILINE))


@pytest.mark.parametrize("name", [one for one in requests.__all__ if attrs.has(getattr(requests, one))])
def test_every_field_of_a_request_says_since_when(name):
    """What the first contract had is from 0.1; what came later names a later version that is out, or this one."""
    said, first = since(name), FIRST["requests"].get(name, [])

    assert fields(requests, name) == list(said)
    assert set(first) <= set(said)
    for field, at in said.items():
        assert at == "0.1" if field in first else (0, 1) < released(at) <= released(op_core.__version__)


@pytest.mark.parametrize(("name", "first"), FIRST["values"].items())
def test_no_value_of_the_first_contract_lost_a_field(name, first):
    """An adapter of 0.1 goes on: fields come, and none goes."""
    assert set(first) <= set(fields(money if name == "Money" else models, name))
