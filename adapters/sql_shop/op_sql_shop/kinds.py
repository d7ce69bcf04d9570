"""The values of a mapping file that have a form of their own: statements, places, zones, patterns, and who pays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator

from op_core.settings import expected

__all__ = [
    "DIALECTS",
    "MoneyForm",
    "MoneyWay",
    "Name",
    "PerDialect",
    "Place",
    "Statement",
    "TimeForm",
    "pick",
]

T = TypeVar("T")
DIALECTS = ("sqlite", "postgresql", "mysql")
"""What a statement may be written for. MariaDB speaks ``mysql``."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PLACE = re.compile(rf"{_NAME}(\.{_NAME}){{1,2}}")
_DOOR = re.compile(rf"{_NAME}(\.{_NAME})*:{_NAME}(\.{_NAME})*")


def _by_dialect(value: object) -> object:
    if not isinstance(value, Mapping):
        return {"any": value}
    unknown = [key for key in value if key not in DIALECTS]
    if unknown or not value:
        raise expected(f"one value for all databases, or a table with the keys {', '.join(DIALECTS)}")
    return value


PerDialect = Annotated[dict[str, T], BeforeValidator(_by_dialect)]


def pick(values: Mapping[str, T], dialect: str) -> T | None:
    """Return what a mapping says for *dialect*; None where it says something for other databases only."""
    return values.get("any", values.get(dialect))


def _sql(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise expected("one SQL statement as text")
    said = value.strip().rstrip(";").rstrip()
    return f"{said}\n" if "--" in said.rpartition("\n")[2] else said  # what is written around it is no comment


def _place(value: object) -> str:
    if not (isinstance(value, str) and _PLACE.fullmatch(value)):
        raise expected("table.column, such as orders.id")
    return value


def _name(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(_NAME, value)):
        raise expected("a name of letters, digits and underscores that does not begin with a digit")
    return value


def _money_way(value: object) -> str:
    if value in ("queued", "booked") or (isinstance(value, str) and _DOOR.fullmatch(value)):
        return str(value)
    raise expected('"queued" (the shop\'s own job pays), "booked" (paid elsewhere), or "module:function" that pays')


Sql = Annotated[str, BeforeValidator(_sql)]
Statement = PerDialect[Sql]
Place = Annotated[str, BeforeValidator(_place)]
Name = Annotated[str, BeforeValidator(_name)]
MoneyForm = Literal["decimal", "minor_units", "real"]
TimeForm = Literal["aware", "naive", "text", "unix", "unix_ms"]
MoneyWay = Annotated[str, BeforeValidator(_money_way)]
