import hashlib
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.export import to_create, to_fulfillment, to_update
from op_core.export.hashes import Held, fulfillment_hash, order_hash, update_hash
from op_core.models import Customer
from op_core.money import Money
from op_core.order_protection.schema import CreateFulfillment, FulfilledItem
from op_core.testing.model_shop import an_order


def hashes(order):
    return order_hash(to_create(order, "api")), update_hash(to_update(order, "api"))


@pytest.mark.parametrize(
    "change",
    [
        lambda order: attrs.evolve(order, updated_at=order.updated_at + timedelta(hours=1)),
        lambda order: attrs.evolve(order, total=Money("60.0", "USD")),
        lambda order: attrs.evolve(order, lines=order.lines[::-1]),
        lambda order: attrs.evolve(order, tags=order.tags[::-1]),
        lambda order: attrs.evolve(order, status="paid", references=frozenset({"OP-1"})),
    ],
)
def test_what_says_nothing_new_hashes_equal(change):
    """A touch, another spelling of an amount, another order of lines or tags, and what is never sent change no hash."""
    order = an_order(tags=("a", "b"))
    assert hashes(order) == hashes(change(order))


@pytest.mark.parametrize(
    ("changes", "same_update"),
    [
        ({"total": Money("60.01", "USD")}, False),
        ({"cancelled_at": an_order().updated_at}, False),
        ({"customer": Customer(email="other@example.com")}, False),
        ({"premium": Money("1", "USD")}, False),
        ({"tags": ("a",)}, True),
        ({"risk_level": "high"}, True),
        ({"lines": an_order().lines[:1]}, True),
        ({"shipping_address": attrs.evolve(an_order().shipping_address, city="Othertown")}, True),
    ],
)
def test_what_is_new_changes_the_hash(changes, same_update):
    """Everything that is sent changes the order's hash; the update's only what PUT can carry."""
    before, after = hashes(an_order()), hashes(an_order(**changes))
    assert before[0] != after[0]
    assert same_update is (before[1] == after[1])


def test_hash_is_stable():
    """The hash of a parcel is the same in every process and version: rows of the ledger depend on it."""
    parcel = CreateFulfillment(
        source_fulfillment_id="F1",
        source_item_ids=(FulfilledItem(source_item_id="1", quantity=2),),
        fulfillment_status="IN_TRANSIT",
        tracking_number=("B", "A"),
    )
    body = '{"sourceItemIds":[{"quantity":2,"sourceItemId":"1"}],"trackingCompany":null,'
    body += '"trackingNumber":["A","B"],"trackingUrl":null}'
    assert hashlib.sha256(body.encode()).hexdigest() == fulfillment_hash(parcel)


def test_no_premium_equals_zero():
    """For an update, no premium is a premium of 0."""
    assert hashes(an_order())[1] == hashes(an_order(premium=Money("0.00", "USD")))[1]


def test_parcel_hash_leaves_out_what_put_carries(a_parcel):
    """A parcel's hash is of items and tracking; a new status or time does not change it."""
    before = fulfillment_hash(to_fulfillment(a_parcel()))
    assert before == fulfillment_hash(to_fulfillment(a_parcel(status="DELIVERED")))
    assert before != fulfillment_hash(to_fulfillment(a_parcel(tracking_numbers=("TRACK-2",))))


@given(st.booleans(), st.lists(st.text(min_size=1), max_size=3), st.text())
def test_held_survives_the_column(premium, tags, risk):
    """What the column keeps reads back as what was written."""
    tags = tuple(tag for tag in tags if "\0" not in tag and tag.isprintable())
    order = an_order(tags=tags, risk_level=risk if risk.isprintable() else "", premium=Money(int(premium), "USD"))
    held = Held.of(to_create(order, "api"))
    assert held == Held.read(str(held))


def test_held_names_what_differs():
    """What is held and what is now differ by the parts that no update carries."""
    held = Held.of(to_create(an_order(), "api"))
    there = attrs.evolve(an_order().shipping_address, city="Othertown")
    moved = an_order(shipping_address=there, tags=("a",))
    assert ["address", "tags"] == held.lacks(Held.of(to_create(moved, "api")))


def test_held_names_what_cannot_be_taken_back():
    """What was said once and is said no more stays as it is, also after a later update; what is said anew is fine."""
    cancelled = Held.of(to_create(an_order(cancelled_at=an_order().updated_at, discount=Money("1", "USD")), "api"))
    plain = Held.of(to_create(an_order(discount=Money("2", "USD")), "api"))
    assert ["sourceCancelledAt"] == cancelled.lacks(plain)
    assert ["sourceCancelledAt"] == cancelled.updated(plain).lacks(plain)
    assert [] == plain.lacks(cancelled)
    assert [] == plain.updated(cancelled).lacks(cancelled)
