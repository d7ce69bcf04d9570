"""An order as Medusa shows it whole, and what it is like when it is read out of that again."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
from medusa_double import MedusaDouble
from medusa_recorded import MEDUSA, written

from op_core.models import Address, Customer, Fulfillment, FulfillmentStatus, Line, Order, Payment
from op_core.money import Money
from op_core.testing.subject import CannotHold

__all__ = ["put"]

JSON = dict[str, Any]
STATUSES = {
    FulfillmentStatus.UNFULFILLED: (),
    FulfillmentStatus.LABEL_PRINTED: ("packed_at",),
    FulfillmentStatus.IN_TRANSIT: ("packed_at", "shipped_at"),
    FulfillmentStatus.DELIVERED: ("packed_at", "shipped_at", "delivered_at"),
}
PROTECTION = "PROTECT-STD"


def put(shop: MedusaDouble, order: Order, parcels: Sequence[Fulfillment]) -> Order:
    """Write the recorded order over with this one."""
    _must_fit(order)
    new = shop.new
    made = copy.deepcopy(MEDUSA.order)
    number = len(shop.orders) + 1
    status = "canceled" if order.cancelled_at else "pending"
    ship_to, bill_to = (_address(one) for one in (order.shipping_address, order.billing_address))
    items = [_item(shop, line, order) for line in order.lines]
    nothing = Money(Decimal(0), order.currency)
    tax, shipping, on_shipping, discount = (
        one or nothing for one in (order.tax, order.shipping, order.shipping_tax, order.discount)
    )
    created, updated = (datetime.fromisoformat(written(one)) for one in (order.created_at, order.updated_at))
    made |= {
        "id": new("order"),
        "display_id": number,
        "status": status,
        "created_at": written(created),
        "updated_at": written(updated),
        "canceled_at": order.cancelled_at and written(order.cancelled_at),
        "email": order.customer.email,
        "currency_code": order.currency.lower(),
        "metadata": None,
        "original_total": order.total.amount,
        "original_item_subtotal": order.subtotal.amount,
        "original_tax_total": tax.amount,
        "discount_total": discount.amount,
        "shipping_subtotal": shipping.amount,
        "shipping_tax_total": on_shipping.amount,
        "items": items,
        "shipping_address": ship_to and MEDUSA.order["shipping_address"] | ship_to,
        "billing_address": bill_to and MEDUSA.order["billing_address"] | bill_to,
        "payment_collections": [_collection(shop, order)] if order.payments else [],
    }
    by_id = {line.id: item for line, item in zip(order.lines, items, strict=True)}
    made["fulfillments"] = [_parcel(shop, one, by_id) for one in parcels]
    shop.orders[made["id"]] = made
    kept = tuple(_line(line, item, nothing) for line, item in zip(order.lines, items, strict=True))
    home = order.shipping_address or order.billing_address or Address()
    payments = [one for collection in made["payment_collections"] for one in collection["payments"]]
    return attrs.evolve(
        order,
        id=made["id"],
        number=str(number),
        created_at=created,
        updated_at=updated,
        tax=tax,
        shipping=shipping,
        shipping_tax=on_shipping,
        discount=discount,
        premium=None,
        lines=kept,
        payments=tuple(
            Payment(one["id"], payment.captured, payment.refunded, one["provider_id"])
            for payment, one in zip(order.payments, payments, strict=True)
        ),
        customer=Customer(order.customer.email, f"{home.first_name} {home.last_name}".strip(), home.phone),
        status=status,
        cancelled_at=order.cancelled_at and datetime.fromisoformat(written(order.cancelled_at)),
        tags=(),
        risk_level="",
    )


def _item(shop: MedusaDouble, line: Line, order: Order) -> JSON:
    sku = PROTECTION if line.is_protection else line.sku
    nothing = Money(Decimal(0), order.currency)
    discount, tax = line.discount or nothing, line.tax or nothing
    goods = line.unit_price.amount * line.quantity
    shop.stock.setdefault(sku, 1000)
    return copy.deepcopy(MEDUSA.order["items"][0]) | {
        "id": shop.new("ordli"),
        "title": line.name,
        "product_title": line.name,
        "product_id": f"prod_{sku}",
        "variant_id": f"variant_{sku}",
        "variant_sku": sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price.amount,
        "subtotal": goods,
        "discount_subtotal": discount.amount,
        "discount_total": discount.amount,
        "tax_total": tax.amount,
        "total": goods - discount.amount + tax.amount,
    }


def _collection(shop: MedusaDouble, order: Order) -> JSON:
    (template,) = MEDUSA.order["payment_collections"]
    collection = copy.deepcopy(template) | {"id": shop.new("pay_col"), "amount": order.paid.amount}
    collection["refunded_amount"] = sum((one.refunded.amount for one in order.payments), Decimal(0))
    collection["payments"] = []
    for payment in order.payments:
        one = copy.deepcopy(template["payments"][0]) | {
            "id": shop.new("pay"),
            "amount": payment.captured.amount,
        }
        one["provider_id"] = payment.method or one["provider_id"]
        one["captures"][0] |= {"payment_id": one["id"], "amount": payment.captured.amount}
        if payment.refunded.amount:
            by_staff = {"id": shop.new("ref"), "payment_id": one["id"], "note": "by hand"}
            one["refunds"].append(copy.deepcopy(MEDUSA.refund) | by_staff | {"amount": payment.refunded.amount})
        collection["payments"].append(one)
    return collection


def _parcel(shop: MedusaDouble, parcel: Fulfillment, items: dict[str, JSON]) -> JSON:
    times = STATUSES.get(parcel.status)
    if times is None:
        raise CannotHold(f"Medusa has no time for {parcel.status}")
    made = copy.deepcopy(MEDUSA.parcel) | dict.fromkeys(("packed_at", "shipped_at", "delivered_at"))
    item, label = made["items"][0], made["labels"][0]
    created = written(parcel.created_at)
    updated = written(parcel.updated_at) if parcel.updated_at else created
    made |= {"id": shop.new("ful"), "created_at": created, "updated_at": updated}
    made |= dict.fromkeys(times, updated)
    made["items"] = [
        item | {"id": shop.new("fulit"), "line_item_id": items[one.line_id]["id"], "quantity": one.quantity}
        for one in parcel.lines
    ]
    made["labels"] = [
        label
        | {
            "id": shop.new("fulla"),
            "tracking_number": number,
            "tracking_url": parcel.tracking_urls[n] if n < len(parcel.tracking_urls) else "",
        }
        for n, number in enumerate(parcel.tracking_numbers)
    ]
    return made


def _must_fit(order: Order) -> None:
    amounts = [order.total, *(one.unit_price for one in order.lines), *(one.captured for one in order.payments)]
    if any(one.currency != order.currency for one in amounts):
        raise CannotHold("Medusa has one currency for an order, its lines and its payments")
    if any(line.refunded_quantity for line in order.lines):
        raise CannotHold("Medusa counts money that was refunded, and no units")
    if order.premium is not None and not any(line.is_protection for line in order.lines):
        raise CannotHold("Medusa has no surcharge: the premium is a line")
    if order.replaces or order.references:
        raise CannotHold("only the adapter writes a reference into Medusa")


def _address(address: Address | None) -> JSON | None:
    if address is None:
        return None
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company_name or None,
        "address_1": address.street_address_1,
        "address_2": address.street_address_2 or None,
        "city": address.city,
        "province": address.country_area.lower() or None,
        "postal_code": address.postal_code,
        "country_code": address.country.lower(),
        "phone": address.phone or None,
    }


def _line(line: Line, item: JSON, nothing: Money) -> Line:
    return attrs.evolve(
        line,
        id=item["id"],
        sku=item["variant_sku"],
        product_id=item["product_id"],
        variant_id=item["variant_id"],
        discount=line.discount or nothing,
        tax=line.tax or nothing,
        url="",
        image_url="",
        description="",
    )
