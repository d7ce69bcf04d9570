"""An effect of one cent or one unit, on an order that it suits, for a rehearsal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from op_core.models import Address, LineQuantity, Order
from op_core.money import Money, exponent
from op_core.requests import (
    Effect,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.untrusted import Untrusted
from op_sql_shop.client import Session
from op_sql_shop.proving.subject import Subject

__all__ = ["request"]

_TIME = timedelta(minutes=1)
_WHY = "op-core proves its writes, and takes this back"


def request(  # noqa: PLR0911 - one answer for each verb
    subject: Subject, session: Session, verb: str, order: Order, reference: str
) -> Effect | None:
    """Return the smallest effect that can be made of an order; None where the order does not suit it."""
    common: dict[str, Any] = {
        "store": subject.store,
        "key": OperationKey(subject.store, f"claim:{reference}", verb, 1),
        "reference": reference,
        "order": order,
        "deadline": subject.clock() + _TIME,
        "claim_id": None if verb.endswith("protection") else "op-prove",
        "reason": _WHY,
    }
    smallest = Money(Decimal(1).scaleb(-exponent(order.currency)), order.currency)
    lines = tuple(LineQuantity(line.id, 1) for line in order.lines if line.quantity > 0 and not line.is_protection)[:1]
    payment = next((one for one in order.payments if one.refundable.amount >= smallest.amount), None)
    if verb == "note":
        return NoteRequest(**common, text=Untrusted(_WHY))
    if verb == "store_credit":
        return StoreCreditRequest(**common, amount=smallest, lines=lines)
    if verb == "reship":
        return _reship(subject, session, common, lines)
    if verb == "charge_protection":
        return ProtectionChangeRequest(**common, amount=smallest)
    if payment is None:
        return None
    if verb == "refund":
        return RefundRequest(**common, amount=smallest, payment_id=payment.id, lines=lines)
    premium = order.premium_paid
    return ProtectionChangeRequest(**common, amount=smallest) if premium is not None and premium.amount else None


def _reship(
    subject: Subject, session: Session, common: dict[str, Any], lines: tuple[LineQuantity, ...]
) -> ReshipRequest | None:
    order: Order = common["order"]
    if not lines or order.cancelled_at is not None:
        return None
    if subject.mapping.stock is not None:
        (stock,) = subject.reader.stock(session, order.id, lines)
        if stock.available is not None and stock.available < 1:
            return None
    address = order.shipping_address or order.billing_address or Address()
    return ReshipRequest(**common, lines=lines, address=address)
