"""Find the shop's backend, check that it is one, and ask it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from op_core.capabilities import Capability, Support
from op_core.errors import NotSupported, SettingsError
from op_core.hooks import ADDRESSED
from op_core.named import named, nearest, raised
from op_core.stubs import Answer, Backend
from op_custom_store.settings import CustomStoreSettings

__all__ = ["METHODS", "Client", "connect"]

T = TypeVar("T")

METHODS = {
    "op_export_orders": "changed_orders",
    "op_get_order": "order",
    "op_lookup_fulfillments": "fulfillments",
    "op_check_stock": "stock",
    "op_export_products": "products",
    "op_create_reship": "create_replacement",
    "op_find_reship": "find_replacements",
    "op_issue_refund": "grant_refund",
    "op_find_refund": "find_refunds",
    "op_issue_store_credit": "issue_store_credit",
    "op_find_store_credit": "find_store_credits",
    "op_charge_protection": "charge_protection",
    "op_refund_protection": "refund_protection",
    "op_find_protection_change": "find_protection_changes",
    "op_add_note": "add_note",
    "op_find_note": "find_notes",
}
"""Each hook, and the method of `op_core.stubs.Backend` that answers it."""

_UNABLE = Backend()


@attrs.frozen(eq=False)
class Client:
    """
    A backend that was found and checked.

    Attributes:
        backend: An `op_core.stubs.Backend`, or any object with some of its methods.
        ours: It was made for this store, so it is closed with it. A ready object belongs to the shop.
    """

    backend: Any = attrs.field(repr=False)
    ours: bool

    def ask(
        self,
        method: str,
        *arguments: object,
        read: Callable[[Any], T],
        unable: Callable[[NotSupported], T] | None = None,
    ) -> Answer[T]:
        """
        Call *method* and read its answer: now, or once it is awaited if the method is asynchronous.

        Args:
            method: Name of the backend's method.
            arguments: Handed to it by position.
            read: Makes the hook's answer of the backend's.
            unable: Makes an answer of `NotSupported`; without it the error goes on.

        Raises:
            NotSupported: The backend does not have or does not override the method.
        """
        call = getattr(self.backend, method, getattr(_UNABLE, method))
        try:
            answer = call(*arguments)
        except NotSupported as error:
            if unable is None:
                raise
            return unable(error)
        if not inspect.isawaitable(answer):
            return read(answer)

        async def later() -> T:
            try:
                awaited = await answer
            except NotSupported as error:
                if unable is None:
                    raise
                return unable(error)
            return read(awaited)

        return later()

    def capabilities(self) -> Mapping[str, Capability]:
        """
        Return the support of every addressed hook: what is overridden, unless the backend's own mapping says else.

        Raises:
            SettingsError: The backend's ``capabilities`` is no mapping from hooks to `Capability`.
        """
        declared = getattr(self.backend, "capabilities", {})
        if not isinstance(declared, Mapping):
            raise SettingsError(
                f"{_kind(self.backend)}.capabilities is a mapping from hook to Capability; found {_kind(declared)}"
            )
        for hook, capability in declared.items():
            if hook not in ADDRESSED:
                raise SettingsError(
                    f"{_kind(self.backend)}.capabilities names {hook!r}, which is no hook{nearest(hook, ADDRESSED)}"
                )
            if not isinstance(capability, Capability):
                raise SettingsError(
                    f"{_kind(self.backend)}.capabilities[{hook!r}] is a Capability; found {_kind(capability)}"
                )
        return {hook: self._capability(method) for hook, method in METHODS.items()} | dict(declared)

    def _capability(self, method: str) -> Capability:
        own = getattr(self.backend, method, None)
        if own is not None and getattr(own, "__func__", own) is not getattr(Backend, method):
            return Capability(Support.SUPPORTED)
        known = METHODS.values()
        others = [name for name in dir(self.backend) if not name.startswith("_") and name not in known]
        return Capability(
            Support.UNSUPPORTED, f"{_kind(self.backend)} does not override {method}{nearest(method, others)}"
        )


def connect(settings: CustomStoreSettings, directory: Path) -> Client:
    """
    Find the backend that *settings* name, make it where it is a class or a factory, and check it.

    Args:
        settings: Where it is, and the options for making it.
        directory: The folder of op.toml, where the module may lie; see `op_core.named.named`.

    Raises:
        SettingsError: It cannot be imported, found or made, or it is no backend.
    """
    name = settings.backend
    found = named("backend", name, directory)
    ready = not inspect.isclass(found) and callable(getattr(found, "order", None))
    if ready and settings.options:
        raise SettingsError(f"options are for a class or a factory; backend {name!r} is a ready {_kind(found)}")
    if not ready and callable(found):
        found = _made(found, settings.options, directory, name)
    _check(found, name)
    return Client(found, ours=not ready)


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _made(factory: Callable[..., object], options: Mapping[str, Any], directory: Path, name: str) -> object:
    given = dict(options)
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):  # some built-in callables have none
        parameters = None
    if parameters is not None:
        if "directory" in parameters:
            given.setdefault("directory", directory)
        _fit(parameters, given, name)
    try:
        made = factory(**given)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        raise SettingsError(f"backend {name!r} could not be made: {raised(error)}") from None
    if inspect.iscoroutine(made):
        made.close()
        raise SettingsError(f"backend {name!r} is an async factory; expected a plain one (its methods may be async)")
    return made


def _fit(parameters: Mapping[str, inspect.Parameter], given: Mapping[str, Any], name: str) -> None:
    by_name = [key for key, one in parameters.items() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    anything = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    unknown = next((key for key in given if key not in by_name and not anything), None)
    if unknown is not None:
        raise SettingsError(
            f"options.{unknown} is not an argument of backend {name!r}{nearest(unknown, by_name)};"
            f" it takes: {', '.join(by_name) or 'none'}"
        )
    missing = next(
        (key for key in by_name if parameters[key].default is parameters[key].empty and key not in given), ""
    )
    if missing:
        raise SettingsError(f"options.{missing} is missing: backend {name!r} needs it")


def _check(backend: object, name: str) -> None:
    if not callable(getattr(backend, "order", None)):
        near = nearest("order", (other for other in dir(backend) if not other.startswith("_")))
        raise SettingsError(
            f"backend {name!r} is a {_kind(backend)} without the method 'order'{near};"
            " expected an op_core.stubs.Backend, or an object with its methods"
        )
    for method in METHODS.values():
        own = getattr(backend, method, None)
        if own is None:
            continue
        if not callable(own):
            raise SettingsError(f"backend {name!r}: {_kind(backend)}.{method} is a {_kind(own)}, expected a method")
        expected = [*inspect.signature(getattr(Backend, method)).parameters][1:]
        try:
            inspect.signature(own).bind(*expected)
        except TypeError:
            raise SettingsError(
                f"backend {name!r}: {_kind(backend)}.{method}{inspect.signature(own)} cannot be called;"
                f" expected ({', '.join(expected)})"
            ) from None
