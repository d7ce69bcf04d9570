"""New fields over the whole way: from a sandbox through a served door, and by the API's answers."""

import logging
from contextlib import contextmanager

import httpx
import pytest

from op_core.testing.serving import listening

ACTING = """
[stores.main.limits]
hold_above = { USD = "250.00", EUR = "250.00" }
[stores.main.report.refund]
path = "/v1/claims/{claim_id}/resolutions"
"""
CANARY = "Canary McMarked"


class Hears:
    """Stands where the shop does, for events alone."""

    def __init__(self):
        self.events = []

    def event(self, request):
        self.events.append(request)

    @property
    def told(self):
        return [(one.facts["what"], *one.facts["added"], *one.facts["lacking"]) for one in self.events]


def switched(home, what, body, method="PUT"):
    """Tell the sandbox where its webhooks go, or how it behaves."""
    headers = {"Authorization": f"Bearer {home.token}"}
    httpx.request(method, f"{home.sandbox.url}/sandbox/{what}", json=body, headers=headers).raise_for_status()


@contextmanager
def served(home):
    """Serve the store's door to the sandbox; yield its core and what is told of new shapes."""
    with home.loaded() as core, listening(core.asgi) as address:
        target = {"url": f"{address}/webhooks/main", "secret": home.secret}
        switched(home, "webhooks", target)
        hears = core.work("main").desk.fingerprints.shop = Hears()
        yield core, hears
        switched(home, "webhooks", {"url": target["url"]}, "DELETE")


def worked(home, core):
    """Let every webhook arrive, and work until nothing is due."""
    assert home.sandbox.settle()
    core.run_once("main")


def read(core):
    """Ask for all that can be read."""
    api = core.work("main").desk.api
    assert 1 == len(api.claims_of_order("order-1001"))
    assert 2 == len(list(api.list_claims()))
    assert 6 == len(list(api.list_orders()))
    for order in api.list_orders():
        assert order.id == api.get_order(order.source_order_id).id
        api.list_fulfillments(order.source_order_id)


def everything(home, claims):
    """Have each topic sent."""
    local = home.sandbox.local
    filed, denied = (local.claims.file({"source_order_id": one})["claim_id"] for one in ("order-1001", "order-1002"))
    local.claims.approve(filed, {"resolutions": claims})
    local.claims.deny(denied, {"reason": "NOT_COVERED"})
    local.claims.message(filed, {"message": f"Written by {CANARY}."})
    local.claims.protect({"source_order_id": "order-1003", "action": "add", "amount": "2.50"})
    local.claims.protect({"source_order_id": "order-1003", "action": "remove", "amount": "2.50"})


@pytest.mark.parametrize("dialect", ["reference", "slash", "camel"])
def test_what_the_sandbox_says_is_what_the_pages_show(home, cli, dialect):
    """All topics and all calls of a store at work: nothing is new in any of the three spellings."""
    home.settings(ACTING)
    with served(home) as (core, hears):
        switched(home, "behaviour", {"dialect": dialect})
        core.export("main")
        everything(home, [{"type": "REFUND"}])
        worked(home, core)
        read(core)
        assert [] == hears.told
    cli("doctor")
    listed = cli("wire", "list", "--json").json
    topics = {one["what"].partition(" ")[0] for one in listed if one["delivery"]}

    assert [] == cli("wire", "list", "--new", "--json").json
    assert {"claim.created", "claim.approved", "claim.denied", "message.created", "protection.added",
            "protection.removed"} == topics  # fmt: skip
    assert {"GET /v1/orders (ORD-L)", "GET /v1/orders/{sourceOrderId}/claims (CLM-O)", "POST /v1/orders (ORD-C)"} <= {
        one["what"] for one in listed}  # fmt: skip


def test_unknown_fields_are_told_until_they_are_learned(home, cli, caplog):
    """One in a webhook and one in an answer: in the doctor, with the deliveries, as events; after learning, quiet."""
    home.settings(ACTING)
    caplog.set_level(logging.WARNING, "op_core")
    gift = [{"type": "REFUND", "details": {"gift": {"note": CANARY, CANARY: 1}}}]
    with served(home) as (core, hears):
        core.export("main")
        everything(home, gift)
        worked(home, core)
        order = home.sandbox.local.store.get("order", "order-1001")
        home.sandbox.local.store.put("order", "order-1001", order | {"loyalty_note": CANARY})
        read(core)
        place = "body.resolutions[].details.gift"
        assert [
            ("claim.approved", f"{place}.*:number", f"{place}.note:text", f"{place}:object"),
            ("GET /v1/orders (ORD-L)", "edges[].node.loyalty_note:text"),
            ("GET /v1/orders/{sourceOrderId} (ORD-G)", "loyalty_note:text"),
        ] == hears.told
        assert "Canary" not in repr(hears.events)
    doctor = cli("doctor", "--json").json
    said = {one["check"]: one["said"] for one in doctor["checks"] if one["state"] == "look"}
    assert f"+{place}.note:text" in said["shape of claim.approved"]
    assert "+loyalty_note:text" in said["shape of GET /v1/orders/{sourceOrderId} (ORD-G)"]
    assert "+edges[].node.loyalty_note:text" in said["shape of GET /v1/orders (ORD-L)"]
    marked = [one["topic"] for one in cli("deliveries", "list", "--json").json if one["news"]]
    assert ["claim.approved"] == marked
    shown = cli("doctor").out + cli("deliveries", "list").out + cli("wire", "list").out
    assert "Canary" not in shown + caplog.text

    new = cli("wire", "list", "--new", "--json").json
    assert f"{len(new)} shapes accepted\n" == cli("wire", "learn", "main").out
    caplog.clear()
    with served(home) as (core, hears):
        read(core)
        filed = home.sandbox.local.claims.file({"source_order_id": "order-1004"})["claim_id"]
        home.sandbox.local.claims.approve(filed, {"resolutions": gift})
        worked(home, core)
        assert [] == hears.told
    assert [] == [one for one in cli("doctor", "--json").json["checks"] if "shape of" in one["check"]]
    assert [] == [one["id"] for one in cli("deliveries", "list", "--json").json if one["news"]]
    assert "new shape" not in caplog.text
