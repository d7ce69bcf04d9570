"""The three first-party adapters are tried with the whole kit: each adapter's tests/test_kit.py."""

import importlib.util
import inspect
from pathlib import Path

import pytest

from op_core.testing import kit

ADAPTERS = sorted((Path(__file__).parents[3] / "adapters").glob("*/tests/test_kit.py"))


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.parts[-3])
def test_every_suite_is_tried_and_none_is_changed(path):
    """What runs is gold: each suite is inherited by an empty class, so no case is left out, replaced or marked."""
    spec = importlib.util.spec_from_file_location(f"kit_of_{path.parts[-3]}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tried = {name: one for name, one in vars(module).items() if inspect.isclass(one) and issubclass(one, kit.Suite)}

    assert {(suite,) for suite in kit.SUITES} == {one.__bases__ for one in tried.values()}
    assert {"__module__", "__doc__"} == {name for one in tried.values() for name in vars(one)}
    assert all(name.startswith("Test") for name in tried)


def test_there_are_three():
    """One for each adapter."""
    assert ["custom_store", "rest_shop", "sql_shop"] == [path.parts[-3] for path in ADAPTERS]
