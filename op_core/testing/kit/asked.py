"""What the kit asks of an adapter: requests as the engine makes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from op_core.claims.content import reference
from op_core.models import Address, LineQuantity, Order
from op_core.money import Money
from op_core.requests import (
    Effect,
    FindRequest,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.untrusted import Untrusted

__all__ = ["TEXT", "a_note", "a_protection_change", "a_refund", "a_reship", "a_store_credit", "the_question"]

TEXT = "Parcel lost; see <the claim> & reship."


def a_refund(order: Order, amount: Money, *, n: int = 1, payment: str | None = None,
             lines: Sequence[LineQuantity] = ()) -> RefundRequest:  # fmt: skip
    """Return a request to give *amount* back, from the first payment where none is named."""
    payment_id = order.payments[0].id if payment is None else payment
    return RefundRequest(**_of("refund", order, n), amount=amount, payment_id=payment_id, lines=tuple(lines))


def a_reship(order: Order, lines: Sequence[LineQuantity], *, n: int = 1, address: Address | None = None,
             **more: Any) -> ReshipRequest:  # fmt: skip
    """Return a request to send these units again, to the order's own address where none is named."""
    to = address or order.shipping_address or order.billing_address or Address()
    return ReshipRequest(**_of("reship", order, n), lines=tuple(lines), address=to, **more)


def a_store_credit(order: Order, amount: Money, *, n: int = 1) -> StoreCreditRequest:
    """Return a request to give *amount* as credit."""
    return StoreCreditRequest(**_of("store_credit", order, n), amount=amount)


def a_protection_change(verb: str, order: Order, amount: Money, *, n: int = 1) -> ProtectionChangeRequest:
    """Return a request to bill the premium (``charge_protection``) or to give it back (``refund_protection``)."""
    key = OperationKey("main-1", f"protection:{order.id}", verb, n)
    no_claim = {"key": key, "reference": reference(key), "claim_id": None, "reason": "changed by hand"}
    return ProtectionChangeRequest(**_of(verb, order, n) | no_claim, amount=amount)


def a_note(order: Order, *, n: int = 1, text: str = TEXT) -> NoteRequest:
    """Return a request to put a text on the order."""
    return NoteRequest(**_of("note", order, n), text=Untrusted(text))


def the_question(request: Effect, order: Order | None = None) -> FindRequest:
    """Return the question whether *request* was done. *order*: a fresher snapshot than the request's."""
    amount = getattr(request, "amount", None)
    return FindRequest(request.store, request.key, request.reference, order or request.order, amount)


def _of(verb: str, order: Order, n: int) -> dict[str, Any]:
    key = OperationKey("main-1", f"claim:KIT-{n}", verb, 1)
    return {
        "store": "main",
        "key": key,
        "reference": reference(key),
        "order": order,
        "deadline": datetime.now(UTC) + timedelta(seconds=30),
        "claim_id": f"KIT-{n}",
        "reason": "DAMAGED",
    }
