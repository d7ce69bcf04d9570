"""What an author of an adapter still has to decide: each is one red test, until something is written there."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from op_core.capabilities import Support

__all__ = ["adapted", "capabilities_decided", "decided"]


def decided(owner: Any, name: str, write: str, harm: str) -> None:
    """
    Fail while a function holds nothing but its docstring and one ``raise``.

    Args:
        owner: The module or class that has it.
        name: Its name. One that is gone is decided: it was put elsewhere, or is not needed.
        write: What is to be written.
        harm: What happens in a shop where it is written wrongly or not at all.
    """
    function = inspect.unwrap(getattr(owner, name, None) or decided)
    lines, first = inspect.getsourcelines(function)
    (made,) = ast.parse(textwrap.dedent("".join(lines))).body
    assert isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)
    body = [one for one in made.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    if len(body) == 1 and isinstance(body[0], ast.Raise):
        place = f"{_near(inspect.getsourcefile(function))}:{first + made.lineno - 1}, {function.__qualname__}"
        pytest.fail(_told(f"not written yet: {place}", write, harm), pytrace=False)


def capabilities_decided(adapter: type, write: str, harm: str) -> None:
    """Fail while the adapter says ``not yet`` of a hook; *write* and *harm* as in `decided`."""
    open_ = [hook for hook, said in getattr(adapter, "capabilities", {}).items() if said.support is Support.NOT_YET]
    if open_:
        place = f"{_near(inspect.getsourcefile(adapter))}, {adapter.__name__}.capabilities"
        pytest.fail(_told(f"not decided yet: {place}: {', '.join(open_)}", write, harm), pytrace=False)


def adapted(double: ModuleType, write: str, harm: str) -> None:
    """Fail while the first line of a double of the platform says that it is ``made-up``."""
    first = next(iter((double.__doc__ or "").strip().splitlines()), "")
    if "made-up" in first:
        pytest.fail(_told(f"not adapted yet: {_near(double.__file__)}", write, harm), pytrace=False)


def _told(place: str, write: str, harm: str) -> str:
    return f"{place}\n  write: {write}\n  else: {harm}"


def _near(file: str | None) -> str:
    """Return the path of a file as it is named from here."""
    path, here = Path(file or ""), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
