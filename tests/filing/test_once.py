"""A claim is filed once under its key, whatever is repeated, raced or killed. On both databases."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from op_core.errors import (
    FilingUnderWay,
    FilingUnknown,
    KeyTaken,
    RequestNotSent,
    Unprocessable,
    WrongArgument,
)
from op_core.filing import LineIssue, OnlineClaim
from op_core.testing.clock import START
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.transport import Answer, Fault

EMAIL = "customer@example.com"
LOST = (Fault("drop after"), True)
NEVER = (Fault("drop after"), False)


def about(line_id="1", quantity=1, kind="DAMAGED", details="it fell to pieces"):
    return OnlineClaim(email=EMAIL, issues=[LineIssue(line_id, quantity, kind, details=details)])


def test_a_claim_is_filed_and_its_id_is_read(bench, claim):
    """The API answers no id; the one new claim of the order is it."""
    bench.there.file()
    filed = bench.filer.online("1001", claim, "ticket-77")

    assert ("filed", "1001", "c2", "ticket-77", START) == (
        filed.state,
        filed.order_id,
        filed.claim_id,
        filed.key,
        filed.at,
    )
    assert ["/v1/claims/1001"] == [sent.path for sent in bench.there.posts]
    row = bench.row("ticket-77")
    assert ("filed", ("c1",), "c2", START) == (row.state, row.known_claims, row.claim_id, row.settled_at)


def test_a_repeat_returns_the_first_result_and_sends_nothing(make, claim):
    """Under its key, also in another process, also when the shop's order has changed since."""
    first = make()
    filed = first.filer.online("1001", claim, "ticket-77")
    first.clock.move(days=3)
    first.shop.orders.clear()
    other = make()

    assert filed == first.filer.online("1001", claim, "ticket-77")
    assert filed == other.filer.online("1001", claim, "ticket-77")
    assert 1 == len(first.there.posts)


def test_without_a_key_order_and_content_are_the_key(bench):
    """The same words twice are one claim; other words, or another line, are another."""
    first = bench.filer.online("1001", about())
    assert first == bench.filer.online("1001", about())
    second = bench.filer.online("1001", about(details="it is blue"))

    assert ("c1", "c2") == (first.claim_id, second.claim_id)
    assert first.key.startswith("content-")
    assert first.key != second.key


def test_the_order_of_issues_and_pictures_does_not_count(bench):
    """A form that is sent again may list them otherwise."""
    one = LineIssue("1", 1, "DAMAGED", images=["https://example.com/1", "https://example.com/2"])
    same = LineIssue("1", 1, "DAMAGED", images=["https://example.com/2", "https://example.com/1"])
    other = LineIssue("2", 1, "STOLEN")
    bench.filer.online("1001", OnlineClaim(email=EMAIL, issues=[one, other]))
    bench.filer.online("1001", OnlineClaim(email=EMAIL, issues=[other, same]))

    assert 1 == len(bench.there.posts)


def test_another_content_under_a_key_is_an_error(bench):
    """Nothing is sent, and the first claim stands."""
    bench.filer.online("1001", about(), "ticket-77")
    with pytest.raises(KeyTaken, match="ticket-77") as caught:
        bench.filer.online("1001", about(quantity=2), "ticket-77")

    assert "ticket-77" == caught.value.key
    assert 1 == len(bench.there.posts)


@pytest.mark.parametrize("key", ["", "jane@example.com", "ticket 77", "x" * 129, "ünï", 77])
def test_a_key_that_could_name_a_person_is_refused(bench, claim, key):
    """The ledger keeps it as it is."""
    with pytest.raises(WrongArgument, match=r"^key: expected"):
        bench.filer.online("1001", claim, key)


def test_nothing_personal_enters_the_ledger(bench, claim):
    """Of what is said only a hash is kept."""
    bench.there.script = [Answer(422, {"error": EMAIL})]
    with pytest.raises(Unprocessable) as caught:
        bench.filer.online("1001", claim, "ticket-77")
    held = repr(bench.row("ticket-77")) + repr(caught.value) + repr(claim)

    assert "customer" not in held
    assert "pieces" not in held
    assert "example.com" not in held


# --- Killed --------------------------------------------------------------------------------------------------------


def die_at(name, nth):
    left = nth

    def die(point):
        nonlocal left
        left -= point == name
        if point == name and left == 0:
            raise SimulatedCrash(point)

    return die


POINTS = """
ask:before ask:after ask:before ask:after wire:before wire:after commit:before commit:after filing:begun
wire:before wire:after filing:posted commit:before commit:after wire:before wire:after commit:before commit:after
""".split()


def test_every_point_is_known(bench, claim):
    """A step that is added is killed too."""
    passed = []
    with armed(passed.append):
        bench.filer.online("1001", claim)

    assert POINTS == passed


@pytest.mark.parametrize("at", range(len(POINTS)))
def test_wherever_it_is_killed_it_is_filed_once(make, claim, at):
    """The next process files it, finds it, or waits until it can tell; never is there a second claim."""
    name, nth = POINTS[at], POINTS[: at + 1].count(POINTS[at])
    bench = make()
    with armed(die_at(name, nth)), pytest.raises(SimulatedCrash):
        bench.filer.online("1001", claim, "ticket-77")
    after = make()
    with suppress(FilingUnderWay):
        after.filer.online("1001", claim, "ticket-77")
    after.clock.move(minutes=5)
    filed = after.filer.online("1001", claim, "ticket-77")

    assert [filed.claim_id] == [one["id"] for one in after.there.claims["1001"]]
    assert "filed" == after.row("ticket-77").state


def test_one_that_was_killed_is_under_way_until_it_cannot_be(make, claim):
    """Within three minutes its call may still be on its way."""
    bench = make()
    with armed(die_at("filing:begun", 1)), pytest.raises(SimulatedCrash):
        bench.filer.online("1001", claim, "ticket-77")
    bench.clock.move(minutes=3)
    with pytest.raises(FilingUnderWay, match="ticket-77"):
        make().filer.online("1001", claim, "ticket-77")
    bench.clock.move(seconds=1)

    assert "c1" == make().filer.online("1001", claim, "ticket-77").claim_id


def test_who_was_held_up_between_intent_and_call_does_not_call(bench, claim):
    """Another process may think that it is dead, and file the claim."""

    def hold_up(point):
        if point == "filing:begun":
            bench.clock.move(seconds=21)

    with armed(hold_up), pytest.raises(RequestNotSent, match="held up"):
        bench.filer.online("1001", claim, "ticket-77")
    assert [] == bench.there.posts

    assert "c1" == bench.filer.online("1001", claim, "ticket-77").claim_id


# --- At the same time ----------------------------------------------------------------------------------------------


def at_once(*works):
    """Run each in a thread of its own; return what they return or raise."""
    results = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(n, work):
        barrier.wait(10)
        try:
            results[n] = work()
        except Exception as error:  # noqa: BLE001 - it is looked at
            results[n] = error

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_threads_of_one_process_file_it_once(bench, claim):
    """A double click: all get the first result."""
    results = at_once(*[lambda: bench.filer.online("1001", claim, "ticket-77")] * 6)

    assert 1 == len(bench.there.posts)
    assert {"c1"} == {filed.claim_id for filed in results}


def test_processes_file_it_once(make, claim):
    """The row's key decides; who comes second hears that it is under way, and asks again."""
    first, second = make(), make()
    posting, may = threading.Event(), threading.Event()

    def post():
        posting.set()
        assert may.wait(10)

    first.there.on_post = post
    filed = []
    thread = threading.Thread(target=lambda: filed.append(first.filer.online("1001", claim, "ticket-77")), daemon=True)
    thread.start()
    assert posting.wait(10)
    with pytest.raises(FilingUnderWay):
        second.filer.online("1001", claim, "ticket-77")
    may.set()
    thread.join(10)

    assert filed == [second.filer.online("1001", claim, "ticket-77")]
    assert 1 == len(first.there.posts)


@pytest.mark.parametrize("lost", [False, True])
def test_processes_that_begin_at_one_moment_file_it_once(make, claim, lost):
    """For the first time, and again after a lost answer: one of them posts."""
    benches = [make(), make()]
    there = benches[0].there
    if lost:
        there.script = [NEVER]
        with pytest.raises(FilingUnknown):
            benches[0].filer.online("1001", claim, "ticket-77")
        benches[0].clock.move(minutes=5)
        there.posts.clear()
    together = threading.Barrier(2)

    def meet(point):
        if point == "ask:after":  # the shop told its order: both are about to begin
            with suppress(threading.BrokenBarrierError):
                together.wait(2)

    with armed(meet):
        results = at_once(*[lambda bench=bench: bench.filer.online("1001", claim, "ticket-77") for bench in benches])

    assert 1 == len(there.posts)
    assert 1 == len(there.claims["1001"])
    assert {"Filed", "FilingUnderWay"} >= {type(one).__name__ for one in results}
    assert "Filed" in {type(one).__name__ for one in results}


def test_a_late_result_of_an_attempt_that_was_given_up_does_not_overwrite(make, claim):
    """The newer attempt may have filed it, so the older one's refusal does not free the key."""
    bench, other = make(), make()

    def meanwhile():
        bench.there.on_post = None
        bench.clock.move(minutes=10)
        with pytest.raises(FilingUnknown):
            other.filer.online("1001", claim, "ticket-77")

    bench.there.script = [NEVER, Answer(422)]
    bench.there.on_post = meanwhile
    with pytest.raises(Unprocessable):
        bench.filer.online("1001", claim, "ticket-77")

    row = bench.row("ticket-77")
    assert ("unknown", START + timedelta(minutes=10)) == (row.state, row.begun_at)
