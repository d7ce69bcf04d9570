"""How the Corner Shop copies an order, in part: its button "order again", which replacements are made with."""

from decimal import Decimal
from typing import Any

__all__ = ["copied"]

Doc = dict[str, Any]


def copied(order: Doc, asked: Doc, new_id: str, now: str) -> Doc:
    """
    Return a copy of an order.

    It is as the original unless *asked* says otherwise: at its prices, with its shipping, payments and address.
    """
    units = {one["line"]: one["quantity"] for one in asked["lines"]}
    lines = [_line(one, units[one["id"]], asked) for one in order["lines"] if one["id"] in units]
    shipping = Decimal(asked.get("shipping", order["shipping"] or "0"))
    tax = Decimal(asked["tax"]) if "tax" in asked else sum((Decimal(one["tax"] or 0) for one in lines), Decimal(0))
    subtotal = sum((Decimal(one["price"]) * one["quantity"] for one in lines), Decimal(0))
    return {
        **order,
        "id": new_id,
        "number": f"{order['number']}-{new_id.rpartition('-')[2]}",
        "placed_at": now,
        "changed_at": now,
        "cancelled_at": None,
        "status": "open",
        "total": str(subtotal + shipping + tax),
        "subtotal": str(subtotal),
        "shipping": str(shipping),
        "shipping_tax": None,
        "tax": str(tax),
        "discount": None,
        "premium": None,
        "lines": lines,
        "payments": [] if asked.get("payments") == "none" else order["payments"],
        "ship_to": asked.get("ship_to", order["ship_to"]),
        "method": asked.get("method"),
        "told": asked.get("notify", True),
        "replaces": order["id"],
        "references": [asked["reference"]] if asked.get("reference") else [],
    }


def _line(line: Doc, quantity: int, asked: Doc) -> Doc:
    # Tax and discount are those of the whole line, so that they go with the price.
    parts = {name: None if "price" in asked else line[name] for name in ("discount", "tax")}
    return {**line, **parts, "quantity": quantity, "refunded": 0, "price": asked.get("price", line["price"])}
