"""
Claims that are stopped in every state that a delivery, an action and a report can have.

Each is about an order of its own, named as what became of it. They come in the order in which they have to: what is
left to be planned, done or reported comes after all that others plan, do or report.
"""

from in_flight.steps import act, deliver, killed, plan, protect, report

from op_core.claims import engine
from op_core.errors import BadRequest, MayHaveLanded, RequestNotSent
from op_core.ledger import deliveries, reports
from op_core.privacy import forget
from op_core.testing import bodies
from op_core.testing.api import Lost

__all__ = ["STORIES", "send_forgotten"]

REFUND, CREDIT = bodies.resolution(), bodies.resolution("STORE_CREDIT")
RESHIP = bodies.resolution("RESHIP", bodies.item("2"), total="15.00")
DEAR = bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")  # above the store's limit
SAME = bodies.resolution("RESHIP", bodies.item("1"), total="20.00")
STORIES = {}


def story(function):
    """Keep a story under the id of its order: ``o-`` and its name."""
    STORIES["o-" + function.__name__.replace("_", "-")] = function
    return function


# --- Ended: what comes for them again changes nothing ------------------------------------------------------------


@story
def no_route(scene, name):
    report(scene, name, REFUND)


@story
def sent(scene, name):
    report(scene, name, CREDIT)


@story
def replacement_sent(scene, name):
    report(scene, name, RESHIP)


@story
def confirmed(scene, name):
    report(scene, name, RESHIP, create_order=Lost(MayHaveLanded("scripted")))
    scene.clock.move(minutes=10)
    scene.report()


@story
def report_failed(scene, name):
    report(scene, name, RESHIP, create_order=BadRequest("scripted", status=400))


@story
def duplicate(scene, name):
    deliver(scene, name, REFUND)
    report(scene, name, REFUND)


@story
def conflict(scene, name):
    report(scene, name, REFUND)
    plan(scene, name, RESHIP)  # by the same event


@story
def quarantined(scene, name):
    plan(scene, name, bodies.resolution("BARTER"))


@story
def declined(scene, name):
    scene.decline(plan(scene, name, DEAR))


@story
def refused(scene, name):
    act(scene, name, REFUND, refund="refuse")


@story
def recorded(scene, name):
    scene.record(plan(scene, name, DEAR), done="by-hand-1")
    scene.report()


@story
def replaced(scene, name):
    old, new = plan(scene, name, DEAR), plan(scene, name, RESHIP, event="b")
    assert [old.id] == new.rivals
    scene.approve(new)
    scene.act()


@story
def protected(scene, name):
    protect(scene, name)
    scene.act()
    scene.report()


@story
def forgotten(scene, name):
    report(scene, name, REFUND, RESHIP)
    plan(scene, name, bodies.resolution("BARTER"), event="b")  # which nobody can read
    scene.ledger.write(forget, scene.store.id, name, scene.clock(), unread=range(100))


def send_forgotten(scene):
    """Deliver once more what the ledger does not hold any more."""
    if any(one.order_id == "o-forgotten" for one in scene.actions()):
        deliver(scene, "o-forgotten", REFUND, RESHIP)


# --- On their way in the shop -------------------------------------------------------------------------------------


@story
def pending(scene, name):
    act(scene, name, REFUND, refund="pending")


@story
def pending_reship(scene, name):
    act(scene, name, RESHIP, reship="pending")


@story
def unknown_there(scene, name):
    act(scene, name, REFUND, refund="lost")


@story
def unknown_not_there(scene, name):
    act(scene, name, RESHIP, reship="raise")


@story
def unknown_asked(scene, name):
    engine.ask(scene.desk, act(scene, name, CREDIT, store_credit="lost", find_store_credit="hidden"))


@story
def note_unknown(scene, name):
    scene.shop.faults = {("note", 1): "lost"}
    plan(scene, name, make=bodies.message)
    scene.act()


@story
def calling_before(scene, name):
    plan(scene, name, REFUND)
    killed(scene, "refund:before", scene.act)


@story
def calling_after(scene, name):
    plan(scene, name, RESHIP)
    killed(scene, "reship:after", scene.act)


@story
def calling_premium(scene, name):
    protect(scene, name)
    killed(scene, "charge_protection:after", scene.act)


# --- To be done ---------------------------------------------------------------------------------------------------


@story
def not_sent(scene, name):
    act(scene, name, REFUND, refund="not_sent")


@story
def report_begun(scene, name):
    act(scene, name, CREDIT)
    (due,) = scene.ledger.read(reports.due, scene.store.id, scene.clock(), 2)
    scene.ledger.write(reports.claim, due, scene.clock() + scene.store.timing.lease)


@story
def report_later(scene, name):
    report(scene, name, RESHIP, create_order=RequestNotSent("scripted"))


@story
def report_due(scene, name):
    act(scene, name, RESHIP)


@story
def held(scene, name):
    plan(scene, name, DEAR)


@story
def amended(scene, name):
    act(scene, name, REFUND)
    plan(scene, name, DEAR, event="b")


@story
def rivals(scene, name):
    plan(scene, name, SAME)
    plan(scene, name, RESHIP, event="b")


@story
def denied_after(scene, name):
    act(scene, name, REFUND)
    plan(scene, name, event="d", make=bodies.denied)


@story
def approved(scene, name):
    scene.approve(plan(scene, name, DEAR))


@story
def due(scene, name):
    plan(scene, name, REFUND, RESHIP)


@story
def no_such_order(scene, name):
    scene.shop.orders.pop(name)
    plan(scene, name, REFUND)


@story
def filed(scene, name):
    plan(scene, name, make=bodies.created)


# --- To be planned ------------------------------------------------------------------------------------------------


@story
def received_later(scene, name):
    deliver(scene, name, REFUND)
    (waiting,) = scene.ledger.read(deliveries.waiting, scene.store.id, scene.clock(), 2)
    scene.ledger.write(deliveries.postpone, waiting.id, scene.clock() + scene.store.timing.lease, "shop away")


@story
def received(scene, name):
    deliver(scene, name, REFUND, RESHIP)
    deliver(scene, name, REFUND, RESHIP)


@story
def received_short(scene, name):
    scene.deliver(bodies.approved(RESHIP, claim=f"C-{name}", order=name, dialect="slash"))
