"""Rows of actions: one under way per order, keys once, and late writers fenced; the same on both databases."""

from datetime import timedelta

import pytest

from op_core.ledger import Ledger, actions
from op_core.ledger.writer import Conflict
from op_core.testing.clock import Clock


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


def add(ledger, n=1, **columns):
    usual = {
        "store_id": "main-1", "subject": "claim:C1", "verb": "refund", "n": n, "reference": f"OP-{n}",
        "order_id": "1001", "content": "{}", "content_hash": "x", "state": "due", "exclusive": True,
        "holds": "[]", "rivals": "[]", "planned_at": ledger.now(),
    }  # fmt: skip
    return ledger.write(actions.insert, **(usual | columns))


def move(ledger, action, *states, **columns):
    for state in states:
        action = ledger.write(actions.move, action, state, ledger.now(), **columns)
    return action


UNDER_WAY = {"calling": ["calling"], "pending": ["calling", "pending"], "unknown": ["calling", "unknown"]}


@pytest.mark.parametrize("state", UNDER_WAY)
def test_one_action_of_an_order_is_under_way_at_a_time(ledger, state):
    """A partial unique index: whatever the code believes, the database takes no second."""
    first, second = add(ledger, 1), add(ledger, 2)
    first = move(ledger, first, *UNDER_WAY[state])
    with pytest.raises(Conflict):
        move(ledger, second, "calling")

    move(ledger, first, "done")
    assert "calling" == move(ledger, second, "calling").state


@pytest.mark.parametrize(
    "other", [{"order_id": "1002"}, {"store_id": "main-2"}, {"exclusive": False}, {"order_id": None}],
    ids=["another order", "another store", "a note", "no order"],
)  # fmt: skip
def test_what_shares_no_order_is_free(ledger, other):
    """Other orders, other stores and notes do not wait."""
    move(ledger, add(ledger, 1), "calling")

    assert "calling" == move(ledger, add(ledger, 2, **other), "calling").state


@pytest.mark.parametrize("same", [{"n": 1, "reference": "OP-other"}, {"n": 2, "reference": "OP-1"}])
def test_a_key_and_a_reference_exist_once(ledger, same):
    """Two plans of one key cannot both be written."""
    add(ledger, 1)
    with pytest.raises(Conflict):
        add(ledger, **same)


def test_a_late_writer_changes_nothing(ledger):
    """Who holds the action as it was before somebody moved it is fenced off, in every column."""
    seen = add(ledger)
    now = move(ledger, seen, "calling")
    for late in (lambda: move(ledger, seen, "calling"), lambda: ledger.write(actions.note, seen, reason="late")):
        with pytest.raises(actions.Fenced):
            late()

    assert now == ledger.read(actions.get, seen.id)


def test_the_same_state_is_not_the_same_action(ledger):
    """Due, called, due again: a writer from before the call is late, though the state is the one that it saw."""
    seen = add(ledger)
    move(ledger, seen, "calling", "due")

    with pytest.raises(actions.Fenced):
        move(ledger, seen, "calling")


def test_what_is_due_is_what_may_be_called_now(ledger, clock):
    """Not before its time, not while another of its order is under way, not of another store."""
    add(ledger, 1, not_before=clock() + timedelta(minutes=1))
    busy = add(ledger, 2, order_id="1002")
    add(ledger, 3, order_id="1002")
    add(ledger, 4, order_id="1003", state="held")
    add(ledger, 5, store_id="main-2")
    move(ledger, busy, "calling")

    def due():
        return [action.n for action in ledger.read(actions.due, "main-1", clock(), 10)]

    assert [] == due()
    clock.move(minutes=1)
    assert [1] == due()
    move(ledger, ledger.read(actions.get, busy.id), "done")
    assert [1, 3] == due()


def test_what_is_unsure_is_asked_for_when_nobody_calls(ledger, clock):
    """Not before its time, and not while a lease says that a call may still run."""
    lease = clock() + timedelta(minutes=2)
    action = move(ledger, add(ledger), "calling", "unknown", lease_until=lease, not_before=clock())

    assert [] == ledger.read(actions.unsure, "main-1", clock(), 10)
    clock.move(minutes=2)
    assert [action.id] == [one.id for one in ledger.read(actions.unsure, "main-1", clock(), 10)]


def test_a_lease_that_is_renewed_does_not_expire(ledger, clock):
    """Renewal changes no fence: the caller's own result still counts."""
    action = move(ledger, add(ledger), "calling", lease_until=clock() + timedelta(minutes=2))
    clock.move(minutes=2)
    ledger.write(actions.renew, "main-1", ["OP-1"], clock() + timedelta(minutes=2))
    assert [] == ledger.read(actions.expired, "main-1", clock())
    assert "done" == move(ledger, action, "done").state

    other = move(ledger, add(ledger, 2, order_id="1002"), "calling", lease_until=clock())
    assert [other.id] == [one.id for one in ledger.read(actions.expired, "main-1", clock())]


def test_a_lease_is_renewed_for_those_calls_alone(ledger, clock):
    """Neither another call of the store nor the same reference in another store is kept alive."""
    first = add(ledger, 1)
    others = add(ledger, 2, order_id="1002"), add(ledger, 1, store_id="main-2")
    for action in (first, *others):
        move(ledger, action, "calling", lease_until=clock())
    ledger.write(actions.renew, "main-1", [first.reference], clock() + timedelta(minutes=2))

    assert [[others[0].id], [others[1].id]] == [
        [one.id for one in ledger.read(actions.expired, store, clock())] for store in ("main-1", "main-2")
    ]


def test_a_word_is_late_when_the_action_was_called_again_since(ledger):
    """Only "done" is such a word, only of an earlier call, and only of this action."""
    came_late = lambda action: ledger.read(actions.came_late, action.id)  # noqa: E731 - asked many times
    say = lambda action, *said: ledger.write(actions.add_attempt, action, *said)  # noqa: E731 - said many times
    first = move(ledger, add(ledger), "calling")
    other = move(ledger, add(ledger, 2, order_id="1002"), "calling", "due", "calling", "due")
    say(other, "call", ledger.now())
    say(first, "call", ledger.now())
    say(first, "late", ledger.now(), "done")
    assert not came_late(first), "the call that it belongs to is the last one"
    again = move(ledger, first, "due", "calling")
    say(again, "ask", ledger.now())
    assert not came_late(first), "asking is no call"
    say(again, "call", ledger.now())
    assert came_late(first)
    assert not came_late(other)

    say(other, "late", ledger.now(), "unknown")
    say(move(ledger, other, "calling"), "call", ledger.now())
    assert not came_late(other), "it said that it knows nothing"


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (None, True),
        ("done", True),
        ("unknown", True),
        ("pending", True),
        ("refused", False),
        (actions.NOT_SENT, False),
        (actions.AWAY, False),
        (actions.NOT_SUPPORTED, False),
    ],
)
def test_a_call_after_a_late_word_may_have_acted_unless_it_surely_did_not(ledger, ended, expected):
    """What surely did nothing is no second effect; what another action's call did says nothing of this one."""
    first = move(ledger, add(ledger), "calling")
    ledger.write(actions.add_attempt, first, "call", ledger.now())
    ledger.write(actions.add_attempt, first, "late", ledger.now(), "done")
    other = move(ledger, add(ledger, 2, order_id="1002"), "calling", "due", "calling", "due", "calling")
    ledger.write(actions.add_attempt, other, "call", ledger.now())
    assert not ledger.read(actions.acted_since, first.id)
    again = move(ledger, first, "due", "calling")
    ledger.write(actions.add_attempt, again, "call", ledger.now())
    if ended is not None:
        ledger.write(actions.add_attempt, again, "result", ledger.now(), ended)

    assert expected == ledger.read(actions.acted_since, first.id)


def test_what_waits_for_a_person_is_held_or_has_something_to_say(ledger):
    """``held`` lists what is held, and whatever is done, pending or unknown under a hold."""
    hold = '[{"code": "twice", "reason": "?"}]'
    for n, state in enumerate(("held", "due", "pending", "unknown", "done", "done"), 1):
        action = add(ledger, n, order_id=f"100{n}", state="held" if state == "held" else "due",
                     holds="[]" if n == 6 else hold)  # fmt: skip
        move(ledger, action, *UNDER_WAY.get(state, ["calling", "done"] if state == "done" else []))

    assert [1, 3, 4, 5] == [one.n for one in ledger.read(actions.listing, "main-1", "held")]
    assert [1, 3] == [one.n for one in ledger.read(actions.listing, "main-1", "held", 2)]


def test_the_actions_of_an_order_are_those_of_its_store(ledger):
    """They are what the caps count, and when they ended is written down."""
    mine, other = add(ledger, 1), add(ledger, 2, order_id="1002")
    add(ledger, 1, store_id="main-2")
    done = move(ledger, mine, "calling", "done")

    assert [done] == ledger.read(actions.of_order, "main-1", "1001")
    assert (ledger.now(), None) == (done.settled_at, other.settled_at)


def test_an_action_comes_back_as_it_was_written(ledger):
    """Every digit of an amount, every letter of a content."""
    action = add(ledger, amount="12.3400000000000000000000000001", currency="USD", content='{"text": "Grüße \\u20ac"}')

    assert "12.3400000000000000000000000001" == str(action.worth.amount)
    assert {"text": "Grüße €"} == action.content
    assert action == ledger.read(actions.get, action.id)
