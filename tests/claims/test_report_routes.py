"""Reports by ``[stores.x.report]``: the call that a store's settings make up, since no page documents it."""

import json

import pytest

from op_core.hooks import hookimpl
from op_core.ledger import exports, reports
from op_core.models import Outcome
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

RESHIP = bodies.approved(bodies.resolution("RESHIP"))
ROUTE = {
    "refund": {
        "path": "/claims/{claim_id}/done",
        "body": {
            "amount": "{amount}",
            "currency": "{currency}",
            "outcome": "{outcome}",
            "id": "{shop_id}",
            "reference": "{reference}",
        },
    }
}
RESHIP_ROUTE = {"reship": {"path": "/claims/{claim_id}/sent", "body": {"id": "{shop_id}", "outcome": "{outcome}"}}}


def a_scene(body=RESHIP, **settings):
    scene = Scene.make(**settings)
    scene.deliver(body)
    scene.plan()
    scene.act()
    return scene


def states(scene):
    return [one.state for one in scene.reports()]


def test_without_a_route_the_report_says_so():
    """Everything else goes by ``[stores.x.report]``, else ``no_route``, shown plainly; the action stays done."""
    scene = a_scene(bodies.approved())
    scene.run()
    (report,) = scene.reports()

    assert "no_route" == report.state
    assert "stores.main.report.refund is not set" in report.reason
    assert ["done"] == scene.states()
    assert [] == scene.api.sent


def test_a_route_is_filled_with_facts():
    """The call that the store's settings made up, with exact amounts; its answer is kept."""
    scene = a_scene(bodies.approved(), report=ROUTE)
    scene.run()
    (request,) = scene.api.sent
    (report,) = scene.reports()

    assert ("POST", "/claims/C1/done") == (request.method, request.path)
    reference = scene.action().reference
    assert {
        "amount": 20,
        "currency": "USD",
        "outcome": "paid",
        "id": "refund-1",
        "reference": reference,
    } == request.body
    assert ("sent", '200: {"ok": true}') == (report.state, report.answer)
    assert {"ok": True} == json.loads(report.answer.partition(": ")[2])


@pytest.mark.parametrize(("money", "outcome"), [("moved", "paid"), ("booked", "booked")])
def test_only_moved_money_is_reported_as_paid(money, outcome):
    """``booked`` is said in words: a row was written, and the money moves elsewhere."""

    class Says(ModelShop):
        @hookimpl
        def op_issue_refund(self, request):
            """Give it back, and say how its money moves."""
            return Outcome("done", shop_id="1", money=money)

    scene = Scene.make(Says([an_order()]), report=ROUTE)
    scene.deliver(bodies.approved())
    scene.run()

    assert outcome == scene.api.sent[0].body["outcome"]


def test_a_route_may_name_every_fact():
    """What it names is there under that very name."""
    names = ("claim_id", "order_id", "op_order_id", "shop_id", "verb", "amount", "currency", "reference", "outcome")
    route = {"path": "/done", "body": {name: f"{{{name}}}" for name in (*names, "money")}}
    scene = a_scene(bodies.approved(), report={"refund": route})
    scene.run()

    assert {
        "claim_id": "C1",
        "order_id": "1001",
        "op_order_id": "op-1001",
        "shop_id": "refund-1",
        "verb": "refund",
        "amount": 20,
        "currency": "USD",
        "reference": scene.action().reference,
        "outcome": "paid",
        "money": "moved",
    } == scene.api.sent[0].body


class Answering(ModelShop):
    """A shop that makes nothing, and answers what it was told to."""

    answer = None

    @hookimpl
    def op_create_reship(self, request):
        """Answer."""
        return self.answer

    @hookimpl
    def op_issue_refund(self, request):
        """Answer."""
        return self.answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (RESHIP, Outcome("done", shop_id="parcel-7")),
        (RESHIP, Outcome("done", shop_id="parcel-7", order_id="1001")),
        (bodies.approved(), Outcome("done", shop_id="note-7", order_id="1002", money="moved")),
    ],
    ids=["a parcel of no order", "a parcel of the order", "a refund"],
)
def test_only_a_replacement_that_is_an_order_of_its_own_is_posted(body, answer):
    """What an adapter says of an order beside a parcel or a refund makes no other order a replacement."""
    shop = Answering([an_order(), an_order(id="1002", number="#1002")])
    shop.answer = answer
    scene = Scene.make(shop, report=ROUTE | RESHIP_ROUTE)
    scene.deliver(body)
    scene.run()

    assert ([], ["sent"]) == (scene.api.posted, states(scene))
    assert [answer.shop_id] == [request.body["id"] for request in scene.api.sent]


def a_recorded_reship(shop_id, **settings):
    scene = Scene.make(limits={"hold_above": {"USD": "1"}}, **settings)
    scene.deliver(RESHIP)
    scene.run()
    scene.record(scene.action(), done=shop_id)
    return scene


@pytest.mark.parametrize("shop_id", ["RMA-77", "1001"], ids=["no order", "the original order"])
def test_a_reship_recorded_as_no_order_goes_by_its_route(shop_id):
    """A person's word may name a parcel or a return: where the shop has no such new order, the settings say how."""
    scene = a_recorded_reship(shop_id, report=RESHIP_ROUTE)
    scene.run()

    assert ["sent"] == states(scene)
    assert [{"id": shop_id, "outcome": "done"}] == [request.body for request in scene.api.sent]
    assert {} == scene.ledger.read(exports.known_orders, scene.store.id, [shop_id])
    assert [] == scene.api.posted


def test_a_reship_recorded_as_no_order_waits_without_a_route():
    """Then the id may be that of an order which the shop shows late."""
    scene = a_recorded_reship("RMA-77", report=ROUTE)
    scene.run()

    assert ["waiting"] == states(scene)
    assert [] == scene.api.sent


def test_a_replacement_that_is_shown_late_is_not_sent_by_the_route():
    """The adapter said that it is an order: only its post tells which."""
    scene = a_scene(report=RESHIP_ROUTE)
    scene.shop.orders.pop("1001-R1")
    scene.report()

    assert ["waiting"] == states(scene)
    assert [] == scene.api.sent


def test_what_had_no_route_is_sent_once_there_is_one():
    """Sent later only by ``report --since``: never by itself."""
    scene = a_scene(bodies.approved())
    scene.run()
    since = scene.clock()
    scene.restart(report=Scene.make(report=ROUTE).store.report)
    scene.wait(days=1)
    assert ["no_route"] == states(scene)

    assert 0 == scene.ledger.write(reports.again, scene.store.id, scene.clock())
    assert 1 == scene.ledger.write(reports.again, scene.store.id, since)
    scene.run()
    assert ["sent"] == states(scene)
    assert 1 == len(scene.api.sent)
