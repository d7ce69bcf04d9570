"""One order out of its row and the rows of its children."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from op_core.models import Address, Customer, Line, Order, Payment
from op_core.money import Money, total
from op_sql_shop.mapping import Shop
from op_sql_shop.rows import money

__all__ = ["order"]

_MONEY = ("shipping", "shipping_tax", "tax", "discount", "premium")
_LINE_MONEY = ("unit_price", "subtotal", "discount", "total", "tax", "total_incl_tax")
_NOT_A_LINES = ("order_id", "subtotal", "total", "total_incl_tax")
_PLAIN = ("status", "cancelled_at", "risk_level", "tags")


def order(
    said: Mapping[str, Any],
    parts: Mapping[str, Sequence[Mapping[str, Any]]],
    marks: Iterable[Mapping[str, Any]],
    shop: Shop,
) -> Order:
    """
    Return the order.

    What its statement does not say is taken from its children: ``subtotal`` and ``discount`` are the sums over the
    lines, the premium that over ``premiums``, name and phone of the customer those of the address. A tax or a discount
    that no column holds is the difference of two that do, subtracted here: a database that holds floats would do it in
    floats.

    Args:
        said: The fields of its row.
        parts: Table to the fields of each row, for ``lines``, ``payments``, ``addresses``, ``premiums``, ``marks``.
        marks: Our own references on it.
        shop: What holds for all.

    Raises:
        ValueError: It is no order.
    """
    currency = said.get("currency") or shop.currency
    if currency is None:
        raise ValueError("found no currency; expected a column currency, or shop.currency")
    amounts: dict[str, Any] = {name: money(said[name], currency) for name in _MONEY if name in said}
    if "tax" not in amounts and "total_excl_tax" in said:
        amounts["tax"] = money(said["total"], currency) - money(said["total_excl_tax"], currency)
    if "shipping_tax" not in amounts and "shipping" in amounts and "shipping_incl_tax" in said:
        amounts["shipping_tax"] = money(said["shipping_incl_tax"], currency) - amounts["shipping"]
    lines, before = [], []
    for row in parts.get("lines", ()):
        line, subtotal = _line(row, currency, shop)
        lines.append(line)
        before.append(subtotal)
    if "discount" not in amounts and any(line.discount for line in lines):
        amounts["discount"] = total((line.discount for line in lines if line.discount), currency)
    elif "discount" not in amounts and any(line.discount is not None for line in lines):
        amounts["discount"] = total((), currency)
    if "premium" not in amounts and parts.get("premiums"):
        amounts["premium"] = total((money(one["amount"], currency) for one in parts["premiums"]), currency)
    addresses = {one["kind"].lower(): _address(one) for one in parts.get("addresses", ())}
    ship_to, bill_to = addresses.get("shipping"), addresses.get("billing")
    home = ship_to or bill_to or Address()
    known = [*marks, *parts.get("marks", ())]
    return Order(
        id=said["id"],
        number=said["number"],
        created_at=said["created_at"],
        updated_at=said.get("updated_at") or said["created_at"],
        currency=currency,
        total=money(said["total"], currency),
        subtotal=money(said["subtotal"], currency) if "subtotal" in said else total(before, currency),
        lines=tuple(lines),
        payments=tuple(_payment(one, currency) for one in parts.get("payments", ())),
        customer=Customer(
            email=said.get("email", ""),
            name=said.get("customer_name") or " ".join(filter(None, (home.first_name, home.last_name))),
            phone=said.get("phone") or home.phone,
        ),
        shipping_address=ship_to,
        billing_address=bill_to,
        replaces=said.get("replaces") or next((one["replaces"] for one in known if one.get("replaces")), None),
        references=frozenset(one["reference"] for one in known),
        **amounts,
        **{name: said[name] for name in _PLAIN if name in said},
    )


def _line(said: Mapping[str, Any], currency: str, shop: Shop) -> tuple[Line, Money]:
    """Return the line, and what it costs before discount and tax."""
    amounts = {name: money(said[name], currency) for name in _LINE_MONEY if name in said}
    before, after, with_tax = (amounts.pop(name, None) for name in ("subtotal", "total", "total_incl_tax"))
    if before is None:
        before = money(amounts["unit_price"].amount * said["quantity"], currency)
    if after is not None:
        amounts.setdefault("discount", before - after)
        if with_tax is not None:
            amounts.setdefault("tax", with_tax - after)
    fields = {name: value for name, value in said.items() if name not in _NOT_A_LINES} | amounts
    if shop.protection_skus and fields.get("sku") in shop.protection_skus:
        fields["is_protection"] = True
    return Line(**fields), before


def _payment(said: Mapping[str, Any], currency: str) -> Payment:
    own = said.get("currency") or currency
    return Payment(said["id"], money(said["captured"], own), money(said["refunded"], own), said.get("method", ""))


def _address(said: Mapping[str, Any]) -> Address:
    fields = {name: value for name, value in said.items() if name not in ("order_id", "kind", "name")}
    if "name" in said and not (fields.get("first_name") or fields.get("last_name")):
        fields["first_name"], _, fields["last_name"] = said["name"].strip().rpartition(" ")
    return Address(**fields)
