"""
From entry points to a store's plugin manager.

Adapters come from the group ``op_core.adapters``, observers from ``op_core.observers``. Only what a store asks for is
imported, and whatever is wrong with it raises `SettingsError` for that store alone.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import attrs
import pluggy
from pydantic import BaseModel

from op_core._settings_faults import nearest
from op_core.capabilities import Capability
from op_core.errors import SettingsError
from op_core.hooks import ADDRESSED, BROADCAST, MOVING, PROJECT, HookSpecs

__all__ = ["Adapter", "Observer", "Registry", "StoreInfo", "find_adapters", "find_observers", "register"]

_HOOKS = (*ADDRESSED, *BROADCAST)


@attrs.frozen
class StoreInfo:
    """
    What a plugin knows of its store.

    Attributes:
        name: The table's name in ``op.toml``. It may change.
        id: The store's permanent id.
        directory: The folder of ``op.toml``, absolute; relative paths in the adapter's settings start from it.
    """

    name: str
    id: str
    directory: Path


class Adapter(Protocol):
    """
    What an entry point of ``op_core.adapters`` names: a class with `hookimpl` methods.

    Attributes:
        Settings: The pydantic model of ``[stores.x.settings]``.
        capabilities: Name of a hook to how far it is supported; a hook that is left out is unknown.

    It may also have ``close()``, and the methods of `op_core.proofs`.
    """

    Settings: ClassVar[type[BaseModel]]

    def __init__(self, settings: Any, store: StoreInfo) -> None:
        """Take the checked settings; connect to nothing yet, for the shop may be away."""

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """How far each hook is supported."""


class Observer(Protocol):
    """What an entry point of ``op_core.observers`` names: a class with `hookimpl` methods of broadcast hooks."""

    def __init__(self, store: StoreInfo) -> None:
        """Take the store that is observed."""


T = TypeVar("T")


@attrs.frozen
class Registry(Generic[T]):
    """
    The entry points of one group, not yet imported.

    Attributes:
        word: What they are: ``adapter`` or ``observer``.
        entry_points: All of them, also broken and double ones.
    """

    word: str
    entry_points: tuple[metadata.EntryPoint, ...]

    def names(self) -> tuple[str, ...]:
        """Return the names that are installed, sorted."""
        return tuple(sorted({entry.name for entry in self.entry_points}))

    def get(self, name: str) -> type[T]:
        """
        Import and return the class of that name.

        Raises:
            SettingsError: Nothing of that name is installed, two distributions claim it, it cannot be imported, or
                it is not a class of the right kind.
        """
        found = {(_distribution(entry), entry.value): entry for entry in self.entry_points if entry.name == name}
        if not found:
            raise SettingsError(f"no {self.word} {name!r} is installed, {nearest(name, self.names())}")
        if len(found) > 1:
            owners = " and ".join(sorted(f"{owner} ({value})" for owner, value in found))
            raise SettingsError(f"{self.word} {name!r} is claimed by {owners}; uninstall all but one")
        (entry,) = found.values()
        try:
            loaded = entry.load()
        except (Exception, SystemExit) as error:
            raise SettingsError(f"{self._of(entry)} cannot be imported: {type(error).__name__}: {error}") from error
        if not isinstance(loaded, type):
            raise SettingsError(f"{self._of(entry)} is {type(loaded).__name__}, expected a class")
        model = getattr(loaded, "Settings", None)
        if self.word == "adapter" and not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise SettingsError(
                f"{self._of(entry)} has no Settings, expected a pydantic model of that name in the class"
            )
        return loaded

    def _of(self, entry: metadata.EntryPoint) -> str:
        return f"{self.word} {entry.name!r} ({entry.value}, of {_distribution(entry)})"


def find_adapters(entry_points: Iterable[metadata.EntryPoint] | None = None) -> Registry[Adapter]:
    """Return the adapters that are installed, or those of *entry_points*."""
    return Registry("adapter", _entries("op_core.adapters", entry_points))


def find_observers(entry_points: Iterable[metadata.EntryPoint] | None = None) -> Registry[Observer]:
    """Return the observers that are installed, or those of *entry_points*."""
    return Registry("observer", _entries("op_core.observers", entry_points))


def _entries(group: str, given: Iterable[metadata.EntryPoint] | None) -> tuple[metadata.EntryPoint, ...]:
    if given is not None:
        return tuple(given)
    return tuple(_installed(tuple((place, _changed(place)) for place in sys.path)).select(group=group))


@lru_cache(maxsize=1)
def _installed(_places: tuple[tuple[str, int | None], ...]) -> Any:  # its type has another name in Python 3.11
    """Return all there are. To look opens a file of every distribution: once, as long as nothing is installed."""
    return metadata.entry_points()


def _changed(place: str) -> int | None:
    """Return when anything last came into a folder or went."""
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:
        return None


def _distribution(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "an unnamed distribution"


# --- One manager for one store -----------------------------------------------------------------------------------


def register(adapter: Adapter, observers: Mapping[str, object]) -> pluggy.PluginManager:
    """
    Return a manager that holds *adapter* and *observers*, the only ones whom this store's hooks reach.

    Args:
        adapter: The store's one adapter.
        observers: Name to observer.

    Raises:
        SettingsError: A hook's name is not one of ours, an observer implements an addressed hook, anything wraps a
            hook, a hook is implemented twice, its arguments are wrong, or a capability is declared that is not there.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    _add(manager, adapter, "adapter", "the adapter", _HOOKS)
    for name, observer in observers.items():
        _add(manager, observer, f"observer:{name}", f"observer {name!r}", BROADCAST)
    _check_capabilities(manager, adapter)
    manager.check_pending()
    return manager


def _add(manager: pluggy.PluginManager, plugin: object, name: str, word: str, allowed: tuple[str, ...]) -> None:
    if type(plugin).__hash__ is None:
        raise SettingsError(f"{word} is equal by value and has no hash; declare it with @attrs.define(eq=False)")
    seen: dict[str, str] = {}
    for method, hook, wraps in _implementations(manager, plugin):
        if hook not in _HOOKS:
            raise SettingsError(f"{word} implements {hook}, which is no hook, {nearest(hook, _HOOKS)}")
        if hook not in allowed:
            raise SettingsError(f"{word} implements {hook}, which the store's adapter alone may answer")
        if wraps:
            raise SettingsError(f"{word} wraps {hook}: a wrapper could change another's answer; implement it plainly")
        if list(inspect.signature(getattr(plugin, method)).parameters) != ["request"]:
            raise SettingsError(f"{word}: the arguments of {method} are wrong, expected {method}(self, request)")
        if hook in seen:
            raise SettingsError(f"{word} implements {hook} twice, in {seen[hook]} and {method}")
        seen[hook] = method
    manager.register(plugin, name=name)


def _implementations(manager: pluggy.PluginManager, plugin: object) -> Iterator[tuple[str, str, bool]]:
    """Yield method, hook and whether it wraps; a method named ``op_…`` without its mark is a hook that was meant."""
    for method in dir(plugin):
        marks = manager.parse_hookimpl_opts(plugin, method)
        if marks is not None:
            yield method, marks.get("specname") or method, bool(marks.get("wrapper") or marks.get("hookwrapper"))
        elif method.startswith("op_") and callable(getattr(type(plugin), method, None)):
            raise SettingsError(f"{type(plugin).__name__}.{method} lacks @hookimpl, so no call would reach it")


def _check_capabilities(manager: pluggy.PluginManager, adapter: Adapter) -> None:
    declared: object = getattr(adapter, "capabilities", None)
    if not (isinstance(declared, Mapping) and all(isinstance(each, Capability) for each in declared.values())):
        raise SettingsError("the adapter has no capabilities, expected a mapping from hook to Capability")
    for hook, capability in declared.items():
        if hook not in ADDRESSED:
            raise SettingsError(f"the adapter declares a capability for {hook}, {nearest(hook, ADDRESSED)}")
        if capability.usable and not getattr(manager.hook, hook).get_hookimpls():
            raise SettingsError(f"the adapter declares {hook} as {capability.support} and does not implement it")
        if capability.money is not None and hook not in MOVING:
            raise SettingsError(
                f"the adapter declares that the money of {hook} is {capability.money}, and that hook moves none;"
                f" expected it of {', '.join(sorted(MOVING))}"
            )
