"""Stores apart: two shops that number alike share no row."""

from datetime import timedelta

import pytest

from op_core.ledger import Ledger, actions, deliveries, differences, exports, filings, plans, products, reports, shapes
from op_core.ledger.differences import Difference
from op_core.ledger.filings import Filing
from op_core.money import Money
from op_core.testing.clock import START, Clock

STORES = ("main-1", "main-2")


@pytest.fixture
def ledger(ledger_url):
    """Give an empty ledger, once on each database."""
    ledger = Ledger.open(ledger_url, clock=Clock(), upgrade=True)
    yield ledger
    ledger.close()


def test_a_mark_is_of_one_store(ledger):
    """The orders that a shop marked are exported by its own store, oldest first."""
    for order_id, after in (("1002", 1), ("1001", 0)):
        ledger.write(exports.mark_changed, "main-1", order_id, START + timedelta(seconds=after))

    later = START + timedelta(minutes=1)
    assert [["1001", "1002"], []] == [
        [row.order_id for row in ledger.read(exports.changed, store, later, 10)] for store in STORES
    ]


def test_a_fulfillment_that_waits_is_put_off_alone(ledger):
    """Other orders, and other stores, go on to be looked at."""
    later = START + timedelta(hours=1)
    for store, order_id in (("main-1", "1001"), ("main-1", "1002"), ("main-2", "1001")):
        ledger.write(exports.put_fulfillment, store, order_id, "f1", state="waiting", due_at=START, at=START)
    ledger.write(exports.postpone_fulfillments, "main-1", ["1001"], START, later)

    assert [["1002"], ["1001"]] == [ledger.read(exports.fulfillments_due, store, START) for store in STORES]


def test_what_one_store_forgets_another_still_knows(ledger):
    """An export from the start forgets orders, fulfillments and the cursor of its own store; replacements stay."""
    for store in STORES:
        ledger.write(exports.put_order, store, "1001", state="sent", at=START)
        ledger.write(exports.put_order, store, "9001", state="replacement", at=START)
        ledger.write(exports.put_fulfillment, store, "1001", "f1", state="sent", at=START)
        ledger.write(exports.put_cursor, store, "orders", exports.Cursor("page 2", START, START))
    ledger.write(exports.forget, "main-1")

    left = {
        store: (
            sorted(ledger.read(exports.known_orders, store, ["1001", "9001"])),
            list(ledger.read(exports.known_fulfillments, store, ["1001"])),
            ledger.read(exports.cursor, store, "orders").cursor,
        )
        for store in STORES
    }
    assert (["9001"], [], None) == left["main-1"]
    assert (["1001", "9001"], [("1001", "f1")], "page 2") == left["main-2"]


def test_content_that_another_store_planned_is_new(ledger):
    """A claim of one store is no repetition of the same one of another."""
    first, second = (
        ledger.read(deliveries.get, ledger.write(deliveries.store, store, b"{}", START)) for store in STORES
    )
    ledger.write(deliveries.settle, first.id, "planned", START, event_id="e1", content_hash="same")

    assert set() == ledger.read(deliveries.ids_of_content, second, "same")
    assert set() == ledger.read(deliveries.ids_of_content, first, "same")
    again = ledger.read(deliveries.get, ledger.write(deliveries.store, "main-1", b"{}", START))
    assert {"e1"} == ledger.read(deliveries.ids_of_content, again, "same")


def test_a_form_is_found_in_its_store(ledger):
    """What one store has seen is new to another."""
    ledger.write(shapes.seen, "main-1", "claim.approved", "aaaa", ("$:object",), START)

    assert ["main-1", None] == [
        found and found.store_id
        for found in (ledger.read(shapes.find, store, "claim.approved", "aaaa") for store in STORES)
    ]


def test_the_premium_of_an_order_is_its_own(ledger):
    """Neither another order nor another store answers for it."""
    known = {("main-1", "1001"): "4.25", ("main-1", "1002"): "5.25", ("main-2", "1001"): "6.25"}
    for (store, order_id), paid in known.items():
        ledger.write(plans.set_protection, store, order_id, is_on=True, paid=Money(paid, "USD"), now=START)

    assert known == {key: str(ledger.read(plans.protection, *key).paid.amount) for key in known}


def test_what_was_told_of_a_premium_is_told_of_one_order(ledger):
    """The same order id in another store, and another order, were told nothing."""
    orders = [("main-1", "1001"), ("main-1", "1002"), ("main-2", "1001")]
    for store, order_id in orders:
        ledger.write(plans.set_protection, store, order_id, is_on=True, paid=None, now=START)
    ledger.write(plans.set_told, "main-1", "1001", is_on=True, now=START)

    assert [START, None, None] == [ledger.read(plans.protection, *order).told_on_at for order in orders]


def test_products_are_found_in_their_store_as_long_as_they_are_there(ledger):
    """By product or variant, and only what was sent and is not gone; a store forgets its own products alone."""
    there, gone, never, unsent = ("p1", "v1"), ("p1", "v2"), ("p2", "v3"), ("p3", "")
    for store in STORES:
        ledger.write(products.put, store, there, state="sent", update_hash="x", at=START)
        ledger.write(products.put, store, gone, state="gone", update_hash="x", at=START)
        ledger.write(products.put, store, never, state="refused", update_hash=None, at=START)
        ledger.write(products.put, store, unsent, state="not_sendable", update_hash=None, at=START)
        ledger.write(exports.put_cursor, store, "products", exports.Cursor("page 2"))
    assert {"p1": {there}, "v1": {there}} == ledger.read(products.known_by, "main-1", ["p1", "v1", "v2", "p2"])
    assert [never, unsent] == [(row.product_id, row.variant_id) for row in ledger.read(products.states, "main-1")]
    ledger.write(products.forget, "main-1")

    assert [[], [there, gone, never, unsent]] == [
        [(row.product_id, row.variant_id) for row in ledger.read(products.everything, store)] for store in STORES
    ]
    assert [None, "page 2"] == [ledger.read(exports.cursor, store, "products").cursor for store in STORES]


def test_a_report_is_listed_for_its_store(ledger):
    """All of them only where no store is named."""
    for n, store in enumerate(STORES, 1):
        action = ledger.write(
            actions.insert, store_id=store, subject="claim:C1", verb="refund", n=1, reference=f"OP-{n}",
            order_id="1001", content="{}", content_hash="x", state="due", exclusive=True, holds="[]", rivals="[]",
            planned_at=START,
        )  # fmt: skip
        ledger.write(reports.add, store, action.id, START)

    assert [["main-1", "main-2"], ["main-2"]] == [
        [one.store_id for one in ledger.read(reports.listing, store)] for store in (None, "main-2")
    ]


def test_differences_are_of_one_store(ledger):
    """Each store's are told once, in order, until its own order differs no more."""
    one, other = (Difference(claim, "1001", "state", "approved", "denied") for claim in ("c1", "c2"))
    say = lambda store, found: ledger.write(differences.replace, store, "1001", found, [], START)  # noqa: E731 - said four times
    assert [[other, one], [other, one]] == [say(store, [other, one]) for store in STORES]
    assert [] == say("main-1", [one, other])
    assert [] == say("main-1", [])

    assert [[], ["c1", "c2"]] == [[row.claim_id for row in ledger.read(differences.listing, store)] for store in STORES]


def test_a_filing_is_listed_for_its_store(ledger):
    """Oldest first, all of them or those of one state."""
    for store, key, state, seconds in (
        ("main-1", "a second", "unknown", 2),
        ("main-1", "first", "filed", 1),
        ("main-2", "other", "unknown", 0),
    ):
        begun_at = START + timedelta(seconds=seconds)
        filing = Filing(
            store_id=store, key=key, kind="online", order_id="1001", content_hash="x", state=state, begun_at=begun_at
        )
        ledger.write(filings.begin, filing)

    assert [["first", "a second"], ["a second"], ["other"], []] == [
        [one.key for one in ledger.read(filings.listing, *said)]
        for said in (("main-1",), ("main-1", "unknown"), ("main-2",), ("main-2", "filed"))
    ]
    assert ["first", "a second"] == [one.key for one in ledger.read(filings.of_order, "main-1", "1001")]
    assert [] == ledger.read(filings.of_order, "main-1", "1002")


def test_an_export_goes_on_where_its_own_stood(ledger):
    """Of orders and of products each, with all three of its marks; where nothing was written, from the start."""
    orders, products = exports.Cursor("page 2", START, START + timedelta(hours=1)), exports.Cursor("page 9")
    ledger.write(exports.put_cursor, "main-1", "orders", orders)
    ledger.write(exports.put_cursor, "main-1", "products", products)

    assert [orders, products, exports.Cursor(), exports.Cursor()] == [
        ledger.read(exports.cursor, *place)
        for place in (("main-1", "orders"), ("main-1", "products"), ("main-1", "parcels"), ("main-2", "orders"))
    ]


def test_a_report_is_claimed_alone(ledger):
    """Others that are in the same state at the same time stay due; who saw it as it was before is too late."""
    for n in (1, 2):
        ledger.write(reports.add, "main-1", n, START)
    first, second = ledger.read(reports.due, "main-1", START, 9)
    until = START + timedelta(minutes=1)
    claimed = ledger.write(reports.claim, first, until)

    assert (until, 1, reports.BEGUN) == (claimed.not_before, claimed.tries, claimed.reason)
    assert [second] == ledger.read(reports.due, "main-1", START, 9)
    assert ledger.write(reports.claim, first, until) is None
    assert ledger.write(reports.settle, claimed, "sent")
    assert not ledger.write(reports.settle, claimed, "failed")
    assert ["sent", "waiting"] == [one.state for one in ledger.read(reports.listing, "main-1")]


def test_a_report_that_was_put_off_meanwhile_is_not_settled(ledger):
    """Another process took it and put it off: the one whose time is over writes nothing."""
    ledger.write(reports.add, "main-1", 1, START)
    (due,) = ledger.read(reports.due, "main-1", START, 9)
    claimed = ledger.write(reports.claim, due, START + timedelta(minutes=1))
    ledger.write(reports.settle, claimed, "waiting", not_before=START + timedelta(hours=1), reason="away")

    assert not ledger.write(reports.settle, claimed, "sent")
    assert ["waiting"] == [one.state for one in ledger.read(reports.listing, "main-1")]


def test_a_report_that_goes_again_starts_anew(ledger):
    """It had been tried and put off before it was given up; now it is due at once, with no try behind it."""
    ledger.write(reports.add, "main-1", 1, START)
    (due,) = ledger.read(reports.due, "main-1", START, 9)
    claimed = ledger.write(reports.claim, due, START + timedelta(hours=1))
    ledger.write(reports.settle, claimed, "failed", reason="away")

    assert 0 == ledger.write(reports.again, "main-2", START)
    assert 0 == ledger.write(reports.again, "main-1", START + timedelta(seconds=1))
    assert 1 == ledger.write(reports.again, "main-1", START)
    (after,) = ledger.read(reports.due, "main-1", START, 9)
    assert (0, None, None) == (after.tries, after.not_before, after.reason)
