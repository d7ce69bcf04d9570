"""Promises 1 and 2 at every crash point: wherever the process dies, one effect, one report, and nothing lost."""

from collections import Counter
from contextlib import suppress

import pytest

from op_core.testing import bodies
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

DELIVERIES = {
    "refund": bodies.approved(),
    "reship": bodies.approved(bodies.resolution("RESHIP")),
    "store credit": bodies.approved(bodies.resolution("STORE_CREDIT")),
    "protection": bodies.protection(added=True, event="e"),
    "note": bodies.message(),
}


def a_scene(*, find=True):
    return Scene.make(
        ModelShop([an_order()], find=find), resolutions={"store_credit": "act"}, protection={"on_added": "bill"}
    )


def go(scene, body):
    """Receive, then do every step."""
    scene.deliver(body)
    scene.run()


def points(body):
    """Return every crash point that is passed from the delivery to the report, in order, each with its count."""
    passed = []
    scene = a_scene()
    with armed(passed.append):
        go(scene, body)
    scene.ledger.close()
    seen = Counter()
    for name in passed:
        seen[name] += 1
        yield name, seen[name]


def crash_at(name, nth):
    """Return a trigger that dies at the nth passage of a point."""
    left = nth

    def die(point):
        nonlocal left
        left -= point == name
        if point == name and left == 0:
            raise SimulatedCrash(point)

    return die


ALL = [(kind, *point) for kind, body in DELIVERIES.items() for point in points(body)]


def crashed(kind, name, nth, *, find):
    """Crash there, start anew, deliver again as a sender does that got no answer, and wait until it is quiet."""
    scene = a_scene(find=find)
    with armed(crash_at(name, nth)), pytest.raises(SimulatedCrash):
        go(scene, DELIVERIES[kind])
    scene.restart()
    scene.deliver(DELIVERIES[kind])
    for _ in range(6):
        scene.wait(minutes=3)
    return scene


@pytest.mark.parametrize(("kind", "name", "nth"), ALL, ids=str)
def test_after_a_crash_there_is_one_effect_and_one_report(kind, name, nth):
    """A shop that can be asked: exactly one effect, one report, nothing left over, wherever it died."""
    scene = crashed(kind, name, nth, find=True)

    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)
    assert (kind != "note") == len(scene.reports())
    assert set() == {one.state for one in scene.reports()} - {"sent", "confirmed", "no_route"}
    assert len(scene.api.posted) == (kind == "reship")
    assert set() == {one.state for one in scene.deliveries()} - {"planned", "duplicate"}


MONEY = [point for point in ALL if point[0] == "refund"]


@pytest.mark.parametrize(("kind", "name", "nth"), MONEY, ids=str)
def test_a_shop_that_cannot_be_asked_gets_at_most_one_effect(kind, name, nth):
    """Without a look-up: done once, or held for a person where nobody can know."""
    scene = crashed(kind, name, nth, find=False)

    assert len(scene.shop.effects) <= 1
    assert scene.states() == ["done"] or scene.holds() == [["cannot_ask"]]
    if scene.holds() == [["cannot_ask"]]:
        assert ["unknown"] == scene.states()
    else:
        assert 1 == len(scene.shop.effects)


def test_every_commit_and_every_outside_call_has_its_points():
    """Before and after each commit, each question and each effect."""
    names = {name for _, name, _ in ALL}

    assert {"commit:before", "commit:after", "ask:before", "ask:after", "refund:before", "refund:after"} <= names
    assert {"reship:before", "store_credit:after", "charge_protection:before", "note:after"} <= names


@pytest.mark.parametrize("name", ["find", "refund:before", "refund:after", "commit:before", "commit:after"])
def test_crashing_again_and_again_changes_nothing(name):
    """Dying at every try, at one place after the other, still ends in one effect."""
    scene = a_scene()
    scene.shop.faults = {("refund", 1): "lost"}
    with suppress(SimulatedCrash), armed(crash_at(name, 1)):
        go(scene, DELIVERIES["refund"])
    for n in range(1, 9):
        scene.restart()
        scene.clock.move(minutes=3)
        with suppress(SimulatedCrash), armed(crash_at(name, n)):
            scene.run()
    scene.restart()
    scene.deliver(DELIVERIES["refund"])
    for _ in range(4):
        scene.wait(minutes=3)

    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)
