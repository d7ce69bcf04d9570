"""Fill the demo shop with sales that are varied, the same every time, and obviously made up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from op_core.demo.shop import DemoShop
from op_core.demo.tables import from_minor
from op_core.models import (
    Address,
    Customer,
    Fulfillment,
    FulfillmentStatus,
    Line,
    LineQuantity,
    Order,
    Payment,
    Product,
)
from op_core.money import Money, exponent, total

__all__ = ["fill"]


class _Goods(NamedTuple):
    sku: str
    name: str
    price: int  # major units, in whichever currency the order is; yen are 100 times as many
    quantity: int | None
    parent: str = ""  # of a variant: id of its product


_GOODS = (
    _Goods("MUG-BLUE", "Blue mug", 12, 60),
    _Goods("MUG-RED", "Red mug", 12, 45),
    _Goods("TEE-S", "T-shirt, small", 24, 30, "product-3"),
    _Goods("TEE-L", "T-shirt, large", 24, 30, "product-3"),
    _Goods("LAMP-1", "Desk lamp", 59, 12),
    _Goods("VASE-9", "Glass vase", 35, 8),
    _Goods("BOOK-3", "Notebook", 7, 200),
    _Goods("CHAIR-2", "Folding chair", 89, 2),
    _Goods("RUG-5", "Small rug", 120, 0),
)
_DIGITAL = _Goods("EBOOK-1", "E-book", 9, None)
_PREMIUM = _Goods("OP-PROTECT", "Shipping protection", 3, None)
_CURRENCIES = ("USD", "USD", "EUR", "USD", "USD", "JPY", "USD", "USD", "USD", "BHD")
_STATES = {"US": "NY", "DE": "", "JP": "13", "BH": ""}
_COUNTRY = {"USD": "US", "EUR": "DE", "JPY": "JP", "BHD": "BH"}


def fill(shop: DemoShop, orders: int = 40, seed: int = 7, *, now: datetime) -> tuple[str, ...]:
    """
    Put the catalogue and *orders* sales of the time before *now* into *shop*, and return their ids, oldest first.

    Of every ten orders, seven are in USD and one each in EUR, JPY and BHD. By turns they have one to four lines,
    discounts, a guest for a customer, a gift card beside the card, the premium as a line or as a surcharge, one
    parcel or two, no tracking number, trouble on the way, or nothing to ship. Three in a row share their time of
    change. Each order's total is the sum of its lines less discounts, with tax, shipping and a surcharged premium;
    its payments are the total.

    Args:
        shop: An empty shop.
        orders: How many sales.
        seed: Chooses goods and quantities.
        now: The time that the newest order is a little older than, UTC.
    """
    choose = random.Random(seed)  # noqa: S311 - the same sales every time is the point of it
    for goods in (*_GOODS, _DIGITAL, _PREMIUM):
        product_id, variant_id = _ids(goods)
        product = Product(
            id=product_id,
            variant_id=variant_id,
            name=goods.name,
            price=Money(Decimal(goods.price), "USD"),
            quantity=goods.quantity,
            sku=goods.sku,
            description=f"{goods.name} of the demo shop",
            image_url=f"https://shop.example.com/{goods.sku.lower()}.png",
        )
        shop.add_product(product, updated_at=now - timedelta(days=60))
    made = []
    for n in range(1, orders + 1):
        order = _order(n, choose, now - timedelta(hours=9 * (orders - n) + 2), now)
        shop.add_order(order, _parcels(n, order, now))
        made.append(order.id)
    return tuple(made)


def _ids(goods: _Goods) -> tuple[str, str]:
    """Return the ids of the product and of the variant, which is empty where there are none."""
    n = 1 + (*_GOODS, _DIGITAL, _PREMIUM).index(goods)
    return (goods.parent, f"variant-{n}") if goods.parent else (f"product-{n}", "")


def _order(n: int, choose: random.Random, created_at: datetime, now: datetime) -> Order:
    currency = _CURRENCIES[n % len(_CURRENCIES)]
    digital = n % 13 == 0
    goods = [_DIGITAL] if digital else choose.sample(_GOODS, 1 + n % 4)
    lines = [_line(n, at, one, choose.randint(1, 3), currency) for at, one in enumerate(goods, 1)]
    premium = None
    if not digital and n % 3 == 0:
        lines.append(_line(n, len(lines) + 1, _PREMIUM, 1, currency))
    elif not digital and n % 3 == 1:
        premium = _price(_PREMIUM, currency)
    none = from_minor(0, currency)
    shipping = none if digital or n % 7 == 0 else from_minor(_unit(currency) * 5 - 1, currency)
    shipping_tax = _share(shipping, 8)
    subtotal = total((_times(line.unit_price, line.quantity) for line in lines), currency)
    discount = total((line.discount for line in lines if line.discount), currency)
    tax = total((line.tax for line in lines if line.tax), currency) + shipping_tax
    grand = subtotal - discount + tax + shipping + (premium or none)
    address = _address(n, currency)
    batch = n + (-n % 3)
    return Order(
        id=f"order-{1000 + n}",
        number=f"#{1000 + n}",
        created_at=created_at,
        updated_at=min(created_at + timedelta(hours=9 * (batch - n), minutes=30), now),
        currency=currency,
        total=grand,
        subtotal=subtotal,
        lines=tuple(lines),
        payments=_payments(n, grand),
        customer=_customer(n),
        shipping_address=None if digital else address,
        billing_address=address if digital or n % 2 else None,
        status="open",
        shipping=shipping,
        shipping_tax=shipping_tax,
        tax=tax,
        discount=discount,
        premium=premium,
    )


def _line(n: int, at: int, goods: _Goods, quantity: int, currency: str) -> Line:
    is_protection = goods is _PREMIUM
    price = _price(goods, currency)
    gross = _times(price, 1 if is_protection else quantity)
    product_id, variant_id = _ids(goods)
    discount = _share(gross, 15) if n % 4 == 1 and not is_protection else from_minor(0, currency)
    return Line(
        id=f"line-{1000 + n}-{at}",
        name=goods.name,
        quantity=1 if is_protection else quantity,
        unit_price=price,
        sku=goods.sku,
        product_id=product_id,
        variant_id=variant_id,
        discount=discount,
        tax=from_minor(0, currency) if is_protection else _share(gross - discount, 8),
        is_protection=is_protection,
    )


def _payments(n: int, grand: Money) -> tuple[Payment, ...]:
    none = grand - grand
    if n % 5:
        return (Payment(f"payment-{1000 + n}-1", grand, none, "card"),)
    gift = _share(grand, 30)
    return (
        Payment(f"payment-{1000 + n}-1", gift, none, "gift_card"),
        Payment(f"payment-{1000 + n}-2", grand - gift, none, "card"),
    )


def _customer(n: int) -> Customer:
    email = f"customer-{n}@example.com"
    return Customer(email) if n % 6 == 0 else Customer(email, name=f"Customer {n}", phone=f"+1202555{n % 10000:04d}")


def _address(n: int, currency: str) -> Address:
    country = _COUNTRY[currency]
    return Address(
        first_name="Customer",
        last_name=str(n),
        street_address_1=f"{n} Example Street",
        city="Exampletown",
        country_area=_STATES[country],
        postal_code="10001",
        country=country,
    )


def _parcels(n: int, order: Order, now: datetime) -> Sequence[Fulfillment]:
    goods = [LineQuantity(line.id, line.quantity) for line in order.lines if not line.is_protection]
    age = now - order.created_at
    if order.shipping_address is None or age < timedelta(days=1):
        return ()
    halves = [goods[:1], goods[1:]] if len(goods) > 1 and n % 2 else [goods]
    status = FulfillmentStatus.DELIVERED if age > timedelta(days=5) else FulfillmentStatus.IN_TRANSIT
    if n % 11 == 0:
        status = FulfillmentStatus.NOT_DELIVERED
    parcels = []
    for at, half in enumerate(halves, 1):
        number = "" if n % 8 == 0 else f"EXAMPLE{1000 + n}{at}"
        parcels.append(
            Fulfillment(
                id=f"parcel-{1000 + n}-{at}",
                order_id=order.id,
                status=FulfillmentStatus.IN_TRANSIT if at > 1 and n % 11 else status,
                lines=tuple(half),
                created_at=order.created_at + timedelta(hours=20),
                updated_at=min(order.created_at + timedelta(days=2 + at), now),
                tracking_company="Example Post" if number else "",
                tracking_numbers=(number,) if number else (),
                tracking_urls=(f"https://track.example.com/{number}",) if number else (),
            )
        )
    return parcels


def _unit(currency: str) -> int:
    # A yen is worth so little that every price is 100 times as many of them.
    return 10 ** exponent(currency) if exponent(currency) else 100


def _price(goods: _Goods, currency: str) -> Money:
    return from_minor(goods.price * _unit(currency) - 5, currency)


def _times(price: Money, quantity: int) -> Money:
    return Money(price.amount * quantity, price.currency)


def _share(amount: Money, percent: int) -> Money:
    return Money(amount.amount * percent / 100, amount.currency).rounded()
