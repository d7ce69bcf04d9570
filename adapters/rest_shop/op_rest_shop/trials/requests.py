"""One made-up effect of each verb, on a made-up order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from op_core.models import Address, Customer, Line, LineQuantity, Order, Payment
from op_core.money import Money
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

__all__ = ["REFERENCE", "made_up"]

REFERENCE = "OP-TRIAL000000000000000000"
_AT = datetime(2030, 1, 1, tzinfo=UTC)
_ADDRESS = Address(
    first_name="Some",
    last_name="Body",
    street_address_1="1 Main St",
    city="Springfield",
    country_area="IL",
    postal_code="62701",
    country="US",
    phone="+12175550100",
)


def made_up(verb: str, currency: str) -> Effect:
    """Return a request for *verb*: two lines of one unit, or the price of one of them."""
    price = Money(Decimal(10), currency)
    said: dict[str, Any] = {
        "store": "main",
        "key": OperationKey("trial", "claim:trial", verb, 1),
        "reference": REFERENCE,
        "order": _order(price),
        "deadline": _AT,
        "claim_id": "trial",
        "reason": "a trial",
    }
    units = (LineQuantity("line-1", 1), LineQuantity("line-2", 1))
    make: dict[str, Callable[[], Effect]] = {
        "reship": lambda: ReshipRequest(**said, lines=units, address=_ADDRESS, shipping_method="standard"),
        "refund": lambda: RefundRequest(**said, amount=price, payment_id="payment-1"),
        "store_credit": lambda: StoreCreditRequest(**said, amount=price),
        "charge_protection": lambda: ProtectionChangeRequest(**said, amount=price),
        "refund_protection": lambda: ProtectionChangeRequest(**said, amount=price),
        "note": lambda: NoteRequest(**said, text=Untrusted("a trial")),
    }
    return make[verb]()


def _order(price: Money) -> Order:
    lines = tuple(
        Line(
            id=f"line-{at}",
            name=f"Product {at}",
            quantity=1,
            unit_price=price,
            sku=f"SKU-{at}",
            product_id=f"product-{at}",
            variant_id=f"variant-{at}",
        )
        for at in (1, 2)
    )
    total = Money(2 * price.amount, price.currency)
    return Order(
        id="order-1",
        number="1001",
        created_at=_AT,
        updated_at=_AT,
        currency=price.currency,
        total=total,
        subtotal=total,
        lines=lines,
        payments=(Payment("payment-1", captured=total, refunded=Money(Decimal(0), price.currency)),),
        customer=Customer(email="somebody@example.com"),
        shipping_address=_ADDRESS,
        billing_address=_ADDRESS,
    )
