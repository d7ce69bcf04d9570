"""What a hook is given: one frozen value each. New facts come as new fields with a default, never as new arguments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from op_core.models import Address, LineQuantity, Order
from op_core.money import Money
from op_core.untrusted import Untrusted

__all__ = [
    "CheckStockRequest",
    "Effect",
    "EventRequest",
    "ExportOrdersRequest",
    "ExportProductsRequest",
    "FindRequest",
    "GetOrderRequest",
    "LookupFulfillmentsRequest",
    "NoteRequest",
    "OperationKey",
    "PlannedAction",
    "ProtectionChangeRequest",
    "RefundRequest",
    "ReshipRequest",
    "ReviewPlanRequest",
    "StoreCreditRequest",
    "Try",
]


@attrs.frozen
class OperationKey:
    """
    The name of an action for ever.

    Attributes:
        store: The store's permanent id.
        subject: ``claim:<id>``, ``protection:<order id>`` or ``message:<id>``.
        verb: ``reship``, ``refund``, ``store_credit``, ``charge_protection``, ``refund_protection`` or ``note``.
        n: Position among the actions of that verb for that subject, in the order we first planned them; from 1.
    """

    store: str
    subject: str
    verb: str
    n: int

    def __str__(self) -> str:
        """Write it as ``store/subject/verb/n``."""
        return f"{self.store}/{self.subject}/{self.verb}/{self.n}"


@attrs.frozen
class Try:
    """One earlier try of the same action: when, and what came of it."""

    at: datetime
    result: str
    reason: str = ""


@attrs.frozen
class ExportOrdersRequest:
    """
    Ask for one page of orders that changed.

    Attributes:
        store: Name of the store in the settings.
        since: Only orders changed at or after this time, UTC. None: all.
        cursor: What the page before returned; None for the first page.
        limit: Most orders in the page.
    """

    store: str
    since: datetime | None = None
    cursor: str | None = None
    limit: int = 200


@attrs.frozen
class ExportProductsRequest(ExportOrdersRequest):
    """Ask for one page of products; the fields mean what they mean for orders."""


@attrs.frozen
class GetOrderRequest:
    """Ask for one order, with its payments, by the shop's immutable id."""

    store: str
    order_id: str


@attrs.frozen
class LookupFulfillmentsRequest:
    """Ask for the fulfillments of up to a page of orders."""

    store: str
    order_ids: tuple[str, ...]


@attrs.frozen
class CheckStockRequest:
    """Ask how many units can be sent of what these lines sold."""

    store: str
    order: Order
    lines: tuple[LineQuantity, ...]


@attrs.frozen
class FindRequest:
    """
    Ask the shop whether it holds an effect under our reference.

    Attributes:
        key: The action's name for ever.
        reference: ``OP-…``, as it was handed to the call that made the effect.
        order: A snapshot of the order, taken just before.
        amount: What the effect would be worth; None for a reship or a note.
        shop_id: The shop's id of it, where an earlier answer named one.
    """

    store: str
    key: OperationKey
    reference: str
    order: Order
    amount: Money | None = None
    shop_id: str | None = None
    tries: tuple[Try, ...] = ()


@attrs.frozen(kw_only=True)
class Effect:
    """
    What every call that changes the shop is given.

    Attributes:
        store: Name of the store in the settings.
        key: The action's name for ever.
        reference: ``OP-`` and at most 29 letters and digits. Write it into the shop: `op_find_…` is asked for it.
        order: A snapshot of the order, taken just before this call.
        claim_id: Order Protection's id of the claim; None for a protection change.
        reason: Why, in words that a shop's staff may read.
        deadline: The answer is not waited for after this time, UTC.
        attempt: 1 for the first try.
        tries: What came of the earlier ones.
    """

    store: str
    key: OperationKey
    reference: str
    order: Order
    deadline: datetime
    claim_id: str | None = None
    reason: str = ""
    attempt: int = 1
    tries: tuple[Try, ...] = ()


@attrs.frozen(kw_only=True)
class ReshipRequest(Effect):
    """
    Send these units again. The customer owes nothing.

    Attributes:
        lines: Units of the original order's lines.
        address: Where to.
        unit_price: Always 0: say it to the shop.
        tax: Always 0.
        shipping_method: None: the shop's default.
        take_stock: Whether the units are taken from stock, as a sale would.
        notify: Whether the shop tells the customer.
    """

    lines: tuple[LineQuantity, ...]
    address: Address
    unit_price: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    shipping_method: str | None = None
    take_stock: bool = True
    notify: bool = False


@attrs.frozen(kw_only=True)
class RefundRequest(Effect):
    """
    Give back *amount* of one payment. *lines* are what it is for; the amount never follows from them.

    Attributes:
        payment_id: The payment to give back from.
        lines: Of a refund that is split over payments the first part has them, so that a shop that counts refunded
            units counts each once; the others have none.
    """

    amount: Money
    payment_id: str
    lines: tuple[LineQuantity, ...] = ()


@attrs.frozen(kw_only=True)
class StoreCreditRequest(Effect):
    """Give the order's customer *amount* to spend in this shop."""

    amount: Money
    lines: tuple[LineQuantity, ...] = ()


@attrs.frozen(kw_only=True)
class ProtectionChangeRequest(Effect):
    """Bill the customer the premium (charge), or give it back (refund): *amount*."""

    amount: Money


@attrs.frozen(kw_only=True)
class NoteRequest(Effect):
    """Put *text* on the order for the shop's staff. It comes from outside: see `op_core.untrusted.Untrusted`."""

    text: Untrusted = attrs.field(repr=False, validator=attrs.validators.instance_of(Untrusted))


@attrs.frozen
class PlannedAction:
    """
    One action of a plan, as a reviewer sees it.

    Attributes:
        key: Of its claim and verb; ``n`` is 0, for it is numbered when it is written down.
    """

    key: OperationKey
    order_id: str
    amount: Money | None = None
    lines: tuple[LineQuantity, ...] = ()
    payment_id: str | None = None


@attrs.frozen
class ReviewPlanRequest:
    """A plan, before anything of it is done."""

    store: str
    claim_id: str | None
    order: Order
    actions: tuple[PlannedAction, ...]


@attrs.frozen
class EventRequest:
    """
    Something happened in the ledger.

    Attributes:
        name: ``delivery.quarantined``, ``action.held``, ``action.done``, ``report.sent``, ``wire.new_shape`` and
            their kin.
        at: When, UTC.
        subject: The key of the action, or the id of the delivery or of the shape.
        facts: Further facts by name. No personal data.
    """

    store: str
    name: str
    at: datetime
    subject: str
    facts: Mapping[str, Any] = attrs.field(factory=dict)
