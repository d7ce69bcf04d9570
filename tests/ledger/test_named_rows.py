"""What a call names is all that it changes: other stores, other orders and other parcels keep their rows."""

from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from op_core.ledger import Ledger, exports, schema
from op_core.testing.clock import START, Clock

LATER = START + timedelta(hours=1)
MUCH_LATER = START + timedelta(hours=2)
STORES, ORDERS, PARCELS = ("main-1", "main-2"), ("1001", "1002"), ("f1", "f2")
FAILED = ("not_exportable", "not_sendable", "refused")
TABLES = {
    "orders": (schema.exported_orders, ("store_id", "order_id")),
    "parcels": (schema.exported_fulfillments, ("store_id", "order_id", "fulfillment_id")),
    "marks": (schema.changes, ("store_id", "order_id")),
}


@pytest.fixture
def ledger(ledger_url):
    """Give a ledger in which two stores have two orders of the same ids, each marked, with two parcels that wait."""
    ledger = Ledger.open(ledger_url, clock=Clock(), upgrade=True)
    for store, order in product(STORES, ORDERS):
        ledger.write(exports.put_order, store, order, state="sent", has_premium=False, premium_at=START, at=START)
        ledger.write(exports.mark_changed, store, order, START)
        for parcel in PARCELS:
            ledger.write(exports.put_fulfillment, store, order, parcel, state="waiting", due_at=START, at=START)
    yield ledger
    ledger.close()


def rows(ledger):
    """Return every row by table and key."""

    def read(connection):
        return {
            (name, *(getattr(row, column) for column in key)): row
            for name, (table, key) in TABLES.items()
            for row in connection.execute(sa.select(table))
        }

    return ledger.read(read)


MINE = ("main-1", "1001")
ORDER, MARK = ("orders", *MINE), ("marks", *MINE)
BOTH = (("parcels", *MINE, "f1"), ("parcels", *MINE, "f2"))
WRITES = {
    "put_order": ((exports.put_order, *MINE), {"state": "refused", "at": LATER}, (ORDER,)),
    "see_premium": ((exports.see_premium, *MINE), {"has_premium": True, "at": LATER}, (ORDER,)),
    "put_fulfillment": ((exports.put_fulfillment, *MINE, "f1"), {"state": "sent", "at": LATER}, BOTH[:1]),
    "forget_fulfillment": ((exports.forget_fulfillment, *MINE, "f1"), {}, BOTH[:1]),
    "postpone_fulfillments": ((exports.postpone_fulfillments, "main-1", ["1001"], LATER, MUCH_LATER), {}, BOTH),
    "postpone_fulfillments, not due": (
        (exports.postpone_fulfillments, "main-1", ["1001"], START - timedelta(seconds=1), MUCH_LATER),
        {},
        (),
    ),
    "give_up_waiting": ((exports.give_up_waiting, *MINE, "cancelled", LATER), {}, BOTH),
    "mark_changed": ((exports.mark_changed, *MINE, LATER), {}, (MARK,)),
    "look_again": ((exports.look_again, *MINE, LATER), {}, ()),
    "forget_change": ((exports.forget_change, *MINE, START), {}, (MARK,)),
    "forget_change, marked again": ((exports.forget_change, *MINE, LATER), {}, ()),
    "postpone_change": ((exports.postpone_change, *MINE, LATER), {}, (MARK,)),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_changes_what_it_names(ledger, name):
    """Two stores may number alike, and orders number their parcels alike: neither changes the other's."""
    (call, *args), more, expected = WRITES[name]
    before = rows(ledger)
    ledger.write(call, *args, **more)
    after = rows(ledger)

    assert set(expected) == {key for key in before | after if before.get(key) != after.get(key)}


def test_an_order_that_waits_in_another_store_is_marked_here(ledger):
    """A mark of the same order id elsewhere is another order's."""
    ledger.write(exports.forget_change, *MINE, START)
    ledger.write(exports.look_again, *MINE, LATER)

    assert LATER == rows(ledger)[MARK].marked_at


def test_a_mark_that_was_put_off_is_counted_and_waits(ledger):
    """What cannot be sent now is tried again later, and no earlier."""
    ledger.write(exports.postpone_change, *MINE, LATER)

    assert ["1002"] == [row.order_id for row in ledger.read(exports.changed, "main-1", START, 9)]
    assert {"1001": 1, "1002": 0} == {
        row.order_id: row.tries for row in ledger.read(exports.changed, "main-1", LATER, 9)
    }


def test_only_what_waits_is_given_up(ledger):
    """A parcel that was sent stays sent; each that waited says why it is waited for no longer, and since when."""
    ledger.write(exports.put_fulfillment, *MINE, "f2", state="sent", at=START)
    ledger.write(exports.give_up_waiting, *MINE, "cancelled", LATER)
    first, second = (rows(ledger)[key] for key in BOTH)

    assert ("not_exportable", "cancelled", LATER) == (first.state, first.reason, first.at)
    assert ("sent", None, START) == (second.state, second.reason, second.at)


@pytest.mark.parametrize("state", FAILED)
def test_what_could_not_be_sent_is_listed(ledger, state):
    """Of its own store, with the reason, in the order of the ids; what was sent or waits is no failure."""
    for order, parcel in (("1002", "f1"), ("1001", "f2")):
        ledger.write(exports.put_order, "main-1", order, state=state, reason=f"why {order}", at=LATER)
        ledger.write(exports.put_fulfillment, "main-1", order, parcel, state=state, reason=f"why {parcel}", at=LATER)

    orders, parcels = (ledger.read(listing, "main-1") for listing in (exports.states, exports.fulfillment_states))
    assert [("1001", "why 1001"), ("1002", "why 1002")] == [(row.order_id, row.reason) for row in orders]
    assert [("1001", "f2", "why f2"), ("1002", "f1", "why f1")] == [
        (row.order_id, row.fulfillment_id, row.reason) for row in parcels
    ]
    assert [[], []] == [ledger.read(listing, "main-2") for listing in (exports.states, exports.fulfillment_states)]


def test_what_is_known_is_known_of_the_orders_that_were_asked_for(ledger):
    """One order of one store, and its parcels."""
    assert ["1001"] == list(ledger.read(exports.known_orders, "main-1", ["1001", "9999"]))
    assert [("1001", "f1"), ("1001", "f2")] == sorted(ledger.read(exports.known_fulfillments, *MINE[:1], ["1001"]))
    assert {"main-1"} == {row.store_id for row in ledger.read(exports.known_orders, "main-1", ORDERS).values()}


def test_an_order_with_two_parcels_that_are_due_is_looked_at_once(ledger):
    """It is asked for by order; what is not due yet, and what was sent, is not asked for."""
    ledger.write(exports.put_fulfillment, "main-1", "1002", "f1", state="waiting", due_at=LATER, at=START)
    ledger.write(exports.put_fulfillment, "main-1", "1002", "f2", state="sent", due_at=START, at=START)

    assert ["1001"] == ledger.read(exports.fulfillments_due, "main-1", START)
    assert ["1001", "1002"] == sorted(ledger.read(exports.fulfillments_due, "main-1", LATER))
