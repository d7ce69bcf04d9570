"""The harness of real kills (tests/torture/kills) leaves no place out at which op-core can die."""

import ast
import runpy
from pathlib import Path

import pytest

from op_core.hooks import EFFECTS

CORE = Path(__file__).parents[2] / "op_core"
HARNESS = runpy.run_path(str(Path(__file__).with_name("kills") / "points.py"))
POINTS, LEFT_OUT, PLANNED = HARNESS["POINTS"], HARNESS["LEFT_OUT"], HARNESS["planned"]


def called(node):
    """Return the name of what is called, without where it is from."""
    return getattr(node.func, "attr", getattr(node.func, "id", None))


def names(call):
    """Return the names that a call of `crash_point` passes: of an f-string one for each verb of an effect."""
    text = ast.unparse(call.args[0])
    return {eval(text, {"verb": verb}) for verb in EFFECTS}  # noqa: S307 - our own source; another variable is an error


def passed():
    """Return every name that op-core passes to `crash_point`. An adapter's own are the business of its tests."""
    sources = [path.read_text(encoding="utf-8") for path in CORE.rglob("*.py")]
    nodes = [node for source in sources if "crash_point" in source for node in ast.walk(ast.parse(source))]
    return set().union(*(names(node) for node in nodes if isinstance(node, ast.Call) and called(node) == "crash_point"))


def test_no_crash_point_is_left_out_in_silence():
    """A process is killed at every crash point of op-core, or what is left out has its reason, and is not killed at."""
    assert {*POINTS, *LEFT_OUT} == passed()
    assert set() == {*POINTS} & {*LEFT_OUT}
    assert len(POINTS) == len(set(POINTS))


@pytest.mark.parametrize("seed", range(10))
def test_sixty_kills_come_by_every_point(seed):
    """The count that is published has each point in it, whatever the seed; and kills anywhere beside them."""
    at = {kill.point for kill in PLANNED(60, seed)}

    assert {*POINTS, None} == at
