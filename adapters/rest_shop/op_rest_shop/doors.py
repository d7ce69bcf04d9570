"""Code doors: functions of the shop's own in the place of a verb's calls, or of the mapping of an order."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from op_core.errors import SettingsError
from op_core.named import named

__all__ = ["door"]


def door(key: str, name: str, directory: Path) -> Callable[[Any], Any]:
    """
    Return the function that a manifest names.

    Args:
        key: Where it stands, for errors.
        name: ``module:function``.
        directory: The folder of op.toml, where the module may lie.

    Raises:
        SettingsError: It cannot be found, or cannot be called with one value.
    """
    found = named(key, name, directory)
    if not callable(found) or inspect.isclass(found) or inspect.iscoroutinefunction(found):
        raise SettingsError(f"{key} {name!r} is no plain function; expected one of one value")
    try:
        inspect.signature(found).bind(object())
    except (TypeError, ValueError):
        raise SettingsError(f"{key} {name!r} cannot be called with one value, and nothing else") from None
    return found
