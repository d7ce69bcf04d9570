"""Shapes: each form of each thing once, with what was new in it, until a person accepts it."""

import pytest

from op_core.ledger import Ledger, shapes
from op_core.testing.clock import Clock

PATHS = ("$:object", "body.x:text", "body:object")
NEWS = {"added": ["body.x:text"], "lacking": [], "before": {}, "first": False}
WHAT = "claim.approved"


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


def see(ledger, shape="aaaa", what=WHAT, store="main-1", paths=PATHS, **more):
    return ledger.write(shapes.seen, store, what, shape, paths, ledger.now(), **more)


def ids(ledger, *args, **more):
    return [one.id for one in ledger.read(shapes.listing, *args, **more)]


def test_a_form_is_written_down_once(ledger):
    """The second time says that it is known; another store, thing or form is another row."""
    assert [True, False] == [see(ledger), see(ledger)]
    assert [True] * 3 == [see(ledger, store="main-2"), see(ledger, what="claim.denied"), see(ledger, shape="bbbb")]
    assert 4 == len(ids(ledger))


def test_a_row_comes_back_as_it_was_written(ledger, clock):
    """Paths, news, reason, delivery and the first body."""
    see(ledger, news=NEWS, reason="why", kept=b"\x00raw", delivery_id=7)
    found = ledger.read(shapes.find, "main-1", WHAT, "aaaa")

    assert (PATHS, NEWS, "why", 7, clock(), None) == (
        found.paths, found.news, found.reason, found.delivery_id, found.first_at, found.learned_at)  # fmt: skip
    assert b"\x00raw" == ledger.read(shapes.body, found)
    assert found == ledger.read(shapes.get, found.id)
    assert [None, None] == [ledger.read(shapes.find, "main-1", WHAT, "bbbb"), ledger.read(shapes.get, 99)]


def test_a_form_without_a_body_has_none(ledger):
    """Known forms keep no body."""
    see(ledger)

    assert None is ledger.read(shapes.body, ledger.read(shapes.find, "main-1", WHAT, "aaaa"))


def test_the_first_body_stays(ledger):
    """A later one of the same form changes nothing."""
    see(ledger, news=NEWS, kept=b"first")
    see(ledger, news=NEWS, kept=b"second")

    assert b"first" == ledger.read(shapes.body, ledger.read(shapes.find, "main-1", WHAT, "aaaa"))


def test_what_is_new_is_listed_until_it_is_learned(ledger):
    """News or a reason make a form new; nothing new is not listed."""
    see(ledger, "quiet")
    see(ledger, "news", news=NEWS)
    see(ledger, "unread", what="GET /v1/orders (ORD-L)", reason="why")
    see(ledger, "else", store="main-2", news=NEWS)

    assert [2, 3, 4] == ids(ledger, new=True)
    assert [2, 3] == ids(ledger, "main-1", new=True)
    assert [2] == ids(ledger, "main-1", WHAT, new=True)
    assert [1, 2, 3] == ids(ledger, "main-1")


def test_learning_counts_what_it_accepts(ledger, clock):
    """Once each; the paths of what was accepted are known, and of nothing else."""
    see(ledger, "one", news=NEWS)
    see(ledger, "two", news=NEWS, paths=("$:list",))
    see(ledger, "three", news=NEWS)

    assert [2, 0] == [ledger.write(shapes.learn, [1, 2], clock()), ledger.write(shapes.learn, [1, 2], clock())]
    assert [3] == ids(ledger, new=True)
    assert [PATHS, ("$:list",)] == ledger.read(shapes.learned, "main-1", WHAT)
    assert [] == ledger.read(shapes.learned, "main-2", WHAT)


def test_what_was_learned_of_one_thing_says_nothing_of_another(ledger, clock):
    """Each answer and each topic has forms of its own; they come in the order in which a person accepted them."""
    see(ledger, "one", news=NEWS, paths=("$:first",))
    see(ledger, "two", news=NEWS, paths=("$:second",))
    see(ledger, "one", what="GET /elsewhere", news=NEWS, paths=("$:other",))
    for number in (2, 1, 3):
        ledger.write(shapes.learn, [number], clock())
        clock.move(minutes=1)

    assert [("$:second",), ("$:first",)] == ledger.read(shapes.learned, "main-1", WHAT)
    assert [("$:other",)] == ledger.read(shapes.learned, "main-1", "GET /elsewhere")


def test_news_are_said_anew(ledger):
    """After others were learned; without any the form is quiet."""
    see(ledger, news=NEWS)
    ledger.write(shapes.put_news, 1, {"added": []})
    assert {"added": []} == ledger.read(shapes.get, 1).news
    ledger.write(shapes.put_news, 1, None)
    assert [] == ids(ledger, new=True)
