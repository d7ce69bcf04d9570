"""
What Order Protection told us, in one form, whichever spelling it came in.

Amounts are Decimals exactly as the text had them; None means that the delivery does not say. Types and reasons stay
text, so that values nobody knows yet survive. Words that a person wrote are `op_core.untrusted.Untrusted`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from op_core.untrusted import Untrusted, code

__all__ = [
    "ClaimApproved",
    "ClaimCreated",
    "ClaimDenied",
    "ClaimItem",
    "Event",
    "MessageCreated",
    "ProtectionChanged",
    "Resolution",
    "ResolvedLine",
    "SaidAddress",
]

_NOTHING = Untrusted("")


@attrs.frozen(kw_only=True)
class ResolvedLine:
    """One item of a resolution (page WH-CA). Whether price, discount and tax are of a unit or a line is not said."""

    quantity: int
    item_id: str | None = None
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    name: Untrusted | None = attrs.field(default=None, eq=False)
    price: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    percentage: Decimal | None = None
    flat_amount: Decimal | None = None


@attrs.frozen(kw_only=True)
class SaidAddress:
    """The address of a reship as it was said (page WH-CA): no name, no phone; names or codes (C-7)."""

    address1: Untrusted = _NOTHING
    address2: Untrusted = _NOTHING
    city: Untrusted = _NOTHING
    state: Untrusted = _NOTHING
    zip: Untrusted = _NOTHING
    country: Untrusted = _NOTHING


@attrs.frozen(kw_only=True)
class Resolution:
    """
    What was decided about (part of) a claim.

    Attributes:
        type: ``RESHIP``, ``REFUND``, ``STORE_CREDIT``, ``FLAT_RATE``; a reason for denials; anything else survives.
        currency: None in the camelCase body, as are all amounts.
        total: ``total_refund_amount``, major units.
    """

    type: str = attrs.field(repr=code)
    lines: tuple[ResolvedLine, ...]
    currency: str | None = None
    total: Decimal | None = None
    shipping: Decimal | None = None
    shipping_tax: Decimal | None = None
    address: SaidAddress | None = None


@attrs.frozen(kw_only=True)
class Event:
    """
    What every event has.

    Attributes:
        event_id: The envelope's id; None in the developer page's spelling (C-3).
        created_at: UTC; None where the envelope does not say.
        dialect: ``reference``, ``slash`` or ``camel``.
        op_order_id: Order Protection's own id of the order.
        order_id: The shop's id of the order (``source_order_id``).
        op_store_id: Only in the camelCase body.
    """

    dialect: str
    event_id: str | None = None
    created_at: datetime | None = None
    op_order_id: str | None = None
    order_id: str | None = None
    op_store_id: str | None = None


@attrs.frozen(kw_only=True)
class ClaimItem:
    """One item that a claim is about (page WH-CC)."""

    quantity: int
    item_id: str | None = None
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    name: Untrusted | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True)
class ClaimCreated(Event):
    """A customer filed a claim (page WH-CC)."""

    claim_id: str
    type: str | None = None
    state: str | None = None
    description: Untrusted = _NOTHING
    items: tuple[ClaimItem, ...] = ()


@attrs.frozen(kw_only=True)
class ClaimApproved(Event):
    """A claim was approved, with what is owed (page WH-CA)."""

    claim_id: str
    resolutions: tuple[Resolution, ...]


@attrs.frozen(kw_only=True)
class ClaimDenied(Event):
    """A claim was denied (page WH-CD). The types are reasons; amounts and lines mean nothing and are not read."""

    claim_id: str
    resolutions: tuple[Resolution, ...] = ()


@attrs.frozen(kw_only=True)
class MessageCreated(Event):
    """A text for the order (page WH-MSG)."""

    claim_id: str | None
    message: Untrusted


@attrs.frozen(kw_only=True)
class ProtectionChanged(Event):
    """Protection was added (the customer owes *amount*) or removed (*amount* goes back) by hand (WH-PA, WH-PR)."""

    added: bool
    amount: Decimal
    currency: str
