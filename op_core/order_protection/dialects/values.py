"""Values of an answer, in whatever form a page shows them: what cannot be read is None, and nothing is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from op_core.order_protection.jsonmoney import number_from
from op_core.order_protection.times import time_from

__all__ = [
    "amount_or_none",
    "flag_or_none",
    "object_or_empty",
    "objects",
    "text_or_none",
    "texts",
    "time_or_none",
    "upper_or_none",
    "whole_or_none",
]


def text_or_none(value: object) -> str | None:
    """Read text; a whole number is taken for its digits."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return str(value)


def upper_or_none(value: object) -> str | None:
    """Read a status or a type in capitals, whatever the page writes it in (C-14)."""
    return value.upper() if isinstance(value, str) and value else None


def amount_or_none(value: object) -> Decimal | None:
    """Read an amount, as a number or as text (C-10); a date in its place says nothing (C-11)."""
    try:
        return number_from(value)
    except ValueError:
        return None


def time_or_none(value: object) -> datetime | None:
    """Read a time, with milliseconds or without."""
    try:
        return time_from(value)
    except ValueError:
        return None


def whole_or_none(value: object) -> int | None:
    """Read a whole number, as a number or as text (C-19)."""
    amount = amount_or_none(value)
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def flag_or_none(value: object) -> bool | None:
    """Read true or false."""
    return value if isinstance(value, bool) else None


def texts(value: object) -> tuple[str, ...]:
    """Read several texts, in a list or alone (C-12)."""
    many = value if isinstance(value, list | tuple) else [value]
    return tuple(text for text in map(text_or_none, many) if text is not None)


def objects(value: object) -> list[object]:
    """Read a list of objects; what is none is passed over."""
    return [part for part in value if not _is_plain(part)] if isinstance(value, list | tuple) else []


def object_or_empty(value: object) -> object:
    """Read one object; what is none says nothing."""
    return {} if _is_plain(value) else value


def _is_plain(part: object) -> bool:
    return part is None or isinstance(part, str | int | bool | Decimal | list | tuple)
