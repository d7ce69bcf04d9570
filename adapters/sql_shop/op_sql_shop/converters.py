"""Named converters: what a database holds, into what op-core knows. Each refuses what it cannot read for certain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache, partial
from typing import Any

import attrs

from op_core.countries import country_code
from op_core.models import FulfillmentStatus
from op_core.money import Money, decimal_from, exponent
from op_sql_shop.kinds import pick
from op_sql_shop.mapping import Column, Shop

__all__ = ["Converter", "Forms", "amounts", "converter", "forms", "plain"]

Converter = Callable[..., Any]
_STEPS = [Decimal(1).scaleb(-digits) for digits in range(9)]
_EVENLY = Context(prec=100, rounding=ROUND_HALF_EVEN, traps=[])  # enough digits for every amount; Money refuses NaN
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NONE = timedelta(0)
_SOON = timedelta(hours=3)  # no zone goes back further
_FLAGS = dict.fromkeys(("t", "true", "yes", "1"), True) | dict.fromkeys(("f", "false", "no", "0", ""), False)
_TIMES = {"sqlite": "text", "postgresql": "aware", "mysql": "naive"}


@attrs.frozen
class Forms:
    """
    How this database holds money and times.

    Attributes:
        money: ``decimal``, ``minor_units`` or ``real``.
        times: ``aware``, ``naive``, ``text``, ``unix`` or ``unix_ms``.
        zone: Of times that say none.
        time_format: Of times as text.
        digits: What ``real`` holds for certain.
        floats: Amounts are bound as text, since the driver knows no decimals.
    """

    money: str
    times: str
    zone: tzinfo | None
    time_format: str
    digits: int
    floats: bool

    def amount(self, amount: Decimal, currency: str) -> Any:
        """Return an amount as it is bound. SQLite gets text, which its decimal columns make numbers of themselves."""
        if self.money == "minor_units":
            units = amount.scaleb(exponent(currency))
            if units != units.to_integral_value():
                raise ValueError(f"{amount} {currency} is no whole number of its smallest unit")
            return int(units)
        return f"{amount:f}" if self.floats else amount

    def time(self, time: datetime) -> Any:
        """Return a time as it is bound, and as it is compared with a column."""
        if self.times == "aware":
            return time
        if self.times in ("unix", "unix_ms"):
            scale = timedelta(seconds=1) if self.times == "unix" else timedelta(milliseconds=1)
            return (time - _EPOCH) // scale
        local = time.astimezone(self.zone or UTC).replace(tzinfo=None)
        return local if self.times == "naive" else local.strftime(self.time_format)

    def since(self, time: datetime) -> Any:
        """Return a time like `time`, and one that no change after it is before: not even where clocks go back soon."""
        if self.zone is None or self.times not in ("naive", "text"):
            return self.time(time)
        now, soon = (each.astimezone(self.zone).utcoffset() or _NONE for each in (time, time + _SOON))
        return self.time(time - max(now - soon, _NONE))


def forms(shop: Shop, dialect: str) -> Forms:
    """Return the forms of one database, as the mapping says or as is usual there."""
    times = pick(shop.times, dialect) if shop.times else None
    money = pick(shop.money, dialect) or "decimal"
    return Forms(money, times or _TIMES[dialect], shop.zone, shop.time_format, shop.digits, dialect == "sqlite")


def converter(sort: str, column: Column, usual: Forms, dialect: str) -> Converter:
    """
    Return what reads one value of a column. That of ``money`` takes the currency too.

    Args:
        sort: ``money``, ``time``, ``text``, ``whole``, ``flag``, ``country``, ``status`` or ``texts``.
        column: What the mapping says of it.
        usual: How the database holds money and times.
        dialect: The database's.
    """
    if sort == "money":
        form = _money_form(column, usual, dialect)
        return partial(_real, usual.digits) if form == "real" else _MONEY[form]
    if sort == "time":
        times = (pick(column.times, dialect) if column.times else None) or usual.times
        return partial(_time, times, column.zone or usual.zone)
    read = _READ[sort]
    if column.pattern is not None:
        read = _searched(column.pattern, read)
    return _worded(column, read) if column.values else read


def plain(sort: str, column: Column, usual: Forms, dialect: str) -> type | None:
    """Return the type of values that need no converter, amounts but `amounts`; None: each is looked at."""
    if column.values or column.pattern is not None:
        return None
    return _PLAIN.get(_money_form(column, usual, dialect) if sort == "money" else sort)


_MOST_KNOWN = 20_000  # amounts, some 4 MB


class _Known(dict[Decimal, Money]):
    """Amounts of one currency that were made before: prices come again, and to make one takes longer."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.currency = currency

    def __missing__(self, number: Decimal) -> Money:
        """Make one; keep it only with the digits of its currency, as equal numbers may be written with others."""
        made = _money(number, self.currency)
        if made.amount.as_tuple().exponent == -exponent(self.currency):
            self[number] = made
        return made


_KNOWN: dict[str, _Known] = {}  # by currency


def amounts(numbers: Sequence[Decimal], currencies: Sequence[str]) -> list[Money]:
    """Return amounts of major units, with the digits of their currencies where those are enough."""
    if len(set(currencies)) == 1:
        known = _KNOWN.get(currencies[0])
        if known is None or len(known) > _MOST_KNOWN:
            known = _KNOWN[currencies[0]] = _Known(currencies[0])  # another thread may read the old ones
        return list(map(known.__getitem__, numbers))  # a number is hashed once: that is what takes the time
    return list(map(_money, numbers, currencies))


def _money(number: Decimal, currency: str) -> Money:
    exact = _EVENLY.quantize(number, _STEPS[exponent(currency)])
    return Money(exact if exact == number else number, currency)


def _money_form(column: Column, usual: Forms, dialect: str) -> str:
    return (pick(column.money, dialect) if column.money else None) or usual.money


def _decimal(value: Any, currency: str) -> Money:
    if isinstance(value, float):
        raise TypeError('found a float; expected a decimal, or money = "real" for a column that holds floats')
    return _money(decimal_from(value), currency)


def _minor_units(value: Any, currency: str) -> Money:
    return Money(Decimal(_whole(value)).scaleb(-exponent(currency)), currency)


def _real(digits: int, value: Any, currency: str) -> Money:
    # The shortest text of a float is the decimal that was written into it, as long as that had 15 digits at most.
    number = decimal_from(repr(value) if isinstance(value, float) else value)
    return _money(_EVENLY.quantize(number, _STEPS[max(digits, exponent(currency))]), currency)


def _time(form: str, zone: tzinfo | None, value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("found text that is no time; expected one such as 2026-05-25 03:29:12") from None
    elif isinstance(value, int | Decimal) and not isinstance(value, bool) and form in ("unix", "unix_ms"):
        unit = timedelta(seconds=1) if form == "unix" else timedelta(milliseconds=1)
        return _EPOCH + int(value) * unit
    if not isinstance(value, datetime):
        raise TypeError(f"found {_kind(value)}; expected a time, {form}")
    if value.tzinfo is not None:
        return value
    if zone is None:
        raise ValueError("found a time without zone; expected shop.zone to say which")
    return value.replace(tzinfo=zone)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        raise TypeError("found bytes; expected text, such as hex(…) gives of a binary column")
    return value if isinstance(value, str) else str(value)


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        number = decimal_from(repr(value) if isinstance(value, float) else value)
    except (TypeError, ValueError):
        raise ValueError(f"found {_kind(value)}; expected a whole number") from None
    if number != number.to_integral_value():
        raise ValueError("found a broken number; expected a whole number")
    return int(number)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    said = _FLAGS.get(str(value).strip().lower())
    if said is None:
        raise ValueError(f"found {_kind(value)}; expected true or false, or 1 or 0")
    return said


@lru_cache
def _country(value: Any) -> str:
    said = _text(value).strip()
    code = country_code(said)
    if said and code is None:
        raise ValueError("found a country that ISO 3166 does not know; expected a code or an English name")
    return code or ""


@lru_cache
def _status(value: Any) -> FulfillmentStatus:
    try:
        return FulfillmentStatus(_text(value))
    except ValueError:
        raise ValueError(
            f"found the status {str(value)[:40]!r}; expected one of Order Protection, or of columns.status.values"
        ) from None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in re.split(r"[,;\s]+", _text(value)))))


_PLAIN = {"text": str, "whole": int, "flag": bool, "decimal": Decimal}
_MONEY: dict[str, Converter] = {"decimal": _decimal, "minor_units": _minor_units}
_READ: dict[str, Converter] = {
    "text": _text,
    "whole": _whole,
    "flag": _flag,
    "country": _country,
    "status": _status,
    "texts": _texts,
}


def _searched(pattern: re.Pattern[str], read: Converter) -> Converter:
    def search(value: Any) -> Any:
        found = pattern.search(_text(value))
        return read((found[1] if pattern.groups else found[0]) or "") if found else read("")

    return search


def _worded(column: Column, read: Converter) -> Converter:
    def translate(value: Any) -> Any:
        said = _text(value)
        word = column.values.get(said, column.default)
        if word is None:
            raise ValueError(f"found the word {said[:40]!r}; expected one of {', '.join(sorted(column.values))}")
        return read(word)

    return translate


def _kind(value: object) -> str:
    return "NULL" if value is None else f"a {type(value).__name__}"
