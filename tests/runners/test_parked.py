"""The runner and a shop that is away: parked by name, said once, taken up by itself."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from op_core.runners.embedded import Embedded
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

AWAY = "the user may only read"


def many(count, name="main"):
    """Return a scene with so many orders, each with an approved claim."""
    scene = Scene.make(ModelShop([an_order(id=str(n), number=str(n)) for n in range(count)]), name=name, id=f"{name}-1")
    for n in range(count):
        scene.deliver(bodies.approved(claim=f"C{n}", order=str(n), event=f"e{n}"))
    return scene


def said(caplog):
    """Return the lines about parking."""
    return [line for line in caplog.messages if "parked" in line or "works again" in line]


def test_it_is_said_once_and_the_end_of_it_too(caplog):
    """However often it is tried; the run says it each time."""
    caplog.set_level(logging.INFO, "op_core")
    scene = many(1)
    runner = scene.runner
    scene.shop.away = AWAY
    for _ in range(5):
        assert {"main": AWAY} == runner.run_once().parked
        scene.clock.move(minutes=1)
    assert [f"store main is parked: {AWAY}"] == said(caplog)
    scene.shop.away = ""
    assert {} == runner.run_once().parked

    runner.run_once()
    assert [f"store main is parked: {AWAY}", "store main works again"] == said(caplog)
    assert ["done"] == scene.states()
    scene.deliver(bodies.approved(claim="D", order="0", event="d"))
    scene.shop.away = AWAY
    runner.run_once()

    assert [f"store main is parked: {AWAY}", "store main works again", f"store main is parked: {AWAY}"] == said(caplog)


def test_a_store_that_is_parked_takes_nothing_from_the_others():
    """Stores are apart."""
    good, away = many(20, "good"), many(20, "away")
    away.shop.away = AWAY
    summary = Embedded({"good": good.work, "away": away.work}).run_once()

    assert ["done"] * 20 == good.states()
    assert ({}, {"away": AWAY}) == (summary.failed, summary.parked)


def test_a_hundred_are_all_done_once_when_it_is_back():
    """More than a batch: each delivery is put aside for the pause, none is lost, and none has an effect twice."""
    scene = many(100)
    scene.shop.away = AWAY
    runner = scene.runner
    for _ in range(3):
        runner.run_once()
        scene.clock.move(minutes=1)
    assert (["received"] * 100, []) == ([one.state for one in scene.deliveries()], scene.actions())
    scene.shop.away = ""
    runner.run_once()

    assert ["done"] * 100 == scene.states()
    assert ({}, 100) == (scene.shop.doubled(), len(scene.shop.effects))


@pytest.mark.parametrize("parked", [True, False])
def test_what_needs_no_shop_goes_on(parked):
    """Behind more deliveries than a batch has that cannot be planned, a denial is."""
    scene = many(70)
    scene.shop.away = AWAY
    runner = scene.runner
    if parked:
        runner.run_once()
    scene.deliver(bodies.denied(claim="C9", order="9"))
    runner.run_once()

    assert "planned" == scene.deliveries()[-1].state


def test_a_parked_shop_is_not_asked():
    """Due actions, questions and marked orders wait until the pause is over, and cost the shop no call."""
    scene = many(3)
    scene.plan()
    scene.shop.faults = lambda verb, _: "away" if verb == "refund" else "ok"
    runner = scene.runner
    runner.run_once()
    calls = len(scene.shop.calls)
    assert 1 <= calls <= 4
    for _ in range(3):
        assert {} == +Counter(runner.run_once().counts)
    assert calls == len(scene.shop.calls)
    scene.clock.move(minutes=1)
    runner.run_once()
    assert calls < len(scene.shop.calls)
    scene.shop.faults = {}
    scene.clock.move(minutes=1)
    runner.run_once()

    assert ["done"] * 3 == scene.states()
    assert {} == scene.shop.doubled()


def test_it_is_parked_whoever_finds_it_away(caplog):
    """An export in another thread finds it; the runner says it and does not ask."""
    scene = many(1)
    scene.plan()
    work = scene.work
    scene.shop.away = AWAY
    with pytest.raises(Exception, match=AWAY):
        work.exporter.run()
    Embedded({"main": work}).run_once()

    assert [f"store main is parked: {AWAY}"] == said(caplog)
    assert (["due"], 0) == (scene.states(), len(scene.shop.calls))


def test_a_shop_that_comes_and_goes_between_two_runners_does_nothing_twice():
    """Away, then an answer that is lost, then well, with two processes on one ledger: each effect takes place once."""
    scene = many(30)
    scene.shop.faults = lambda verb, n: {1: "away", 2: "lost", 3: "away"}.get(n, "ok") if verb == "refund" else "ok"
    first = scene.runner
    scene.restart()
    second = scene.runner
    for _ in range(40):
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda runner: runner.run_once(), (first, second)))
        scene.clock.move(minutes=2)
        if scene.states() == ["done"] * 30:
            break

    assert (["done"] * 30, {}, 30) == (scene.states(), scene.shop.doubled(), len(scene.shop.effects))
    assert [[]] * 30 == scene.holds()
