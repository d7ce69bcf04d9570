"""What a verb may be besides one call after the other: for each line, on a condition, with an end, a function."""

import sys
import types
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from op_core.errors import ContractBroken, SettingsError
from op_core.models import Order, Outcome
from op_core.money import Money
from op_core.requests import GetOrderRequest

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
