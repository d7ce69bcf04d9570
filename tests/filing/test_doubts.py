"""What is known of a claim after each answer: refused, filed all the same, or unknown until it can be told."""

import pytest

from op_core.errors import (
    AlreadyThere,
    BadRequest,
    FilingUnknown,
    NotFoundThere,
    OrderNotFound,
    RateLimited,
    RequestNotSent,
    Unauthorized,
    Unprocessable,
    WrongArgument,
)
from op_core.filing import LineIssue, OnlineClaim
from op_core.testing.crash import armed
from op_core.testing.transport import Answer, Fault

EMAIL = "customer@example.com"
LOST = (Fault("drop after"), True)
NEVER = (Fault("drop after"), False)


@pytest.fixture
def url(sqlite_url):
    """Run on SQLite alone: what differs between databases is in test_once.py."""
    return sqlite_url


def about(line_id="1", quantity=1, kind="DAMAGED", details="it fell to pieces"):
    return OnlineClaim(email=EMAIL, issues=[LineIssue(line_id, quantity, kind, details=details)])


# --- Refused, or never sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (Answer(400), BadRequest),
        (Answer(401), Unauthorized),
        (Answer(403), Unauthorized),
        (Answer(404), NotFoundThere),
        (Answer(422), Unprocessable),
        (Answer(429), RateLimited),
        (Fault("refuse"), RequestNotSent),
    ],
)
def test_what_was_surely_not_filed_may_be_filed_again(bench, step, error):
    """The reason is kept; a mended claim goes under the same key, for nothing was filed under it."""
    bench.there.script = [step]
    with pytest.raises(error):
        bench.filer.online("1001", about(), "ticket-77")
    row = bench.row("ticket-77")
    assert ("refused", None) == (row.state, row.claim_id)
    assert "POST /v1/claims/1001" in row.reason
    filed = bench.filer.online("1001", about(details="mended"), "ticket-77")

    assert "c1" == filed.claim_id
    assert ("filed", None) == (bench.row("ticket-77").state, bench.row("ticket-77").reason)


def test_one_that_is_there_already_is_refused(bench, claim):
    """409: there is a claim, and it is not this one's."""
    bench.there.file()
    bench.there.script = [Answer(409)]
    with pytest.raises(AlreadyThere):
        bench.filer.online("1001", claim, "ticket-77")

    assert "refused" == bench.row("ticket-77").state


def test_an_order_that_the_api_does_not_know_is_left_to_it(bench, claim):
    """No claims are known then; the API's own answer to the claim counts."""
    del bench.there.claims["1001"]

    assert "c1" == bench.filer.online("1001", claim).claim_id


def test_a_claim_that_is_wrong_leaves_no_trace(bench):
    """It is refused before the intent is written; the key stays free."""
    with pytest.raises(WrongArgument):
        bench.filer.online("1001", about(quantity=3), "ticket-77")
    with pytest.raises(OrderNotFound):
        bench.filer.online("9999", about(), "ticket-77")

    assert None is bench.row("ticket-77")
    assert [] == bench.there.posts


# --- Unknown -------------------------------------------------------------------------------------------------------

UNSURE = [
    Fault("drop after"),
    Fault("drop before"),
    Fault("stall"),
    Answer(500),
    Answer(504),
    Answer(408),
    Answer(200, b"<html>"),
    Answer(200, {"status": "queued"}),
]


@pytest.mark.parametrize("step", UNSURE, ids=str)
def test_a_lost_answer_is_followed_by_a_look(bench, claim, step):
    """The one new claim is it: filed, by the same call."""
    bench.there.file()
    bench.there.script = [(step, True)]
    filed = bench.filer.online("1001", claim, "ticket-77")

    assert "c2" == filed.claim_id
    assert "filed" == bench.row("ticket-77").state
    assert filed == bench.filer.online("1001", claim, "ticket-77")
    assert 1 == len(bench.there.posts)


@pytest.mark.parametrize("step", UNSURE, ids=str)
def test_one_that_does_not_show_is_not_filed_again_at_once(bench, claim, step):
    """It may be under way; once it cannot be, it is filed by the next call."""
    bench.there.script = [(step, False)]
    with pytest.raises(FilingUnknown, match=r"after 2025-06-01T12:03:00\+00:00") as caught:
        bench.filer.online("1001", claim, "ticket-77")
    assert "ticket-77" == caught.value.key
    assert "unknown" == bench.row("ticket-77").state
    bench.clock.move(seconds=179)
    with pytest.raises(FilingUnknown):
        bench.filer.online("1001", claim, "ticket-77")
    assert 1 == len(bench.there.posts)
    bench.clock.move(seconds=1)

    assert "c1" == bench.filer.online("1001", claim, "ticket-77").claim_id
    assert 2 == len(bench.there.posts)


def test_the_quiet_period_of_the_settings_counts_where_it_is_longer(make, claim):
    """A search that lags behind is waited for."""
    bench = make(timing={"quiet_period": "10 min"})
    bench.there.script = [NEVER]
    with pytest.raises(FilingUnknown, match="12:10:00"):
        bench.filer.online("1001", claim)


def test_a_claim_that_shows_late_is_found_by_the_next_call(bench, claim):
    """It is not filed again, and its id comes out."""
    bench.there.script, bench.there.hidden = [LOST], True
    with pytest.raises(FilingUnknown):
        bench.filer.online("1001", claim, "ticket-77")
    bench.there.hidden = False

    assert "c1" == bench.filer.online("1001", claim, "ticket-77").claim_id
    assert 1 == len(bench.there.posts)


def test_while_the_api_is_away_it_stays_unknown(bench, claim):
    """Nobody can tell; the next call looks."""
    bench.there.script = [LOST]
    bench.there.on_post = lambda: setattr(bench.there, "away", True)
    for _ in range(2):
        with pytest.raises(FilingUnknown, match="cannot be asked now"):
            bench.filer.online("1001", claim, "ticket-77")
    bench.clock.move(days=1)
    with pytest.raises(FilingUnknown, match="cannot be asked now"):
        bench.filer.online("1001", claim, "ticket-77")
    bench.there.away = False

    assert "c1" == bench.filer.online("1001", claim, "ticket-77").claim_id


def test_several_new_claims_are_for_a_person_to_look_at(bench, claim):
    """Which one it is cannot be told, and it is never filed again by itself; under another key it may be."""
    bench.there.script = [NEVER]
    bench.there.on_post = lambda: (bench.there.file(), bench.there.file())
    with pytest.raises(FilingUnknown, match=r"one of 2 new claims .*op-core claims list main --order 1001"):
        bench.filer.online("1001", claim, "ticket-77")
    bench.there.on_post = None
    bench.clock.move(days=1)
    with pytest.raises(FilingUnknown, match="2 new claims"):
        bench.filer.online("1001", claim, "ticket-77")

    assert "c3" == bench.filer.online("1001", claim, "ticket-77b").claim_id


def test_a_new_claim_of_somebody_else_is_not_taken_for_it(bench, claim):
    """Else a lost claim would count as filed."""
    bench.there.script = [NEVER]
    bench.there.on_post = lambda: bench.there.file(email="another@example.com")
    with pytest.raises(FilingUnknown, match="a new claim of the order may be it, or another's"):
        bench.filer.online("1001", claim, "ticket-77")


def test_an_email_in_another_spelling_is_the_same(bench, claim):
    """Capitals and blanks say nothing."""
    bench.there.script = [NEVER]
    bench.there.on_post = lambda: bench.there.file(email=" Customer@Example.com")

    assert "c1" == bench.filer.online("1001", claim).claim_id


def test_a_claim_without_an_id_is_nobodys(bench, claim):
    """It cannot be told from those that were there."""
    bench.there.script = [NEVER]
    bench.there.on_post = lambda: bench.there.claims["1001"].append({"claimState": "NEW"})
    with pytest.raises(FilingUnknown, match="look"):
        bench.filer.online("1001", claim)


def test_the_claim_of_another_key_is_not_taken_for_it(bench):
    """Two claims about one order, and the answer to one of them is lost: whose the new one is, nobody can tell."""
    bench.there.script = [NEVER]
    with pytest.raises(FilingUnknown):
        bench.filer.online("1001", about(), "first")
    second = bench.filer.online("1001", about(details="another"), "second")
    bench.clock.move(minutes=5)
    with pytest.raises(FilingUnknown, match="may be it, or another's"):
        bench.filer.online("1001", about(), "first")

    assert None is second.claim_id


def test_a_claim_that_another_key_filed_is_known_as_its_own(bench):
    """Also where it does not show while the next one begins: a list may come from a copy that lags behind."""
    bench.filer.online("1001", about(details="another"), "first")
    bench.there.script, bench.there.hidden = [NEVER], True
    bench.there.on_post = lambda: setattr(bench.there, "hidden", False)
    with pytest.raises(FilingUnknown, match="no claim of the order shows it yet"):
        bench.filer.online("1001", about(), "second")


def test_a_claim_that_another_key_filed_and_that_shows_late_is_not_taken_for_it(bench):
    """However long ago it was filed: as long as its id is not known, a new claim may be it."""
    bench.there.hidden = True
    bench.filer.online("1001", about(details="another"), "first")
    bench.clock.move(days=1)
    bench.there.script = [NEVER]
    bench.there.on_post = lambda: setattr(bench.there, "hidden", False)
    with pytest.raises(FilingUnknown, match="may be it, or another's"):
        bench.filer.online("1001", about(), "second")


def test_a_claim_that_lands_while_it_is_prepared_is_seen(bench, claim):
    """After the quiet time the shop is asked for the order, which may take long; the API is asked once more then."""
    bench.there.script = [NEVER]
    with pytest.raises(FilingUnknown):
        bench.filer.online("1001", claim, "ticket-77")
    bench.clock.move(minutes=5)

    def lands(point):
        if point == "ask:after" and not bench.there.claims["1001"]:
            bench.there.file()

    with armed(lands):
        filed = bench.filer.online("1001", claim, "ticket-77")

    assert ("c1", 1) == (filed.claim_id, len(bench.there.posts))


def test_an_id_that_shows_late_is_learned_by_a_repeat(bench, claim):
    """The claim is filed at once, its id follows."""
    bench.there.hidden = True
    first = bench.filer.online("1001", claim)
    bench.there.hidden = False

    assert (None, "c1") == (first.claim_id, bench.filer.online("1001", claim).claim_id)
    assert "c1" == bench.row(first.key).claim_id
