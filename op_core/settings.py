"""
The settings: ``op.toml``, read once at start.

A file that cannot be read or a bad ``[ledger]`` raises `SettingsError`. Anything wrong inside ``[stores.x]`` parks x
and leaves the other stores alone. Any value may be ``{ env = "NAME" }``. No text of a fault holds a value of the file.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import attrs
from pydantic import SecretStr, TypeAdapter, ValidationError

from op_core._settings_faults import Fault, Loc, describe, expected, faults_of, kind, nearest, told
from op_core._settings_tables import (
    ExportSettings,
    LedgerSettings,
    Limits,
    OAuthSettings,
    ProtectionSettings,
    QuoteSettings,
    ReportRoute,
    ReportVerb,
    ResolutionSettings,
    StoreSettings,
    Table,
    TimingSettings,
)
from op_core._settings_values import Count, Currency, Duration, Function, Name, Pattern, Secret, Zone, anchored
from op_core.errors import SettingsError

__all__ = [
    "Count",
    "Currency",
    "Duration",
    "ExportSettings",
    "Function",
    "LedgerSettings",
    "Limits",
    "OAuthSettings",
    "Pattern",
    "ProtectionSettings",
    "QuoteSettings",
    "ReportRoute",
    "ReportVerb",
    "ResolutionSettings",
    "Secret",
    "Settings",
    "StoreSettings",
    "TimingSettings",
    "Zone",
    "anchored",
    "describe",
    "expected",
    "load_settings",
    "parse_toml",
]

T = TypeVar("T", bound=Table)


@attrs.frozen
class Settings:
    """
    What ``op.toml`` says.

    Attributes:
        path: The file, absolute. Relative paths in it start from its folder.
        stores: Name to settings of every store without a fault.
        parked: Name of a store to all that is wrong with it, in one text.
        secrets: Name to webhook secrets of every store whose secrets can be read, parked or not: receiving needs only
            these and `ids`.
        ids: Name to permanent id likewise. An id that two stores claim is nobody's and is left out.
    """

    path: Path
    ledger: LedgerSettings
    stores: Mapping[str, StoreSettings]
    parked: Mapping[str, str]
    secrets: Mapping[str, tuple[SecretStr, ...]] = attrs.field(repr=False)
    ids: Mapping[str, str]

    @classmethod
    def of(cls, path: Path, document: Mapping[str, Any], environ: Mapping[str, str]) -> Self:
        """Return the settings that *document* holds, as `load_settings` does with the file at *path*."""
        unknown = [f"{key}: unknown key, {nearest(key, _TOP)}" for key in document if key not in _TOP]
        tables = document.get("stores", {})
        if not isinstance(tables, Mapping):
            unknown.append(f"stores: found {kind(tables)}, expected tables such as [stores.main]")
        if unknown:
            raise SettingsError(f"{path}: {'; '.join(unknown)}")
        drafts = {name: _Draft.of(name, table, environ) for name, table in tables.items()}
        claims = Counter(draft.id for draft in drafts.values() if draft.id)
        twins = {id_ for id_, times in claims.items() if times > 1}
        for draft in drafts.values():
            if draft.id in twins:
                others = ", ".join(f"stores.{d.name}" for d in drafts.values() if d.id == draft.id and d is not draft)
                draft.faults.append(Fault(("id",), f"also the id of {others}, expected an id of its own"))
        return cls(
            path=path,
            ledger=_ledger(path, document.get("ledger"), environ),
            stores={n: d.store for n, d in drafts.items() if d.store is not None and not d.faults},
            parked={n: f"{path}: {told(d.faults, f'stores.{n}')}" for n, d in drafts.items() if d.faults},
            secrets={n: d.secrets for n, d in drafts.items() if d.secrets},
            ids={n: d.id for n, d in drafts.items() if d.id and d.id not in twins},
        )


_TOP = ("ledger", "stores")
_DEEPEST = 64  # levels; the deepest known file has 7
_ONE_NAME = TypeAdapter(Name)
_ONE_SECRET = TypeAdapter(Secret)


def load_settings(path: Path | str | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the settings.

    Args:
        path: The file; None takes that of ``OP_CONFIG``, else ``op.toml`` in the working folder.
        environ: What ``{ env = "NAME" }`` is looked up in.

    Raises:
        SettingsError: There is no such file, it is not TOML, or ``[ledger]`` or the outline is wrong.
    """
    chosen = Path(path or environ.get("OP_CONFIG") or "op.toml").absolute()
    try:
        data = chosen.read_bytes()
    except FileNotFoundError:
        raise SettingsError(f"{chosen}: no such file; name one by --config or OP_CONFIG, or run op-core init") from None
    except OSError as error:
        raise SettingsError(f"{chosen}: cannot be read: {error.strerror}") from None
    return Settings.of(chosen, parse_toml(chosen, data), environ)


def parse_toml(path: Path, data: bytes) -> dict[str, Any]:
    """
    Read TOML that a person wrote, for op.toml and for the files of adapters.

    Args:
        path: The file, for the error.
        data: What it holds.

    Raises:
        SettingsError: It is not UTF-8 or not TOML, holds a number that nobody can read, or is nested beyond reason.
    """
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}: not UTF-8 (at line {line})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    except ValueError:  # Python's own limit, 4,300 digits
        raise SettingsError(f"{path}: not TOML: a number of too many digits") from None
    except RecursionError:
        raise SettingsError(f"{path}: nested too deep") from None
    level: list[object] = [document]
    for _ in range(_DEEPEST):
        inner = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list))
        level = [item for items in inner for item in items]
    if level:  # such as a.a.a. … = 1: TOML reads it, and whoever goes through it by recursion breaks
        raise SettingsError(f"{path}: nested too deep: more than {_DEEPEST} levels")
    return document


def _ledger(path: Path, table: object, environ: Mapping[str, str]) -> LedgerSettings:
    if not isinstance(table, Mapping):
        found = "missing" if table is None else f"found {kind(table)}"
        raise SettingsError(f'{path}: ledger: {found}, expected a table [ledger] with url = "sqlite:///op.db"')
    values, faults = _resolved(table, environ)
    ledger = _validated(LedgerSettings, values, faults, context=path.parent)
    if ledger is None:
        raise SettingsError(f"{path}: {told(faults, 'ledger')}")
    return ledger


@attrs.define
class _Draft:
    """A store as far as it can be read."""

    name: str
    store: StoreSettings | None = None
    id: str | None = None
    secrets: tuple[SecretStr, ...] = attrs.field(default=(), repr=False)
    faults: list[Fault] = attrs.Factory(list)

    @classmethod
    def of(cls, name: str, table: object, environ: Mapping[str, str]) -> Self:
        if not isinstance(table, Mapping):
            return cls(name, faults=[Fault((), f"found {kind(table)}, expected a table [stores.{name}]")])
        values, faults = _resolved(table, environ)
        if "name" in values:
            known = StoreSettings.model_fields.keys() - {"name"}
            faults.append(Fault(("name",), f"unknown key, {nearest('name', known)}"))
        store = _validated(StoreSettings, {**values, "name": name}, faults)
        listed = values.get("webhook_secrets")
        secrets = [_one(_ONE_SECRET, value) for value in (listed if isinstance(listed, list) else [])]
        return cls(name, store, _one(_ONE_NAME, values.get("id")), tuple(s for s in secrets if s is not None), faults)


def _one(adapter: TypeAdapter[Any], value: object) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None


def _validated(model: type[T], values: Mapping[str, Any], faults: list[Fault], context: Path | None = None) -> T | None:
    """Return the model, or None with what is wrong added to *faults*."""
    unset = [fault.loc for fault in faults]
    try:
        made = model.model_validate(values, context=context)
    except ValidationError as error:
        found = faults_of(error, model)
        faults.extend(fault for fault in found if not any(_one_place(fault.loc, loc) for loc in unset))
        return None
    return None if faults else made


def _one_place(loc: Loc, unset: Loc) -> bool:
    """Tell whether a fault follows from a variable that is not set: it is there, inside it, or in what holds it."""
    shared = min(len(loc), len(unset))
    return bool(loc) and loc[:shared] == unset[:shared]


def _resolved(table: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """Return *table* with each ``{ env = "NAME" }`` replaced by the variable's text, and a fault for each unset one."""
    faults: list[Fault] = []

    def resolve(value: Any, loc: Loc) -> Any:
        if isinstance(value, list):
            return [resolve(inner, (*loc, index)) for index, inner in enumerate(value)]
        if not isinstance(value, Mapping):
            return value
        if set(value) != {"env"} or isinstance(value["env"], Mapping | list):
            return {key: resolve(inner, (*loc, key)) for key, inner in value.items()}
        name = value["env"]
        if not (isinstance(name, str) and name):
            faults.append(Fault(loc, f"env names {kind(name)}, expected the name of an environment variable"))
        elif name not in environ:
            faults.append(Fault(loc, f"the environment variable {name} is not set"))
        else:
            return environ[name]
        return None

    return {key: resolve(inner, (key,)) for key, inner in table.items()}, faults
