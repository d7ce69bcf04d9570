"""What is told of an order, fact by fact, so that a case can name the one that is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from op_core.models import Address, Line, Order
from op_core.money import Money
from op_core.testing.kit.cases import wrong

__all__ = ["facts", "same"]

Facts = dict[str, Any]


def same(harm: str, found: Order, expected: Order, *parts: str) -> None:
    """
    End the case where two orders differ.

    Args:
        harm: What follows of it.
        found: As the adapter told it.
        expected: As the shop holds it.
        parts: Words in the names of the facts that count; none: all facts.
    """
    now, wanted = facts(found), facts(expected)
    for name in {**wanted, **now}:
        counts = not parts or any(part in name for part in parts)
        if counts and now.get(name) != wanted.get(name):
            wrong(harm, f"{name} of order {expected.id} is {_shown(now, name)}, expected {_shown(wanted, name)}")


def facts(order: Order, *, ids: bool = True) -> Facts:
    """
    Return all facts of an order that a claim may rest on, by name.

    An amount of 0 and none are the same, and so are a payment of 0 and none. Lines are told apart by their id, or
    without *ids* by SKU and place.
    """
    found = dict(_order(order))
    found |= {f"address to ship to: {name}": value for name, value in _address(order.shipping_address)}
    found |= {f"address to bill: {name}": value for name, value in _address(order.billing_address)}
    seen: Counter[str] = Counter()
    found["number of lines"] = sum(not line.is_protection for line in order.lines)
    for line in order.lines:
        seen[line.sku] += 1
        if not line.is_protection:
            title = f"line {line.id}" if ids else f"line {line.sku} ({seen[line.sku]})"
            found |= {f"{title}: {name}": value for name, value in _line(line)}
    paid = [one for one in order.payments if one.captured]
    found["payments"] = sorted((one.captured.amount, one.refunded.amount, one.captured.currency) for one in paid)
    if ids:
        found |= {"id": order.id, "number": order.number, "created": order.created_at}
        found["payment ids"] = sorted(one.id for one in paid)
    return found


def _order(order: Order) -> Iterator[tuple[str, Any]]:
    yield "currency", order.currency
    yield "total", _sum(order.total)
    yield "sum of lines", _sum(order.subtotal)
    yield "sum of shipping", _sum(order.shipping)
    yield "sum of shipping tax", _sum(order.shipping_tax)
    yield "sum of tax", _sum(order.tax)
    yield "sum of discounts", _sum(order.discount)
    yield "premium", _sum(order.premium_paid)
    yield "customer's email", order.customer.email
    yield "cancelled", order.cancelled_at is not None
    yield "replaces", order.replaces


def _line(line: Line) -> Iterator[tuple[str, Any]]:
    yield "sku", line.sku
    yield "quantity", line.quantity
    yield "name", line.name
    yield "unit price", _sum(line.unit_price)
    yield "discount", _sum(line.discount)
    yield "tax", _sum(line.tax)


def _address(address: Address | None) -> Iterator[tuple[str, str]]:
    if address is None:
        return
    yield "name", f"{address.first_name} {address.last_name}".strip()
    yield "street", address.street_address_1
    yield "second line", address.street_address_2
    yield "city", address.city
    yield "area", address.country_area
    yield "postal code", address.postal_code
    yield "country", address.country
    yield "phone", address.phone


def _sum(money: Money | None) -> Money | None:
    return money or None


def _shown(all_facts: Facts, name: str) -> str:
    value = all_facts.get(name)
    return "nothing" if value is None else str(value) if isinstance(value, Money) else repr(value)
