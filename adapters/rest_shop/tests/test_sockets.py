"""Answers that do not come, do not end or come twice, over a real socket; and a dead shop beside a living one."""

import threading

import pytest

import op_core
from op_core.errors import ShopUnavailable
from op_core.ledger import actions, deliveries
from op_core.models import Found
from op_core.money import Money
from op_core.requests import GetOrderRequest
from op_core.testing import bodies

REFUND = "POST /payments/pay_1/refund"
CLAIMS = 6
SETTINGS = """
[ledger]
url = "sqlite:///op.db"
"""
STORE = """
[stores.{name}]
id = "{name}-1"
adapter = "rest_shop"
api_url = "http://127.0.0.1:1"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
verify_claims = "never"
limits = {{ hold_above = {{ USD = "1000" }} }}
[stores.{name}.settings]
manifest = "{name}.toml"
url = "{url}"
env = {{ SHOP_TOKEN = "not-a-real-token" }}
"""


@pytest.fixture
def refund(adapter, refund_of):
    return refund_of(adapter.op_get_order(request=GetOrderRequest("main", "order_1")), Money(5, "USD"))


@pytest.mark.parametrize(
    ("fault", "settings", "why"),
    [
        ("stalls", {"timeout": "1 s"}, "no whole answer (ReadTimeout"),
        ("never ends", {"largest_answer": 65536}, "the answer is too long"),
        ("half", {}, "no whole answer (RemoteProtocolError"),
        ("html", {}, "the answer is not JSON"),
        ("deep", {}, "the answer is nested too deep"),
    ],
)
def test_an_answer_that_is_none_is_named_and_doubles_nothing(adapter_of, shop, refund, find_of, fault, settings, why):
    """It is unknown, with a reason that says what came; the look-up finds the one refund."""
    adapter = adapter_of(**settings)
    shop.faults[REFUND] = fault

    outcome = adapter.op_issue_refund(request=refund)

    assert "unknown" == outcome.state
    assert why in outcome.reason
    assert isinstance(adapter.op_find_refund(request=find_of(refund)), Found)
    assert 1 == len(shop.refunds)


@pytest.mark.parametrize("fault", ["never ends", "half", "html", "deep"])
def test_a_look_up_whose_answer_is_none_is_not_found_nor_not_found(adapter_of, shop, refund, find_of, fault):
    """It says nothing, and is asked again."""
    adapter = adapter_of(largest_answer=65536)
    adapter.op_issue_refund(request=refund)
    shop.broken = ("GET /orders/order_1", fault)

    with pytest.raises(ShopUnavailable):
        adapter.op_find_refund(request=find_of(refund))
    shop.broken = None
    assert isinstance(adapter.op_find_refund(request=find_of(refund)), Found)


@pytest.mark.parametrize("call", [REFUND, "GET /orders/order_1"])
def test_an_answer_that_comes_twice_is_no_answer_to_the_next_question(adapter, shop, refund, refund_of, find_of, call):
    """What would be left on the connection is not read as what the shop says of another order."""
    other = refund_of(adapter.op_get_order(request=GetOrderRequest("main", "order_2")), Money(5, "USD"), n=2)
    adapter.op_issue_refund(request=other)
    shop.faults[call] = "twice"

    assert "done" == adapter.op_issue_refund(request=refund).state
    for _ in range(2):
        assert isinstance(adapter.op_find_refund(request=find_of(refund)), Found)
        assert isinstance(adapter.op_find_refund(request=find_of(other)), Found)
    assert 2 == len(shop.refunds)


def test_a_dead_shop_does_not_stop_the_one_beside_it(shop_of, manifest, tmp_path):
    """All that the living one owes is done while every call to the dead one hangs."""
    shops = {"living": shop_of(CLAIMS), "dead": shop_of(CLAIMS, dead=True)}
    (tmp_path / "living.toml").write_text(manifest)
    (tmp_path / "dead.toml").write_text(manifest.replace('"keyset"', '"offset"'))
    stores = [STORE.format(name=name, url=shop.url) for name, shop in shops.items()]
    (tmp_path / "op.toml").write_text(SETTINGS + "".join(stores))

    def states(name):
        return [action.state for action in core.ledger.read(actions.listing, f"{name}-1")]

    with op_core.load(tmp_path / "op.toml") as core:
        for name in shops:
            for at in range(1, CLAIMS + 1):
                said = bodies.resolution("REFUND", bodies.item(f"li_{at}", 1, 15), total=15)
                body = bodies.approved(said, claim=f"C-{at}", order=f"order_{at}", event=f"{name}-{at}")
                core.ledger.write(deliveries.store, f"{name}-1", body, core.ledger.now())
        waiting = threading.Thread(target=core.run_once, args=("dead",))
        waiting.start()
        assert shops["dead"].asked_dead.wait(30)
        core.run_once("living")

        assert waiting.is_alive()
        assert ["done"] * CLAIMS == states("living")
        assert "done" not in states("dead")
        assert CLAIMS == len(shops["living"].refunds)
        shops["dead"].over.set()
        waiting.join()
    assert [] == shops["dead"].refunds
