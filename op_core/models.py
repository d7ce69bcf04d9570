"""
What crosses a hook: frozen values of a shop, and what a hook may answer.

Every amount is a `Money`, every time an aware datetime in UTC, every id the shop's own text.
Personal data is left out of each ``repr``.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import attrs

from op_core.money import Money, total

__all__ = [
    "Address",
    "CannotTell",
    "Customer",
    "Found",
    "Fulfillment",
    "FulfillmentStatus",
    "Fulfillments",
    "Hold",
    "Line",
    "LineQuantity",
    "NotFound",
    "Order",
    "OrderPage",
    "Outcome",
    "Payment",
    "Product",
    "ProductPage",
    "ProductStatus",
    "Stock",
    "UnreadableOrder",
]


def _utc(value: datetime) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"a time is a datetime, found {type(value).__name__}")
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise ValueError("a time needs its zone: found a naive datetime, expected an aware one (UTC)")
    return value.astimezone(UTC)


def _text(value: str | int) -> str:
    if type(value) is str and value:  # nearly always
        return value
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError(f"an id is text or a whole number, and not empty: found {type(value).__name__}")
    return str(value)


def _whole(instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if type(value) is int and value >= 0:  # nearly always
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{type(instance).__name__}.{attribute.name} is a whole number from 0, found {value!r}")


_private = attrs.field(default="", repr=False)


@attrs.frozen
class Address:
    """
    A postal address.

    Attributes:
        country: ISO 3166-1 alpha-2 code, such as ``"US"``.
        country_area: State, province or county; a code or a name.
    """

    first_name: str = _private
    last_name: str = _private
    company_name: str = _private
    street_address_1: str = _private
    street_address_2: str = _private
    city: str = _private
    country_area: str = ""
    postal_code: str = _private
    country: str = ""
    phone: str = _private


@attrs.frozen
class Customer:
    """Who ordered. Order Protection knows a customer by e-mail or phone; one of them is needed."""

    email: str = _private
    name: str = _private
    phone: str = _private


@attrs.frozen
class LineQuantity:
    """So many units of one order line."""

    line_id: str = attrs.field(converter=_text)
    quantity: int = attrs.field(validator=_whole)


@attrs.frozen
class Line:
    """
    One line of an order.

    Attributes:
        id: The shop's immutable id of this line (``sourceItemId`` on the wire).
        unit_price: Price of one unit before discount and tax.
        discount: What was taken off the whole line.
        tax: Tax of the whole line.
        is_protection: The line is the Order Protection premium. It is exported as the premium, not as an item.
    """

    id: str = attrs.field(converter=_text)
    name: str
    quantity: int = attrs.field(validator=_whole)
    unit_price: Money
    sku: str = ""
    product_id: str = ""
    variant_id: str = ""
    discount: Money | None = None
    tax: Money | None = None
    refunded_quantity: int = attrs.field(default=0, validator=_whole)
    url: str = ""
    image_url: str = ""
    description: str = ""
    is_protection: bool = False


@attrs.frozen
class Payment:
    """
    Money that a customer gave for an order in one way (a card, a gift card).

    Attributes:
        captured: What was taken. May hold more digits than the currency, if the shop does.
        refunded: What was given back so far.
    """

    id: str = attrs.field(converter=_text)
    captured: Money
    refunded: Money
    method: str = ""

    @property
    def refundable(self) -> Money:
        """What is left to give back."""
        return self.captured - self.refunded


@attrs.frozen
class Order:
    """
    An order as the shop holds it now.

    Attributes:
        id: The shop's immutable id (``sourceOrderId``).
        number: What customers see (``sourceOrderNumber``).
        total: What the shop says the order costs in all. It is sent as it is, never computed.
        subtotal: Sum of the lines before shipping, as the shop says.
        premium: What the customer paid for protection, after discounts; None where no line or surcharge says so.
        replaces: Id of the order that this one replaces, if it is a reship.
        references: Our references (``OP-…``) that the shop keeps on this order.
        shipping_address: None for digital orders; then the billing address is exported.
    """

    id: str = attrs.field(converter=_text)
    number: str = attrs.field(converter=_text)
    created_at: datetime = attrs.field(converter=_utc)
    updated_at: datetime = attrs.field(converter=_utc)
    currency: str
    total: Money
    subtotal: Money
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...] = ()
    customer: Customer = Customer()
    shipping_address: Address | None = None
    billing_address: Address | None = None
    status: str = ""
    cancelled_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(_utc))
    shipping: Money | None = None
    shipping_tax: Money | None = None
    tax: Money | None = None
    discount: Money | None = None
    premium: Money | None = None
    risk_level: str = ""
    tags: tuple[str, ...] = ()
    replaces: str | None = None
    references: frozenset[str] = frozenset()

    @property
    def premium_paid(self) -> Money | None:
        """The premium: as the shop says, else the sum of the protection lines, else None."""
        if self.premium is not None:
            return self.premium
        lines = [line for line in self.lines if line.is_protection]
        if not lines:
            return None
        amounts = []
        for line in lines:
            amount = Money(line.unit_price.amount * line.quantity, self.currency)
            amounts.append(amount - line.discount if line.discount else amount)
        return total(amounts, self.currency)

    @property
    def paid(self) -> Money:
        """What the customer gave in all."""
        return total((payment.captured for payment in self.payments), self.currency)

    @property
    def refundable(self) -> Money:
        """What is left to give back, by the shop's own figures."""
        return total((payment.refundable for payment in self.payments), self.currency)

    def line(self, line_id: str) -> Line | None:
        """Return the line of that id, or None."""
        return next((line for line in self.lines if line.id == line_id), None)


@attrs.frozen
class UnreadableOrder:
    """
    An order that is there and cannot be read. It stops no other one: it is listed, and looked at again.

    Attributes:
        reason: What is wrong with it, so that somebody can mend it: where, what was found and expected. It names no
            value, for that may be personal data.
    """

    id: str = attrs.field(converter=_text)
    reason: str


@attrs.frozen
class OrderPage:
    """
    One page of orders, oldest change first.

    Attributes:
        unreadable: Orders of this page that cannot be read.
        cursor: The adapter's own opaque text; it is handed back for the next page.
        done: No order is left after this page for now.
    """

    orders: tuple[Order, ...]
    cursor: str | None
    done: bool
    unreadable: tuple[UnreadableOrder, ...] = ()


class FulfillmentStatus(enum.StrEnum):
    """The statuses that Order Protection takes (page FUL-C)."""

    DELIVERED = "DELIVERED"
    FULFILLED = "FULFILLED"
    UNFULFILLED = "UNFULFILLED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    SCHEDULED = "SCHEDULED"
    ON_HOLD = "ON_HOLD"
    ATTEMPTED_DELIVERY = "ATTEMPTED_DELIVERY"
    CARRIER_PICKED_UP = "CARRIER_PICKED_UP"
    CONFIRMED = "CONFIRMED"
    DELAYED = "DELAYED"
    FAILURE = "FAILURE"
    NOT_DELIVERED = "NOT_DELIVERED"
    IN_TRANSIT = "IN_TRANSIT"
    LABEL_PRINTED = "LABEL_PRINTED"
    LABEL_PURCHASED = "LABEL_PURCHASED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    PICKED_UP = "PICKED_UP"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"


@attrs.frozen
class Fulfillment:
    """One parcel of an order: what is in it, where it is."""

    id: str = attrs.field(converter=_text)
    order_id: str = attrs.field(converter=_text)
    status: FulfillmentStatus = attrs.field(converter=FulfillmentStatus)
    lines: tuple[LineQuantity, ...]
    created_at: datetime = attrs.field(converter=_utc)
    updated_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(_utc))
    tracking_company: str = ""
    tracking_numbers: tuple[str, ...] = ()
    tracking_urls: tuple[str, ...] = ()


Fulfillments = Mapping[str, tuple[Fulfillment, ...]]


@attrs.frozen
class Stock:
    """How many units of what a line sold can be sent now. None: the shop does not count them."""

    line_id: str = attrs.field(converter=_text)
    available: int | None = None


class ProductStatus(enum.StrEnum):
    """The statuses of a product, or of one variant of it, that Order Protection takes (page PRD-C)."""

    ACTIVE = "ACTIVE"
    DRAFT = "DRAFT"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


@attrs.frozen
class Product:
    """
    One record that can be sold: a product without variants, or one variant. A mere parent of variants is none.

    Attributes:
        id: The shop's immutable id of the product; of a variant, that of its parent. The same as `Line.product_id`.
        price: Of one unit. All products of a store have one currency: the wire names none.
        quantity: Units that can be sent now; below 0 means none. None: the shop does not count them.
        variant_id: Id of the variant, empty where there are none. The same as `Line.variant_id`.
        tax: Of one unit, in the price's currency.
        in_stock: Where units are not counted: whether there is any. None: always, as of what never runs out.
        components: Of a bundle, the ids of the products that it is made of.
    """

    id: str = attrs.field(converter=_text)
    name: str
    price: Money
    quantity: int | None = None
    variant_id: str = ""
    sku: str = ""
    description: str = ""
    image_url: str = ""
    status: ProductStatus = attrs.field(default=ProductStatus.ACTIVE, converter=ProductStatus)
    tax: Money | None = None
    in_stock: bool | None = None
    components: tuple[str, ...] = ()


@attrs.frozen
class ProductPage:
    """One page of products; see `OrderPage`."""

    products: tuple[Product, ...]
    cursor: str | None
    done: bool


@attrs.frozen
class Outcome:
    """
    What became of one call that changes the shop.

    Attributes:
        state: ``done``, ``refused``, ``pending`` (the shop took it) or ``unknown`` (it may have happened).
        shop_id: The shop's own id of what was made: refund id, replacement order id, gift card code.
        reason: Why it was refused, or why nobody knows. No personal data.
        ask_at: For ``pending``: when to ask again, UTC. None: the engine chooses.
        money: ``moved`` (a gateway answered), ``queued`` (the shop's own job will pay) or ``booked`` (a row was
            written; the money moves elsewhere). None where no money is meant, as for a reship or a note.
        order_id: For a reship that is an order of its own: that order's id.
    """

    state: Literal["done", "refused", "pending", "unknown"] = attrs.field(
        validator=attrs.validators.in_(("done", "refused", "pending", "unknown"))
    )
    shop_id: str | None = attrs.field(default=None, converter=attrs.converters.optional(_text))
    reason: str | None = None
    ask_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(_utc))
    money: Literal["moved", "queued", "booked"] | None = attrs.field(
        default=None, validator=attrs.validators.in_(("moved", "queued", "booked", None))
    )
    order_id: str | None = attrs.field(default=None, converter=attrs.converters.optional(_text))

    def __attrs_post_init__(self) -> None:
        """Refuse outcomes that claim more than they show."""
        if self.state == "done" and self.shop_id is None:
            raise ValueError("a done outcome names what the shop made: shop_id is missing")
        if self.state == "done" and self.money == "queued":
            raise ValueError("money that the shop's own job will pay is pending, not done")


@attrs.frozen
class Found:
    """The shop holds an effect under our reference. *others*: further ones, which should not be there."""

    outcome: Outcome
    others: tuple[Outcome, ...] = ()


@attrs.frozen
class NotFound:
    """The shop was asked, answered, and holds nothing under our reference."""


@attrs.frozen
class CannotTell:
    """The shop cannot say whether it holds our effect."""

    reason: str


@attrs.frozen
class Hold:
    """A reason why an action waits for a person, and who says so."""

    reason: str
    actor: str = ""
