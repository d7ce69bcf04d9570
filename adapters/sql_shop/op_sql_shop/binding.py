"""What the statements of a write can bind: each name, and the value that a request gives it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from op_core.models import LineQuantity, Order
from op_core.requests import Effect, NoteRequest, RefundRequest, ReshipRequest
from op_sql_shop.converters import Forms

__all__ = ["LINE_NAMES", "NAMES", "line_values", "units_of", "values"]

_COMMON = ("reference", "order_id", "order_number", "claim_id", "reason", "now", "currency")
_MONEY = (*_COMMON, "amount")
_ADDRESS = (
    "first_name", "last_name", "company_name", "street_address_1", "street_address_2", "city", "country_area",
    "postal_code", "country", "phone",
)  # fmt: skip
LINE_NAMES = ("line_id", "quantity", "line_name", "line_sku", "line_product_id", "line_variant_id")
"""What is bound of each line, in steps that are done for each."""
NAMES = {
    "reship": (
        *_COMMON,
        "shipping_method",
        "take_stock",
        "notify",
        "unit_price",
        "tax",
        *(f"to_{one}" for one in _ADDRESS),
        *LINE_NAMES,
    ),
    "refund": (*_MONEY, "payment_id", *LINE_NAMES),
    "store_credit": (*_MONEY, "customer_email", *LINE_NAMES),
    "charge_protection": _MONEY,
    "refund_protection": _MONEY,
    "note": (*_COMMON, "text"),
}
"""Verb to everything that its statements can bind, beside what earlier ones returned."""


def values(request: Effect, forms: Forms, now: datetime) -> dict[str, Any]:
    """
    Return what a request gives to bind.

    Raises:
        ValueError: The database cannot hold the amount, or what is asked for is not of this order: a mapping whose
            guard is missing is not all that stands before it.
    """
    order = request.order
    _of_the_order(request)
    bound: dict[str, Any] = {
        "reference": request.reference,
        "order_id": order.id,
        "order_number": order.number,
        "claim_id": request.claim_id,
        "reason": request.reason,
        "now": forms.time(now),
        "currency": order.currency,
    }
    amount = getattr(request, "amount", None)
    if amount is not None:
        bound |= {"amount": forms.amount(amount.amount, amount.currency), "currency": amount.currency}
        bound["customer_email"] = order.customer.email
    if isinstance(request, RefundRequest):
        bound["payment_id"] = request.payment_id
    if isinstance(request, NoteRequest):
        bound["text"] = request.text.plain
    if isinstance(request, ReshipRequest):
        bound |= {f"to_{name}": value for name, value in attrs.asdict(request.address).items()}
        free = forms.amount(request.unit_price, order.currency)
        bound |= {"unit_price": free, "tax": forms.amount(request.tax, order.currency)}
        bound |= {name: getattr(request, name) for name in ("shipping_method", "take_stock", "notify")}
    return bound


def _of_the_order(request: Effect) -> None:
    order, amount = request.order, getattr(request, "amount", None)
    if amount is not None and amount.amount <= 0:
        raise ValueError(f"found {amount}; expected an amount above 0")
    if isinstance(request, RefundRequest) and request.payment_id not in {each.id for each in order.payments}:
        raise ValueError(f"order {order.id} has no payment {request.payment_id}")
    for line_id, units in units_of(getattr(request, "lines", ())).items():
        sold = order.line(line_id)
        if sold is None or sold.quantity < units:
            has = f"has {sold.quantity} units on line {line_id}" if sold is not None else f"has no line {line_id}"
            raise ValueError(f"order {order.id} {has}; asked for were {units}")


def units_of(lines: Iterable[LineQuantity]) -> Counter[str]:
    """Return each line once, with all of its units."""
    units = Counter[str]()
    for line in lines:
        units[line.line_id] += line.quantity
    return +units


def line_values(order: Order, line_id: str, quantity: int) -> dict[str, Any]:
    """Return what one line gives to bind."""
    sold = order.line(line_id)
    bound: dict[str, Any] = {"line_id": line_id, "quantity": quantity}
    for name in ("name", "sku", "product_id", "variant_id"):
        bound[f"line_{name}"] = getattr(sold, name) if sold is not None else ""
    return bound
