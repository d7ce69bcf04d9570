"""What the settings name as ``module:object``: found in what is installed, or beside op.toml."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from op_core.errors import OpCoreError, SettingsError

__all__ = ["function", "named", "nearest", "raised"]


def named(key: str, name: str, directory: Path) -> object:
    """
    Import a module and return an object of it.

    Args:
        key: The key of the settings, for the error.
        name: ``module:object``, either with dots.
        directory: The folder of op.toml. It is appended to ``sys.path``, and stays there, if the module's first
            name is not importable otherwise and lies in that folder; so nothing there hides an installed module.

    Raises:
        SettingsError: It cannot be imported or found. Of an error of the shop's own code only type and place are
            told, as its text may hold a secret; an `OpCoreError` is told whole.
    """
    module, _, path = name.partition(":")
    found: object = _module(key, module, directory)
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            near = nearest(part, (other for other in dir(found) if not other.startswith("_")))
            raise SettingsError(f"{key} {name!r}: {module!r} was imported and has no {part!r}{near}") from None
    return found


def function(key: str, name: str, directory: Path, given: str = "request") -> Callable[[Any], Any]:
    """
    Return a plain function of one argument, found as `named` finds it.

    Args:
        key: The key of the settings, for the error.
        name: ``module:function``.
        directory: The folder of op.toml.
        given: What the function is given, in a word, for the error.

    Raises:
        SettingsError: It cannot be found, or cannot be called with one argument.
    """
    found = named(key, name, directory)
    if not callable(found) or inspect.isclass(found):
        raise SettingsError(f"{key} {name!r} is a {type(found).__name__}; expected a function of one {given}")
    if inspect.iscoroutinefunction(found):
        raise SettingsError(f"{key} {name!r} is an async function; expected a plain one")
    try:
        inspect.signature(found).bind(object())
    except (TypeError, ValueError):
        raise SettingsError(f"{key} {name!r} cannot be called with one {given}, and nothing else") from None
    return found


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the end of an error that names the nearest of *names*; nothing where none is near."""
    near = difflib.get_close_matches(name, list(names), 1)
    return f"; the nearest is {near[0]!r}" if near else ""


def raised(error: BaseException) -> str:
    """Say what a shop's own code raised while it was set up: type and place, and the whole text of an error of ours."""
    if isinstance(error, OpCoreError):
        return f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"SyntaxError at {error.filename}, line {error.lineno}"
    if isinstance(error, ModuleNotFoundError):
        return f"it needs the module {error.name!r}, which is not installed"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename}, line {last.lineno}"


def _module(key: str, name: str, directory: Path) -> ModuleType:
    first = name.partition(".")[0]
    importable = first in sys.modules or importlib.util.find_spec(first) is not None
    if not importable and ((directory / first).is_dir() or (directory / f"{first}.py").is_file()):
        sys.path.append(str(directory.resolve()))
        importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a shop's module may raise anything; only its store is parked
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and f"{name}.".startswith(f"{missing}."):
            raise SettingsError(
                f"{key}: there is no module {missing!r}, neither installed nor in the folder of op.toml ({directory})"
            ) from None
        raise SettingsError(f"{key}: importing {name!r} failed: {raised(error)}") from None
