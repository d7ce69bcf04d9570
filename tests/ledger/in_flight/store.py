"""
A store that is stopped with its work in every state, and goes on: what an upgrade must not disturb.

`begin` stops it, `resume` opens its ledger again as a later op-core does, `go_on` does what is left, `ended` tells how.
"""

import re
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
from in_flight import shop_side
from in_flight.around import Api, a_shop, changed, effects_of, put_effects
from in_flight.claims import STORIES, send_forgotten

from op_core.errors import ServerFailed, WireError
from op_core.ledger import actions, exports, schema
from op_core.testing.clock import START
from op_core.testing.scene import Scene

__all__ = ["begin", "bodies_of", "ended", "go_on", "left", "resume"]

_SETTINGS = {
    "report": {"store_credit": {"path": "/claims/{claim_id}/done", "body": {"id": "{shop_id}"}}},
    "resolutions": {"store_credit": "act"},
    "limits": {"hold_above": {"USD": "30"}},
    "protection": {"on_added": "bill"},
    "export": {"in_flight": 1, "page_size": 2},
}
_ORDERS = (*STORIES, *shop_side.FILED, *shop_side.SWEPT)
_GONE = "o-no-such-order"
_CHANGED = START + timedelta(hours=1)


def begin(url):
    """Begin a store whose ledger is at *url*, and stop it with its work in every state."""
    scene = Scene.make(a_shop(_ORDERS), url=url, **_SETTINGS)
    scene.api = Api()
    scene.restart()
    _export(scene)
    for order_id, story in STORIES.items():
        scene.shop.faults = {}
        story(scene, order_id)
    scene.api.faults = {}
    shop_side.begin(scene)
    return scene


def _export(scene):
    """Make all orders known, then stop between two pages of what changed since."""
    scene.work.exporter.run()
    scene.clock.now = _CHANGED
    changed(scene.shop, _CHANGED)
    scene.api.faults["update_order"] = [None, ServerFailed("scripted", status=500)]
    with suppress(WireError):
        scene.work.exporter.run()
    for order_id in ("x-marked", "x-sent"):
        scene.ledger.write(exports.mark_changed, scene.store.id, order_id, scene.clock())
    scene.clock.move(minutes=1)
    scene.ledger.write(exports.postpone_change, scene.store.id, "x-sent", scene.clock())


def left(scene):
    """Return all that outlasts the process but the ledger, as JSON holds it."""
    return {"now": scene.clock().isoformat(), "api": scene.api.said, "effects": effects_of(scene.shop)}


def resume(url, said):
    """Go to a store that was stopped: its ledger is at *url*, what else is left of it is what `left` said."""
    shop = a_shop(_ORDERS)
    changed(shop, _CHANGED)
    shop.orders.pop(_GONE)
    put_effects(shop, said["effects"])
    scene = Scene.make(shop, url=url, **_SETTINGS)
    scene.clock.now = datetime.fromisoformat(said["now"])
    scene.api = Api(**said["api"])
    scene.restart()
    if "products" in said["api"]:
        shop_side.resume(scene)
    return scene


def go_on(scene):
    """Deliver everything once more, let time pass and people decide, until nothing is left to do."""
    scene.shop.faults, scene.api.faults = {}, {}
    for body in bodies_of(scene):
        scene.deliver(body)
    send_forgotten(scene)
    scene.wait(hours=1)
    if scene.shop.products:
        shop_side.go_on(scene)
    for effect in scene.shop.effects:
        if not effect.settled:
            scene.shop.settle(effect.reference)
    scene.wait(hours=1)
    for one in scene.actions():
        action = scene.ledger.read(actions.get, one.id)  # as it is now: what was decided may have replaced it
        if action.state == "refused":
            scene.retry(action)
        elif action.state == "held" and all(one["approvable"] for one in action.holds):
            scene.approve(action)
        elif action.state == "held":
            scene.decline(action)
    scene.wait(hours=1)
    scene.wait(days=2)
    for _ in range(3):
        scene.clock.move(hours=1)
        scene.work.exporter.marked()
    scene.work.exporter.run()


def bodies_of(scene):
    """Return all that was ever delivered, as far as it is kept."""
    query = sa.select(schema.bodies.c.body).order_by(schema.bodies.c.sha256)
    return scene.ledger.read(lambda connection: connection.execute(query).scalars().all())


def ended(scene):
    """Tell what became of every action, report, delivery and export, and what shop and API have."""
    there = Counter(effect.reference for effect in scene.shop.effects)
    names = {one.id: f"{one.order_id} {one.verb} {one.n}" for one in scene.actions()}
    side = shop_side.ended(scene) if scene.shop.products else {}
    return side | {
        "actions": {names[one.id]: f"{one.state}, {there[one.reference]} in the shop" for one in scene.actions()},
        "reports": {names[one.action_id]: one.state for one in scene.reports()},
        "deliveries": [f"{one.event_id} {one.state}" for one in scene.deliveries()],
        "orders": scene.ledger.read(_states, schema.exported_orders, "order_id"),
        "parcels": scene.ledger.read(_states, schema.exported_fulfillments, "fulfillment_id"),
        "marked": scene.ledger.read(lambda connection: connection.execute(sa.select(schema.changes)).all()),
        "known": {_name(one): _name(of) for one, of in scene.api.known.items()},
        "updated": sorted(scene.api.updated),
        "filed": sorted(scene.api.filed),
        "told": sorted(scene.api.told),
    }


def _states(connection, table, key):
    rows = connection.execute(sa.select(table.c[key], table.c.state).order_by(table.c[key]))
    return {_name(name): state for name, state in rows}


def _name(shop_id):
    """Leave out of a replacement's id which effect of the shop it was: another one may come first."""
    return re.sub(r"-R\d+$", "-R", shop_id or "")
