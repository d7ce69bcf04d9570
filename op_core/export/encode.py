"""
An order or a parcel of a shop as the bodies that the API takes (pages ORD-C, ORD-U, FUL-C). Pure.

Amounts are the shop's own, digit for digit. Only one that holds more digits than its currency has is rounded, half-up:
shops that hold unrounded sums would else send amounts that nobody can pay. No amount is computed from others, but for
a premium that stands in protection lines (`Order.premium_paid`); the sums of the wire need not agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from op_core.countries import country_code
from op_core.errors import OpCoreError
from op_core.models import Address, Fulfillment, Line, Order
from op_core.money import Money
from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    FulfilledItem,
    OrderItem,
    PlatformId,
    UpdateOrder,
    WireAddress,
)

__all__ = [
    "Cancels",
    "NotExportable",
    "protection_lines",
    "telling",
    "to_create",
    "to_fulfillment",
    "to_update",
    "update_of",
]

Cancels: TypeAlias = Literal["premiumPaid", "policyCancelledAt", "both"]


class NotExportable(OpCoreError):
    """What the API needs is not in the order or parcel. The text says what, and holds no personal data."""


def to_create(order: Order, platform_id: str, *, original: str | None = None) -> CreateOrder:
    """
    Return the body that makes *order* known.

    Page ORD-C asks for items and an address. It asks for neither e-mail nor phone, but the guide knows a customer by
    one of them only, so an order with neither could never be claimed for: it is not exportable. Lines of the premium
    are no items. A total of zero is fine.

    Args:
        order: The order. Its shipping address is sent; where it has none, its billing address.
        platform_id: As in the store's settings.
        original: Id of the order that this one replaces; left out, `Order.replaces`.

    Raises:
        NotExportable: Items, address, or e-mail and phone are missing, or an amount is not in the order's currency.
        NotSendable: A value is not one that the page takes.
    """
    _one_currency(order)
    items = tuple(_item(line) for line in order.lines if not line.is_protection)
    if not items:
        raise NotExportable("it has no items; page ORD-C asks for orderItems")
    address = _address(order)
    if not (order.customer.email or _phone(order)):
        raise NotExportable("it has neither e-mail nor phone; Order Protection knows a customer by one of them")
    return CreateOrder(
        source_order_id=order.id,
        source_order_number=order.number,
        original_source_order_number=original or order.replaces,
        source_created_at=order.created_at,
        source_updated_at=order.updated_at,
        source_cancelled_at=order.cancelled_at,
        platform_id=PlatformId(platform_id),
        currency=order.currency,
        total=_amount(order.total),
        subtotal=_amount(order.subtotal),
        discount_total=_perhaps(order.discount),
        shipping_cost=_perhaps(order.shipping),
        shipping_cost_tax=_perhaps(order.shipping_tax),
        tax=_perhaps(order.tax),
        premium_paid=_perhaps(order.premium_paid),
        risk_level=order.risk_level or None,
        customer_email=order.customer.email or None,
        customer_name=order.customer.name or _name(address),
        customer_phone=_phone(order),
        tags=_tags(order.tags),
        order_items=items,
        address=WireAddress(
            first_name=address.first_name or None,
            last_name=address.last_name or None,
            address1=address.street_address_1 or None,
            address2=address.street_address_2 or None,
            city=address.city or None,
            state=address.country_area or None,
            zip=address.postal_code or None,
            country=_country(address),
        ),
    )


def to_update(order: Order, platform_id: str, *, had_premium: bool = False) -> UpdateOrder:
    """
    Return the body that changes what is known of *order*: the fields of page ORD-U's sample, no others (G-15).

    Args:
        order: The order.
        platform_id: As in the store's settings.
        had_premium: Order Protection knows of a premium. An order that has none any more then says 0: what a body
            leaves out stays as it is. An order that never had one says nothing, so that protection which was added in
            the dashboard stays.

    Raises:
        NotExportable: As `to_create` does.
        NotSendable: As `to_create` does.
    """
    return update_of(to_create(order, platform_id), had_premium=had_premium)


def update_of(created: CreateOrder, *, had_premium: bool = False) -> UpdateOrder:
    """Return the update that says what *created* says; see `to_update`."""
    common = UpdateOrder.model_fields.keys() & CreateOrder.model_fields.keys()
    fields = {name: getattr(created, name) for name in common}
    if had_premium and created.premium_paid is None:
        fields["premium_paid"] = Decimal(0)
    return UpdateOrder(original_source_order_id=created.original_source_order_number, **fields)


def telling(update: UpdateOrder, cancels: Cancels, at: datetime) -> UpdateOrder:
    """
    Return *update*, which takes protection away or brings it, with the fields that a store's switch asks for (G-2).

    Args:
        update: As `update_of` makes it. One that takes protection away has no premium, or one of 0.
        cancels: The switch. With ``policyCancelledAt`` the premium that was paid stays as it was told.
        at: When the shop changed it, UTC.
    """
    if cancels == "premiumPaid":
        return update
    if update.premium_paid:
        return update.model_copy(update={"policy_cancelled_at": None})
    only = {"premium_paid": None} if cancels == "policyCancelledAt" else {}
    return update.model_copy(update={"policy_cancelled_at": at, **only})


def to_fulfillment(fulfillment: Fulfillment, leave_out: Collection[str] = ()) -> CreateFulfillment:
    """
    Return the body that makes a parcel known.

    Args:
        fulfillment: The parcel.
        leave_out: Ids of lines that are no items to Order Protection; see `protection_lines`.

    Raises:
        NotExportable: No unit of any item is in it; page FUL-C asks for sourceItemIds.
        NotSendable: A value is not one that the page takes.
    """
    items = tuple(
        FulfilledItem(source_item_id=line.line_id, quantity=line.quantity)
        for line in fulfillment.lines
        if line.quantity and line.line_id not in leave_out
    )
    if not items:
        raise NotExportable("no unit of an exported item is in it; page FUL-C asks for sourceItemIds")
    return CreateFulfillment(
        source_fulfillment_id=fulfillment.id,
        source_item_ids=items,
        fulfillment_status=fulfillment.status,
        tracking_company=fulfillment.tracking_company or None,
        tracking_number=fulfillment.tracking_numbers or None,
        tracking_url=fulfillment.tracking_urls or None,
        created_at=fulfillment.created_at,
        updated_at=fulfillment.updated_at,
    )


def protection_lines(order: Order) -> frozenset[str]:
    """Return the ids of the lines that are the premium."""
    return frozenset(line.id for line in order.lines if line.is_protection)


def _one_currency(order: Order) -> None:
    amounts: list[tuple[str, Money | None]] = [
        (name, getattr(order, name))
        for name in ("total", "subtotal", "discount", "shipping", "shipping_tax", "tax", "premium")
    ]
    for line in order.lines:
        amounts += [
            (f"the price of line {line.id}", line.unit_price),
            (f"the discount of line {line.id}", line.discount),
        ]
    for name, amount in amounts:
        if amount is not None and amount.currency != order.currency:
            raise NotExportable(f"{name} is in {amount.currency}, expected the order's currency {order.currency}")


def _amount(money: Money) -> Decimal:
    return money.sendable().amount


def _perhaps(money: Money | None) -> Decimal | None:
    return None if money is None else _amount(money)


def _item(line: Line) -> OrderItem:
    return OrderItem(
        source_item_id=line.id,
        product_name=line.name,
        quantity=line.quantity,
        price=_amount(line.unit_price),
        sku=line.sku or None,
        source_product_id=line.product_id or None,
        source_variant_id=line.variant_id or None,
        product_url=line.url or None,
        product_image=line.image_url or None,
        description=line.description or None,
    )


def _addresses(order: Order) -> Iterable[Address]:
    """Yield what may be exported, best first; an address of empty fields is none."""
    for address in (order.shipping_address, order.billing_address):
        if address and (address.street_address_1 or address.city or address.postal_code or address.country):
            yield address


def _country(address: Address) -> str | None:
    """Return the code that the API's sample shows, also where the shop gives a name."""
    if not address.country:
        return None
    code = country_code(address.country)
    if code is None:
        raise NotExportable("its country is neither an ISO 3166 code nor the name of a country")
    return code


def _address(order: Order) -> Address:
    address = next(iter(_addresses(order)), None)
    if address is None:
        raise NotExportable("it has neither a shipping nor a billing address; page ORD-C asks for one")
    return address


def _name(address: Address) -> str | None:
    return f"{address.first_name} {address.last_name}".strip() or None


def _phone(order: Order) -> str | None:
    phones = [order.customer.phone, *(address.phone for address in _addresses(order))]
    return next(filter(None, phones), None)


def _tags(tags: Iterable[str]) -> str | None:
    """Join them by commas, sorted, for their order says nothing; a comma within one would make it two."""
    return ",".join(sorted({tag.replace(",", " ").strip() for tag in tags} - {""})) or None
