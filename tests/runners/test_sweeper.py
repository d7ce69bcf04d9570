"""The run of a sweep: which orders it asks for, where it goes on, when it is due."""

import threading

import pytest

from op_core.claims import intake
from op_core.errors import ContractBroken, NotSupported, ShopUnavailable
from op_core.hooks import hookimpl
from op_core.ledger import deliveries, exports
from op_core.models import OrderPage
from op_core.testing import bodies
from op_core.testing.api import ScriptedApi
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
ALL = [str(1001 + n) for n in range(6)]


def sweep(scene, **said):
    return scene.work.sweeper.run(**said)


# --- Which orders --------------------------------------------------------------------------------------------------


def test_every_order_that_changed_is_asked_for_once(scene, asked):
    """Also one that the ledger knows besides; one that is unknown there is counted and no fault."""
    scene.ledger.write(exports.put_order, "main-1", "1003", state="sent", at=scene.clock())
    found = sweep(scene)

    assert ALL == sorted(asked)
    assert (6, 6, 0) == (found.orders, found.unknown_orders, found.claims)


def test_the_days_are_those_of_the_settings_or_of_the_call(scene, asked):
    """An order that changed before them is not asked for."""
    scene.clock.move(days=20)
    sweep(scene)
    assert [] == asked
    sweep(scene, days=21)

    assert ALL == sorted(asked)


@pytest.mark.parametrize(
    ("days", "body", "wanted"),
    [
        (13, bodies.approved(), True),
        (13, bodies.created(), True),
        (60, bodies.created(), True),  # undecided: it may still be
        (100, bodies.created(), False),
        (60, bodies.denied(), False),
        (60, bodies.approved(), False),
    ],
)
def test_orders_of_claims_that_the_ledger_heard_of_are_asked_for(scene, asked, days, body, wanted):
    """The shop did not change them, but they have a claim: of these days, or one that nobody has decided yet."""
    scene.deliver(body)
    scene.run()
    scene.shop.orders.clear()
    scene.clock.move(days=days)
    asked.clear()
    sweep(scene)

    assert (["1001"] if wanted else []) == asked


def test_what_waits_for_a_person_is_looked_at_however_old(scene, asked):
    """As long as an action for a claim is not settled, its order is asked for; so is one with a difference."""
    scene.restart(limits=scene.store.limits.model_copy(update={"hold_above": {}}))
    scene.deliver(bodies.approved(order="1002", claim="C2"))
    scene.run()
    scene.shop.orders.clear()
    scene.clock.move(days=200)
    scene.api.claims.clear()
    asked.clear()
    sweep(scene)
    assert ["1002"] == asked
    scene.decline(scene.action())
    scene.clock.move(days=200)
    sweep(scene)

    assert ["1002", "1002"] == asked  # its claim is not listed there: that stays to be seen


def test_a_replacement_order_may_have_a_claim_of_its_own(scene, asked):
    """What was sent again may be lost again."""
    scene.shop.orders.clear()
    scene.ledger.write(exports.put_order, "main-1", "1001-R1", state="replacement", at=scene.clock())
    sweep(scene)

    assert ["1001-R1"] == asked


class Silent(ModelShop):
    """A shop whose pages cannot be read, as *error* says."""

    error = NotSupported("no export")

    @hookimpl
    def op_export_orders(self, request):
        """Raise."""
        raise self.error


def test_a_shop_without_export_is_swept_by_what_the_ledger_knows(scene, asked):
    """That counts as a whole sweep."""
    scene.shop = Silent([an_order()])
    scene.restart()
    scene.ledger.write(exports.put_order, "main-1", "1001", state="sent", at=scene.clock())
    sweep(scene)

    assert ["1001"] == asked
    assert scene.clock() == scene.work.sweeper.last()


class Circling(ModelShop):
    """A shop whose pages never end."""

    @hookimpl
    def op_export_orders(self, request):
        """Answer the same cursor again and again."""
        return OrderPage((), cursor="here", done=False)


@pytest.mark.parametrize(("shop", "error"), [(Circling, ContractBroken), (Silent, ShopUnavailable)])
def test_a_shop_that_answers_wrongly_ends_it(scene, monkeypatch, shop, error):
    """It says so, and counts as no sweep."""
    monkeypatch.setattr(Silent, "error", RuntimeError("scripted"))
    scene.shop = shop([an_order()])
    scene.restart()
    with pytest.raises(error):
        sweep(scene)

    assert (None, 900.0) == (scene.work.sweeper.last(), scene.work.sweeper.due())


# --- At once -------------------------------------------------------------------------------------------------------


class Interrupted(ModelShop):
    """A shop in the middle of whose answer something else happens, once."""

    happens = None

    @hookimpl
    def op_get_order(self, request):
        """Let it happen, then answer."""
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()
        return super().op_get_order(request)


def test_a_sweep_in_the_middle_of_planning_is_taken_over(scene):
    """The webhook was read before the sweep found it missing, and is written after it."""
    scene.shop = Interrupted([an_order()])
    scene.restart(sweep=scene.store.sweep.model_copy(update={"days": 365}))
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=bodies.listed("REFUND"))
    scene.deliver(bodies.approved(), listed=None)
    (delivery,) = scene.deliveries()
    scene.ledger.write(deliveries.settle, delivery.id, "planned", scene.clock())  # nobody sees it as waiting
    scene.shop.happens = lambda: (
        sweep(scene),
        scene.ledger.write(deliveries.take_again, delivery.id),
    )
    assert "planned" == intake.take(scene.desk, delivery)
    scene.run()

    assert (["done"], [[]], 1) == (scene.states(), scene.holds(), len(scene.shop.effects))


class Overtaken(ScriptedApi):
    """An API after whose answer something else happens."""

    happens = None

    def claims_of_order(self, order_id):
        """Answer, and let it happen."""
        listed = super().claims_of_order(order_id)
        self.happens()
        return listed


def test_a_webhook_between_the_answer_and_its_writing_is_no_miss(scene):
    """What is asked is old by the time it is written: the ledger of that moment decides."""
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=bodies.listed("REFUND"))
    scene.api = Overtaken(scene.api.claims, scene.api.facts)
    scene.restart()
    scene.api.happens = lambda: (scene.deliver(bodies.approved(), listed=None), scene.plan())
    assert 0 == sweep(scene).never_delivered

    assert (["due"], [[]]) == (scene.states(), scene.holds())


def test_two_sweeps_and_a_webhook_at_once_are_one_refund(scene, ledger_url):
    """Whoever is first: one action, under one key, that acts once."""
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=bodies.listed("REFUND"))
    others = [Scene.make(scene.shop, url=ledger_url) for _ in range(2)]
    for other in others:
        other.api, other.clock, other.ledger.clock = scene.api, scene.clock, scene.clock
        other.restart()
    scene.deliver(bodies.approved(), listed=None)
    (delivery,) = scene.deliveries()
    start = threading.Barrier(3)
    failed = []

    def at_once(work):
        start.wait(10)
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test is told
            failed.append(error)

    works = [lambda: intake.take(scene.desk, delivery), *[other.work.sweeper.run for other in others]]
    threads = [threading.Thread(target=at_once, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    scene.run()
    for other in others:
        other.ledger.close()

    assert [] == failed
    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))
