"""The demo shop's sales: the same every time, varied, consistent and made up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from op_core.demo.seed import fill
from op_core.demo.shop import DemoShop
from op_core.models import FulfillmentStatus
from op_core.money import Money, total

NOW = datetime(2030, 1, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop with the usual sales."""
    made = DemoShop("shop.db", directory=tmp_path_factory.mktemp("demo"))
    fill(made, now=NOW)
    return made


@pytest.fixture(scope="module")
def orders(shop):
    """Its orders."""
    return shop.changed_orders(None, None, 100).orders


def test_the_same_every_time(tmp_path, shop, orders):
    """The same seed and time make the same sales; another seed makes others."""
    again, other = DemoShop(tmp_path / "again.db"), DemoShop(tmp_path / "other.db")
    ids = fill(again, now=NOW)
    fill(other, seed=8, now=NOW)

    assert ids == tuple(order.id for order in sorted(orders, key=lambda order: order.created_at))
    assert orders == again.changed_orders(None, None, 100).orders
    assert shop.fulfillments(ids) == again.fulfillments(ids)
    assert orders != other.changed_orders(None, None, 100).orders


def test_sums_agree(orders):
    """Total is lines less discounts, with tax, shipping and a surcharged premium; payments are the total."""
    for order in orders:
        amounts = [Money(line.unit_price.amount * line.quantity, order.currency) for line in order.lines]
        gross = total(amounts, order.currency)
        taxes = total((line.tax for line in order.lines), order.currency) + order.shipping_tax
        discounts = total((line.discount for line in order.lines), order.currency)
        surcharge = order.premium or Money(0, order.currency)

        assert (gross, taxes, discounts) == (order.subtotal, order.tax, order.discount)
        assert order.total == gross - discounts + order.shipping + taxes + surcharge
        assert order.total == order.paid == order.refundable
        assert order.total.is_exact
        assert order.created_at < order.updated_at <= NOW


def test_variety(shop, orders):
    """Every kind of sale that op-core must cope with is there."""
    parcels = Counter(one.order_id for one in shop.fulfillments([order.id for order in orders]))
    fulfillments = shop.fulfillments([order.id for order in orders])

    assert {"USD", "EUR", "JPY", "BHD"} == {order.currency for order in orders}
    assert "USD" == Counter(order.currency for order in orders).most_common(1)[0][0]
    assert {1, 2, 3, 4} == {sum(not line.is_protection for line in order.lines) for order in orders}
    assert {1, 2} == {len(order.payments) for order in orders}
    assert {1, 2} == set(parcels.values())
    assert {FulfillmentStatus.DELIVERED, FulfillmentStatus.IN_TRANSIT, FulfillmentStatus.NOT_DELIVERED} == {
        one.status for one in fulfillments
    }
    assert {True, False} == {bool(one.tracking_numbers) for one in fulfillments}
    assert {True, False} == {bool(order.customer.name) for order in orders}
    assert {True, False} == {bool(order.discount) for order in orders}
    assert any(order.premium is not None for order in orders)
    assert any(line.is_protection for order in orders for line in order.lines)
    assert any(order.premium_paid is None for order in orders)
    assert any(order.shipping_address is None and order.billing_address is not None for order in orders)
    assert any(n > 1 for n in Counter(order.updated_at for order in orders).values())


def test_people_are_made_up(orders):
    """Nobody in the demo could be somebody."""
    for order in orders:
        assert order.customer.email.endswith("@example.com")
        assert "Example" in (order.shipping_address or order.billing_address).street_address_1


def test_parcels_hold_what_was_sold(shop, orders):
    """Every unit that is shipped is in one parcel; protection is in none."""
    for order in orders:
        sent = Counter()
        for parcel in shop.fulfillments([order.id]):
            sent.update({item.line_id: item.quantity for item in parcel.lines})

        sold = {line.id: line.quantity for line in order.lines if not line.is_protection}
        assert dict(sent) in ({}, sold)


@pytest.mark.parametrize("count", [0, 1, 400])
def test_any_number(tmp_path, count):
    """As many orders as are asked for, also none."""
    shop = DemoShop(tmp_path / "shop.db")

    assert count == len(fill(shop, count, now=NOW))
    assert count == len(shop.changed_orders(None, None, 1000).orders)
