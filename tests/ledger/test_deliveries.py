"""Deliveries: every webhook that arrived, its body raw and in a table of its own."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from op_core.ledger import Ledger, deliveries
from op_core.ledger.schema import bodies
from op_core.ledger.writer import Conflict
from op_core.testing.clock import Clock

RAW = b'\x00\xff not text at all {"a": NaN}'


@pytest.fixture
def clock():
    """Give a clock."""
    return Clock()


@pytest.fixture
def ledger(ledger_url, clock):
    """Give an empty ledger, once on each database."""
    ledger = Ledger.open(ledger_url, clock=clock, upgrade=True)
    yield ledger
    ledger.close()


def store(ledger, body=RAW, store_id="main-1"):
    return ledger.read(deliveries.get, ledger.write(deliveries.store, store_id, body, ledger.now()))


def waiting(ledger):
    return [one.id for one in ledger.read(deliveries.waiting, "main-1", ledger.now(), 10)]


def test_a_body_is_kept_byte_for_byte(ledger):
    """Whatever came, text or not."""
    assert RAW == ledger.read(deliveries.body, store(ledger))


def test_a_body_that_comes_again_is_kept_once(ledger):
    """Two deliveries, one body; another store keeps its own."""
    first, second, other = store(ledger), store(ledger), store(ledger, store_id="main-2")
    count = ledger.read(lambda connection: connection.execute(sa.select(sa.func.count()).select_from(bodies)).scalar())

    assert 3 == len({first.id, second.id, other.id})
    assert 2 == count


def test_what_waits_comes_oldest_first_and_not_before_its_time(ledger, clock):
    """A postponed delivery lets the others pass."""
    first, second = store(ledger), store(ledger, b"2")
    clock.move(seconds=1)
    ledger.write(deliveries.postpone, first.id, Clock(clock.now).now.replace(minute=5), "the shop did not answer")

    assert [second.id] == waiting(ledger)
    clock.move(minutes=5)
    assert [first.id, second.id] == waiting(ledger)
    after = ledger.read(deliveries.get, first.id)
    assert (1, "the shop did not answer") == (after.tries, after.reason)


def test_only_one_process_settles_a_delivery(ledger):
    """The second is told that it was not the first, and changes nothing."""
    one = store(ledger)
    ledger.write(deliveries.settle, one.id, "planned", ledger.now())
    with pytest.raises(Conflict):
        ledger.write(deliveries.settle, one.id, "duplicate", ledger.now())

    assert "planned" == ledger.read(deliveries.get, one.id).state
    assert [] == waiting(ledger)


def test_a_replay_takes_what_was_quarantined(ledger):
    """All of it, or what is named; nothing else, and nothing of another store."""
    ids = [store(ledger, str(n).encode()).id for n in range(3)]
    other = store(ledger, store_id="main-2").id
    for delivery_id in (*ids, other):
        state = "planned" if delivery_id == ids[2] else "quarantined"
        ledger.write(deliveries.settle, delivery_id, state, ledger.now(), reason="unknown topic")

    assert 1 == ledger.write(deliveries.replay, "main-1", [ids[0], ids[2], other])
    assert [ids[0]] == waiting(ledger)
    assert 1 == ledger.write(deliveries.replay, "main-1")
    assert ids[:2] == waiting(ledger)
    assert ledger.read(deliveries.get, ids[0]).reason is None


def test_what_is_replayed_starts_anew(ledger, clock):
    """It had waited before it was given up: now it is due at once, has no tries behind it and is not settled."""
    first = store(ledger)
    ledger.write(deliveries.postpone, first.id, clock() + timedelta(hours=1), "the shop did not answer")
    ledger.write(deliveries.settle, first.id, "quarantined", ledger.now(), reason="unknown topic")
    ledger.write(deliveries.replay, "main-1")

    assert [first.id] == waiting(ledger)
    after = ledger.read(deliveries.get, first.id)
    assert ("received", 0, None, None) == (after.state, after.tries, after.reason, after.settled_at)


def test_what_is_taken_again_starts_anew(ledger, clock):
    """A planned delivery that goes back in line is due at once, has no tries behind it and is not settled."""
    first = store(ledger)
    ledger.write(deliveries.postpone, first.id, clock() + timedelta(hours=1), "the shop did not answer")
    ledger.write(deliveries.settle, first.id, "planned", ledger.now())
    ledger.write(deliveries.take_again, first.id)

    assert [first.id] == waiting(ledger)
    after = ledger.read(deliveries.get, first.id)
    assert (0, None) == (after.tries, after.settled_at)


def test_what_arrives_is_new(ledger):
    """Received now, tried never, and nothing is known of it but its body."""
    one = store(ledger)

    assert ("received", 0, ledger.now(), None) == (one.state, one.tries, one.received_at, one.shape)


def test_a_delivery_that_is_put_off_keeps_what_is_known_of_it(ledger, clock):
    """Its form stays where the next try says none, and a wait that was no try counts for none."""
    first = store(ledger)
    later = clock() + timedelta(hours=1)
    ledger.write(deliveries.postpone, first.id, later, "the API did not answer", "aaaa")
    ledger.write(deliveries.postpone, first.id, later, "the shop is away", counts=False)

    after = ledger.read(deliveries.get, first.id)
    assert ("aaaa", 1, later) == (after.shape, after.tries, after.not_before)


def test_what_is_settled_is_not_put_off(ledger, clock):
    """Another process was first: what it wrote stands."""
    first = store(ledger)
    ledger.write(deliveries.settle, first.id, "planned", ledger.now())
    ledger.write(deliveries.postpone, first.id, clock() + timedelta(hours=1), "the shop did not answer")

    after = ledger.read(deliveries.get, first.id)
    assert ("planned", 0, None, None) == (after.state, after.tries, after.not_before, after.reason)


def test_deliveries_are_listed_newest_first(ledger):
    """All of them or a store's, in every state or in one, and only so many; fifty where nobody says how many."""
    first, second = store(ledger, b"1").id, store(ledger, b"2").id
    other = store(ledger, b"3", store_id="main-2").id
    ledger.write(deliveries.settle, first, "quarantined", ledger.now())
    listed = {
        (None, None, 10): [other, second, first],
        ("main-1", None, 10): [second, first],
        ("main-1", None, 1): [second],
        ("main-1", "quarantined", 10): [first],
        (None, "received", 10): [other, second],
    }

    assert listed == {said: [one.id for one in ledger.read(deliveries.listing, *said)] for said in listed}
    for n in range(50):
        store(ledger, str(n).encode())
    assert 50 == len(ledger.read(deliveries.listing))


def test_an_event_is_known_by_what_was_settled_under_its_id(ledger):
    """Not by itself, not by one that nobody has read yet, and not by another store's."""
    first, second, other = store(ledger), store(ledger), store(ledger, store_id="main-2")
    for one, content in ((first, "said first"), (second, None), (other, "said elsewhere")):
        ledger.write(
            deliveries.settle,
            one.id,
            "planned",
            ledger.now(),
            event_id="e1",
            **({"content_hash": content} if content else {}),
        )

    assert [["said first"], [], []] == [
        list(ledger.read(deliveries.known_event, asked, event))
        for asked, event in ((second, "e1"), (first, "e1"), (second, "e2"))
    ]
