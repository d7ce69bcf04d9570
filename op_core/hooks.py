"""
The contract between op-core and a shop: every hook, typed.

An adapter is a class whose methods carry `hookimpl`; it is found by the entry point group ``op_core.adapters``:

    from op_core import hookimpl

    class Adapter:
        @hookimpl
        def op_get_order(self, request):
            return my_shop.order(request.order_id)

Each hook takes one request and returns one value. An adapter may write it as ``def`` or as ``async def``.
"""

from __future__ import annotations

import pluggy

from op_core.models import (
    CannotTell,
    Found,
    Fulfillments,
    Hold,
    NotFound,
    Order,
    OrderPage,
    Outcome,
    ProductPage,
    Stock,
)
from op_core.requests import (
    CheckStockRequest,
    EventRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    NoteRequest,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    ReviewPlanRequest,
    StoreCreditRequest,
)

__all__ = ["ADDRESSED", "BROADCAST", "EFFECTS", "MOVING", "PROJECT", "QUESTIONS", "HookSpecs", "hookimpl", "hookspec"]

PROJECT = "op_core"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """Every hook that op-core calls."""

    # --- Reading -------------------------------------------------------------------------------------------------

    @hookspec(firstresult=True)
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:  # type: ignore[empty-body]  # a specification has no body
        """Return one page of orders, oldest change first. Unchanged orders may come again; none may be skipped."""

    @hookspec(firstresult=True)
    def op_get_order(self, request: GetOrderRequest) -> Order:  # type: ignore[empty-body]  # as above
        """Return the order as it is now, with its payments. Raise `OrderNotFound` where the shop has none."""

    @hookspec(firstresult=True)
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:  # type: ignore[empty-body]  # as above
        """Map each order id to its fulfillments; an order without any may be left out."""

    @hookspec(firstresult=True)
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:  # type: ignore[empty-body]  # as above
        """Return the stock for each of the lines. It is asked before a reship; short stock holds it."""

    @hookspec(firstresult=True)
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:  # type: ignore[empty-body]  # as above
        """Return one page of products with their stock."""

    # --- Changing: each with the question whether it happened -----------------------------------------------------

    @hookspec(firstresult=True)
    def op_create_reship(self, request: ReshipRequest) -> Outcome:  # type: ignore[empty-body]  # as above
        """
        Make a replacement that costs the customer nothing, and keep the reference on it.

        Raises:
            NotSent: It surely never reached the shop.
            Refused: The shop said no.
            NotSupported: The shop cannot. Any other exception counts as unknown.
        """

    @hookspec(firstresult=True)
    def op_find_reship(self, request: FindRequest) -> Found | NotFound | CannotTell:  # type: ignore[empty-body]  # as above
        """Tell whether the shop holds a replacement under the reference."""

    @hookspec(firstresult=True)
    def op_issue_refund(self, request: RefundRequest) -> Outcome:  # type: ignore[empty-body]  # as above
        """Give back exactly the amount, from that payment, and keep the reference. Raises as `op_create_reship`."""

    @hookspec(firstresult=True)
    def op_find_refund(self, request: FindRequest) -> Found | NotFound | CannotTell:  # type: ignore[empty-body]  # as above
        """Tell whether the shop holds a refund under the reference, and whether its money has moved."""

    @hookspec(firstresult=True)
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:  # type: ignore[empty-body]  # as above
        """Give the customer credit, and keep the reference. Raises as `op_create_reship`."""

    @hookspec(firstresult=True)
    def op_find_store_credit(self, request: FindRequest) -> Found | NotFound | CannotTell:  # type: ignore[empty-body]  # as above
        """Tell whether the shop holds a store credit under the reference."""

    @hookspec(firstresult=True)
    def op_charge_protection(self, request: ProtectionChangeRequest) -> Outcome:  # type: ignore[empty-body]  # as above
        """Bill the customer the premium, and keep the reference. Raises as `op_create_reship`."""

    @hookspec(firstresult=True)
    def op_refund_protection(self, request: ProtectionChangeRequest) -> Outcome:  # type: ignore[empty-body]  # as above
        """Give the premium back, and keep the reference. Raises as `op_create_reship`."""

    @hookspec(firstresult=True)
    def op_find_protection_change(self, request: FindRequest) -> Found | NotFound | CannotTell:  # type: ignore[empty-body]  # as above
        """Tell whether the shop holds a charge or a give-back of the premium under the reference."""

    @hookspec(firstresult=True)
    def op_add_note(self, request: NoteRequest) -> Outcome:  # type: ignore[empty-body]  # as above
        """Put a note on the order for the shop's staff, and keep the reference."""

    @hookspec(firstresult=True)
    def op_find_note(self, request: FindRequest) -> Found | NotFound | CannotTell:  # type: ignore[empty-body]  # as above
        """Tell whether the note is there. Optional: without it a note of unknown outcome is tried once more."""

    # --- Observing -----------------------------------------------------------------------------------------------

    @hookspec
    def op_review_plan(self, request: ReviewPlanRequest) -> Hold | None:
        """Return a `Hold` to make the plan wait for a person. Every reviewer runs; an exception is itself a hold."""

    @hookspec
    def op_event(self, request: EventRequest) -> None:
        """Take note of an event. A failure here is logged and never stops a claim."""


BROADCAST = ("op_review_plan", "op_event")
ADDRESSED = tuple(sorted(name for name in vars(HookSpecs) if name.startswith("op_") and name not in BROADCAST))

# What an action's verb is for the contract: the hook that makes it, and the one that tells whether it was made.
EFFECTS = {
    "reship": "op_create_reship",
    "refund": "op_issue_refund",
    "store_credit": "op_issue_store_credit",
    "charge_protection": "op_charge_protection",
    "refund_protection": "op_refund_protection",
    "note": "op_add_note",
}
QUESTIONS = {
    "reship": "op_find_reship",
    "refund": "op_find_refund",
    "store_credit": "op_find_store_credit",
    "charge_protection": "op_find_protection_change",
    "refund_protection": "op_find_protection_change",
    "note": "op_find_note",
}
# The hooks whose effect is money, so that an adapter may declare how it moves.
MOVING = frozenset(EFFECTS[verb] for verb in ("refund", "store_credit", "charge_protection", "refund_protection"))
