"""
What a shop written in Python implements to plug in: stub interfaces, with no vendor's SDK behind them.

The vocabulary is that of an order API such as Saleor's: order, line, address, fulfillment, granted refund,
replacement order, store credit, stock. Subclass `Backend`, override what the shop can do; every method that is
not overridden raises `NotSupported`, and op-core then holds the action for a person. A method may be ``def`` or
``async def``.

The adapter ``custom_store`` (distribution op-custom-store) turns a `Backend` into hooks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar

import attrs

from op_core.errors import NotSupported
from op_core.models import (
    Address,
    Customer,
    Fulfillment,
    FulfillmentStatus,
    Line,
    LineQuantity,
    Order,
    OrderPage,
    Payment,
    Product,
    ProductPage,
    ProductStatus,
    Stock,
)
from op_core.money import Money
from op_core.requests import (
    NoteRequest,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)

__all__ = [
    "Address",
    "Answer",
    "Backend",
    "Customer",
    "Fulfillment",
    "FulfillmentInterface",
    "FulfillmentStatus",
    "GrantedRefund",
    "Line",
    "LineQuantity",
    "NoteInterface",
    "Order",
    "OrderInterface",
    "OrderNote",
    "OrderPage",
    "Payment",
    "Product",
    "ProductPage",
    "ProductStatus",
    "ProtectionChange",
    "ProtectionInterface",
    "RefundInterface",
    "ReplacementInterface",
    "ReplacementOrder",
    "Stock",
    "StockInterface",
    "StoreCredit",
    "StoreCreditInterface",
]

T = TypeVar("T")
Answer: TypeAlias = T | Awaitable[T]
MoneyStatus: TypeAlias = Literal["moved", "queued", "booked"]


@attrs.frozen
class GrantedRefund:
    """
    A refund that the shop holds.

    Attributes:
        id: The shop's id of it.
        reference: Our reference, as it was handed in.
        money: ``moved`` (a gateway answered), ``queued`` (a job will pay) or ``booked`` (only a row was written).
    """

    id: str
    amount: Money
    reference: str
    money: MoneyStatus


@attrs.frozen
class ReplacementOrder:
    """An order that replaces another and costs nothing (origin ``REISSUE`` in Saleor)."""

    id: str
    number: str
    reference: str
    original_id: str


@attrs.frozen
class StoreCredit:
    """Credit that the customer can spend: its code or id."""

    id: str
    amount: Money
    reference: str
    money: MoneyStatus = "moved"


@attrs.frozen
class ProtectionChange:
    """A charge or a give-back of the premium that the shop holds."""

    id: str
    amount: Money
    reference: str
    money: MoneyStatus


@attrs.frozen
class OrderNote:
    """A note on an order."""

    id: str
    reference: str


class OrderInterface:
    """Orders: needed by everything else."""

    def changed_orders(self, since: datetime | None, cursor: str | None, limit: int) -> Answer[OrderPage]:
        """
        Return one page of orders changed at or after *since* (UTC; None: all), oldest change first.

        Args:
            since: Earliest time of change.
            cursor: What the page before returned; None for the first.
            limit: Most orders in the page.
        """
        raise NotSupported("changed_orders is not overridden")

    def order(self, order_id: str) -> Answer[Order | None]:
        """Return the order with its payments, or None where there is none."""
        raise NotSupported("order is not overridden")


class FulfillmentInterface:
    """Parcels."""

    def fulfillments(self, order_ids: Sequence[str]) -> Answer[Sequence[Fulfillment]]:
        """Return the fulfillments of all these orders, in one go."""
        raise NotSupported("fulfillments is not overridden")


class StockInterface:
    """Stock and products."""

    def stock(self, order: Order, lines: Sequence[LineQuantity]) -> Answer[Sequence[Stock]]:
        """Return what can be sent now of each line."""
        raise NotSupported("stock is not overridden")

    def products(self, since: datetime | None, cursor: str | None, limit: int) -> Answer[ProductPage]:
        """Return one page of products; the arguments mean what they mean for `changed_orders`."""
        raise NotSupported("products is not overridden")


class ReplacementInterface:
    """Replacements. A shop without `find_replacements` is asked never: an unknown outcome waits for a person."""

    def create_replacement(self, request: ReshipRequest) -> Answer[ReplacementOrder]:
        """Make an order of these units at price 0, tax 0 and no shipping cost; keep the reference on it."""
        raise NotSupported("create_replacement is not overridden")

    def find_replacements(self, reference: str, order: Order) -> Answer[Sequence[ReplacementOrder]]:
        """Return all replacements under the reference: none, one, or (what should not be) more."""
        raise NotSupported("find_replacements is not overridden")


class RefundInterface:
    """Refunds."""

    def grant_refund(self, request: RefundRequest) -> Answer[GrantedRefund]:
        """Give back exactly the amount from that payment; keep the reference. Raise `Refused` to say no."""
        raise NotSupported("grant_refund is not overridden")

    def find_refunds(self, reference: str, order: Order) -> Answer[Sequence[GrantedRefund]]:
        """Return all refunds under the reference."""
        raise NotSupported("find_refunds is not overridden")


class StoreCreditInterface:
    """Store credit."""

    def issue_store_credit(self, request: StoreCreditRequest) -> Answer[StoreCredit]:
        """Give the customer credit; keep the reference."""
        raise NotSupported("issue_store_credit is not overridden")

    def find_store_credits(self, reference: str, order: Order) -> Answer[Sequence[StoreCredit]]:
        """Return all credits under the reference."""
        raise NotSupported("find_store_credits is not overridden")


class ProtectionInterface:
    """The protection premium, billed or given back after the sale."""

    def charge_protection(self, request: ProtectionChangeRequest) -> Answer[ProtectionChange]:
        """Bill the customer the premium; keep the reference."""
        raise NotSupported("charge_protection is not overridden")

    def refund_protection(self, request: ProtectionChangeRequest) -> Answer[ProtectionChange]:
        """Give the premium back; keep the reference."""
        raise NotSupported("refund_protection is not overridden")

    def find_protection_changes(self, reference: str, order: Order) -> Answer[Sequence[ProtectionChange]]:
        """Return all charges and give-backs under the reference."""
        raise NotSupported("find_protection_changes is not overridden")


class NoteInterface:
    """Notes for the shop's staff."""

    def add_note(self, request: NoteRequest) -> Answer[OrderNote]:
        """Put the text on the order; keep the reference. It comes from outside: bind ``request.text.plain``."""
        raise NotSupported("add_note is not overridden")

    def find_notes(self, reference: str, order: Order) -> Answer[Sequence[OrderNote]]:
        """Return all notes under the reference."""
        raise NotSupported("find_notes is not overridden")


@attrs.define(eq=False)
class Backend(
    OrderInterface,
    FulfillmentInterface,
    StockInterface,
    ReplacementInterface,
    RefundInterface,
    StoreCreditInterface,
    ProtectionInterface,
    NoteInterface,
):
    """A whole shop. Override what it can do."""
