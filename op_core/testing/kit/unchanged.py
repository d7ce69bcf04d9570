"""
Whether the code that judges is still the code that was shipped.

Tests run in one process with what they judge. A conftest that replaces `wrong`, a case, or a method of the adapter that
is tried would be seen by nobody; so all functions of these packages are remembered before any of that is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import attrs

__all__ = ["Unchanged"]


@attrs.frozen
class _One:
    """A function or class, in the module or class that holds it."""

    owner: Any
    name: str
    value: Any
    codes: tuple[object, ...]

    @property
    def place(self) -> str:
        owner = self.owner
        return f"{owner.__module__}.{owner.__qualname__}" if isinstance(owner, type) else str(owner.__name__)


@attrs.frozen
class Unchanged:
    """Every function of some packages, as it was."""

    _seen: tuple[_One, ...]

    @classmethod
    def of(cls, *packages: str) -> Unchanged:
        """Remember every function and class of these packages' modules that are imported by now."""
        return cls(tuple(_seen(packages)))

    def changed(self) -> list[str]:
        """Return the name of each function or class that is another one now."""
        return [
            f"{one.place}.{one.name}"
            for one in self._seen
            if vars(one.owner).get(one.name) is not one.value or _codes(one.value) != one.codes
        ]


def _seen(packages: tuple[str, ...]) -> Iterator[_One]:
    known: set[type] = set()
    for module_name, module in sorted(sys.modules.items()):
        if module is None or not _within(module_name, packages):
            continue
        for name, value in list(vars(module).items()):
            if not isinstance(value, type | FunctionType) or not _within(value.__module__ or "", packages):
                continue
            yield _One(module, name, value, _codes(value))
            if isinstance(value, type) and value not in known:
                known.add(value)
                yield from (
                    _One(value, method, inner, codes)
                    for method, inner in list(vars(value).items())
                    if not isinstance(inner, type) and ((codes := _codes(inner)) or isinstance(inner, property))
                )


def _codes(value: Any) -> tuple[object, ...]:
    """Return the code of a function, method or fixture and of what it is wrapped around; of a class, its methods."""
    if isinstance(value, type):
        return tuple(sorted(name for name, inner in vars(value).items() if isinstance(inner, FunctionType)))
    for inner in ("__func__", "_fixture_function"):
        value = getattr(value, inner, value)
    if not isinstance(value, FunctionType):
        return ()
    held = (cell.cell_contents for cell in value.__closure__ or () if _filled(cell))
    return (value.__code__, *(one.__code__ for one in held if isinstance(one, FunctionType)))


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - to look is to ask
    except ValueError:
        return False
    return True


def _within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in packages)
