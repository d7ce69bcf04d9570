"""What each answer of the shop says about the question whether something was done."""

import pytest
from corner_subject import TOKEN
from op_corner_shop import CornerShopAdapter, CornerShopSettings

from op_core.errors import ContractBroken, NotSent, OrderNotFound, Refused, ShopAway, ShopUnavailable, WireError
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest
from op_core.testing.kit.asked import a_refund
from op_core.testing.model_shop import an_order
from op_core.testing.transport import Answer, Fault, Scripted

ORDER = an_order()
REQUEST = a_refund(ORDER, Money("12.50", "USD"))
MADE = {"id": "refund-1", "reference": REQUEST.reference, "order": ORDER.id, "state": "paid"}
MADE |= {"amount": "12.50", "currency": "USD"}


def asked(tmp_path, *steps):
    """Return an adapter whose shop answers by a script, and the script."""
    script = Scripted(*steps)
    settings = CornerShopSettings.model_validate({"url": "https://shop.example", "token": TOKEN})
    return CornerShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), transport=script), script


def refund(tmp_path, *steps):
    """Ask for a refund, once."""
    adapter, script = asked(tmp_path, *steps)
    try:
        return adapter.op_issue_refund(REQUEST)
    finally:
        assert len(script.requests) == 1
        adapter.close()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415, 422])
def test_the_shop_says_no(tmp_path, status):
    """What the shop's API page says of these: it did nothing. The reason is its code."""
    with pytest.raises(Refused, match=f"{status}, no_such_field"):
        refund(tmp_path, Answer(status, {"error": "no_such_field"}))


def test_a_200_may_say_no(tmp_path):
    """A 200 with problems is a refusal, whatever stands beside them."""
    with pytest.raises(Refused, match="more_than_is_left"):
        refund(tmp_path, Answer(200, {"refund": MADE, "problems": ["more_than_is_left"]}))


@pytest.mark.parametrize("code", ["Mrs Example has no account", 7, None, "x" * 41])
def test_no_sentence_of_the_shop_is_repeated(tmp_path, code):
    """What is no code may name a customer, and is left out."""
    with pytest.raises(Refused, match=r"^the shop says 422, without a code$"):
        refund(tmp_path, Answer(422, {"error": code}))


def test_too_many_calls_are_sent_again(tmp_path):
    """429 says that nothing was done, and that the shop is there."""
    with pytest.raises(NotSent) as caught:
        refund(tmp_path, Answer(429, {"error": "slow_down"}))

    assert not isinstance(caught.value, ShopAway)


def test_a_shop_that_asks_for_time_gets_it(tmp_path):
    """Where a 429 says for how long, nobody calls the shop until then."""
    with pytest.raises(ShopAway) as caught:
        refund(tmp_path, Answer(429, {"error": "slow_down"}, {"Retry-After": "30"}))

    assert 30 == caught.value.wait


@pytest.mark.parametrize("step", [Answer(401, {"error": "no_such_token"}), Fault("refuse")], ids=["401", "refuse"])
def test_the_shop_is_away(tmp_path, step):
    """Without a connection, or with a token that the shop does not know, nothing is done and nothing will be."""
    with pytest.raises(ShopAway):
        refund(tmp_path, step)


UNKNOWN = {
    "500": Answer(500),
    "503": Answer(503, {"error": "later"}, {"Retry-After": "1"}),
    "409": Answer(409, {"error": "busy"}),
    "302": Answer(302, b"", {"Location": "https://shop.example/elsewhere"}),
    "before": Fault("drop before"),
    "after": Fault("drop after"),
    "stall": Fault("stall"),
    "no JSON": Answer(201, b"<html>"),
    "nothing": Answer(201),
    "a list": Answer(201, []),
    "another thing": Answer(201, {"credit": MADE}),
    "another amount": Answer(201, {"refund": MADE | {"amount": "12.51"}}),
    "another currency": Answer(201, {"refund": MADE | {"currency": "EUR"}}),
    "another reference": Answer(201, {"refund": MADE | {"reference": "OP-OTHER"}}),
    "another order": Answer(201, {"refund": MADE | {"order": "2"}}),
    "a number": Answer(201, {"refund": MADE | {"amount": 13}}),
    "a new state": Answer(201, {"refund": MADE | {"state": "tomorrow"}}),
}


@pytest.mark.parametrize("step", UNKNOWN.values(), ids=UNKNOWN)
def test_nobody_knows(tmp_path, step):
    """Anything else may have happened: what is raised is none of the errors that say that it did not."""
    with pytest.raises((ContractBroken, ShopUnavailable, WireError)) as caught:
        refund(tmp_path, step)

    assert not isinstance(caught.value, NotSent)


@pytest.mark.parametrize(("state", "said", "money"), [("paid", "done", "moved"), ("noted", "done", "booked"),
                                                      ("queued", "pending", "queued")])  # fmt: skip
def test_how_money_moved(tmp_path, state, said, money):
    """What waits for the bank is pending, and what the staff hands over is only booked: neither was paid."""
    outcome = refund(tmp_path, Answer(201, {"refund": MADE | {"state": state}}))

    assert (said, money, "refund-1") == (outcome.state, outcome.money, outcome.shop_id)


def test_only_the_shop_says_that_there_is_no_order(tmp_path):
    """A 404 of a proxy, or of a wrong address, says nothing of an order."""
    adapter, _ = asked(tmp_path, Answer(404, {"error": "no_such_order"}), Answer(404, b"nginx"))
    question = GetOrderRequest("main", "9")

    with pytest.raises(OrderNotFound):
        adapter.op_get_order(question)
    with pytest.raises(WireError, match="404"):
        adapter.op_get_order(question)


@pytest.mark.parametrize(("order_id", "path"), [("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("ü %", "%C3%BC%20%25")])
def test_an_id_is_one_part_of_the_path(tmp_path, order_id, path):
    """Whatever an id is made of, it asks for that order and for nothing else."""
    adapter, script = asked(tmp_path, Answer(404, {"error": "no_such_order"}))

    with pytest.raises(OrderNotFound):
        adapter.op_get_order(GetOrderRequest("main", order_id))
    assert f"/v1/orders/{path}" == script.requests[0].path


@pytest.mark.parametrize("order_id", [".", ".."])
def test_dots_alone_are_no_id(tmp_path, order_id):
    """They would be another path: nothing is sent."""
    adapter, script = asked(tmp_path)

    with pytest.raises(OrderNotFound):
        adapter.op_get_order(GetOrderRequest("main", order_id))
    assert [] == script.requests
