"""A filer between a shop with parcels and a double of Order Protection that keeps claims, loses answers and says no."""

from __future__ import annotations

import itertools
import threading
from typing import Any
from urllib.parse import unquote

import attrs
import pytest

from op_core.filing import Filer, LineIssue, OnlineClaim
from op_core.http import Manners
from op_core.ledger import Ledger, filings, stores
from op_core.models import Fulfillment, LineQuantity
from op_core.order_protection.client import Client
from op_core.storefront import Storefront
from op_core.testing.clock import START, Clock
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import settings_of
from op_core.testing.transport import Answer, Scripted

EMAIL = "customer@example.com"


def parcel(name, *lines, order_id="1001"):
    held = tuple(LineQuantity(line_id, quantity) for line_id, quantity in lines)
    return Fulfillment(id=name, order_id=order_id, status="FULFILLED", lines=held, created_at=START)


@attrs.define(eq=False)
class There:
    """
    Order Protection, as far as claims go.

    Attributes:
        script: What happens to the next posts: None files and answers; an `Answer` or a `Fault` stands in for the
            answer, with True beside it if the claim is filed all the same.
        away: Whether reads fail.
        hidden: Whether reads show no claim yet.
    """

    claims: dict[str, list[dict[str, Any]]] = attrs.field(factory=dict)
    script: list[Any] = attrs.field(factory=list)
    posts: list[Any] = attrs.field(factory=list)
    reads: int = 0
    away: bool = False
    hidden: bool = False
    on_post: Any = None
    _ids: Any = attrs.field(factory=lambda: itertools.count(1))
    _lock: Any = attrs.field(factory=threading.RLock)

    def file(self, order_id="1001", email=EMAIL, **more):
        claim = {"id": f"c{next(self._ids)}", "sourceOrderId": order_id, "authorEmail": email, **more}
        self.claims.setdefault(order_id, []).append(claim)
        return claim["id"]

    def __call__(self, sent):
        path = unquote(sent.path)
        with self._lock:
            if sent.method == "GET":
                self.reads += 1
                order_id = path.split("/")[3]
                if self.away:
                    return Answer(503)
                if order_id not in self.claims:
                    return Answer(404)
                return Answer(200, [] if self.hidden else self.claims[order_id])
            self.posts.append(sent)
        if self.on_post is not None:
            self.on_post()
        with self._lock:
            step = self.script.pop(0) if self.script else None
            step, acts = step if isinstance(step, tuple) else (step, step is None)
            order_id = "XX-1234-1234" if path.endswith("/offline") else path.split("/")[3]
            if acts:
                self.file(order_id)
            if step is not None:
                return step
            if path.endswith("/offline"):
                return Answer(201, {"status": "ok", "payload": {"sourceOrderId": order_id, **sent.body}})
            return Answer(201, {"status": "ok"})


@attrs.define(eq=False)
class Bench:
    """A filer and all that is around it."""

    filer: Filer
    there: There
    clock: Clock
    ledger: Ledger
    shop: Any

    def row(self, key):
        return self.ledger.read(filings.get, "main-1", key)


@pytest.fixture
def claim():
    """Give a claim about one mug, by a support page."""
    return a_claim()


def a_claim(quantity=1, line_id="1", issue_type="DAMAGED", **more):
    issue = LineIssue(line_id, quantity, issue_type, details="it fell to pieces", images=["https://example.com/1.jpg"])
    return OnlineClaim(**{"email": EMAIL, "issues": [issue], "resolution": "REFUND", **more})


@pytest.fixture
def url(ledger_url):
    """Give the ledger's URL, once for each database."""
    return ledger_url


@pytest.fixture
def make(url):
    """Give what makes a filer on one ledger; several of them are several processes."""
    made = []
    clock, there = Clock(), There(claims={"1001": []})

    def one(shop=None, **settings):
        store = settings_of(**{"op_store_id": "store_123", **settings})
        ledger = Ledger.open(url, clock=clock, upgrade=True)
        if not made:
            ledger.write(stores.introduce, store.id, store.name, clock())
        shop = shop or ModelShop([an_order()], parcels=[parcel("p1", ("1", 2), ("2", 1))])
        front = Storefront.of("main", shop)
        client = Client(
            "https://api.example.com",
            "not-a-real-token-0000",
            manners=Manners(attempts=1),
            transport=Scripted(then=there),
            dialect=store.wire,
        )
        made.append(Bench(Filer(store, ledger, front, client), there, clock, ledger, shop))
        return made[-1]

    yield one
    for bench in made:
        bench.filer.shop.close()
        bench.filer.api.close()
        bench.ledger.close()


@pytest.fixture
def bench(make):
    """Give one filer."""
    return make()
