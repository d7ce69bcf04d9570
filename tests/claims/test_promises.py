"""Promises 5, 8 and 10: no silent undo, no silent nothing; our own echo is known; a deploy is safe."""

import threading

import attrs
import pytest

from op_core.capabilities import Capability, Support
from op_core.ledger import exports
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TWO_PAYMENTS = an_order(
    payments=tuple(
        attrs.evolve(an_order().payments[0], id=f"pay-{n}", captured=attrs.evolve(an_order().total, amount="30.00"))
        for n in (1, 2)
    )
)


def verbs(scene):
    return [effect.verb for effect in scene.shop.effects]


# --- Promise 5: no silent undo, no silent nothing --------------------------------------------------------------------


def test_money_is_never_compensated():
    """Promise 5. The second part is refused, the claim denied and decided smaller: the first part stays as it is."""
    scene = Scene.make(ModelShop([TWO_PAYMENTS]))
    scene.shop.faults = lambda verb, _: "refuse" if scene.shop.effects else "ok"
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")))
    scene.run()
    scene.deliver(bodies.denied())
    scene.deliver(bodies.approved(event="smaller"))
    for _ in range(3):
        scene.wait(days=1)

    assert ["refund"] == verbs(scene)
    assert "done" == scene.states()[0]


def test_already_done_returns_the_first_result():
    """Promise 5. However often it is asked for, the first result stands, with its proof."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.run()
    first = scene.action()
    for n in range(5):
        scene.deliver(bodies.approved(event=f"again-{n}"))
    scene.wait(days=1)

    assert first == scene.action()
    assert ["refund"] == verbs(scene)


@pytest.mark.parametrize("kind", ["REFUND", "RESHIP", "STORE_CREDIT"])
def test_a_missing_capability_is_held_never_swapped(kind):
    """Promise 5. A shop that can do nothing of it does nothing else instead, and a person is told."""

    class Reader(ModelShop):
        @property
        def capabilities(self):
            """None but reading."""
            gap = Capability(Support.UNSUPPORTED, "this shop only reads")
            return {hook: gap if "_issue_" in hook or "_create_" in hook else said
                    for hook, said in super().capabilities.items()}  # fmt: skip

    scene = Scene.make(Reader([an_order()]), resolutions={"store_credit": "act"})
    scene.deliver(bodies.approved(bodies.resolution(kind)))
    scene.run()

    assert [["not_supported"]] == scene.holds()
    assert [] == scene.shop.calls


def test_nothing_ends_without_a_word():
    """Promise 5. Every delivery ends in a state, every action that does not act says why."""
    scene = Scene.make(limits={"hold_above": {}})
    for body in (bodies.approved(), bodies.message(), bodies.created("C2"), b"nonsense"):
        scene.deliver(body)
    scene.run()

    assert "received" not in [one.state for one in scene.deliveries()]
    assert all(one.state == "done" or one.holds for one in scene.actions())
    assert all(one.reason for one in scene.deliveries() if one.state == "quarantined")


# --- Promise 8: our own echo is known --------------------------------------------------------------------------------


def test_effects_carry_the_reference():
    """Promise 8. Each effect in the shop is found again by the name that the ledger knows it by."""
    scene = Scene.make()
    scene.deliver(bodies.approved(bodies.resolution("REFUND"), bodies.resolution("RESHIP", bodies.item("2"))))
    scene.run()

    assert {one.reference for one in scene.actions()} == {effect.reference for effect in scene.shop.effects}
    assert {scene.action("reship").reference} == scene.shop.orders["1001-R1"].references


def test_a_replacement_that_comes_back_as_an_order_is_not_exported_as_a_sale():
    """Promise 8. The shop announces our own replacement before it was reported: it is posted once, as a report."""
    scene = Scene.make()
    scene.deliver(bodies.approved(bodies.resolution("RESHIP")))
    scene.plan()
    scene.act()
    scene.ledger.write(exports.mark_changed, scene.store.id, "1001-R1", scene.clock())
    scene.work.exporter.marked()
    assert [] == scene.api.posted
    scene.run()
    scene.work.exporter.marked()

    assert [("1001-R1", "1001")] == [
        (one.source_order_id, one.to_wire()["originalSourceOrderNumber"]) for one in scene.api.posted
    ]


# --- Promise 10: a deploy is safe ------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [(), ("plan",), ("plan", "act"), ("plan", "act", "ask")])
@pytest.mark.parametrize("fault", ["ok", "lost", "raise", "not_sent", "pending"])
def test_every_claim_in_flight_goes_on_after_a_deploy(steps, fault):
    """Promise 10. Stop after any step, start a new version over the same ledger: one effect, one report."""
    scene = Scene.make()
    scene.shop.faults = {("refund", 1): fault}
    scene.deliver(bodies.approved())
    for step in steps:
        getattr(scene, step)()
    scene.restart()
    for _ in range(4):
        scene.wait(minutes=5)
        for effect in scene.shop.effects:
            if not effect.settled:
                scene.shop.settle(effect.reference)

    assert ["done"] == scene.states()
    assert ["refund"] == verbs(scene)
    assert 1 == len(scene.reports())


def test_a_stop_ends_after_what_is_under_way(sqlite_url):
    """Promise 10. `stop` lets calls end and their outcomes be written; what was not begun waits for the next start."""
    scene = Scene.make(ModelShop([an_order(id=str(n), number=str(n)) for n in range(30)]), url=sqlite_url)
    for n in range(30):
        scene.deliver(bodies.approved(claim=f"C{n}", order=str(n), event=f"e{n}"))
    runner = scene.runner
    thread = threading.Thread(target=runner.serve)
    thread.start()
    runner.stop()
    thread.join(30)

    assert not {"calling", "unknown"} & set(scene.states())
    scene.restart()
    scene.runner.run_once()
    assert ["done"] * 30 == scene.states()
    assert {} == scene.shop.doubled()
    scene.ledger.close()
