"""What the shop's JSON means for op-core, and what op-core's values are in the shop's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pydantic

from contract_0_1.payloads import (
    AddressPayload,
    CustomerPayload,
    EffectPayload,
    LinePayload,
    OrderPayload,
    ParcelPayload,
    PaymentPayload,
    ProductPayload,
    fault,
    read,
)
from op_core.errors import ContractBroken
from op_core.models import (
    Address,
    CannotTell,
    Customer,
    Found,
    Fulfillment,
    FulfillmentStatus,
    Line,
    LineQuantity,
    NotFound,
    Order,
    Outcome,
    Payment,
    Product,
    ProductStatus,
    UnreadableOrder,
)
from op_core.money import Money
from op_core.requests import Effect, FindRequest

__all__ = ["amount_of", "finding", "order", "orders", "outcome", "parcel", "product", "to_address", "to_lines"]

_PRODUCTS = {"live": ProductStatus.ACTIVE, "draft": ProductStatus.DRAFT, "gone": ProductStatus.ARCHIVED}


# --- Reading -----------------------------------------------------------------------------------------------------


def orders(found: Iterable[Any]) -> tuple[list[Order], list[UnreadableOrder]]:
    """Return the orders of a page, and what cannot be read: one bad order must not stop the export of the others."""
    well, unreadable = [], []
    for one in found:
        try:
            well.append(order(OrderPayload.model_validate(one)))
        except pydantic.ValidationError as error:
            unreadable.append(UnreadableOrder(_id(one), fault(error)))
        except ValueError as error:  # what op_core's own values say of a currency, for one: it names no customer
            unreadable.append(UnreadableOrder(_id(one), str(error)))
    return well, unreadable


def _id(found: Any) -> str:
    if not (isinstance(found, dict) and isinstance(found.get("id"), str) and found["id"]):
        raise ContractBroken("the shop lists an order that has no id")
    return str(found["id"])


def order(found: OrderPayload) -> Order:
    """Return an order as the shop holds it. No sum is computed or rounded: what the shop says is what was paid."""

    def money(amount: Decimal) -> Money:
        return Money(amount, found.currency)

    def perhaps(amount: Decimal | None) -> Money | None:
        return None if amount is None else money(amount)

    return Order(
        id=found.id,
        number=found.number,
        created_at=found.placed_at,
        updated_at=found.changed_at,
        currency=found.currency,
        total=money(found.total),
        subtotal=money(found.subtotal),
        lines=tuple(_line(one, found.currency) for one in found.lines),
        payments=tuple(_payment(one, found.currency) for one in found.payments),
        customer=_customer(found.customer),
        shipping_address=_address(found.ship_to),
        billing_address=_address(found.bill_to),
        status=found.status,
        cancelled_at=found.cancelled_at,
        shipping=perhaps(found.shipping),
        shipping_tax=perhaps(found.shipping_tax),
        tax=perhaps(found.tax),
        discount=perhaps(found.discount),
        premium=perhaps(found.premium),
        risk_level=found.risk,
        tags=found.tags,
        # By these two a replacement of ours is known when it comes back in the export.
        replaces=found.replaces,
        references=frozenset(found.references),
    )


def _line(found: LinePayload, currency: str) -> Line:
    return Line(
        id=found.id,
        name=found.title,
        quantity=found.quantity,
        unit_price=Money(found.price, currency),
        sku=found.sku,
        product_id=found.product,
        variant_id=found.variant,
        # Nothing where the shop says nothing: a discount that is 0 and one that nobody knows are not the same.
        discount=None if found.discount is None else Money(found.discount, currency),
        tax=None if found.tax is None else Money(found.tax, currency),
        refunded_quantity=found.refunded,
        url=found.url,
        image_url=found.image,
        description=found.text,
        is_protection=found.is_protection,
    )


def _payment(found: PaymentPayload, currency: str) -> Payment:
    return Payment(found.id, Money(found.captured, currency), Money(found.refunded, currency), found.method)


def _customer(found: CustomerPayload) -> Customer:
    return Customer(found.email, found.name, found.phone)


def _address(found: AddressPayload | None) -> Address | None:
    if found is None:
        return None
    return Address(
        first_name=found.first_name,
        last_name=found.last_name,
        company_name=found.company,
        street_address_1=found.street,
        street_address_2=found.street_2,
        city=found.city,
        country_area=found.area,
        postal_code=found.zip,
        country=found.country,
        phone=found.phone,
    )


def parcel(found: ParcelPayload) -> Fulfillment:
    """Return a parcel, with every tracking number: a split shipment has several, and a claim may be about one."""
    try:
        status = FulfillmentStatus(found.status.upper().replace(" ", "_"))
    except ValueError:  # a word of a newer shop: that there is a parcel is sure
        status = FulfillmentStatus.FULFILLED
    return Fulfillment(
        id=found.id,
        order_id=found.order,
        status=status,
        lines=tuple(LineQuantity(one.line, one.quantity) for one in found.lines),
        created_at=found.packed_at,
        updated_at=found.changed_at,
        tracking_company=found.carrier,
        tracking_numbers=tuple(one.number for one in found.tracking),
        tracking_urls=tuple(one.url for one in found.tracking if one.url),
    )


def product(found: ProductPayload) -> Product:
    """Return a product, or a variant of one."""
    return Product(
        id=found.product,
        variant_id=found.variant,
        name=found.title,
        price=Money(found.price, found.currency),
        tax=None if found.tax is None else Money(found.tax, found.currency),
        quantity=found.stock,
        in_stock=found.in_stock,
        sku=found.sku,
        description=found.text,
        image_url=found.image,
        status=_PRODUCTS.get(found.status, ProductStatus.DRAFT),  # what the shop has a new word for is not offered
        components=found.parts,
    )


# --- Effects -----------------------------------------------------------------------------------------------------


def outcome(made: Any, request: Effect) -> Outcome:
    """
    Return the outcome of a change.

    Raises:
        ContractBroken: The shop made something else than what was asked for: that is no success, and no refusal.
    """
    found = read(EffectPayload, made)
    if found.reference != request.reference or found.order != request.order.id:
        raise ContractBroken("the shop answered with an effect of another reference or order")
    if differs := _differs(found, getattr(request, "amount", None)):
        raise ContractBroken(f"the shop made {differs}")
    return _outcome(found, request.key.verb)


def finding(listed: Iterable[Any], request: FindRequest) -> Found | NotFound | CannotTell:
    """
    Return what the shop holds under the reference.

    Raises:
        ContractBroken: What it holds cannot be read. That is never "not found", which would have it made again.
    """
    every = [read(EffectPayload, one) for one in listed]
    # A search may be a fuzzy one: what counts is the whole reference, and never an equal amount or time.
    ours = [one for one in every if one.reference == request.reference]
    # What the gateway refused in the end is nothing beside a later try that went through.
    if not (held := [one for one in ours if one.state != "failed"] or ours[-1:]):
        return NotFound()
    if len(held) == 1 and (differs := _differs(held[0], request.amount)):
        return CannotTell(f"the shop holds {differs}")
    first, *others = (_outcome(one, request.key.verb) for one in held)
    return Found(first, tuple(others))


def _outcome(found: EffectPayload, verb: str) -> Outcome:
    match found.state:
        case "paid":
            return Outcome("done", found.id, money="moved")
        case "noted":  # a row, and nobody has paid: op-core tells a person so, and reports nothing as paid
            return Outcome("done", found.id, money="booked")
        case "queued":  # op-core asks again later, and never calls again
            return Outcome("pending", found.id, money="queued")
        case "failed":
            return Outcome("refused", found.id, reason="the gateway refused it in the end")
        case "made":
            return Outcome("done", found.id, order_id=found.id if verb == "reship" else None)


def _differs(found: EffectPayload, amount: Money | None) -> str:
    if amount is None:
        return ""
    if found.amount is None or found.currency is None:
        return f"an effect without an amount, asked for was {amount}"
    made = Money(found.amount, found.currency)
    return "" if made == amount else f"{made}, asked for was {amount}"


# --- Writing -----------------------------------------------------------------------------------------------------


def amount_of(money: Money) -> dict[str, str]:
    """Write an amount as the shop reads it: in dollars, with all its digits, and its currency beside it."""
    return {"amount": f"{money.amount:f}", "currency": money.currency}


def to_lines(lines: Iterable[LineQuantity]) -> list[dict[str, Any]]:
    """Write units of lines as the shop reads them."""
    return [{"line": one.line_id, "quantity": one.quantity} for one in lines]


def to_address(address: Address) -> dict[str, str]:
    """Write an address as the shop reads it."""
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company_name,
        "street": address.street_address_1,
        "street_2": address.street_address_2,
        "city": address.city,
        "area": address.country_area,
        "zip": address.postal_code,
        "country": address.country,
        "phone": address.phone,
    }
