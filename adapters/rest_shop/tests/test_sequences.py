"""Effects over HTTP: what is made, what is not, and what nobody knows."""

from decimal import Decimal

import attrs
import pytest

from op_core.errors import NotSent, Refused, SettingsError, ShopAway, ShopUnavailable
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.money import Money
from op_core.requests import GetOrderRequest

AMOUNT = Money(Decimal("5.50"), "USD")
RESHIP = ("POST /claims", "POST /claims/claim_1/items", "POST /claims/claim_1/confirm")
KNOWN = {400: Refused, 404: Refused, 422: Refused, 429: NotSent}
IN_DOUBT = ("cut before", "cut after", "half", "html", "fails after", "empty", 302, 408, 409, 500, 503)


def made(call, request):
    """Return what an effect's call says, by raising or by returning."""
    try:
        return call(request=request)
    except (NotSent, Refused) as error:
        return error


def test_a_refund_is_one_call_and_is_found_by_its_reference(adapter, shop, order, refund_of, find_of):
    """The amount goes out with all its digits, the reference in the note."""
    request = refund_of(order, AMOUNT)

    assert Outcome("done", shop_id="ref_1", money="moved") == adapter.op_issue_refund(request=request)
    assert [{"id": "ref_1", "amount": 5.5, "note": request.reference}] == shop.refunds
    assert Found(Outcome("done", shop_id="ref_1", money="moved")) == adapter.op_find_refund(request=find_of(request))
    assert {request.reference} == adapter.op_get_order(request=GetOrderRequest("main", "order_1")).references


def test_a_reship_is_a_sequence_that_uses_earlier_answers(adapter, shop, order, reship_of, find_of):
    """The claim's id goes into the paths of the later calls, and a price of 0 into the body."""
    request = reship_of(order)

    assert Outcome("done", shop_id="claim_1") == adapter.op_create_reship(request=request)
    assert list(RESHIP) == shop.written
    assert [{"variant": "v1", "quantity": 1, "price": 0}] == shop.claims["claim_1"]["items"]
    assert Found(Outcome("done", shop_id="claim_1")) == adapter.op_find_reship(request=find_of(request))


def test_what_is_not_there_is_not_found(adapter, order, refund_of, reship_of, find_of):
    """Before it is made, neither is."""
    assert NotFound() == adapter.op_find_refund(request=find_of(refund_of(order, AMOUNT)))
    assert NotFound() == adapter.op_find_reship(request=find_of(reship_of(order)))


def test_what_is_there_already_is_not_made_again(adapter, shop, order, refund_of, reship_of):
    """Another process, with another ledger, has made it: the same outcome is told, and only the look-up is sent."""
    first = [
        adapter.op_issue_refund(request=refund_of(order, AMOUNT)),
        adapter.op_create_reship(request=reship_of(order)),
    ]
    written = shop.written

    assert first == [
        adapter.op_issue_refund(request=refund_of(order, AMOUNT)),
        adapter.op_create_reship(request=reship_of(order)),
    ]
    assert written == shop.written


def test_where_the_look_up_fails_nothing_is_made(adapter, shop, order, refund_of):
    """Nobody knows whether it is there: it is tried again later."""
    shop.broken = ("GET /orders/order_1", 500)

    assert isinstance(made(adapter.op_issue_refund, refund_of(order, AMOUNT)), NotSent)
    assert [] == shop.written


REFUSE = """[[reship.refuse]]
when = "address != order.shipping_address"
why = "it goes to the order alone"
[reship.leftovers]"""


def test_what_the_shop_would_do_otherwise_is_refused(adapter_of, shop, order, reship_of):
    """Before anything is called, and with the manifest's own words."""
    adapter = adapter_of(changes=[("[reship.leftovers]", REFUSE)])
    request = reship_of(order)
    shop.asked.clear()
    elsewhere = attrs.evolve(request, address=attrs.evolve(request.address, city="Othertown"))

    said = made(adapter.op_create_reship, elsewhere)
    assert (Refused, "shop.toml: reship: it goes to the order alone") == (type(said), said.reason)
    assert [] == shop.asked
    assert "done" == adapter.op_create_reship(request=request).state
    with pytest.raises(SettingsError, match=r"reship\.refuse\[0\]\.when: .* looks for 'adress'"):
        adapter_of(changes=[("[reship.leftovers]", REFUSE.replace("address !=", "adress !="))])


def test_a_name_in_a_table_may_hold_an_expression(adapter_of, shop, order, reship_of):
    """So a shop keeps each effect under a key of its own."""
    named = ('metadata = { op = "{reference}" }', 'metadata = { "op {reference}" = "{reference}" }')
    adapter = adapter_of(changes=[named, ("[?ours(metadata.op) && confirmed]", "[?ours(metadata) && confirmed]")])
    request = reship_of(order)

    assert "done" == adapter.op_create_reship(request=request).state
    assert {f"op {request.reference}": request.reference} == shop.claims["claim_1"]["metadata"]


def test_an_answer_of_nothing_is_no_missing_order(adapter, shop):
    """200 without a body says nothing of an order."""
    shop.broken = ("GET /orders/order_1", "empty")

    with pytest.raises(ShopUnavailable, match="an answer without a body"):
        adapter.op_get_order(request=GetOrderRequest("main", "order_1"))


@pytest.mark.parametrize("status", KNOWN)
def test_an_answer_that_says_no_is_no_doubt(adapter_of, shop, order, refund_of, status):
    """Nothing was made, and the outcome says whether to try again."""
    shop.faults["POST /payments/pay_1/refund"] = status

    if status == 429:  # sent again by itself: a shop that counts calls has done nothing
        assert "done" == adapter_of().op_issue_refund(request=refund_of(order, AMOUNT)).state
        assert 1 == len(shop.refunds)
    else:
        assert isinstance(made(adapter_of().op_issue_refund, refund_of(order, AMOUNT)), KNOWN[status])
        assert [] == shop.refunds


@pytest.mark.parametrize("fault", IN_DOUBT)
def test_a_refund_in_doubt_is_unknown_sent_once_and_asked_for(adapter, shop, order, refund_of, find_of, fault):
    """Whatever came instead of an answer, it is never sent again, and the look-up tells what the shop did."""
    shop.faults["POST /payments/pay_1/refund"] = fault
    request = refund_of(order, AMOUNT)

    assert "unknown" == adapter.op_issue_refund(request=request).state
    assert ["POST /payments/pay_1/refund"] == shop.written
    found = adapter.op_find_refund(request=find_of(request))
    assert bool(shop.refunds) == isinstance(found, Found)


@pytest.mark.parametrize("fault", [*IN_DOUBT, *KNOWN])
@pytest.mark.parametrize("at", [0, 1])
def test_what_fails_before_the_effect_is_taken_back(adapter, shop, order, reship_of, find_of, at, fault):
    """Nothing was made, and no half-built claim stays: at once, or before the next try of the same effect."""
    shop.faults[RESHIP[at]] = fault
    request = reship_of(order)

    first = made(adapter.op_create_reship, request)
    if fault != 429:
        assert isinstance(first, NotSent | Refused)
        assert [] == shop.confirmed
        assert NotFound() == adapter.op_find_reship(request=find_of(request))
        assert "done" == adapter.op_create_reship(request=request).state
    assert 1 == len(shop.confirmed)
    assert 1 == len(shop.claims)


@pytest.mark.parametrize("fault", IN_DOUBT)
def test_a_confirmation_in_doubt_is_not_undone(adapter, shop, order, reship_of, find_of, fault):
    """The claim may be confirmed; nobody deletes it, and the look-up tells."""
    shop.faults[RESHIP[2]] = fault
    request = reship_of(order)

    assert "unknown" == adapter.op_create_reship(request=request).state
    assert list(RESHIP) == shop.written
    if isinstance(adapter.op_find_reship(request=find_of(request)), NotFound):
        assert "done" == adapter.op_create_reship(request=request).state
    assert 1 == len(shop.confirmed) == len(shop.claims)


def test_a_refused_confirmation_takes_back_what_was_prepared(adapter, shop, order, reship_of):
    """The order is not left locked."""
    shop.faults[RESHIP[2]] = 422

    assert isinstance(made(adapter.op_create_reship, reship_of(order)), Refused)
    assert {} == shop.claims


def test_what_cannot_be_taken_back_is_said(adapter, shop, order, reship_of):
    """The reason of the refusal names it, so that a person can."""
    shop.faults[RESHIP[2]] = 422
    shop.faults["DELETE /claims/claim_1"] = 500

    said = made(adapter.op_create_reship, reship_of(order))

    assert isinstance(said, Refused)
    assert "could not be taken back: shop.toml: reship.calls[0].undo" in said.reason


def test_a_shop_that_cannot_be_reached_is_away(adapter_of, shop, order, refund_of):
    """Nothing can have been done; no password and no value stands in the reason."""
    adapter = adapter_of(url="http://127.0.0.1:1")

    said = made(adapter.op_issue_refund, refund_of(order, AMOUNT))

    assert isinstance(said, ShopAway)
    assert "shop.toml: refund.find: GET /orders/{order_id}: the shop cannot be reached" in said.reason


def test_a_shop_that_does_not_know_us_is_away(adapter, shop, order, refund_of):
    """A 401 says that nothing was done, and that nothing will be."""
    shop.tokens.clear()

    said = made(adapter.op_issue_refund, refund_of(order, AMOUNT))

    assert isinstance(said, ShopAway)
    assert "mend [auth]" in said.reason
    assert "not-a-real-token" not in said.reason


def test_a_look_up_that_the_shop_refuses_is_for_a_person(adapter, shop, order, refund_of, find_of):
    """The order is gone: asking again tells no more, and nothing is made."""
    request = refund_of(order, AMOUNT)
    del shop.orders["order_1"]

    assert isinstance(adapter.op_find_refund(request=find_of(request)), CannotTell)


@pytest.mark.parametrize("fault", [500, "html", "half", "cut after"])
def test_a_look_up_without_an_answer_says_nothing(adapter, shop, order, refund_of, find_of, fault):
    """It is no NotFound: the question is asked again later."""
    request = refund_of(order, AMOUNT)
    adapter.op_issue_refund(request=request)
    find = "GET /orders/order_1"

    class Always(dict):
        def pop(self, call, default=None):
            return fault if call == find else default

    shop.faults = Always()
    with pytest.raises(ShopUnavailable):
        adapter.op_find_refund(request=find_of(request))
