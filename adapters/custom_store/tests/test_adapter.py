"""What each hook asks the backend, and what it makes of the answers, in both colours."""

from __future__ import annotations

import asyncio
import inspect
import sys
import tomllib
import types
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from op_custom_store import CustomStoreAdapter, CustomStoreSettings
from op_custom_store.client import METHODS

from op_core.capabilities import Capability, Support
from op_core.errors import ContractBroken, NotSent, NotSupported, OrderNotFound, Refused
from op_core.hooks import ADDRESSED
from op_core.models import (
    CannotTell,
    Found,
    Fulfillment,
    LineQuantity,
    NotFound,
    OrderPage,
    Outcome,
    ProductPage,
    Stock,
)
from op_core.money import Money
from op_core.plugins import StoreInfo, register
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
from op_core.stubs import (
    Backend,
    GrantedRefund,
    OrderNote,
    ProtectionChange,
    RefundInterface,
    ReplacementOrder,
    StoreCredit,
)
from op_core.testing.model_shop import an_order
from op_core.untrusted import Untrusted

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REFERENCE = "OP-TEST1"
ORDER = an_order()
TEN = Money(Decimal("10.00"), "USD")
COMMON = {
    "store": "main",
    "key": OperationKey("main-1", "claim:1", "refund", 1),
    "reference": REFERENCE,
    "order": ORDER,
    "deadline": NOW,
}
LINES = (LineQuantity("1", 1),)
FIND = FindRequest("main", COMMON["key"], REFERENCE, ORDER, amount=TEN)
REFUND = RefundRequest(**COMMON, amount=TEN, payment_id="pay-1")

REFUNDED = GrantedRefund("r1", TEN, REFERENCE, "moved")
REPLACED = ReplacementOrder("o2", "#2", REFERENCE, ORDER.id)
CREDITED = StoreCredit("c1", TEN, REFERENCE)
CHANGED = ProtectionChange("p1", TEN, REFERENCE, "booked")
NOTED = OrderNote("n1", REFERENCE)
PARCEL = Fulfillment("f1", ORDER.id, "IN_TRANSIT", LINES, NOW)

ORDERS = OrderPage((ORDER,), None, done=True)
PRODUCTS = ProductPage((), None, done=True)

# hook, request, what the backend's method is called with, what it answers, what the hook answers
READS = [
    ("op_export_orders", ExportOrdersRequest("main", NOW, "c", 5), (NOW, "c", 5), ORDERS, ORDERS),
    ("op_export_products", ExportProductsRequest("main", NOW, "c", 5), (NOW, "c", 5), PRODUCTS, PRODUCTS),
    ("op_get_order", GetOrderRequest("main", ORDER.id), (ORDER.id,), ORDER, ORDER),
    (
        "op_lookup_fulfillments",
        LookupFulfillmentsRequest("main", (ORDER.id, "9")),
        ((ORDER.id, "9"),),
        [PARCEL],
        {ORDER.id: (PARCEL,)},
    ),
    ("op_check_stock", CheckStockRequest("main", ORDER, LINES), (ORDER, LINES), [Stock("1", 3)], (Stock("1", 3),)),
]
DONE_REFUND = Outcome("done", shop_id="r1", money="moved")
DONE_RESHIP = Outcome("done", shop_id="o2", order_id="o2")
DONE_CREDIT = Outcome("done", shop_id="c1", money="moved")
DONE_CHANGE = Outcome("done", shop_id="p1", money="booked")
DONE_NOTE = Outcome("done", shop_id="n1")
RESHIP = ReshipRequest(**COMMON, lines=LINES, address=ORDER.shipping_address)
CREDIT = StoreCreditRequest(**COMMON, amount=TEN)
CHANGE = ProtectionChangeRequest(**COMMON, amount=TEN)
NOTE = NoteRequest(**COMMON, text=Untrusted("hello"))
WRITES = [
    ("op_create_reship", RESHIP, REPLACED, DONE_RESHIP),
    ("op_issue_refund", REFUND, REFUNDED, DONE_REFUND),
    ("op_issue_store_credit", CREDIT, CREDITED, DONE_CREDIT),
    ("op_charge_protection", CHANGE, CHANGED, DONE_CHANGE),
    ("op_refund_protection", CHANGE, CHANGED, DONE_CHANGE),
    ("op_add_note", NOTE, NOTED, DONE_NOTE),
]
FINDS = [
    ("op_find_reship", REPLACED, DONE_RESHIP),
    ("op_find_refund", REFUNDED, DONE_REFUND),
    ("op_find_store_credit", CREDITED, DONE_CREDIT),
    ("op_find_protection_change", CHANGED, DONE_CHANGE),
    ("op_find_note", NOTED, DONE_NOTE),
]


class Told(Backend):
    """A backend that answers one method as it was told, and keeps what it was asked."""

    def __init__(self, method, answer, *, awaited):
        """Take the method's name and its answer, or the error that it raises."""
        self.asked = None

        def now(*arguments):
            self.asked = arguments
            if isinstance(answer, Exception):
                raise answer
            return answer

        async def later(*arguments):
            await asyncio.sleep(0)
            return now(*arguments)

        setattr(self, method, later if awaited else now)


@pytest.fixture
def connect():
    """Make an adapter of a ready backend, which an importable module holds for the time of the test."""
    name = "a_shop_for_tests"
    module = sys.modules[name] = types.ModuleType(name)

    def connected(backend):
        module.backend = backend
        info = StoreInfo("main", "main-1", Path())
        return CustomStoreAdapter(CustomStoreSettings(backend=f"{name}:backend"), info)

    yield connected
    del sys.modules[name]


@pytest.fixture(params=[False, True], ids=["def", "async def"])
def ask(request, connect):
    """Call one hook through op-core's own manager, of a backend that answers it so; return answer and arguments."""

    def asked(hook, question, answer):
        backend = Told(METHODS[hook], answer, awaited=request.param)
        manager = register(connect(backend), {})
        got = getattr(manager.hook, hook)(request=question)
        assert request.param == inspect.isawaitable(got)
        if request.param:

            async def wait():
                return await got

            got = asyncio.run(wait())
        return got, backend.asked

    return asked


# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hook", "question", "arguments", "answer", "expected"), READS, ids=[row[0] for row in READS])
def test_reading(ask, hook, question, arguments, answer, expected):
    """Each reading hook asks its method with the request's facts and passes its answer on."""
    assert (expected, arguments) == ask(hook, question, answer)


@pytest.mark.parametrize(("hook", "question", "answer", "expected"), WRITES, ids=[row[0] for row in WRITES])
def test_changing(ask, hook, question, answer, expected):
    """Each changing hook hands over its request and makes an outcome of what was made."""
    assert (expected, (question,)) == ask(hook, question, answer)


@pytest.mark.parametrize(("hook", "made", "expected"), FINDS, ids=[row[0] for row in FINDS])
def test_finding(ask, hook, made, expected):
    """Each find asks by reference and order: nothing is NotFound, one Found, more are Found with the others."""
    other = attrs.evolve(made, id="again")

    assert (NotFound(), (REFERENCE, ORDER)) == ask(hook, FIND, [])
    assert Found(expected) == ask(hook, FIND, [made])[0]
    assert ("again",) == tuple(one.shop_id for one in ask(hook, FIND, (made, other))[0].others)


@pytest.mark.parametrize("hook", [row[0] for row in FINDS])
def test_a_find_that_is_not_supported_cannot_tell(ask, hook):
    """A shop that cannot look says so with its reason; that is never NotFound."""
    assert CannotTell("no search") == ask(hook, FIND, NotSupported("no search"))[0]


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        ("moved", Outcome("done", shop_id="r1", money="moved")),
        ("booked", Outcome("done", shop_id="r1", money="booked")),
        ("queued", Outcome("pending", shop_id="r1", money="queued")),
    ],
)
def test_how_money_moved(ask, money, expected):
    """Money that the shop's own job will pay is pending; the other two are done and keep their word."""
    made = attrs.evolve(REFUNDED, money=money)

    assert expected == ask("op_issue_refund", REFUND, made)[0]
    assert Found(expected) == ask("op_find_refund", FIND, [made])[0]


def test_no_order(ask):
    """None for an order is OrderNotFound."""
    with pytest.raises(OrderNotFound, match="no order '7'"):
        ask("op_get_order", GetOrderRequest("main", "7"), None)


@pytest.mark.parametrize("error", [Refused("no"), NotSent("down"), NotSupported("never"), ConnectionError("lost")])
def test_errors_of_a_change_pass_through(ask, error):
    """What the backend raises in a change reaches op-core as it is."""
    with pytest.raises(type(error), match=str(error)):
        ask("op_issue_refund", REFUND, error)


# --- Wrong answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", sorted({row[0] for row in [*READS, *WRITES, *FINDS]} - {"op_get_order"}))
@pytest.mark.parametrize("answer", [None, True, {"id": "r1"}, "done"], ids=repr)
def test_wrong_types_break_the_contract(ask, hook, answer):
    """None, a dictionary or a bare word from any method is an error, never a success and never NotFound."""
    questions = {row[0]: row[1] for row in [*READS, *WRITES]}

    with pytest.raises(ContractBroken, match=f"{METHODS[hook]} answered (None|a )"):
        ask(hook, questions.get(hook, FIND), answer)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reference": "OP-OTHER"}, "reference 'OP-OTHER'; expected 'OP-TEST1'"),
        ({"amount": Money(Decimal(9), "USD")}, "9.00 USD under OP-TEST1; expected 10.00 USD"),
        ({"amount": Money(Decimal(10), "EUR")}, "10.00 EUR under OP-TEST1; expected 10.00 USD"),
        ({"money": "paid"}, "money 'paid'; expected 'moved', 'queued' or 'booked'"),
    ],
)
def test_a_refund_that_is_not_the_one_asked_for(ask, changes, said):
    """Another reference, amount or currency, or an unknown word for the money, does not pass as done."""
    with pytest.raises(ContractBroken, match=said):
        ask("op_issue_refund", REFUND, attrs.evolve(REFUNDED, **changes))


def test_a_find_of_another_amount_is_for_a_person(ask):
    """One effect of another amount cannot be told to be ours; two are doubled whatever they are worth."""
    other = attrs.evolve(REFUNDED, amount=Money(Decimal(9), "USD"))

    expected = CannotTell("the shop holds 9.00 USD under OP-TEST1; expected 10.00 USD")
    assert expected == ask("op_find_refund", FIND, [other])[0]
    assert Found(DONE_REFUND, (DONE_REFUND,)) == ask("op_find_refund", FIND, [other, REFUNDED])[0]


def test_a_find_of_another_reference_breaks_the_contract(ask):
    """A backend that forgets to filter by reference is not believed."""
    with pytest.raises(ContractBroken, match="'OP-OTHER'"):
        ask("op_find_refund", FIND, [attrs.evolve(REFUNDED, reference="OP-OTHER")])


def test_unrounded_sums_are_the_same_amount(ask):
    """A shop that holds more digits than the currency has still answers for the same refund."""
    made = attrs.evolve(REFUNDED, amount=Money(Decimal("10.004"), "USD"))

    assert DONE_REFUND == ask("op_issue_refund", REFUND, made)[0]


def test_a_replacement_of_another_order(ask):
    """A replacement of another order does not pass as done."""
    with pytest.raises(ContractBroken, match="replacement of order '5'; expected one of '1001'"):
        ask("op_create_reship", RESHIP, attrs.evolve(REPLACED, original_id="5"))


@pytest.mark.parametrize(
    ("hook", "question", "answer", "said"),
    [
        ("op_get_order", GetOrderRequest("main", "7"), ORDER, "answered order '1001'; asked for was '7'"),
        ("op_get_order", GetOrderRequest("main", "7"), "an order", "answered a str; expected a Order"),
        ("op_export_orders", ExportOrdersRequest("main"), OrderPage((), None, done=False), "not done and has no cur"),
        ("op_lookup_fulfillments", LookupFulfillmentsRequest("main", ("9",)), [PARCEL], "not asked for"),
        ("op_check_stock", CheckStockRequest("main", ORDER, LINES), [], "says nothing of line '1'"),
    ],
)
def test_wrong_facts_break_the_contract(ask, hook, question, answer, said):
    """Another order, an endless page, a stranger's parcel and a forgotten line are errors."""
    with pytest.raises(ContractBroken, match=said):
        ask(hook, question, answer)


# --- Capabilities ----------------------------------------------------------------------------------------------------


def test_every_addressed_hook_has_its_method():
    """No hook without a method of the stubs, and no method of the stubs without a hook."""
    stubs = {name for name in dir(Backend) if not name.startswith("_")}

    assert set(ADDRESSED) == set(METHODS)
    assert stubs == set(METHODS.values())


def test_what_is_overridden_is_supported(connect):
    """A method that the backend overrides is supported; each other one is not, with the reason and a near name."""

    class Shop(Backend):
        def order(self, order_id):
            return None

        def grant_refund(self, request):
            return REFUNDED

        def find_refund(self, reference, order):
            return []

    said = connect(Shop()).capabilities

    assert {"op_get_order", "op_issue_refund"} == {hook for hook, one in said.items() if one.usable}
    assert set(ADDRESSED) == set(said)
    reason = "Shop does not override find_refunds; the nearest is 'find_refund'"
    assert Capability(Support.UNSUPPORTED, reason) == said["op_find_refund"]


def test_the_backend_has_the_last_word(connect):
    """A backend's own mapping overrides what is seen of its methods."""
    partial = Capability(Support.PARTIAL, "cards only")

    class Shop(Backend):
        capabilities = {"op_issue_refund": partial}  # noqa: RUF012 - as a shop's author would write it

        def order(self, order_id):
            return None

    said = connect(Shop()).capabilities

    assert partial == said["op_issue_refund"]
    assert Support.SUPPORTED == said["op_get_order"].support


def test_an_object_with_some_of_the_methods(connect):
    """Any object with `order` will do; what it lacks is unsupported and raises NotSupported when it is asked."""

    class Shop(RefundInterface):
        def order(self, order_id):
            return ORDER

    adapter = connect(Shop())

    assert ["op_get_order"] == [hook for hook, one in adapter.capabilities.items() if one.usable]
    assert ORDER == adapter.op_get_order(GetOrderRequest("main", ORDER.id))
    with pytest.raises(NotSupported, match="add_note is not overridden"):
        adapter.op_add_note(NOTE)
    assert CannotTell("find_notes is not overridden") == adapter.op_find_note(FIND)


def test_a_ready_backend_is_not_closed(connect):
    """An object that the shop made stays open when the store closes."""
    backend = Told("order", ORDER, awaited=False)
    backend.close = lambda: pytest.fail("closed")

    connect(backend).close()


def test_the_entry_point_names_the_class():
    """The distribution's entry point is this adapter, under the name of the settings."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["entry-points"]["op_core.adapters"]["custom_store"].partition(":")

    assert CustomStoreAdapter is getattr(sys.modules[module], name)
    assert CustomStoreSettings is CustomStoreAdapter.Settings
