"""One connected store: what its adapter answers, and what that is taken for."""

from datetime import UTC, datetime

import pytest

from op_core.capabilities import Support
from op_core.errors import ContractBroken, NotSent, NotSupported, OrderNotFound, Refused, ShopUnavailable
from op_core.hooks import EFFECTS, QUESTIONS, hookimpl
from op_core.models import CannotTell, Found, LineQuantity, NotFound, Outcome
from op_core.money import Money
from op_core.requests import (
    FindRequest,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.storefront import Storefront
from op_core.testing.model_shop import ModelShop, an_order
from op_core.untrusted import Untrusted

ORDER = an_order()
FIVE = Money("5.00", "USD")
COMMON = {
    "store": "main",
    "key": OperationKey("main-1", "claim:C1", "refund", 1),
    "reference": "OP-1",
    "order": ORDER,
    "deadline": datetime(2030, 1, 1, tzinfo=UTC),
}
LINES = (LineQuantity("1", 1),)
REQUESTS = {
    "reship": ReshipRequest(**COMMON, lines=LINES, address=ORDER.shipping_address),
    "refund": RefundRequest(**COMMON, amount=FIVE, payment_id="pay-1"),
    "store_credit": StoreCreditRequest(**COMMON, amount=FIVE),
    "charge_protection": ProtectionChangeRequest(**COMMON, amount=FIVE),
    "refund_protection": ProtectionChangeRequest(**COMMON, amount=FIVE),
    "note": NoteRequest(**COMMON, text=Untrusted("hello")),
}
FIND = FindRequest("main", COMMON["key"], "OP-1", ORDER)


class Answering(ModelShop):
    """A shop whose every hook does what it is given."""

    said = None

    def answer(self):
        """Return it or raise it."""
        if isinstance(self.said, Exception):
            raise self.said
        return self.said

    @hookimpl
    def op_get_order(self, request):
        """Answer."""
        return self.answer()

    @hookimpl
    def op_issue_refund(self, request):
        """Answer."""
        return self.answer()

    @hookimpl
    def op_find_refund(self, request):
        """Answer."""
        return self.answer()


def answering(said):
    shop = Answering([ORDER])
    shop.said = said
    return Storefront.of("main", shop)


@pytest.mark.parametrize("verb", EFFECTS)
def test_each_verb_has_its_hook_and_its_question(verb):
    """What is made by one hook is found by the other."""
    shop = Storefront.of("main", ModelShop([ORDER]))
    assert NotFound() == shop.find(verb, FIND)
    outcome = shop.act(verb, REQUESTS[verb])

    assert "done" == outcome.state
    assert Found(outcome) == shop.find(verb, FIND)
    assert set(EFFECTS) == set(QUESTIONS)


MOVED = Outcome("done", shop_id="1", money="moved")


@pytest.mark.parametrize("said", [MOVED, Outcome("pending", shop_id="1"), Outcome("refused", reason="no")])
def test_an_outcome_is_taken_as_it_is(said):
    """The shop's word."""
    assert said == answering(said).act("refund", REQUESTS["refund"])


def test_refused_is_an_outcome():
    """Raised or returned, a no is a no, with its reason."""
    assert Outcome("refused", reason="the card is closed") == answering(Refused("the card is closed")).act(
        "refund", REQUESTS["refund"]
    )


@pytest.mark.parametrize("error", [NotSent("offline"), NotSupported("no")], ids=lambda one: type(one).__name__)
def test_what_was_surely_not_done_is_raised(error):
    """`NotSent` and `NotSupported` are no outcomes."""
    with pytest.raises(type(error)):
        answering(error).act("refund", REQUESTS["refund"])


@pytest.mark.parametrize(
    "said",
    [None, {"id": 1}, NotFound(), OrderNotFound("?"), ShopUnavailable("?"), ValueError("customer@example.com"),
     TimeoutError(), Outcome("done", shop_id="1")],
    ids=["None", "a dict", "another value", "OrderNotFound", "ShopUnavailable", "an error", "TimeoutError",
         "no word on the money"],
)  # fmt: skip
def test_everything_else_is_unknown(said, caplog):
    """It may have happened; the foreign text, which may hold personal data, is dropped."""
    outcome = answering(said).act("refund", REQUESTS["refund"])

    assert "unknown" == outcome.state
    assert "customer@example.com" not in outcome.reason + caplog.text


@pytest.mark.parametrize("said", [Found(MOVED), NotFound(), CannotTell("closed")])
def test_an_answer_to_a_question_is_taken_as_it_is(said):
    """Found, not found, or cannot tell."""
    assert said == answering(said).find("refund", FIND)


@pytest.mark.parametrize("said", [None, MOVED, "yes", NotSupported("no"), Found(Outcome("done", shop_id="1")),
                                  Found(MOVED, (Outcome("done", shop_id="2"),))])  # fmt: skip
def test_a_question_that_is_not_answered_as_promised_says_nothing(said):
    """Rubbish, a missing capability, or a refund that does not say how its money moved: cannot tell."""
    assert isinstance(answering(said).find("refund", FIND), CannotTell)


@pytest.mark.parametrize("said", [ValueError("customer@example.com"), NotSent("offline"), TimeoutError()])
def test_a_question_that_fails_is_asked_again_later(said):
    """`ShopUnavailable`, without the foreign text."""
    for ask in (lambda shop: shop.find("refund", FIND), lambda shop: shop.get_order("1001")):
        with pytest.raises(ShopUnavailable) as raised:
            ask(answering(said))
        assert "customer@example.com" not in str(raised.value)


@pytest.mark.parametrize("said", [None, {"id": "1001"}, an_order(id="1002")], ids=["None", "a dict", "another order"])
def test_an_order_that_is_none_is_a_broken_contract(said):
    """``None`` from an addressed hook is an error, and so is an order that was not asked for."""
    with pytest.raises(ContractBroken):
        answering(said).get_order("1001")


def test_an_order_that_is_not_there_is_said_so():
    """`OrderNotFound` is no failure of the shop."""
    with pytest.raises(OrderNotFound):
        answering(OrderNotFound("1001")).get_order("1001")


class Bare:
    """An adapter that can do nothing."""

    def __init__(self):
        self.capabilities = {}
        self.closed = False

    def close(self):
        """Close."""
        self.closed = True


def test_what_is_not_implemented_is_not_supported():
    """Declared or not: a hook that nobody implements is never called, and says why."""
    shop = Storefront.of("main", Bare())

    assert (Support.UNSUPPORTED, "the adapter does not implement it") == (
        shop.supports("op_issue_refund").support,
        shop.supports("op_issue_refund").reason,
    )
    with pytest.raises(NotSupported, match="op_issue_refund is unsupported"):
        shop.act("refund", REQUESTS["refund"])
    assert isinstance(shop.find("refund", FIND), CannotTell)


def test_what_is_implemented_and_not_declared_is_unknown_and_tried():
    """An adapter that says nothing about a hook that it has may be asked."""

    class Silent(Bare):
        @hookimpl
        def op_get_order(self, request):
            """Answer."""
            return ORDER

    shop = Storefront.of("main", Silent())

    assert Support.UNKNOWN == shop.supports("op_get_order").support
    assert ORDER == shop.get_order("1001")


def test_a_hook_may_be_async():
    """Either colour, the same answer."""

    class Async(Bare):
        @hookimpl
        async def op_get_order(self, request):
            """Answer on the loop."""
            return ORDER

    assert ORDER == Storefront.of("main", Async()).get_order("1001")


def test_closing_lets_the_adapter_close():
    """What it holds is its own business; one without ``close`` holds nothing."""
    adapter = Bare()
    Storefront.of("main", adapter).close()
    Storefront.of("main", ModelShop()).close()

    assert adapter.closed
