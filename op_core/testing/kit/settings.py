"""Settings: a slip is named, and a secret is told to nobody."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr, ValidationError

from op_core.proofs import Proves
from op_core.testing.kit.cases import Suite, Tier, case, connected, count, wrong
from op_core.testing.kit.everything import bare, everything, troubles, usable
from op_core.testing.kit.given import held, plain
from op_core.testing.kit.spilling import forms, listening
from op_core.testing.subject import CannotHold, Subject

__all__ = ["SettingsSuite"]

STRANGE = "no_such_key"
SECRET = re.compile(
    r"(?i)(^|[._-])(token|password|passwd|secret|(api|access|private|secret)[_-]?key|credentials?)(\[\])?$"
)
WITH_PASSWORD = re.compile(r"://[^/@:\s]*:[^/@\s]+@")
QUIET = 2  # seconds that a call may take whose answer never comes


class SettingsSuite(Suite):
    """What stands in ``[stores.x.settings]`` is checked, and stays there."""

    name: ClassVar[str] = "settings"
    tier: ClassVar[Tier] = "bronze"

    @case("no merchant could use the adapter")
    def test_can_be_read(self, adapter: Subject) -> None:
        """The adapter has a pydantic model named `Settings`, which takes the settings that the subject gives."""
        _settings(adapter)

    @case("a slip in a setting would be ignored, and the shop work by another one than its merchant thinks")
    def test_refuse_unknown_keys(self, adapter: Subject) -> None:
        """A key that `Settings` does not know is refused, by its name."""
        _settings(adapter)
        try:
            _model(adapter).model_validate({**(adapter.settings or {}), STRANGE: 1})
        except ValidationError as error:
            if any(STRANGE in one["loc"] for one in error.errors()):
                return
        wrong(
            "a slip such as notfy = false would be ignored, and the shop work by another setting than was meant",
            f"Settings takes the key {STRANGE}; write model_config = ConfigDict(extra='forbid')",
        )

    @case("a token would stand in a log or on a screen", core=True)
    def test_hide_secrets(self, adapter: Subject) -> None:
        """No secret is in `repr` or `str` of the settings or of the adapter."""
        settings = _settings(adapter)
        for name, thing in (("Settings", settings), ("the adapter", adapter.adapter)):
            for way in (repr, str):
                if found := [one for one in adapter.secrets if one in way(thing)]:
                    wrong(
                        "whoever reads a log or an error page could pay refunds with the shop's token",
                        f"{way.__name__} of {name} holds a secret of {len(found[0])} characters; make it a SecretStr",
                    )

    @case("the kit could not look for a token that nobody names", core=True)
    def test_name_every_secret(self, adapter: Subject) -> None:
        """Every `SecretStr` of the settings, however deep, is one of the subject's secrets."""
        unknown = [
            name
            for name, value in _values(_settings(adapter))
            if isinstance(value, SecretStr) and value.get_secret_value() not in adapter.secrets
        ]
        if unknown:
            wrong("a token could leak, and the kit not see it", f"Subject.secrets lacks the value of {unknown}")

    @case("a token would be shown by whatever shows the settings", core=True)
    def test_mark_secrets(self, adapter: Subject) -> None:
        """What its name calls a secret, such as a token, and an address with a password, is a `SecretStr`."""
        plain_text = [
            name
            for name, value in _values(_settings(adapter))
            if isinstance(value, str) and (SECRET.search(name) or WITH_PASSWORD.search(value))
        ]
        if plain_text:
            wrong(
                "whoever reads a log or an error page could pay refunds with the shop's token",
                f"{', '.join(plain_text)} of Settings is plain text; make it a SecretStr",
            )

    @case("a token would stand in a log", core=True)
    def test_spill_no_secret(self, adapter: Subject) -> None:
        """No error, traceback or log record holds a secret: neither when all goes well nor when the shop is away."""
        order = held(adapter, plain())
        with listening() as heard, connected(adapter.adapter, deadline=QUIET) as store:
            for hook, request in everything(order, order.total).items():
                if not usable(store, hook):
                    continue

                def ask(hook: str = hook, request: Any = request) -> None:
                    heard.call(hook, lambda: bare(store, hook, request))

                ask()
                for _ in troubles(adapter, ask, ends=True):
                    ask()
            if isinstance(adapter.adapter, Proves):
                heard.call("prove", lambda: heard.hear("prove", list(store.prove())))
        for secret in adapter.secrets:
            if found := heard.first(forms(secret)):
                how = "" if found[0] == secret else ", encoded,"
                wrong(
                    "whoever reads the logs could pay refunds with the shop's token",
                    f"a secret of {len(secret)} characters{how} in {found[1]}",
                )

    @case("one shop that is away would keep all others from starting")
    def test_start_without_the_shop(self, adapter: Subject) -> None:
        """Neither to make the adapter nor to ask for its capabilities calls the shop."""
        if adapter.wire is None:
            raise CannotHold("calls to this shop cannot be counted: its Subject has no wire")
        adapter.wire.mend()
        getattr(adapter.fresh(), "capabilities", None)
        if calls := adapter.wire.passed:
            wrong(
                "while this shop is away op-core would not start, and the other stores' claims would wait too",
                f"{count(calls, 'call')} of the shop by __init__ or capabilities, expected none",
            )


def _model(adapter: Subject) -> type[BaseModel]:
    model: object = getattr(adapter.adapter, "Settings", None)
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        wrong("the store would be parked", f"the adapter's Settings is {model!r}, expected a pydantic model")
    return model


def _values(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value in a value, however deep, with its place."""
    if isinstance(value, BaseModel | Mapping):
        for key, inner in value if isinstance(value, BaseModel) else value.items():
            yield from _values(inner, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _values(inner, f"{name}[]")
    else:
        yield name, value


def _settings(adapter: Subject) -> BaseModel:
    try:
        return _model(adapter).model_validate(adapter.settings or {})
    except ValidationError as error:
        wrong(
            "the store would be parked",
            f"Settings refuses Subject.settings: {[(one['loc'], one['type']) for one in error.errors()]}",
        )
