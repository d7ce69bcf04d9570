"""What a sweep found: written once, listed in order, forgotten when it is over; and which orders are worth a look."""

from datetime import timedelta

import pytest

from op_core.ledger import Ledger, actions, deliveries, differences, exports, filings, plans
from op_core.ledger.differences import Difference
from op_core.ledger.filings import Filing
from op_core.testing.clock import START, Clock

STORE = "main-1"
EARLY, LATE = START - timedelta(days=1), START + timedelta(days=1)


@pytest.fixture
def ledger(ledger_url):
    """Give an empty ledger, once on each database."""
    ledger = Ledger.open(ledger_url, clock=Clock(), upgrade=True)
    yield ledger
    ledger.close()


def differs(claim, what, theirs="denied", order="1001"):
    return Difference(claim, order, what, "approved", theirs)


def write(ledger, *found, order="1001", left=(), at=START):
    return ledger.write(differences.replace, STORE, order, found, left, at)


def listed(ledger):
    rows = ledger.read(differences.listing, STORE)
    return [(row.order_id, row.claim_id, row.what, row.theirs, row.first_at, row.seen_at) for row in rows]


def test_what_differs_is_listed_by_order_claim_and_kind(ledger):
    """In whatever order it was found."""
    write(ledger, differs("c2", "state"), differs("c1", "state"), differs("c1", "items"))
    write(ledger, differs("c9", "state", order="1000"), order="1000")

    assert [("1000", "c9", "state"), ("1001", "c1", "items"), ("1001", "c1", "state"), ("1001", "c2", "state")] == [
        one[:3] for one in listed(ledger)
    ]


def test_the_first_time_of_a_difference_is_kept(ledger):
    """It is new once; told in other words it is new again, and as old as before."""
    assert [differs("c1", "state")] == write(ledger, differs("c1", "state"))
    assert [] == write(ledger, differs("c1", "state"), at=LATE)
    assert [differs("c1", "state", "closed")] == write(ledger, differs("c1", "state", "closed"), at=LATE)

    assert [("1001", "c1", "state", "closed", START, LATE)] == listed(ledger)


def test_what_is_told_of_one_claim_under_two_orders_is_new_once(ledger):
    """The API lists it under both: the second look finds the same words, and nobody is told of them again."""
    write(ledger, differs("c1", "state"))

    assert [] == write(ledger, differs("c1", "state", order="1002"), order="1002", at=LATE)
    assert [("1002", "c1", "state", "denied", START, LATE)] == listed(ledger)


def test_only_what_was_looked_at_is_forgotten(ledger):
    """A claim that was left out, another order, and what still differs stay as they are."""
    write(ledger, *(differs(claim, what) for claim in ("c1", "c2") for what in ("items", "state")))
    write(ledger, differs("c3", "state", order="1002"), order="1002")
    write(ledger, differs("c1", "state"), left=["c2"], at=LATE)

    assert [("c1", "state"), ("c2", "items"), ("c2", "state"), ("c3", "state")] == [one[1:3] for one in listed(ledger)]


def test_webhooks_that_are_no_plan_yet_are_found_by_what_stands_in_them(ledger):
    """Those that wait and those in quarantine, oldest first; not what is planned, and not another store's."""
    states = {b'{"claim_id":"C1"}': "quarantined", b'["C1"]': "planned", b'"C1" again': "received", b'"C2"': "received"}
    ids = [ledger.write(deliveries.store, STORE, body, START) for body in states]
    ledger.write(deliveries.store, "main-2", b'"C1" again', START)
    for number, state in zip(ids, states.values(), strict=True):
        if state != "received":
            ledger.write(deliveries.settle, number, state, START)

    assert [(ids[0], "quarantined"), (ids[2], "received")] == ledger.read(differences.unplanned, STORE, b'"C1"')


def an_action(ledger, order_id, planned_at, *, store=STORE, claim="C9", settled_at=None):
    action = ledger.write(
        actions.insert, store_id=store, subject=f"claim:{order_id}", verb="refund", n=1, claim_id=claim,
        reference=f"OP-{store}-{order_id}", order_id=order_id, content="{}", content_hash="x", state="due",
        exclusive=True, holds="[]", rivals="[]", planned_at=planned_at,
    )  # fmt: skip
    if settled_at is not None:
        ledger.write(actions.move, action, "declined", settled_at)


def heard(ledger, order_id, claim_id, at):
    number = ledger.write(deliveries.store, STORE, f"{order_id} {claim_id}".encode(), at)
    ledger.write(deliveries.settle, number, "planned", at, claim_id=claim_id, order_id=order_id)
    if claim_id is not None:
        ledger.write(plans.learn, STORE, claim_id, order_id=order_id, op_order_id=None)


def filed(ledger, order_id, begun_at, settled_at=None):
    ledger.write(filings.begin, Filing(store_id=STORE, key=order_id, kind="online", order_id=order_id, content_hash="x",
                                       begun_at=begun_at, settled_at=settled_at))  # fmt: skip


def looked_at(ledger):
    return ledger.read(differences.orders_since, STORE, START, START - timedelta(days=30))


def test_orders_that_were_sent_since_are_looked_at(ledger):
    """And parcels; not what cannot be sent, what was sent before, or another store's."""
    for order_id, state, at in (
        ("sent", "sent", START),
        ("before", "sent", EARLY),
        ("no address", "not_exportable", LATE),
    ):
        ledger.write(exports.put_order, STORE, order_id, state=state, at=at)
    ledger.write(exports.put_order, "main-2", "elsewhere", state="sent", at=LATE)
    ledger.write(exports.put_fulfillment, STORE, "parcel", "f1", state="sent", at=START)
    ledger.write(exports.put_fulfillment, STORE, "old parcel", "f1", state="sent", at=EARLY)

    assert ["parcel", "sent"] == looked_at(ledger)


def test_orders_of_actions_for_claims_are_looked_at(ledger):
    """Planned or settled since, or not settled yet; a change of protection is no claim."""
    an_action(ledger, "open", EARLY)
    an_action(ledger, "settled since", EARLY, settled_at=START)
    an_action(ledger, "over", EARLY, settled_at=EARLY)
    an_action(ledger, "protection", LATE, claim=None)
    an_action(ledger, None, LATE)  # nobody knows yet of which order it is
    an_action(ledger, "elsewhere", LATE, store="main-2")

    assert ["open", "settled since"] == looked_at(ledger)


def test_orders_of_claims_that_nobody_decided_yet_are_looked_at_longer(ledger):
    """A month, not a day: until they are planned or denied. What no claim is about is not looked at."""
    long_ago = START - timedelta(days=30)
    heard(ledger, "now", "C1", START)
    heard(ledger, "undecided", "C2", long_ago)
    heard(ledger, "forgotten", "C3", long_ago - timedelta(days=1))
    heard(ledger, "denied", "C4", long_ago)
    heard(ledger, "planned", "C5", long_ago)
    heard(ledger, "planned now", "C6", START)
    heard(ledger, "no claim", None, LATE)
    number = ledger.write(deliveries.store, "main-2", b"{}", LATE)
    ledger.write(deliveries.settle, number, "planned", LATE, claim_id="C3", order_id="elsewhere")
    ledger.write(plans.learn, STORE, "C4", order_id="denied", op_order_id=None, denied_at=long_ago)
    for store, claim in ((STORE, "C5"), (STORE, "C6"), ("main-2", "C2")):
        ledger.write(plans.record, store, claim, [], "x", 1, long_ago)

    assert ["now", "planned now", "undecided"] == looked_at(ledger)


def test_orders_of_claims_that_the_shop_filed_are_looked_at_longer(ledger):
    """From when they were filed, or, where nobody knows, from when it was tried."""
    long_ago = START - timedelta(days=30)
    filed(ledger, "filed", long_ago - timedelta(days=1), long_ago)
    filed(ledger, "tried", long_ago)
    filed(ledger, "old", long_ago - timedelta(days=2), long_ago - timedelta(days=1))

    assert ["filed", "tried"] == looked_at(ledger)


def test_orders_that_differed_are_looked_at_until_they_agree(ledger):
    """However long ago it was found."""
    write(ledger, differs("c1", "state"), at=START - timedelta(days=365))

    assert ["1001"] == looked_at(ledger)
    assert [] == ledger.read(differences.orders_since, "main-2", START, START)
