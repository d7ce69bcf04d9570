"""
Hashes of what was sent, so that what is equal is not sent again. Pure.

Spelling does not count: 10.5 equals 10.50, and items, tags and tracking numbers have no order. ``sourceUpdatedAt`` is
left out: a shop touches it for notes and refunds that no field of the wire shows, our own among them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

import attrs

from op_core.order_protection.schema import CreateFulfillment, CreateOrder, UpdateOrder

__all__ = ["Held", "Kept", "digest", "fulfillment_hash", "order_hash", "text_hash", "update_hash"]

_PREMIUM = "premiumPaid"  # an update carries it, but only an update that knows of it can take it away
_FIXED = ("address", "orderItems", "riskLevel", "tags")  # what no update carries (G-15)
_SAID = "said"  # what an update may say and cannot take back, for what it leaves out stays as it is; a letter for each
_LETTERS = {
    "sourceCancelledAt": "c",
    "discountTotal": "d",
    "customerEmail": "e",
    "shippingCostTax": "h",
    "customerName": "n",
    "originalSourceOrderNumber": "o",
    "customerPhone": "p",
    "shippingCost": "s",
    "tax": "t",
}
_SHORT = 16  # digits of the hash of one part; it is compared with one other only


def _canonical(value: Any) -> Any:
    match value:
        case Decimal():
            text = f"{value:f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
            return "0" if not value else text
        case Mapping():
            return {key: _canonical(item) for key, item in value.items()}
        case list() | tuple():
            return sorted((_canonical(item) for item in value), key=_json)
        case _:
            return value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """Return the hash of a body or of a part of one."""
    return hashlib.sha256(_json(_canonical(value)).encode()).hexdigest()


def _body(model: CreateOrder | UpdateOrder) -> dict[str, Any]:
    body = model.to_wire()
    body.pop("sourceUpdatedAt", None)
    return body


def order_hash(order: CreateOrder) -> str:
    """Return the hash of all that we would say of an order."""
    return digest(_body(order))


def update_hash(update: UpdateOrder) -> str:
    """Return the hash of all that an update can carry. No premium equals a premium of 0."""
    return digest({_PREMIUM: Decimal(0), **_body(update)})


def fulfillment_hash(parcel: CreateFulfillment) -> str:
    """Return the hash of what can be said of a parcel only once: items and tracking, not its status and times."""
    body = parcel.to_wire()
    return digest({key: body.get(key) for key in ("sourceItemIds", "trackingCompany", "trackingNumber", "trackingUrl")})


def text_hash(text: str) -> str:
    """Return the hash of a reason, where there is no body to hash."""
    return digest(text)


@attrs.frozen
class Kept:
    """
    What a column keeps of one order or product.

    Attributes:
        seen: Hash of what the shop last said, sent or not.
        parts: Hashes of what Order Protection holds of the parts that no update carries, by their names on the wire.
    """

    seen: str = ""
    parts: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Return what the column says."""
        seen, *parts = (text or "").split(" ")
        return cls(seen, dict(part.split("=", 1) for part in parts))

    def __str__(self) -> str:
        """Write it for the column: ``<seen> address=<hash> orderItems=<hash> …``."""
        return " ".join([self.seen, *(f"{name}={value}" for name, value in sorted(self.parts.items()))])


@attrs.frozen
class Held(Kept):
    """What the column ``order_hash`` keeps of one order."""

    @classmethod
    def of(cls, order: CreateOrder) -> Self:
        """Return what is held once *order* was taken whole."""
        body = _body(order)
        parts = {name: digest(body[name])[:_SHORT] for name in _FIXED if name in body}
        parts[_SAID] = "".join(letter for name, letter in _LETTERS.items() if name in body)
        if order.premium_paid:
            parts[_PREMIUM] = "paid"
        return cls(digest(body), parts)

    @property
    def has_premium(self) -> bool:
        """Tell whether Order Protection knows of a premium."""
        return _PREMIUM in self.parts

    def lacks(self, now: Held) -> list[str]:
        """Return the names of the parts of *now* that differ from what is held, and that no update carries."""
        gone = set(self.parts.get(_SAID, "")) - set(now.parts.get(_SAID, ""))
        return [name for name in _FIXED if self.parts.get(name) != now.parts.get(name)] + [
            name for name, letter in _LETTERS.items() if letter in gone
        ]

    def updated(self, now: Held, *, said: bool = True) -> Held:
        """Return what is held after an update with *now*; where its premium was not said, that stays as it was."""
        parts = {name: value for name, value in self.parts.items() if name != _PREMIUM}
        parts[_SAID] = "".join(sorted({*parts.get(_SAID, ""), *now.parts.get(_SAID, "")}))
        premium = (now if said else self).parts.get(_PREMIUM)
        if premium is not None:
            parts[_PREMIUM] = premium
        return Held(now.seen, parts)

    def without_premium(self) -> Held:
        """Return what is held once an order was taken whole, but for its premium, which was not said."""
        return Held(self.seen, {name: value for name, value in self.parts.items() if name != _PREMIUM})
