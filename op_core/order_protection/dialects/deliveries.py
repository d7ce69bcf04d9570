"""
Webhook bodies in every spelling, read into one form. All drift between the vendor's pages ends here.

Read are: topics with a dot or a slash (C-2), envelopes with and without id and time (C-3), ``claim.approved`` in
camelCase (C-4), amounts as numbers or as text (C-10), resolutions without `shipping_amount_tax` (C-6). Types and
states come out in capitals, known or not. Fields that nobody knows are passed over.

What cannot be read raises `Unreadable`: the place, what was found, what was expected, and never a value of the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from op_core.errors import Unreadable
from op_core.order_protection.events import (
    ClaimApproved,
    ClaimCreated,
    ClaimDenied,
    ClaimItem,
    Event,
    MessageCreated,
    ProtectionChanged,
    Resolution,
    ResolvedLine,
    SaidAddress,
)
from op_core.order_protection.jsonmoney import loads, number_from
from op_core.order_protection.times import time_from

__all__ = ["TOPICS", "read"]

_LONGEST_ID = 255  # characters; ids are kept in indexes
_MOST_UNITS = 1_000_000
# Digits of an amount before and after the point. Sums of such amounts fit into Money's 40 digits, and what a sender
# who reckons in floats makes of a price (0.30000000000000004) is still read, so that a person sees it held.
_MOST_BEFORE, _MOST_AFTER = 12, 20
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_SHOWABLE = re.compile(r"[\w./-]{1,60}", re.ASCII)
_KINDS = {str: "text", bool: "true or false", dict: "an object", list: "a list", int: "a number", Decimal: "a number"}
_MISSING: Any = object()


@attrs.frozen
class _Part:
    """One object of a body, with its place in it."""

    fields: Mapping[str, Any] = attrs.field(repr=False)
    place: str = ""

    def at(self, name: str) -> str:
        """Name the place of a field."""
        return f"{self.place}.{name}" if self.place else name

    def wrong(self, name: str, expected: str) -> Unreadable:
        """Say what stands there, by its kind, and what should."""
        value = self.fields.get(name, _MISSING)
        found = "missing" if value is _MISSING else f"found {_KINDS.get(type(value), 'null')}"
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

    def word(self, name: str) -> str:
        """Read a type or state, in capitals."""
        return self.id(name).upper()

    def text(self, name: str) -> str:
        """Read text of any length."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "text")
        return value

    def maybe_text(self, name: str) -> str:
        """Read text that may be missing or null, and is empty then."""
        return self.text(name) if self.has(name) else ""

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

    def part(self, name: str) -> _Part:
        """Read an object."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "an object")
        return _Part(value, self.at(name))

    def parts(self, name: str) -> list[_Part]:
        """Read a list of objects."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            raise self.wrong(name, "a list of objects")
        numbered = _Part({str(n): item for n, item in enumerate(value)}, self.at(name))
        return [numbered.part(n) for n in numbered.fields]

    def maybe_parts(self, name: str) -> list[_Part]:
        """Read a list of objects that may be missing or null, and is empty then."""
        return self.parts(name) if self.has(name) else []


def read(body: bytes) -> Event:
    """
    Read one delivery.

    Raises:
        Unreadable: With the reason; the delivery belongs in quarantine.
    """
    value = loads(body)
    if not isinstance(value, dict):
        raise Unreadable(f"the body: found {_KINDS.get(type(value), 'null')}, expected an object with topic and body")
    envelope = _Part(value)
    topic = envelope.id("topic")
    reader = _READERS.get(topic.replace("/", "."))
    if reader is None:
        found = f"{topic!r}" if _SHOWABLE.fullmatch(topic) else "an unknown one"
        raise Unreadable(f"topic: found {found}, expected one of {', '.join(TOPICS)}")
    head = {
        "dialect": "slash" if "/" in topic else "reference",
        "event_id": envelope.maybe_id("id"),
        "created_at": envelope.maybe_time("created_at"),
    }
    return reader(head, envelope.part("body"))


def _order(body: _Part) -> dict[str, Any]:
    return {"order_id": body.id("source_order_id"), "op_order_id": body.maybe_id("order_id")}


def _item(item: _Part) -> dict[str, Any]:
    return {
        "quantity": item.quantity("quantity"),
        "item_id": item.maybe_id("item_id"),
        "product_id": item.maybe_id("product_id"),
        "variant_id": item.maybe_id("variant_id"),
        "sku": item.maybe_id("sku"),
        "name": item.maybe_text("item_name") or None,
    }


def _created(head: dict[str, Any], body: _Part) -> ClaimCreated:
    return ClaimCreated(
        **head,
        **_order(body),
        claim_id=body.id("claim_id"),
        type=body.word("claim_type") if body.has("claim_type") else None,
        state=body.word("claim_state") if body.has("claim_state") else None,
        description=body.maybe_text("claim_description"),
        items=tuple(ClaimItem(**_item(item)) for item in body.maybe_parts("items")),
    )


def _approved(head: dict[str, Any], body: _Part) -> ClaimApproved:
    resolutions = body.parts("resolutions")
    if not resolutions:
        raise Unreadable("body.resolutions: found an empty list, expected what was decided")
    if "claimId" in body.fields and "claim_id" not in body.fields:
        return ClaimApproved(
            **(head | {"dialect": "camel"}),
            op_store_id=body.maybe_id("storeId"),
            claim_id=body.id("claimId"),
            resolutions=_camel(resolutions),
        )
    read_in_full = tuple(_resolution(said, said.part("details")) for said in resolutions)
    return ClaimApproved(**head, **_order(body), claim_id=body.id("claim_id"), resolutions=read_in_full)


def _denied(head: dict[str, Any], body: _Part) -> ClaimDenied:
    # A denial moves no money, so that nothing in its amounts may keep it from stopping what an approval began.
    reasons = tuple(Resolution(type=said.word("type"), lines=()) for said in body.maybe_parts("resolutions"))
    return ClaimDenied(**head, **_order(body), claim_id=body.id("claim_id"), resolutions=reasons)


def _resolution(said: _Part, details: _Part) -> Resolution:
    return Resolution(
        type=said.word("type"),
        lines=tuple(_line(item) for item in details.maybe_parts("items")),
        currency=details.currency("currency") if details.has("currency") else None,
        total=details.maybe_amount("total_refund_amount"),
        shipping=details.maybe_amount("shipping_amount"),
        shipping_tax=details.maybe_amount("shipping_amount_tax"),
        address=_address(details.part("shipping_address")) if details.has("shipping_address") else None,
    )


def _line(item: _Part) -> ResolvedLine:
    return ResolvedLine(
        **_item(item),
        price=item.maybe_amount("price", signed=True),
        discount=item.maybe_amount("discount", signed=True),
        tax=item.maybe_amount("tax", signed=True),
        percentage=item.maybe_amount("resolution_percentage"),
        flat_amount=item.maybe_amount("resolution_flat_amount"),
    )


def _address(said: _Part) -> SaidAddress | None:
    names = [field.name for field in attrs.fields(SaidAddress)]
    address = SaidAddress(**{name: said.maybe_id(name) or "" for name in names})
    return address if address != SaidAddress() else None


def _camel(resolutions: list[_Part]) -> tuple[Resolution, ...]:
    """Join the items of one type (C-4 says them one by one), so that both spellings of a decision come out alike."""
    lines: dict[str, list[ResolvedLine]] = {}
    for said in resolutions:
        line = ResolvedLine(item_id=said.id("itemId"), quantity=said.quantity("quantity"))
        lines.setdefault(said.word("type"), []).append(line)
    return tuple(Resolution(type=kind, lines=tuple(items)) for kind, items in lines.items())


def _message(head: dict[str, Any], body: _Part) -> MessageCreated:
    return MessageCreated(**head, **_order(body), claim_id=body.maybe_id("claim_id"), message=body.text("message"))


def _protection(head: dict[str, Any], body: _Part, *, added: bool) -> ProtectionChanged:
    amount = body.maybe_amount("amount")
    if amount is None:
        raise body.wrong("amount", "a number such as 12.50")
    return ProtectionChanged(**head, **_order(body), added=added, amount=amount, currency=body.currency("currency"))


_READERS: dict[str, Callable[[dict[str, Any], _Part], Event]] = {
    "claim.created": _created,
    "claim.approved": _approved,
    "claim.denied": _denied,
    "message.created": _message,
    "protection.added": lambda head, body: _protection(head, body, added=True),
    "protection.removed": lambda head, body: _protection(head, body, added=False),
}
TOPICS = tuple(_READERS)
