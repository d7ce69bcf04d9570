"""What op-core's values are in the books of a Corner Shop, and what the books say was done."""

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from contract_0_1.shop import Doc
from op_core.models import Address, Fulfillment, LineQuantity, Order, Product
from op_core.money import Money
from op_core.testing.kit import CannotHold, Effected

__all__ = ["effected", "order", "parcel", "product"]

TOWN = timezone(timedelta(hours=1))  # where the shop's clock hangs
VERBS = {"replacements": "reship", "refunds": "refund", "credits": "store_credit", "notes": "note"}
PRODUCTS = {"ACTIVE": "live", "DRAFT": "draft", "ARCHIVED": "gone"}


def order(given: Order) -> Doc:
    """Return an order as the shop keeps it. Raises `CannotHold` for one of two currencies."""

    def amount(money: Money | None) -> str | None:
        if money is not None and money.currency != given.currency:
            raise CannotHold("an order of a Corner Shop has one currency")
        return None if money is None else f"{money.amount:f}"

    return {
        "id": given.id,
        "number": given.number,
        "placed_at": _time(given.created_at),
        "changed_at": _time(given.updated_at),
        "status": given.status,
        "cancelled_at": _time(given.cancelled_at),
        "currency": given.currency,
        "total": amount(given.total),
        "subtotal": amount(given.subtotal),
        "shipping": amount(given.shipping),
        "shipping_tax": amount(given.shipping_tax),
        "tax": amount(given.tax),
        "discount": amount(given.discount),
        "premium": amount(given.premium),
        "lines": [
            {
                "id": one.id,
                "title": one.name,
                "quantity": one.quantity,
                "price": amount(one.unit_price),
                "sku": one.sku,
                "product": one.product_id,
                "variant": one.variant_id,
                "discount": amount(one.discount),
                "tax": amount(one.tax),
                "refunded": one.refunded_quantity,
                "url": one.url,
                "image": one.image_url,
                "text": one.description,
                "is_protection": one.is_protection,
            }
            for one in given.lines
        ],
        "payments": [
            {"id": one.id, "method": one.method, "captured": amount(one.captured), "refunded": amount(one.refunded)}
            for one in given.payments
        ],
        "customer": {"email": given.customer.email, "name": given.customer.name, "phone": given.customer.phone},
        "ship_to": _address(given.shipping_address),
        "bill_to": _address(given.billing_address),
        "risk": given.risk_level,
        "tags": list(given.tags),
        "replaces": given.replaces,
        "references": sorted(given.references),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(TOWN).isoformat()


def _address(given: Address | None) -> Doc | None:
    if given is None:
        return None
    return {
        "first_name": given.first_name,
        "last_name": given.last_name,
        "company": given.company_name,
        "street": given.street_address_1,
        "street_2": given.street_address_2,
        "city": given.city,
        "area": given.country_area,
        "zip": given.postal_code,
        "country": given.country,
        "phone": given.phone,
    }


def parcel(given: Fulfillment) -> Doc:
    """Return a parcel as the shop keeps it: each number with its address."""
    urls = (*given.tracking_urls, *[""] * len(given.tracking_numbers))
    if len(given.tracking_urls) > len(given.tracking_numbers):
        raise CannotHold("in a Corner Shop a tracking address belongs to a tracking number")
    return {
        "id": given.id,
        "order": given.order_id,
        "status": given.status.value.lower().replace("_", " "),
        "lines": [{"line": one.line_id, "quantity": one.quantity} for one in given.lines],
        "packed_at": _time(given.created_at),
        "changed_at": _time(given.updated_at),
        "carrier": given.tracking_company,
        "tracking": [{"number": n, "url": url} for n, url in zip(given.tracking_numbers, urls, strict=False)],
    }


def product(given: Product, nth: int) -> Doc:
    """Return a product as the shop keeps it, changed in the *nth* second of this year."""
    if given.status.value not in PRODUCTS:
        raise CannotHold("a Corner Shop keeps nothing of a product that was deleted")
    return {
        "product": given.id,
        "variant": given.variant_id,
        "changed_at": _time(datetime(2025, 1, 1, tzinfo=TOWN) + timedelta(seconds=nth)),
        "title": given.name,
        "price": f"{given.price.amount:f}",
        "currency": given.price.currency,
        "tax": None if given.tax is None else f"{given.tax.amount:f}",
        "sku": given.sku,
        "text": given.description,
        "image": given.image_url,
        "status": PRODUCTS[given.status.value],
        "stock": given.quantity,
        "in_stock": given.in_stock,
        "parts": list(given.components),
    }


def effected(one: Doc, orders: Mapping[str, Doc]) -> Effected:
    """Return what the books say of one effect."""
    verb = VERBS.get(one["kind"]) or f"{one['premium']}_protection"
    owed = paid = None
    if verb == "reship":
        new = orders[one["id"]]
        given = sum((Decimal(each["captured"]) for each in new["payments"]), Decimal(0))
        owed, paid = Money(Decimal(new["total"]) - given, new["currency"]), Money(given, new["currency"])
    return Effected(
        one["reference"],
        one["id"],
        Money(one["amount"], one["currency"]) if "amount" in one else None,
        verb=verb,
        order_id=one["order"],
        payment_id=one.get("payment"),
        lines=tuple(LineQuantity(each["line"], each["quantity"]) for each in one.get("lines", ())),
        owed=owed,
        paid=paid,
        text=_shown(one),
    )


def _shown(note: Doc) -> str:
    """Return what the staff reads of a note."""
    text = str(note.get("text", ""))
    return html.unescape(re.sub("<[^>]*>", "", text)) if note.get("format") == "html" else text
