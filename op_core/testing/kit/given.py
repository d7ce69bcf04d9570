"""Orders that a shop is filled with: one that is plain, and odd ones of the kinds that adapters get wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from op_core.models import Address, Customer, Fulfillment, Line, Order, Payment
from op_core.money import Money, total
from op_core.testing.kit.cases import wrong
from op_core.testing.kit.facts import facts
from op_core.testing.subject import Subject

__all__ = ["ODD", "held", "line", "plain", "several"]

_AT = datetime(2025, 1, 2, 3, 4, 5, 999999, tzinfo=UTC)
_HERE = Address(
    first_name="Anna",
    last_name="Exampleton",
    street_address_1="12 Example Street",
    street_address_2="Floor 3",
    city="Exampletown",
    country_area="NY",
    postal_code="01001",  # begins with 0: it is no number
    country="US",
    phone="+15550100001",
)


def plain(n: int = 1, **changes: Any) -> Order:
    """
    Return the *n*th order: each changed an hour after the one before, to the microsecond.

    2 x 19.99 and 1 x 1.15, 4.35 shipping: amounts that a float of cents gets wrong. A changed line, shipping or payment
    changes the sums too.

    Args:
        n: From 1; it is in the id.
        changes: Fields of `Order` that differ.
    """
    currency = changes.get("currency", "USD")
    lines = changes.pop("lines", None) or (
        line(1, "19.99", 2, currency, name="Blue mug", sku="MUG-BLUE"),
        line(2, "1.15", 1, currency, name="Notebook", sku="BOOK-3"),
    )
    shipping = changes.pop("shipping", Money(Decimal("4.35"), currency))
    sums = _sums(lines, shipping, changes.get("shipping_tax"), currency)
    at = _AT + timedelta(hours=n)
    usual: dict[str, Any] = {
        "id": str(2000 + n),
        "number": f"#{2000 + n}",
        "created_at": at - timedelta(days=1),
        "updated_at": at,
        "currency": currency,
        "lines": tuple(lines),
        "shipping": shipping,
        "payments": (Payment(f"pay-{2000 + n}", sums["total"], Money(Decimal(0), currency), "card"),),
        "customer": Customer(email=f"customer-{n}@example.com", name="Anna Exampleton"),
        "shipping_address": _HERE,
        "billing_address": _HERE,
    }
    return Order(**(usual | sums | changes))


def line(n: int, price: str, quantity: int, currency: str = "USD", *, discount: str | None = None,
         tax: str | None = None, **more: Any) -> Line:  # fmt: skip
    """Return a line of *quantity* units at *price* each; *discount* and *tax* are of the whole line."""
    usual = {"name": f"Thing {n}", "sku": f"THING-{n}"}
    return Line(
        id=str(n),
        quantity=quantity,
        unit_price=Money(Decimal(price), currency),
        discount=None if discount is None else Money(Decimal(discount), currency),
        tax=None if tax is None else Money(Decimal(tax), currency),
        **(usual | more),
    )


def _sums(lines: Sequence[Line], shipping: Money | None, shipping_tax: Money | None, currency: str) -> dict[str, Money]:
    goods = total((Money(one.unit_price.amount * one.quantity, currency) for one in lines), currency)
    discount = total((one.discount for one in lines if one.discount), currency)
    tax = total((one for one in (*(each.tax for each in lines), shipping_tax) if one), currency)
    whole = total((one for one in (goods - discount, tax, shipping) if one), currency)
    return {"subtotal": goods, "discount": discount, "tax": tax, "total": whole}


def several(adapter: Subject, count: int, *, at: datetime | None = None) -> list[Order]:
    """Have the shop hold so many plain orders, and return them as it holds them. *at*: all changed at that time."""
    times = {} if at is None else {"updated_at": at}
    return [held(adapter, plain(n, **times)) for n in range(1, count + 1)]


def held(adapter: Subject, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
    """
    Have the shop hold *order*, and return it as the shop holds it.

    What a subject returns is what the adapter is held against, so it is held against what was given first. What a
    platform has no place for may be missing, and a name or a phone may be written in its own way; but no amount,
    quantity, SKU or address may differ.
    """
    kept = adapter.put(order, parcels)
    given, now = facts(order, ids=False), facts(kept, ids=False)
    for name, value in given.items():
        may_lack = not name.endswith(_NEVER_MISSING) or name.startswith("address to bill")
        if not name.endswith(_OWN_WAY) and now.get(name) != value and not (may_lack and not now.get(name)):
            wrong(
                "the kit would prove nothing",
                f"the Subject put {name} as {now.get(name)}, given {value}; one that cannot hold it raises CannotHold",
            )
    return kept


_NEVER_MISSING = (
    "currency", "total", "payments", "number of lines", ": quantity", ": unit price", ": sku", "email", ": street",
    ": city", ": postal code", ": country",
)  # fmt: skip
_OWN_WAY = (": name", ": area", ": phone", ": second line", "sum of lines")


def _yen(n: int) -> Order:
    return plain(n, currency="JPY", lines=(line(1, "2990", 2, "JPY"),), shipping=Money(Decimal(550), "JPY"))


def _dinar(n: int) -> Order:
    return plain(n, currency="BHD", lines=(line(1, "4.115", 3, "BHD"),), shipping=Money(Decimal("1.001"), "BHD"))


def _free(n: int) -> Order:
    return plain(n, lines=(line(1, "0.00", 1),), shipping=None, payments=())


def _unicode(n: int) -> Order:
    name = {"first_name": "Zoë Ægir", "last_name": "O'Brien-山田 🧡"}
    address = attrs.evolve(_HERE, **name, street_address_1="Straße des 17. Juni 1/2 & Co.", city="Αθήνα")
    lines = (line(1, "5.00", 1, name='Mug "Ünïcode" <b>100 %</b> 🥤', sku="ÜNI/1 ?&#"),)
    return plain(n, lines=lines, shipping_address=address, billing_address=address)


def _paid_twice(n: int) -> Order:
    order = plain(n)
    gift = Money(Decimal("10.01"), "USD")
    nothing = Money(Decimal(0), "USD")
    parts = (("card", order.total - gift), ("gift_card", gift))
    return attrs.evolve(order, payments=tuple(Payment(f"{kind}-{n}", sum_, nothing, kind) for kind, sum_ in parts))


def _protected(n: int) -> Order:
    premium = line(2, "2.98", 1, name="Order Protection", sku="ORDER-PROTECTION", is_protection=True)
    return plain(n, lines=(line(1, "19.99", 1), premium))


ODD: dict[str, Callable[[int], Order]] = {
    "in yen, which has no cents": _yen,
    "in dinar, which has thousandths": _dinar,
    "of a guest, without any address": lambda n: plain(n, shipping_address=None, billing_address=None),
    "with a billing address alone": lambda n: plain(n, shipping_address=None),
    "that is free": _free,
    "with a discount that three units cannot share": lambda n: plain(n, lines=(line(1, "10.00", 3, discount="1.00"),)),
    "with tax on lines and shipping": lambda n: plain(
        n,
        lines=(line(1, "19.99", 2, tax="3.55"), line(2, "1.15", 1, tax="0.10")),
        shipping_tax=Money(Decimal("0.39"), "USD"),
    ),
    "with names in many alphabets": _unicode,
    "with two payments": _paid_twice,
    "that was cancelled": lambda n: plain(n, cancelled_at=_AT + timedelta(hours=n), status="cancelled"),
    "with a protection premium": _protected,
    "with one SKU in two lines": lambda n: plain(
        n, lines=(line(1, "20.00", 1, sku="TWIN"), line(2, "15.00", 2, sku="TWIN"))
    ),
    "with 120 lines": lambda n: plain(n, lines=tuple(line(each, "1.15", 1) for each in range(1, 121))),
    "of more than a million": lambda n: plain(n, lines=(line(1, "12345.67", 100),)),
}
"""Each is made with its number, and is an order *in yen*, *that is free* and so on."""
