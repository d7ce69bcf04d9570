"""The manifest of Medusa against what a live Medusa answered, also with each fault at each of its calls."""

import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote_plus

import attrs
import pytest
from op_rest_shop import RestShopAdapter, RestShopSettings
from op_rest_shop.trials import Shop, Trial, run, trials

from op_core.models import Found, LineQuantity, NotFound
from op_core.money import Money
from op_core.order_protection.jsonmoney import loads
from op_core.plugins import StoreInfo
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    OperationKey,
    RefundRequest,
    ReshipRequest,
)
from op_core.testing.transport import Answer, Scripted

ROOT = Path(__file__).parents[2]
RECORDED = loads((ROOT / "tests" / "data" / "medusa" / "exchanges.json").read_bytes())
ORDER = next(each["body"]["order"]["id"] for each in RECORDED if each["path"].startswith("/admin/orders/"))
CLAIM = next(
    each["body"]["claim"]["id"] for each in RECORDED if each["path"] == "/admin/claims" and "claim" in each["body"]
)
EFFECT = {"refund": "/refund", "reship": f"/admin/claims/{CLAIM}/request"}


class Medusa:
    """Answers as the live one did; what it holds by now follows from the calls that it acted on."""

    def __init__(self):
        self.answers, self.acted = defaultdict(list), []
        for each in RECORDED:
            self.answers[each["method"], each["path"]].append(Answer(each["status"], each["body"]))

    def __call__(self, sent):
        path = sent.path.partition("?")[0]
        if sent.method != "GET":
            self.acted.append((sent.method, path))
        if sent.method == "DELETE":
            return Answer(200, {"id": CLAIM, "object": "claim", "deleted": True})
        if sent.method == "GET" and path == "/admin/claims" and self.half_built:
            return Answer(200, {"claims": [{"id": CLAIM, "metadata": {"op": REFERENCES["reship"]}, "claim_items": []}]})
        kept = self.answers[sent.method, self._known(sent)]
        return kept[-1 if any(map(self.effects, EFFECT)) else 0]

    def _known(self, sent):
        known = {unquote_plus(path): path for method, path in self.answers if method == sent.method}
        asked = unquote_plus(sent.path)
        if asked.startswith("/admin/inventory-items?"):  # of other SKUs too
            return next(path for path in known.values() if path.startswith("/admin/inventory-items"))
        return known[asked]

    @property
    def half_built(self):
        begun = self.acted.count(("POST", "/admin/claims")) - sum(method == "DELETE" for method, _ in self.acted)
        return begun > self.effects("reship")

    def effects(self, verb):
        return sum(method == "POST" and path.endswith(EFFECT[verb]) for method, path in self.acted)


@pytest.fixture
def medusa():
    return Medusa()


@pytest.fixture
def shop_of(monkeypatch):
    """Return what makes an adapter of what answers."""
    option = next(each for each in RECORDED if each["path"].endswith("shipping-method"))
    monkeypatch.setenv("SHOP_KEY", "not-a-real-key")
    monkeypatch.setenv("SHOP_RESHIP_OPTION", "so_1")
    assert option
    settings = RestShopSettings.model_validate({"manifest": "shop.toml", "url": "http://shop.example"})
    info = StoreInfo("main", "medusa-main", ROOT / "examples" / "medusa")
    made = []

    def shop(then):
        made.append(RestShopAdapter(settings, info, transport=Scripted(then=then)))
        return made[-1]

    yield shop
    for each in made:
        each.close()


@pytest.fixture
def shop(medusa, shop_of):
    return shop_of(medusa)


def key(verb):
    return OperationKey("medusa-main", f"claim:{ORDER}-recorded", verb, 1)


REFERENCES = {verb: f"OP-{hashlib.sha256(str(key(verb)).encode()).hexdigest()[:24].upper()}" for verb in EFFECT}


@pytest.fixture
def effect(shop):
    """Return what makes the request that was recorded."""

    def request(verb):
        order = shop.op_get_order(request=GetOrderRequest("main", ORDER))
        said = {
            "store": "main",
            "key": key(verb),
            "reference": REFERENCES[verb],
            "order": order,
            "claim_id": "recorded",
        }
        said["deadline"] = datetime(2030, 1, 1, tzinfo=UTC)
        if verb == "refund":
            return RefundRequest(**said, amount=Money(Decimal("1.25"), order.currency), payment_id=order.payments[0].id)
        line = next(line for line in order.lines if not line.is_protection)
        return ReshipRequest(**said, lines=(LineQuantity(line.id, 1),), address=order.shipping_address)

    return request


def in_another_form(value):
    """Return the same JSON: fields in another order, unknown ones, null for each empty list, numbers as texts."""
    if isinstance(value, dict):
        said = {name: in_another_form(inner) for name, inner in reversed(value.items())}
        return {"unknown": {"a": [None]}, **said}
    if isinstance(value, list):
        return [in_another_form(inner) for inner in value] or None
    return f"{value:f}" if isinstance(value, Decimal) else str(value) if type(value) is int else value


def read_whole(shop):
    """Return all that is read of a shop."""
    page = shop.op_export_orders(request=ExportOrdersRequest("main", None, None, 3))
    ids = tuple(order.id for order in page.orders)
    order = shop.op_get_order(request=GetOrderRequest("main", ORDER))
    lines = tuple(LineQuantity(line.id, 1) for line in order.lines)
    return (
        page,
        order,
        shop.op_lookup_fulfillments(request=LookupFulfillmentsRequest("main", ids)),
        shop.op_check_stock(request=CheckStockRequest("main", order, lines)),
        shop.op_export_products(request=ExportProductsRequest("main", None, None, 3)),
    )


def make(shop, request):
    call = {"refund": shop.op_issue_refund, "reship": shop.op_create_reship}[request.key.verb]
    return call(request=request).state


def find(shop, request):
    ask = {"refund": shop.op_find_refund, "reship": shop.op_find_reship}[request.key.verb]
    return ask(request=FindRequest("main", request.key, request.reference, request.order))


def test_orders_have_medusas_own_totals(shop):
    """Total, payments and lines, digit for digit."""
    page = shop.op_export_orders(request=ExportOrdersRequest("main", None, None, 3))
    own = {one["id"]: one for each in RECORDED for one in each["body"].get("orders", ()) if "original_total" in one}

    assert own.keys() == {order.id for order in page.orders}
    for order in page.orders:
        said = own[order.id]
        captured = sum(
            (
                one["amount"]
                for each in said["payment_collections"]
                for pay in each["payments"]
                for one in pay["captures"]
            ),
            Decimal(0),
        )
        assert (said["original_total"], captured) == (order.total.amount, order.paid.amount)
        assert [item["id"] for item in said["items"]] == [line.id for line in order.lines]
        assert [item["unit_price"] for item in said["items"]] == [line.unit_price.amount for line in order.lines]


def test_parcels_stock_and_products_are_read(shop):
    """One call for the parcels of a page, one for the stock of an order."""
    page = shop.op_export_orders(request=ExportOrdersRequest("main", None, None, 3))
    ids = tuple(order.id for order in page.orders)
    parcels = shop.op_lookup_fulfillments(request=LookupFulfillmentsRequest("main", ids))
    own = {one["id"]: one for each in RECORDED for one in each["body"].get("orders", ()) if "fulfillments" in one}
    for order_id in ids:
        there = [one["id"] for one in own[order_id]["fulfillments"] if not one["canceled_at"]]
        assert there == [parcel.id for parcel in parcels[order_id]]

    order = shop.op_get_order(request=GetOrderRequest("main", ORDER))
    lines = tuple(LineQuantity(line.id, 1) for line in order.lines)
    stock = shop.op_check_stock(request=CheckStockRequest("main", order, lines))
    assert all(one.available is None or one.available > 0 for one in stock)
    assert any(one.available for one in stock)
    products = shop.op_export_products(request=ExportProductsRequest("main", None, None, 3)).products
    assert all(one.price.currency == "USD" and one.variant_id for one in products)


def test_the_same_answers_in_another_form_are_the_same_shop(shop, shop_of, effect):
    """What is read is equal to the last digit; each effect is made once and found."""
    for verb in EFFECT:
        medusa, request = Medusa(), effect(verb)
        other = shop_of(lambda sent, medusa=medusa: attrs.evolve(said := medusa(sent), body=in_another_form(said.body)))

        assert read_whole(shop) == read_whole(other)
        assert NotFound() == find(other, request)
        assert "done" == make(other, request)
        assert isinstance(find(other, request), Found)
        assert 1 == medusa.effects(verb)


@pytest.mark.parametrize("verb", EFFECT)
def test_an_effect_is_made_once_and_found(shop, medusa, effect, verb):
    """Not there, made, there."""
    request = effect(verb)

    assert NotFound() == find(shop, request)
    assert "done" == make(shop, request)
    assert isinstance(find(shop, request), Found)
    assert 1 == medusa.effects(verb)


def test_a_replacement_is_no_line_of_its_order(shop, medusa, effect):
    """Medusa writes it there, at a price of 0; claims and export are about what the customer bought."""
    request = effect("reship")
    make(shop, request)
    after = shop.op_get_order(request=GetOrderRequest("main", ORDER))

    assert request.order.lines == after.lines
    assert request.reference in after.references
    assert (request.order.total, request.order.premium) == (after.total, after.premium)


@pytest.mark.parametrize("verb", EFFECT)
def test_no_fault_at_any_call_makes_two_or_leaves_a_lock(shop, effect, verb):
    """By what Medusa answered: one effect or none in the end, as it is told, and no claim half-built."""
    request, met = effect(verb), set()
    for one in trials(shop.manifest, verb):
        assert isinstance(one, Trial), one
        medusa = Medusa()
        verdict = run(one, shop.manifest, "shop.toml", at=Shop(Scripted(then=medusa), request, "http://shop.example"))

        assert "" == verdict.wrong, one
        assert verdict.made == medusa.effects(verb), one
        assert not medusa.half_built or verdict.state in ("held", "refused"), one
        met |= {one.place} if verdict.met else set()
    assert {f"{verb}.calls[{at}]" for at in range(len(shop.manifest.verbs[verb].calls))} | {f"{verb}.find"} <= met
