"""A sweep that is stopped, by whatever: where it goes on, and when."""

import pytest

from op_core.errors import RateLimited, ServerFailed, UnreadableAnswer
from op_core.ledger import exports
from op_core.testing import bodies
from op_core.testing.model_shop import an_order

OLD = "2025-01-01T00:00:00Z"
ALL = [str(1001 + n) for n in range(6)]


def sweep(scene, **said):
    return scene.work.sweeper.run(**said)


# --- Stopped, and gone on with -------------------------------------------------------------------------------------


def limit(scene, after, wait=None):
    scene.api.faults["claims_of_order"] = [None] * after + [RateLimited("429", status=429, retry_after=wait)]


@pytest.mark.parametrize("known", [True, False], ids=["known to the ledger", "known to the shop"])
def test_a_run_that_is_limited_again_and_again_comes_to_its_end(scene, known):
    """Each goes on with the page at which the last one stopped, and what was found is kept."""
    if known:
        for one in ALL:
            scene.ledger.write(exports.put_order, "main-1", one, state="sent", at=scene.clock())
    for n, one in enumerate(ALL):
        scene.api.list_claim(f"C{n}", one, updatedAt=OLD, claimResolutions=bodies.listed("REFUND"))
    for taken in (3, 1):
        limit(scene, taken)
        with pytest.raises(RateLimited) as stopped:
            sweep(scene)
    assert "The sweep of store main stopped here; the next one goes on." in stopped.value.__notes__
    scene.api.faults.clear()
    scene.api.calls.clear()
    sweep(scene)

    assert 4 >= scene.api.calls.count("claims_of_order")
    assert ["never_delivered"] * 6 == [code for codes in scene.holds() for code in codes]
    assert scene.clock() == scene.work.sweeper.last()


def test_another_span_or_another_day_begins_anew(scene, asked):
    """A place is gone on with only by a sweep that means the same."""
    limit(scene, 4)
    with pytest.raises(RateLimited):
        sweep(scene)
    asked.clear()
    limit(scene, 0)
    with pytest.raises(RateLimited):
        sweep(scene, days=100)
    assert ["1001"] == asked
    asked.clear()
    scene.clock.move(days=2)
    sweep(scene)

    assert ALL == sorted(asked)


def test_whoever_watches_may_stop_it(scene, asked):
    """What it was told of is written down."""

    class Enough(Exception):
        pass

    def told(found):
        if found.orders == 4:
            raise Enough

    with pytest.raises(Enough):
        sweep(scene, progress=told)
    asked.clear()
    sweep(scene)

    assert 2 == len(asked)


@pytest.mark.parametrize("error", [RateLimited("429", status=429), ServerFailed("503", status=503)])
def test_a_failure_of_the_api_stops_it(scene, error):
    """No further order is begun."""
    scene.api.faults["claims_of_order"] = [None, error]
    with pytest.raises(type(error)):
        sweep(scene)

    assert 2 == scene.api.calls.count("claims_of_order")


def test_an_order_whose_claims_cannot_be_read_stops_no_other(scene, caplog):
    """It is counted and named; the sweep comes to its end."""
    scene.api.faults["claims_of_order"] = [UnreadableAnswer("strange")]
    found = sweep(scene)

    assert (6, 1) == (found.orders, found.unreadable)
    assert "the claims of order 1001 are passed over: strange" in caplog.text
    assert scene.work.sweeper.last() is not None


def test_an_api_of_which_nothing_can_be_read_stops_it(scene):
    """Twenty orders, and not one answer in a form that is known."""
    scene.shop.orders |= {str(one): an_order(id=str(one), updated_at=scene.clock()) for one in range(2000, 2100)}
    scene.api.faults["claims_of_order"] = [UnreadableAnswer("strange")] * 200
    with pytest.raises(UnreadableAnswer):
        sweep(scene)

    assert 20 == scene.api.calls.count("claims_of_order")


# --- When ----------------------------------------------------------------------------------------------------------


def test_it_is_due_again_after_its_pause(scene):
    """Whichever process swept last: the ledger says when."""
    assert 0.0 == scene.work.sweeper.due()
    sweep(scene)
    scene.clock.move(hours=5)
    assert 3600.0 == scene.work.sweeper.due()
    scene.clock.move(hours=1)

    assert 0.0 == scene.work.sweeper.due()


@pytest.mark.parametrize(("wait", "due"), [(None, 900.0), (60.0, 900.0), (7200.0, 7200.0)])
def test_after_a_failure_it_waits(scene, wait, due):
    """A quarter of an hour, or as long as the API asks."""
    limit(scene, 0, wait)
    with pytest.raises(RateLimited):
        sweep(scene)

    assert (None, due) == (scene.work.sweeper.last(), scene.work.sweeper.due())
    assert scene.clock() == scene.work.sweeper.stopped()


def test_one_that_another_process_is_at_is_not_due(scene):
    """Its place has just moved."""
    seen = []
    sweep(scene, progress=lambda _: seen.append(scene.work.sweeper.due()))

    assert {900.0} == set(seen)
    assert None is scene.work.sweeper.stopped()
