"""Reports: a step of its own. Done in the shop is not yet known to Order Protection."""

import attrs
import pytest

from op_core.errors import (
    AlreadyThere,
    BadRequest,
    MayHaveLanded,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    Unauthorized,
    UnreadableAnswer,
)
from op_core.ledger import exports, reports
from op_core.testing import bodies
from op_core.testing.api import Lost
from op_core.testing.scene import Scene

RESHIP = bodies.approved(bodies.resolution("RESHIP"))


def a_scene(body=RESHIP, **settings):
    scene = Scene.make(**settings)
    scene.deliver(body)
    scene.plan()
    scene.act()
    return scene


def states(scene):
    return [one.state for one in scene.reports()]


def test_a_replacement_order_is_posted_once_as_the_report():
    """With ``originalSourceOrderNumber``: the order that it replaces."""
    scene = a_scene()
    scene.run()
    (posted,) = scene.api.posted
    wire = posted.to_wire()

    assert ["sent"] == states(scene)
    assert ("1001-R1", "1001") == (wire["sourceOrderId"], wire["originalSourceOrderNumber"])


def test_the_replaced_order_is_said_whatever_the_shop_keeps():
    """A shop need not know which order it replaced: the decision does, and without it the post is no report."""
    scene = a_scene()
    scene.shop.orders["1001-R1"] = attrs.evolve(scene.shop.orders["1001-R1"], replaces=None)
    scene.run()

    assert ["1001"] == [posted.original_source_order_number for posted in scene.api.posted]


def test_a_reported_replacement_is_left_out_of_ordinary_export():
    """It is known as a replacement from the moment it was sent."""
    scene = a_scene()
    scene.run()
    rows = scene.ledger.read(exports.known_orders, scene.store.id, ["1001-R1"])

    assert "replacement" == rows["1001-R1"].state


def test_what_is_there_already_is_confirmed():
    """409: an earlier post landed; nothing is sent twice."""
    scene = a_scene()
    scene.api.faults["create_order"] = [Lost(MayHaveLanded("no answer"))]
    scene.report()
    assert ["waiting"] == states(scene)
    scene.wait(minutes=1)

    assert ["confirmed"] == states(scene)
    assert 1 == len(scene.api.posted)


@pytest.mark.parametrize(
    ("read", "ends"),
    [
        ({"originalSourceOrderId": "1001"}, "confirmed"),
        ({"originalSourceOrderId": None, "originalSourceOrderNumber": "1001"}, "confirmed"),
        ({"originalSourceOrderId": 1001}, "confirmed"),
        ({"originalSourceOrderId": "1002"}, "failed"),
        ({"originalSourceOrderId": None}, "failed"),
        ({}, "failed"),
    ],
)
def test_what_is_there_is_confirmed_only_by_a_read(read, ends):
    """409 says that some order is there; only its original, under either name (C-9), makes it our report."""
    scene = a_scene()
    scene.api.orders["1001-R1"] = {"sourceOrderId": "1001-R1", **read}
    scene.api.faults["create_order"] = [AlreadyThere("there", status=409)]
    scene.run()

    assert [ends] == states(scene)
    assert (ends == "failed") is ("not as the replacement of 1001" in (scene.reports()[0].reason or ""))


def test_a_read_that_fails_confirms_nothing():
    """The replacement is posted again later, which is safe, and read then."""
    scene = a_scene()
    scene.api.faults["create_order"] = [Lost(MayHaveLanded("no answer"))]
    scene.api.faults["get_order"] = [ServerFailed("down", status=503)]
    scene.report()
    scene.wait(seconds=5)
    assert ["waiting"] == states(scene)
    scene.wait(minutes=1)

    assert ["confirmed"] == states(scene)


@pytest.mark.parametrize(
    "error",
    [
        RequestNotSent("down"),
        MayHaveLanded("no answer"),
        ServerFailed("down", status=503),
        Unauthorized("token", status=401),
        RateLimited("slow", status=429, retry_after=3600),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_report_that_cannot_be_sent_now_is_sent_later(error):
    """The report waits; the action is done all the while, and is not called again."""
    scene = a_scene()
    scene.api.faults["create_order"] = [error]
    scene.report()
    assert ["waiting"] == states(scene)
    scene.wait(minutes=59)
    assert (["waiting"] if isinstance(error, RateLimited) else ["sent"]) == states(scene)
    scene.wait(minutes=2)

    assert ["sent"] == states(scene)
    assert 1 == len(scene.shop.effects)


def test_a_replacement_that_the_shop_does_not_show_yet_is_reported_later():
    """A shop may show a new order late; its report is not given up for that."""
    scene = a_scene()
    order = scene.shop.orders.pop("1001-R1")
    scene.report()
    assert ["waiting"] == states(scene)
    scene.shop.orders["1001-R1"] = order
    scene.wait(minutes=1)

    assert ["sent"] == states(scene)


@pytest.mark.parametrize("error", [BadRequest("no", status=400), UnreadableAnswer("?")])
def test_a_report_that_will_never_be_taken_has_failed(error):
    """It is not sent for ever; it is shown with its reason."""
    scene = a_scene()
    scene.api.faults["create_order"] = [error]
    scene.run()

    assert ["failed"] == states(scene)
    assert scene.reports()[0].reason


def test_a_report_is_given_up_after_twenty_tries():
    """A dead letter, which ``report --since`` sends again."""
    scene = a_scene()
    scene.api.faults["create_order"] = [ServerFailed("down", status=503) for _ in range(20)]
    for _ in range(25):
        scene.wait(minutes=15)
    assert ["failed"] == states(scene)
    assert "20 tries: down" in scene.reports()[0].reason
    assert 1 == scene.ledger.write(reports.again, scene.store.id, scene.action().planned_at)
    scene.run()

    assert ["sent"] == states(scene)


def test_the_report_is_owed_in_the_same_commit_as_the_outcome():
    """There is no moment at which an action is done and its report is not written down."""
    scene = a_scene()

    assert ["done"] == scene.states()
    assert ["waiting"] == states(scene)
