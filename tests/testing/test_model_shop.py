"""The model shop: it does what it is told, fails as it is told, and remembers both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from op_core.capabilities import Support
from op_core.errors import NotSent, OrderNotFound, Refused, ShopAway
from op_core.hooks import ADDRESSED
from op_core.models import CannotTell, Found, Fulfillment, LineQuantity, NotFound, Outcome, Product, ProductPage, Stock
from op_core.money import Money
from op_core.plugins import register
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.testing.model_shop import ModelShop, ShopCall, an_order
from op_core.untrusted import Untrusted

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ORDER = an_order()
TEN = Money(Decimal("10.00"), "USD")
COMMON = {
    "store": "main",
    "key": OperationKey("main-1", "claim:1", "refund", 1),
    "reference": "OP-1",
    "order": ORDER,
    "deadline": NOW,
}
REFUND = RefundRequest(**COMMON, amount=TEN, payment_id="pay-1")
FIND = FindRequest("main", COMMON["key"], "OP-1", ORDER)
CHANGE = ProtectionChangeRequest(**COMMON, amount=TEN)

# verb, changing hook, its find, request, outcome
VERBS = [
    (
        "reship",
        "op_create_reship",
        "op_find_reship",
        ReshipRequest(**COMMON, lines=(LineQuantity("1", 1),), address=ORDER.shipping_address),
        Outcome("done", shop_id="1001-R1", order_id="1001-R1"),
    ),
    ("refund", "op_issue_refund", "op_find_refund", REFUND, Outcome("done", shop_id="refund-1", money="moved")),
    (
        "store_credit",
        "op_issue_store_credit",
        "op_find_store_credit",
        StoreCreditRequest(**COMMON, amount=TEN),
        Outcome("done", shop_id="store_credit-1", money="moved"),
    ),
    (
        "charge_protection",
        "op_charge_protection",
        "op_find_protection_change",
        CHANGE,
        Outcome("done", shop_id="charge_protection-1", money="moved"),
    ),
    (
        "refund_protection",
        "op_refund_protection",
        "op_find_protection_change",
        CHANGE,
        Outcome("done", shop_id="refund_protection-1", money="moved"),
    ),
    (
        "note",
        "op_add_note",
        "op_find_note",
        NoteRequest(**COMMON, text=Untrusted("hi")),
        Outcome("done", shop_id="note-1"),
    ),
]


def left(shop):
    return shop.orders["1001"].refundable


@pytest.mark.parametrize(("verb", "hook", "find", "request_", "expected"), VERBS, ids=[row[0] for row in VERBS])
def test_each_verb_acts_once_and_is_found(verb, hook, find, request_, expected):
    """A call acts and answers; its find then finds exactly it, and no other find does."""
    shop = ModelShop([ORDER])

    assert NotFound() == getattr(shop, find)(FIND)
    assert expected == getattr(shop, hook)(request_)
    assert Found(expected) == getattr(shop, find)(FIND)
    assert [(verb, "OP-1", "1001", True)] == [(e.verb, e.reference, e.order_id, e.settled) for e in shop.effects]
    for other in {row[2] for row in VERBS} - {find}:
        assert NotFound() == getattr(shop, other)(FIND)


@pytest.mark.parametrize(
    ("fault", "error", "acted"),
    [
        ("refuse", Refused, False),
        ("not_sent", NotSent, False),
        ("away", ShopAway, False),
        ("raise", RuntimeError, False),
        ("lost", ConnectionError, True),
    ],
)
def test_faults_that_raise(fault, error, acted):
    """Of the faults that raise, only `lost` has acted before."""
    shop = ModelShop([ORDER], faults={("refund", 1): fault})
    with pytest.raises(error, match="scripted"):
        shop.op_issue_refund(REFUND)

    assert acted == bool(shop.effects)
    assert Money(Decimal("50.00" if acted else "60.00"), "USD") == left(shop)
    assert [ShopCall("refund", "OP-1", 1, fault)] == shop.calls


@pytest.mark.parametrize(("fault", "answer"), [("none", None), ("wrong_type", {"id": "1"})])
def test_faults_that_answer_rubbish(fault, answer):
    """Rubbish is answered after the shop has acted, and by a find as well."""
    shop = ModelShop([ORDER], faults=lambda verb, nth: fault)

    assert answer == shop.op_issue_refund(REFUND)
    assert 1 == len(shop.effects)
    assert answer == shop.op_find_refund(FIND)


def test_pending_is_settled_later():
    """A pending refund is found as pending and takes nothing from the payment until it is settled."""
    shop = ModelShop([ORDER], faults={("refund", 1): "pending"})
    pending = Outcome("pending", shop_id="refund-1", money="queued")

    assert pending == shop.op_issue_refund(REFUND)
    assert Found(pending) == shop.op_find_refund(FIND)
    assert Money(Decimal(60), "USD") == left(shop)

    shop.settle("OP-1")

    assert Found(Outcome("done", shop_id="refund-1", money="moved")) == shop.op_find_refund(FIND)
    assert Money(Decimal(50), "USD") == left(shop)
    assert frozenset({"OP-1"}) == shop.orders["1001"].references
    with pytest.raises(LookupError, match="nothing is pending under OP-1"):
        shop.settle("OP-1")


def test_faults_are_counted_by_verb_and_reference():
    """The nth call is the nth of that verb under that reference, so that two actions have scripts of their own."""
    seen = []
    shop = ModelShop([ORDER], faults=lambda verb, nth: seen.append((verb, nth)) or "ok")
    shop.op_issue_refund(REFUND)
    shop.op_find_refund(FIND)
    shop.op_issue_refund(REFUND)
    shop.op_issue_refund(RefundRequest(**(COMMON | {"reference": "OP-2"}), amount=TEN, payment_id="pay-1"))

    assert [("refund", 1), ("find_refund", 1), ("refund", 2), ("refund", 1)] == seen
    assert [REFUND, FIND, REFUND] == shop.requests[:3]


def test_doubles_are_told_and_found():
    """Asked twice it acts twice, and neither guard nor find hides it."""
    shop = ModelShop([ORDER])
    for _ in range(7):
        shop.op_issue_refund(REFUND)

    assert {"OP-1": 7} == shop.doubled()
    assert 6 == len(shop.op_find_refund(FIND).others)
    assert Money(Decimal(-10), "USD") == left(shop)


def test_once_is_not_doubled():
    """One effect under each reference is as it should be."""
    shop = ModelShop([ORDER])
    shop.op_issue_refund(REFUND)

    assert {} == shop.doubled()


def test_a_find_may_lag_and_fail():
    """A find can miss what is there, as a search that lags does, and can fail."""
    shop = ModelShop([ORDER], faults={("find_refund", 1): "hidden", ("find_refund", 2): "raise"})
    shop.op_issue_refund(REFUND)

    assert NotFound() == shop.op_find_refund(FIND)
    with pytest.raises(RuntimeError, match="did not answer"):
        shop.op_find_refund(FIND)
    assert isinstance(shop.op_find_refund(FIND), Found)


def test_without_look_up():
    """A model without look-up says so in its capabilities and cannot tell."""
    shop = ModelShop([ORDER], find=False)

    assert CannotTell("this model has no look-up") == shop.op_find_refund(FIND)
    assert Support.UNSUPPORTED == shop.capabilities["op_find_refund"].support
    assert Support.SUPPORTED == shop.capabilities["op_issue_refund"].support
    assert set(ADDRESSED) == set(shop.capabilities) == set(ModelShop().capabilities)


def test_it_is_an_adapter():
    """It registers as an adapter does, and answers every addressed hook."""
    manager = register(ModelShop([ORDER]), {})

    assert [] == [hook for hook in ADDRESSED if not getattr(manager.hook, hook).get_hookimpls()]
    assert ORDER == manager.hook.op_get_order(request=GetOrderRequest("main", "1001"))
    assert ModelShop.Settings() == ModelShop.Settings.model_validate({})


def test_reading():
    """Orders are paged by time of change; stock, parcels and products are as they were given."""
    later = [an_order(id=str(n), number=f"#{n}", updated_at=NOW + timedelta(hours=n // 2)) for n in range(5)]
    parcel = Fulfillment("f1", "1", "DELIVERED", (), NOW)
    mug, lamp = (Product(name, name, Money(12, "USD")) for name in ("mug", "lamp"))
    shop = ModelShop(reversed([ORDER, *later]), stock={"1": 4}, parcels=(parcel,), products=(mug, lamp))
    ids, cursor, done = [], None, False
    while not done:
        page = shop.op_export_orders(ExportOrdersRequest("main", cursor=cursor, limit=2))
        cursor, done = page.cursor, page.done
        ids += [order.id for order in page.orders]

    assert ["1001", "0", "1", "2", "3", "4"] == ids
    recent = shop.op_export_orders(ExportOrdersRequest("main", since=NOW + timedelta(hours=1)))
    assert ["2", "3", "4"] == [order.id for order in recent.orders]
    lines = (LineQuantity("1", 1), LineQuantity("2", 1))
    assert (Stock("1", 4), Stock("2")) == shop.op_check_stock(CheckStockRequest("main", ORDER, lines))
    assert {"1": (parcel,), "2": ()} == shop.op_lookup_fulfillments(LookupFulfillmentsRequest("main", ("1", "2")))
    first = shop.op_export_products(ExportProductsRequest("main", limit=1))
    last = shop.op_export_products(ExportProductsRequest("main", cursor=first.cursor, limit=1))
    assert (ProductPage((mug,), "1", done=False), (lamp,), True) == (first, last.products, last.done)
    with pytest.raises(OrderNotFound, match="no order 77"):
        shop.op_get_order(GetOrderRequest("main", "77"))


def test_an_order_adds_up():
    """The usual order is paid in full, and any field of it can be changed."""
    order = an_order(status="paid")

    assert order.total == order.paid == order.refundable == order.subtotal + order.shipping
    assert ("paid", None) == (order.status, order.premium_paid)
