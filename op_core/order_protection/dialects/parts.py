"""One object of a webhook's body, and how each kind of field is read from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from op_core.errors import Unreadable
from op_core.order_protection.jsonmoney import number_from
from op_core.order_protection.times import time_from
from op_core.untrusted import Untrusted

__all__ = ["KINDS", "Part"]

KINDS = {str: "text", bool: "true or false", dict: "an object", list: "a list", int: "a number", Decimal: "a number"}
_LONGEST_ID = 255  # characters; ids are kept in indexes
_MOST_UNITS = 1_000_000
# Digits of an amount before and after the point. Sums of such amounts fit into Money's 40 digits, and what a sender
# who reckons in floats makes of a price (0.30000000000000004) is still read, so that a person sees it held.
_MOST_BEFORE, _MOST_AFTER = 12, 20
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_CLAIM_ID = re.compile(r"[\w.:=~-]+", re.ASCII)  # it stands in words for the shop's staff, as no other text does
_MISSING: Any = object()


@attrs.frozen
class Part:
    """One object of a body, with its place in it."""

    fields: Mapping[str, Any] = attrs.field(repr=False)
    place: str = ""

    def at(self, name: str) -> str:
        """Name the place of a field."""
        return f"{self.place}.{name}" if self.place else name

    def wrong(self, name: str, expected: str) -> Unreadable:
        """Say what stands there, by its kind, and what should."""
        value = self.fields.get(name, _MISSING)
        found = "missing" if value is _MISSING else f"found {KINDS.get(type(value), 'null')}"
        return Unreadable(f"{self.at(name)}: {found}, expected {expected}")

    def has(self, name: str) -> bool:
        """Tell whether the field says anything."""
        return self.fields.get(name) is not None

    def id(self, name: str) -> str:
        """Read an id or another short text; a whole number is taken for its digits."""
        value = self.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not (isinstance(value, str) and 0 < len(value) <= _LONGEST_ID):
            raise self.wrong(name, f"text of 1 to {_LONGEST_ID} characters")
        return value

    def maybe_id(self, name: str) -> str | None:
        """Read an id that may be missing, null or empty."""
        return self.id(name) if self.fields.get(name) not in (None, "") else None

    def order_id(self, name: str) -> str:
        """Read the shop's id of an order, which the shop is asked for: no place of a path, and on one line."""
        value = self.id(name)
        if value in (".", "..") or not value.isprintable():
            raise Unreadable(f"{self.at(name)}: found other text, expected an id of printable characters")
        return value

    def claim_id(self, name: str) -> str:
        """Read Order Protection's id of a claim."""
        value = self.id(name)
        if value in (".", "..") or not _CLAIM_ID.fullmatch(value):
            raise Unreadable(f"{self.at(name)}: found other text, expected an id of letters, digits and . _ : = ~ -")
        return value

    def word(self, name: str) -> str:
        """Read a type or state, in capitals."""
        return self.id(name).upper()

    def text(self, name: str) -> Untrusted:
        """Read words of any length."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "text")
        return Untrusted(value)

    def maybe_text(self, name: str) -> Untrusted:
        """Read words that may be missing or null, and are empty then."""
        return self.text(name) if self.has(name) else Untrusted("")

    def amount(self, name: str) -> Decimal:
        """Read a number, or text that spells one."""
        try:
            return number_from(self.fields.get(name))
        except ValueError:
            raise self.wrong(name, "a number such as 12.50") from None

    def maybe_amount(self, name: str, *, signed: bool = False) -> Decimal | None:
        """Read an amount that may be missing or null; a negative one only where *signed*."""
        if not self.has(name):
            return None
        amount = self.amount(name)
        if amount < 0 and not signed:
            raise Unreadable(f"{self.at(name)}: found a negative number, expected one from 0")
        _, digits, exponent = amount.as_tuple()
        assert isinstance(exponent, int)
        if len(digits) + exponent > _MOST_BEFORE or -exponent > _MOST_AFTER:
            expected = f"at most {_MOST_BEFORE} before the point and {_MOST_AFTER} after it"
            raise Unreadable(f"{self.at(name)}: found a number of too many digits, expected {expected}")
        return amount

    def quantity(self, name: str) -> int:
        """Read a whole number of units."""
        amount = self.amount(name)
        if not 1 <= amount <= _MOST_UNITS or amount != int(amount):
            raise Unreadable(f"{self.at(name)}: found another number, expected a whole one from 1 to {_MOST_UNITS}")
        return int(amount)

    def currency(self, name: str) -> str:
        """Read a currency code, in capitals."""
        value = self.fields.get(name)
        if not (isinstance(value, str) and _CURRENCY.fullmatch(value)):
            raise self.wrong(name, "three letters such as USD")
        return value.upper()

    def maybe_time(self, name: str) -> datetime | None:
        """Read a time that may be missing or null."""
        if not self.has(name):
            return None
        try:
            return time_from(self.fields[name])
        except ValueError as error:
            raise self.wrong(name, str(error).removeprefix("expected ")) from None

    def part(self, name: str) -> Part:
        """Read an object."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "an object")
        return Part(value, self.at(name))

    def parts(self, name: str) -> list[Part]:
        """Read a list of objects."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            raise self.wrong(name, "a list of objects")
        numbered = Part({str(n): item for n, item in enumerate(value)}, self.at(name))
        return [numbered.part(n) for n in numbered.fields]

    def maybe_parts(self, name: str) -> list[Part]:
        """Read a list of objects that may be missing or null, and is empty then."""
        return self.parts(name) if self.has(name) else []
