"""JSON into values: each field through its path and its converters, with an error that names the place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import attrs

from op_core.errors import ContractBroken
from op_core.models import FulfillmentStatus, ProductStatus
from op_core.money import Money, decimal_from, exponent
from op_rest_shop.expressions import WrongExpression, stamp
from op_rest_shop.mapping import Fields, FieldSpec, Shop
from op_rest_shop.places import Place

E = TypeVar("E", bound=StrEnum)
__all__ = ["KINDS", "NEEDED", "Reading", "nearest"]

_ADDRESS = (
    *("first_name", "last_name", "company_name", "street_address_1", "street_address_2", "city"),
    *("country_area", "postal_code", "country", "phone"),
)
KINDS: Mapping[str, Mapping[str, str]] = {
    "order": {
        **dict.fromkeys(("id", "number", "currency", "status", "email", "name", "phone", "risk_level"), "text"),
        **dict.fromkeys(("created_at", "updated_at", "cancelled_at"), "time"),
        **dict.fromkeys(("total", "subtotal", "shipping", "shipping_tax", "tax", "discount", "premium"), "money"),
        "currency": "code",
        "tags": "texts",
        "replaces": "text",
    },
    "lines": {
        **dict.fromkeys(("id", "name", "sku", "product_id", "variant_id", "url", "image_url", "description"), "text"),
        **dict.fromkeys(("unit_price", "discount", "tax"), "money"),
        **dict.fromkeys(("quantity", "refunded_quantity"), "whole"),
    },
    "payments": {"id": "text", "captured": "money", "refunded": "money", "method": "text"},
    "addresses": {**dict.fromkeys(_ADDRESS, "text"), "country": "code"},
    "fulfillments": {
        "id": "text",
        "order_id": "text",
        "status": "status",
        "tracking_company": "text",
        **dict.fromkeys(("created_at", "updated_at"), "time"),
        **dict.fromkeys(("tracking_numbers", "tracking_urls"), "texts"),
    },
    "fulfillments.lines": {"line_id": "text", "quantity": "whole"},
    "stock": {"match": "text", "available": "whole"},
    "products": {
        **dict.fromkeys(("id", "name", "variant_id", "sku", "description", "image_url"), "text"),
        "currency": "code",
        "updated_at": "time",
        "price": "money",
        "tax": "money",
        "quantity": "whole",
        "status": "product_status",
    },
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "order": ("id", "number", "created_at", "total"),
    "lines": ("id", "name", "quantity", "unit_price"),
    "payments": ("id", "captured", "refunded"),
    "addresses": (),
    "fulfillments": ("id", "status", "created_at"),
    "fulfillments.lines": ("line_id", "quantity"),
    "stock": ("match",),
    "products": ("id", "name", "price"),
}


class _Wrong(ValueError):
    """What was found and expected; no value."""


@attrs.frozen(eq=False)
class Reading:
    """
    Reads one table's fields.

    Attributes:
        table: As the manifest calls it.
        fields: Field to path and converters.
        shop: What holds for all.
        place: The manifest, for errors.
    """

    table: str
    fields: Fields
    shop: Shop
    place: Place

    def of(self, item: Any, currency: str | None = None) -> dict[str, Any]:
        """
        Return the fields that are there.

        Args:
            item: The JSON of one.
            currency: Of its amounts; None: its own, else the shop's.

        Raises:
            ContractBroken: A needed one is not there, or one is not what it should be. The text names table, field and
                path, and the nearest keys that are there, and holds no value.
        """
        said: dict[str, Any] = {}
        kinds = KINDS[self.table]
        if "currency" in kinds and currency is None:
            currency = self._one("currency", "code", item, None) if "currency" in self.fields else None
            currency = currency or self.shop.currency
            if currency is None:
                raise ContractBroken(f"{self._at('currency')}: nothing is there; expected it, or shop.currency")
            said["currency"] = currency
        for name in self.fields:
            if name not in said:
                value = self._one(name, kinds[name], item, currency)
                if value is not None:
                    said[name] = value
        return said

    def one(self, name: str, item: Any) -> Any:
        """Return one field that needs no currency; see `of`."""
        return self._one(name, KINDS[self.table][name], item, None)

    def raw(self, name: str, item: Any) -> str:
        """
        Return what stands where a field is, as a text; empty where nothing does, or where there is no such field.

        A time that is a number is written as all expressions see times.
        """
        spec = self.fields.get(name)
        try:
            found = None if spec is None else spec.path.of(item)
        except WrongExpression:
            found = None
        number = KINDS[self.table].get(name) == "time" and spec is not None and (spec.times or self.shop.times) != "iso"
        time = self.time(name, item) if number else None
        return stamp(time) if time is not None else "" if found is None else _text(found)

    def time(self, name: str, item: Any) -> datetime | None:
        """Return a time; None where there is none that can be read, or no such field."""
        try:
            return None if name not in self.fields else self.one(name, item)
        except ContractBroken:
            return None

    def _at(self, name: str) -> str:
        return self.place.at(f"{self.table}.fields.{name}")

    def _one(self, name: str, kind: str, item: Any, currency: str | None) -> Any:
        spec = self.fields[name]
        at = f"{self._at(name)} ({spec.path})"
        try:
            found = spec.path.of(item)
            if self.table == "payments" and kind == "money" and spec.path.lacks(item) is not None:
                found = None  # no sum of what is not there: what can be given back hangs on it
            if found is None or found == "":
                found = spec.default
            elif kind in ("text", "code", "status", "product_status"):
                found = _worded(spec, found)
            if found is not None and found != "":
                return _READERS[kind](found, _Terms(spec, self.shop, currency))
        except (_Wrong, WrongExpression) as error:
            raise ContractBroken(f"{at}: {error}") from None
        if spec.required or name in NEEDED[self.table]:
            raise ContractBroken(f"{at}: nothing is there{nearest(str(spec.path), item)}")
        return None


@attrs.frozen
class _Terms:
    """What a converter goes by."""

    spec: FieldSpec
    shop: Shop
    currency: str | None


def _worded(spec: FieldSpec, found: Any) -> Any:
    if spec.pattern is not None:
        match = spec.pattern.search(_text(found))
        return match[match.re.groups and 1] if match else spec.default
    if spec.values:
        word = _text(found)
        if word not in spec.values and spec.default is None:
            near = difflib.get_close_matches(word, list(spec.values), 1)
            raise _Wrong(f"found a word that values does not have{f'; the nearest is {near[0]!r}' if near else ''}")
        return spec.values.get(word, spec.default)
    return found


def _text(value: Any, _: _Terms | None = None) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _Wrong(f"found {_kind(value)}; expected a text")
    return value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _code(value: Any, _: _Terms) -> str:
    return _text(value).strip().upper()


def _texts(value: Any, _: _Terms) -> tuple[str, ...]:
    each = value if isinstance(value, list) else [value]
    return tuple(_text(one) for one in each if one not in (None, ""))


def _whole(value: Any, _: _Terms) -> int:
    try:
        number = decimal_from(value)
    except (TypeError, ValueError):
        raise _Wrong(f"found {_kind(value)}; expected a whole number") from None
    if number != number.to_integral_value() or number < 0:
        raise _Wrong("found a number with a fraction or below 0; expected a whole number from 0")
    return int(number)


def _money(value: Any, terms: _Terms) -> Money:
    if terms.currency is None:
        raise _Wrong("no currency is known for it; expected shop.currency")
    try:
        amount = decimal_from(value)
    except (TypeError, ValueError):
        raise _Wrong(f"found {_kind(value)}; expected an amount") from None
    if (terms.spec.money or terms.shop.money) == "minor_units":
        if amount != amount.to_integral_value():
            raise _Wrong('found a fraction; expected minor units (whole cents), or money = "decimal"')
        amount = amount.scaleb(-exponent(terms.currency))
    try:
        return Money(amount, terms.currency)
    except ValueError:
        raise _Wrong("found a currency that is none; expected three letters such as USD") from None


def _time(value: Any, terms: _Terms) -> datetime:
    form = terms.spec.times or terms.shop.times
    try:
        if form != "iso":
            seconds = decimal_from(value) / (1000 if form == "unix_ms" else 1)
            return datetime.fromtimestamp(float(seconds), UTC)
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise _Wrong(f"found {_kind(value)}; expected a time ({form})") from None
    if time.tzinfo is not None:
        return time.astimezone(UTC)
    zone = terms.spec.zone or terms.shop.zone
    if zone is None:
        raise _Wrong("found a time without zone; expected shop.zone in the manifest")
    return time.replace(tzinfo=zone).astimezone(UTC)


def _status(value: Any, _: _Terms) -> FulfillmentStatus:
    return _member(FulfillmentStatus, _text(value))


def _product_status(value: Any, _: _Terms) -> ProductStatus:
    return _member(ProductStatus, _text(value))


def _member(kind: type[E], word: str) -> E:
    try:
        return kind(word)
    except ValueError:
        near = difflib.get_close_matches(word.upper(), [str(one) for one in kind], 1)
        hint = f"; the nearest is {near[0]}" if near else ""
        raise _Wrong(f"found a word that is no status of Order Protection{hint}; say what it means in values") from None


_READERS: Mapping[str, Callable[[Any, _Terms], Any]] = {
    "text": _text,
    "code": _code,
    "texts": _texts,
    "whole": _whole,
    "money": _money,
    "time": _time,
    "status": _status,
    "product_status": _product_status,
}


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", dict: "a table", list: "a list", str: "a text", type(None): "nothing"}
    return kinds.get(type(value), "a number")


def nearest(path: str, item: Any) -> str:
    """Name the keys that are there beside the first one of *path* that is not."""
    for name in re.findall(r"[A-Za-z_]\w*", path):
        if not isinstance(item, dict):
            return ""
        if name not in item:
            near = difflib.get_close_matches(name, list(item), 3) or sorted(item)[:8]
            return f"; there is no {name!r}, but {', '.join(repr(key) for key in near)}" if near else ""
        item = item[name]
    return ""
