"""
What a store begins itself, stopped in every state: products, claims that it files, a sweep, an app's credentials.

Since revision 0002. What is left of it, beside the ledger, is in the API.
"""

from contextlib import suppress
from datetime import timedelta

import attrs
from in_flight.around import a_parcel
from in_flight.steps import killed

from op_core.claims import sweep
from op_core.errors import BadRequest, FilingUnknown, MayHaveLanded, ServerFailed, WireError
from op_core.filing import Filer, LineIssue, OnlineClaim
from op_core.ledger import differences, filings, products, shapes, tokens
from op_core.models import Product
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.api import Lost

__all__ = ["FILED", "SWEPT", "begin", "ended", "go_on", "resume"]

FILED = ("f-begun", "f-filed", "f-refused", "f-unknown")  # orders, each with a claim that is filed once
SWEPT = ("s-missed", "s-strange")
_CLAIM = OnlineClaim(email="customer@example.com", issues=[LineIssue("1", 1, "DAMAGED", details="it fell to pieces")])


def begin(scene):
    """Stop after a run of products that told everything, and between two pages of the next; and the rest likewise."""
    _sell(scene, "i-gone", "i-nameless", "i-parts", "i-refused", "i-sent", "i-sent-later")
    scene.work.exporter.products().run()
    scene.clock.move(minutes=1)
    _sell(scene, "i-nameless", "i-parts", "i-refused", "i-sent", "i-sent-later", parts=())
    scene.work.exporter.products().run()
    resume(scene)
    scene.api.faults["update_product"] = [ServerFailed("scripted", status=500)]
    with suppress(WireError):
        scene.work.exporter.products().run()
    _file_all(scene)
    _sweep(scene)
    scene.ledger.write(shapes.learn, [1], scene.clock())
    scene.ledger.write(_credentials, scene.store.id, scene.clock())


def resume(scene):
    """Give the shop what it has when it stops: products, and parcels that claims are filed about."""
    scene.shop.parcels += tuple(a_parcel(order_id.replace("f-", "p-"), order_id) for order_id in FILED)
    _sell(scene, "i-nameless", "i-parts", "i-refused", "i-sent", "i-sent-later", parts=(), quantity=4)


def _sell(scene, *names, parts=("i-sent",), quantity=5):
    scene.shop.products = tuple(
        Product(
            id=name,
            name="" if name == "i-nameless" else "Mug",
            price=Money("12.00", "USD"),
            quantity=quantity if name == "i-sent-later" else 5,
            components=parts if name == "i-parts" else (),
        )
        for name in names
    )


def _filer(scene):
    return Filer(scene.store, scene.ledger, scene.desk.shop, scene.api)


def _file_all(scene):
    killed(scene, "filing:posted", lambda: _filer(scene).online("f-begun", _CLAIM, "t-begun"))
    _filer(scene).online("f-filed", _CLAIM, "t-filed")
    scene.api.faults["call"] = [BadRequest("scripted", status=400)]
    with suppress(BadRequest):
        _filer(scene).online("f-refused", _CLAIM, "t-refused")
    scene.api.faults["call"] = [Lost(MayHaveLanded("scripted"))]
    scene.api.faults["claims_of_order"] = [None, ServerFailed("scripted", status=500)]
    with suppress(FilingUnknown):
        _filer(scene).online("f-unknown", _CLAIM, "t-unknown")


def _sweep(scene):
    scene.api.list_claim("C-s-missed", "s-missed", claimResolutions=bodies.listed("REFUND", paid="20.00"))
    scene.api.list_claim("C-s-strange", "s-strange", claimResolutions=bodies.listed("VOUCHER"))
    for order_id in SWEPT:
        sweep.look(scene.desk, order_id)


def _credentials(connection, store_id, now):
    until = now + timedelta(minutes=1)
    tokens.take(connection, store_id, "client-1", None, now, until)
    tokens.put(connection, store_id, 0, until, now, access_token="sealed-a", refresh_token="sealed-r", ends_at=until)
    tokens.begin(connection, store_id, "sealed-state", "sealed-verifier", now)


def go_on(scene):
    """File each claim once more, send the products, sweep again, and receive what was missed."""
    for order_id in FILED:
        _filer(scene).online(order_id, _CLAIM, order_id.replace("f-", "t-"))
    for _ in range(2):
        scene.work.exporter.products().run()
    for order_id in SWEPT:
        sweep.look(scene.desk, order_id)
    scene.deliver(bodies.approved(bodies.resolution(), claim="C-s-missed", order="s-missed", event="s-missed-a"))


def ended(scene):
    """Tell what became of all of it."""
    read, store_id = scene.ledger.read, scene.store.id
    return {
        "products": {row.product_id: row.state for row in read(products.everything, store_id)},
        "filings": {one.key: f"{one.state} {one.claim_id}" for one in read(filings.listing, store_id)},
        "differences": [f"{one.claim_id} {one.what} {one.theirs}" for one in read(differences.listing, store_id)],
        "shapes": [f"{one.what} {one.shape} {one.is_new}" for one in read(shapes.listing, store_id)],
        "credentials": [str(attrs.astuple(read(one, store_id))) for one in (tokens.get, tokens.pending)],
    }
