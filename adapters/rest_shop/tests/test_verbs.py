"""What a verb may be besides one call after the other: for each line, on a condition, with an end, a function."""

import sys
import types
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from op_core.errors import ContractBroken, SettingsError
from op_core.models import Found, Fulfillment, LineQuantity, Order, Outcome, Product
from op_core.money import Money
from op_core.requests import (
    CheckStockRequest,
    ExportProductsRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
)

MANIFEST = (Path(__file__).parent / "shop.toml").read_text(encoding="utf-8")
AMOUNT = Money(Decimal("5.50"), "USD")
ITEMS = """[[reship.calls]]
post = "/claims/{begin.claim.id}/items"
json = { items = "{lines[].{variant: variant_id, quantity: quantity, price: `0`}}" }
harmless = true
"""
EACH = """[[reship.calls]]
post = "/claims/{begin.claim.id}/items"
each = "lines"
when = "take_stock"
json = { items = [{ variant = "{line.variant_id}", quantity = "{line.quantity}" }] }
harmless = true
"""
AFTER = """[[reship.calls]]
post = "/orders/{order_id}/note"
json = { text = "{reference}" }
[reship.find]"""


def order_of(adapter):
    return adapter.op_get_order(request=GetOrderRequest("main", "order_1"))


@pytest.fixture
def functions(monkeypatch):
    """A module of the shop's own."""
    module = types.ModuleType("shops_own")
    monkeypatch.setitem(sys.modules, "shops_own", module)
    return module


def test_a_call_is_made_once_for_each_line(adapter_of, shop, reship_of):
    """Each line's own values go out."""
    adapter = adapter_of(changes=[(ITEMS, EACH)])

    assert "done" == adapter.op_create_reship(request=reship_of(order_of(adapter))).state
    assert [{"variant": "v1", "quantity": 1}] == shop.claims["claim_1"]["items"]


def test_a_call_is_left_out_without_its_condition(adapter_of, shop, reship_of):
    """Here: where no stock is to be taken."""
    adapter = adapter_of(changes=[(ITEMS, EACH)])
    request = attrs.evolve(reship_of(order_of(adapter)), take_stock=False)

    assert "done" == adapter.op_create_reship(request=request).state
    assert [] == shop.claims["claim_1"]["items"]


def test_what_fails_after_the_effect_changes_nothing(adapter_of, shop, reship_of):
    """It is done, and the reason says what fell short; nothing is undone."""
    confirm = '[[reship.calls]]\npost = "/claims/{begin.claim.id}/confirm"\n'
    adapter = adapter_of(changes=[("[reship.find]", AFTER), (confirm, f"{confirm}effect = true\n")])

    outcome = adapter.op_create_reship(request=reship_of(order_of(adapter)))

    assert ("done", "claim_1") == (outcome.state, outcome.shop_id)
    assert "made; after that: shop.toml: reship.calls[3]: POST /orders/{order_id}/note: 404" in outcome.reason
    assert 1 == len(shop.confirmed)


def test_a_function_makes_an_effect_in_the_place_of_calls(adapter_of, functions, refund_of):
    """It is given the request as it is."""
    given = []
    functions.pay = lambda request: given.append(request) or Outcome("done", shop_id="re_1", money="moved")
    begin, end = MANIFEST.index("[[refund.calls]]"), MANIFEST.index("[refund.find]")
    adapter = adapter_of(
        changes=[
            (MANIFEST[begin:end], ""),
            ('id = "refund.payment.refunds[?ours(note)] | [-1].id"', 'function = "shops_own:pay"'),
        ]
    )
    request = refund_of(order_of(adapter), AMOUNT)

    assert "re_1" == adapter.op_issue_refund(request=request).shop_id
    assert [request] == given


def test_a_function_makes_the_order_of_its_json(adapter_of, functions, adapter):
    """And whatever else it answers is told by its kind."""
    plain = order_of(adapter)
    functions.mapped = lambda item: plain if item["id"] == "order_1" else None
    own = adapter_of(changes=[('item = "order"\n', 'item = "order"\nfunction = "shops_own:mapped"\n')])

    assert isinstance(order_of(own), Order)
    with pytest.raises(ContractBroken, match=r"order.function answered NoneType; expected Order"):
        own.op_get_order(request=GetOrderRequest("main", "order_2"))


LISTED = """[stock]
get = "/orders"
function = "shops_own:counted"
[products]
get = "/orders"
items = "orders"
function = "shops_own:sold"
fields = { id = "id" }
[refund]"""


def test_a_function_makes_any_value_of_its_json(adapter_of, functions):
    """Parcels of an order's, a table of stock of an answer's, products of an item's; another kind is told."""
    begin, end = MANIFEST.index("[fulfillments]"), MANIFEST.index("[refund]")
    parcels = '[fulfillments]\nfunction = "shops_own:sent"\n'
    order, price = order_of(adapter_of()), Money(15, "USD")
    parcel = Fulfillment("f1", order.id, "IN_TRANSIT", (), order.created_at)
    functions.sent = lambda item: [parcel] if item["id"] == "order_1" else ["sent"]
    functions.counted = lambda body: {"MUG": len(body["orders"])}
    functions.sold = lambda item: [Product(id=item["id"], name=item["id"], price=price)]
    adapter = adapter_of(changes=[(MANIFEST[begin:end], parcels), ("[refund]", LISTED)])
    ask = LookupFulfillmentsRequest("main", ("order_1",))

    assert {"order_1": (parcel,)} == adapter.op_lookup_fulfillments(request=ask)
    stock = adapter.op_check_stock(request=CheckStockRequest("main", order, (LineQuantity("li_1", 1),)))
    assert [7] == [each.available for each in stock]
    products = adapter.op_export_products(request=ExportProductsRequest("main", None, None, 3)).products
    assert [f"order_{at}" for at in range(1, 8)] == [one.id for one in products]
    with pytest.raises(ContractBroken, match=r"fulfillments.function answered str; expected Fulfillment"):
        adapter.op_lookup_fulfillments(request=attrs.evolve(ask, order_ids=("order_2",)))


COUNTED = """[stock]
get = "/stock"
query = { sku = "{lines[].sku}" }
items = "stock"
fields = { match = "sku", available = "free" }
[products]
get = "/orders"
items = "orders"
variants = "items"
counted = true
[products.fields]
id = "product.id"
name = "variant.title"
price = "variant.unit_price"
sku = "variant.sku"
currency = "product.currency_code"
[refund]"""


def test_products_are_counted_by_the_call_for_stock(adapter_of, shop):
    """One more call for a page, about its SKUs; what the shop does not list it does not count."""
    shop.stock["MUG"] = 3
    adapter = adapter_of(changes=[("[refund]", COUNTED)])
    found = adapter.op_export_products(request=ExportProductsRequest("main", None, None, 3)).products

    assert {("MUG", 3), ("PROTECT", None)} == {(one.sku, one.quantity) for one in found}
    assert ["GET /orders", "GET /stock"] == shop.asked
    with pytest.raises(SettingsError, match=r"expected beside products\.counted a table stock"):
        adapter_of(changes=[("[refund]", COUNTED[COUNTED.index("[products]") :])])


def test_a_function_asks_for_an_effect_in_the_place_of_a_look_up(adapter_of, functions, refund_of, find_of):
    """It is given the question, and what it answers is the answer; doctor says that it was not tried."""
    begin, end = MANIFEST.index("[refund.find]"), MANIFEST.index("[reship]")
    door = ('money = "moved"\nid = "refund', 'money = "queued"\nfind_function = "shops_own:look"\nid = "refund')
    functions.look = lambda request: Found(Outcome("done", shop_id=request.reference, money="moved"))
    adapter = adapter_of(changes=[(MANIFEST[begin:end], ""), door])
    request = refund_of(order_of(adapter), AMOUNT)

    assert adapter.capabilities["op_find_refund"].usable
    assert request.reference == adapter.op_find_refund(request=find_of(request)).outcome.shop_id
    said = [proof.said for proof in adapter.prove(writes=False) if proof.state == "look"]
    assert ["not tried: refund.find: asked for by shops_own:look, of which the manifest knows no calls"] == said


def test_what_such_a_function_finds_is_not_made_again(adapter_of, shop, functions, refund_of):
    """It counts as the look-up does: what another process has made is told, and nothing is written."""
    begin, end = MANIFEST.index("[refund.find]"), MANIFEST.index("[reship]")
    door = ('id = "refund', 'find_function = "shops_own:look"\nid = "refund')
    there = Outcome("done", shop_id="refund-of-another", money="moved")
    functions.look = lambda _: Found(there)
    adapter = adapter_of(changes=[(MANIFEST[begin:end], ""), door])

    assert there == adapter.op_issue_refund(request=refund_of(order_of(adapter), AMOUNT))
    assert [] == shop.written


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[fulfillments]\n", '[fulfillments]\nfunction = "a:b"\n'), "either items, fields and lines, or a function"),
        (("[fulfillments]\nitems", "[fulfillments]\nskip"), "either items, fields and lines, or a function"),
        (('id = "made', 'find_function = "a:b"\nid = "made'), "either find or a find_function"),
        (
            ("[refund]\n", '[stock]\nget = "/s"\nfunction = "a:b"\nitems = "s"\n[refund]\n'),
            "either items and fields, or",
        ),
    ],
)
def test_a_function_beside_what_it_replaces_is_refused(adapter_of, change, said):
    """Nobody could tell which of the two counts; nor is neither of them enough."""
    with pytest.raises(SettingsError, match=said):
        adapter_of(changes=[change])


def test_beside_a_function_a_list_is_still_walked_by_fields(adapter_of, functions):
    """Without an id and a time, all items of a second page would be taken for those of the first."""
    functions.mapped = lambda item: item
    door = ('item = "order"\n', 'item = "order"\nfunction = "shops_own:mapped"\n')
    times = ('created_at = "created_at"\nupdated_at = "updated_at"\ncurrency', "currency")

    with pytest.raises(SettingsError, match=r"shop.toml:\d+: order.fields.created_at: missing") as caught:
        adapter_of(changes=[door, times, ('id = "id"\nnumber', "number")])
    assert "order.fields.id: missing" in str(caught.value)
    begin, end = MANIFEST.index("[lines]"), MANIFEST.index("[payments]")
    assert adapter_of(changes=[door, (MANIFEST[begin:end], "")]).manifest.lines is None
    with pytest.raises(SettingsError, match="lines: missing, expected a table"):
        adapter_of(changes=[(MANIFEST[begin:end], "")])


@pytest.mark.parametrize("name", ["nobody:knows", "shops_own:nothing", "shops_own:two"])
def test_a_function_that_cannot_be_called_parks_the_store(adapter_of, functions, name):
    """It is found out at load."""
    functions.two = lambda one, two: None
    with pytest.raises(SettingsError, match=r"order\.function"):
        adapter_of(changes=[('item = "order"\n', f'item = "order"\nfunction = "{name}"\n')])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("json = { amount", 'each = "lines"\njson = { amount'), "an effect that is one call"),
        (("json = { amount", 'undo = { delete = "/x" }\njson = { amount'), "without each, when, undo and repeat"),
        (("json = { amount", "repeat = true\njson = { amount"), "without each, when, undo and repeat"),
        (('money = "moved"', 'money = "queued"'), 'find with pending beside money = "queued"'),
    ],
)
def test_what_could_move_money_twice_is_refused_at_load(adapter_of, change, said):
    """Before any money can move."""
    with pytest.raises(SettingsError, match=said):
        adapter_of(changes=[change])
