"""
What we send, in the spelling that a store's switches ask for; and back, for whoever plays the API (the sandbox).

A body is what a model of `schema` writes: wire names, Decimals, times as text. Nothing else may rename or rewrite it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from op_core.errors import NotSendable
from op_core.order_protection.dialects.places import (
    FULLER_ONLY,
    KEYS,
    STATUSES,
    UPDATED_AMOUNTS,
    Body,
    Place,
    status_said,
)
from op_core.order_protection.dialects.switches import Dialect
from op_core.order_protection.jsonmoney import number_from

__all__ = ["canonical", "product_address", "spelled"]

_MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def spelled(page: str, body: Body, dialect: Dialect) -> Body:
    """Return *body* as the store's API takes it."""
    said: Body = _copied(body, _whole_seconds if dialect.times == "seconds" else str)
    for at, key in STATUSES.get(page, ()):
        for part in _at(said, at):
            if key in part:
                part[key] = status_said(part[key], dialect)
    for at, key, switch in KEYS.get(page, ()):
        for part in _at(said, at):
            _rename(part, key, getattr(dialect, switch))
    if page == "CLM-C":
        _claim_form(said, dialect)
    if page == "ORD-U" and dialect.update_amounts == "text":
        said |= {name: f"{said[name]:f}" for name in UPDATED_AMOUNTS if isinstance(said.get(name), Decimal)}
    if page in ("PRD-C", "PRD-U"):
        _product(said, dialect)
    return said


def product_address(product_id: str, variant_id: str, dialect: Dialect) -> str | None:
    """Return the id under which a product or one variant is updated (G-18); None for a variant that never is."""
    if not variant_id or dialect.variant_address == "productId":
        return product_id
    return variant_id if dialect.variant_address == "variantId" else None


def canonical(page: str, body: Body, dialect: Dialect) -> Body:
    """
    Return what was said in the store's spelling under the names and in the form of our models.

    Raises:
        NotSendable: It is in the other spelling: the store's API would not take it.
    """
    said: Body = _copied(_with_milliseconds(body, page) if dialect.times == "seconds" else body, str)
    for at, key, switch in KEYS.get(page, ()):
        for part in _at(said, at):
            _unname(part, key, getattr(dialect, switch), page)
    for at, key in STATUSES.get(page, ()):
        for part in _at(said, at):
            if isinstance(part.get(key), str):
                part[key] = _unstatus(key, part[key], dialect, page)
    if page == "CLM-C":
        _check_claim_form(said, dialect, page)
    if page == "ORD-U" and dialect.cancels_protection == "premiumPaid":
        _refuse_keys(said, ("policyCancelledAt",), "GET order only", page)
    if page == "ORD-U":
        said |= _unwritten(said, UPDATED_AMOUNTS, dialect.update_amounts, page)
    if page in ("PRD-C", "PRD-U"):
        said |= _unwritten(said, ("inventoryQuantity",), dialect.inventory_quantity, page)
        _unbundle(said, dialect, page)
    return said


def _check_claim_form(said: Body, dialect: Dialect, page: str) -> None:
    if dialect.claim_form == "older":
        _refuse_keys(said, FULLER_ONLY, "the fuller copy", page)
    elif isinstance(said.get("resolution"), dict):
        _refuse_keys(said["resolution"], ("updatedShippingAddress",), "the older copy", page)


def _unbundle(said: Body, dialect: Dialect, page: str) -> None:
    if said.get("productType") == ("GROUPED" if dialect.bundles == "FULL" else "FULL"):
        raise NotSendable(f"productType: expected SIMPLE or {dialect.bundles} (page {page})")
    if said.get("productType") == "GROUPED":
        said["productType"] = "FULL"


def _whole_seconds(text: str) -> str:
    return f"{text[:-5]}Z" if _MILLISECONDS.fullmatch(text) else text


def _with_milliseconds(body: Body, page: str) -> Body:
    for place in _texts(body, _MILLISECONDS):
        raise NotSendable(f"{place}: found a time with milliseconds, expected whole seconds (page {page})")
    said: Body = _copied(body, _milliseconds)
    return said


def _milliseconds(text: str) -> str:
    return f"{text[:-1]}.000Z" if _SECONDS.fullmatch(text) else text


def _copied(value: Any, text: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {key: _copied(item, text) for key, item in value.items()}
        case list() | tuple():
            return [_copied(item, text) for item in value]
        case str():
            return text(str(value))
        case _:
            return value


def _texts(value: Any, form: re.Pattern[str], place: str = "") -> Iterator[str]:
    """Yield the places of texts in that form."""
    match value:
        case dict():
            for key, item in value.items():
                yield from _texts(item, form, f"{place}.{key}" if place else key)
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, form, f"{place}[{index}]")
        case str() if form.fullmatch(value):
            yield place


def _at(body: Any, place: Place) -> Iterator[Body]:
    """Yield every object at a place."""
    if not place:
        if isinstance(body, dict):
            yield body
        return
    first, *rest = place
    if first == "[]":
        for item in body if isinstance(body, list) else ():
            yield from _at(item, tuple(rest))
    elif isinstance(body, dict):
        yield from _at(body.get(first), tuple(rest))


def _rename(part: Body, key: str, name: str) -> None:
    if key in part and name != key:
        part[name] = part.pop(key)


def _unname(part: Body, key: str, name: str, page: str) -> None:
    if name == key:
        return
    _refuse_keys(part, (key,), f"the other copy, expected {name}", page)
    if name in part:
        part[key] = part.pop(name)


def _refuse_keys(part: Body, names: tuple[str, ...], whose: str, page: str) -> None:
    for name in names:
        if name in part:
            raise NotSendable(f"{name}: a field of {whose} (page {page})")


def _unstatus(key: str, status: str, dialect: Dialect, page: str) -> str:
    plain = status.upper()
    if status != status_said(plain, dialect):
        raise NotSendable(f"{key}: found a status in another spelling, expected {dialect.statuses} (page {page})")
    return plain


def _claim_form(said: Body, dialect: Dialect) -> None:
    """Leave out what one copy of the page does not know; a wish that would be lost is refused before it is sent."""
    wish = said.get("resolution") or {}
    if dialect.claim_form == "fuller":
        if "updatedShippingAddress" in wish:
            raise NotSendable(
                "FileClaim.resolution.updatedShippingAddress: only the older copy of the page takes it; "
                'set stores.x.wire.claim_form = "older" if yours does (page CLM-C, C-17)'
            )
        return
    if "warrantyPeriod" in wish or said.get("claimCategory") == "WARRANTY" or said.get("salesChannel") == "IN_STORE":
        raise NotSendable("FileClaim: a warranty or an in-store sale is in the fuller copy only (page CLM-C, C-17)")
    for name in FULLER_ONLY:
        said.pop(name, None)


def _product(said: Body, dialect: Dialect) -> None:
    if dialect.inventory_quantity == "text" and "inventoryQuantity" in said:
        said["inventoryQuantity"] = str(said["inventoryQuantity"])
    if said.get("productType") == "FULL":
        said["productType"] = dialect.bundles


def _unwritten(said: Body, names: tuple[str, ...], form: str, page: str) -> Body:
    """Read numbers that the switch writes as text, and refuse the other form; its own samples show ORD-U both ways."""
    found: Body = {}
    for name in names:
        value = said.get(name)
        if form == "text" and isinstance(value, str):
            try:
                number = number_from(value)
            except ValueError:
                raise NotSendable(f"{name}: found text that spells no number (page {page})") from None
            if name == "inventoryQuantity" and number != number.to_integral_value():
                raise NotSendable(f"{name}: found text that spells no whole number (page {page})")
            found[name] = int(number) if name == "inventoryQuantity" else number
        elif form == "text" and value is not None:
            raise NotSendable(f"{name}: found a number, expected text that spells one (page {page})")
        elif isinstance(value, str):
            raise NotSendable(f"{name}: found text, expected a number (page {page})")
    return found
