"""The demo shop: what it shows, what it does, what it refuses, and that it can double."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from op_core.demo import tables
from op_core.demo.shop import DemoShop
from op_core.errors import NotSent, Refused, SettingsError
from op_core.models import Address, Fulfillment, LineQuantity, Payment, Product, Stock
from op_core.money import Money
from op_core.requests import (
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.stubs import Backend
from op_core.testing.model_shop import an_order
from op_core.untrusted import Untrusted

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SOLD = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = OperationKey("main-1", "claim:1", "refund", 1)
MUG, BOOK = LineQuantity("1", 2), LineQuantity("2", 1)


def usd(amount):
    return Money(Decimal(amount), "USD")


@pytest.fixture
def shop(tmp_path):
    """A shop with one order of two mugs and a notebook, three mugs in stock, under a clock that stands still."""
    made = DemoShop("shop.db", directory=tmp_path, clock=lambda: NOW)
    made.add_product(Product("m", "Blue mug", usd("20.00"), quantity=3, sku="MUG-BLUE"), updated_at=SOLD)
    made.add_product(Product("b", "Notebook", usd("15.00"), sku="BOOK-3"), updated_at=SOLD)
    made.add_order(an_order())
    return made


def common(shop, reference="OP-1", order_id="1001"):
    order = shop.order(order_id) or an_order(id=order_id)
    return {"store": "main", "key": KEY, "reference": reference, "order": order, "deadline": NOW}


def refund(shop, amount, reference="OP-1", payment="pay-1", lines=(), order_id="1001"):
    asked = common(shop, reference, order_id)
    return RefundRequest(**asked, amount=usd(amount), payment_id=payment, lines=lines, reason="lost")


def reship(shop, *lines, reference="OP-1", **changes):
    address = Address(city="Exampleville", country="US")
    return ReshipRequest(**common(shop, reference), lines=lines, address=address, **changes)


def premium(shop, amount, reference="OP-1"):
    return ProtectionChangeRequest(**common(shop, reference), amount=usd(amount))


def pages(shop, limit, since=None):
    cursor, done, ids = None, False, []
    while not done:
        page = shop.changed_orders(since, cursor, limit)
        cursor, done = page.cursor, page.done
        ids += [order.id for order in page.orders]
    return ids, cursor


# --- Settings ----------------------------------------------------------------------------------------------------


def test_the_folder_must_be_there(tmp_path):
    """A database in a folder that does not exist is a mistake in the settings."""
    with pytest.raises(SettingsError, match=r"'no/shop\.db', whose folder does not exist"):
        DemoShop("no/shop.db", directory=tmp_path)


def test_a_file_that_is_no_database(tmp_path):
    """Another kind of file is left alone and named."""
    (tmp_path / "shop.db").write_text("this is a text, and a long one at that; no database begins like this")
    with pytest.raises(SettingsError, match=r"'shop.db' is no SQLite file"):
        DemoShop("shop.db", directory=tmp_path)


def test_everything_is_overridden():
    """The demo shop can do all that the stubs offer."""
    stubs = [name for name in dir(Backend) if not name.startswith("_")]

    assert [] == [name for name in stubs if getattr(DemoShop, name) is getattr(Backend, name)]


# --- Reading -----------------------------------------------------------------------------------------------------


def test_an_order_is_read_as_it_was_added(shop):
    """What goes in comes out, to the last field that the shop keeps."""
    zero = usd("0.00")
    stored = an_order(
        status="",
        tax=zero,
        shipping_tax=zero,
        discount=zero,
        lines=tuple(attrs.evolve(line, tax=zero, discount=zero) for line in an_order().lines),
    )

    assert stored == shop.order("1001")
    assert None is shop.order("7")


@pytest.mark.parametrize(("currency", "text"), [("JPY", "1200"), ("USD", "12.34"), ("BHD", "1.234"), ("CLF", "1.2345")])
def test_money_keeps_its_digits(shop, currency, text):
    """Amounts survive in currencies of no, two, three and four digits."""
    amount = Money(Decimal(text), currency)
    order = an_order(
        id="2", number="#2", currency=currency, total=amount, subtotal=amount, lines=(), payments=(), shipping=None
    )
    shop.add_order(order)

    assert amount == shop.order("2").total


def test_parcels(shop):
    """Parcels come back with their items and tracking, only those of the orders asked for."""
    parcel = Fulfillment(
        "f1",
        "1001",
        "IN_TRANSIT",
        (MUG, LineQuantity("2", 1)),
        SOLD,
        updated_at=NOW,
        tracking_company="Example Post",
        tracking_numbers=("EX1",),
        tracking_urls=("https://track.example.com/EX1",),
    )
    bare = Fulfillment("f2", "2", "UNFULFILLED", (), SOLD, updated_at=SOLD)
    shop.add_order(an_order(id="2", number="#2", lines=(), payments=()), [bare])
    shop.add_order(
        an_order(
            id="3",
            number="#3",
            lines=(attrs.evolve(an_order().lines[0], id="31"),),
            payments=(),
        ),
        [attrs.evolve(parcel, id="f3", order_id="3", lines=(LineQuantity("31", 1),))],
    )

    assert [bare] == list(shop.fulfillments(["1001", "2"]))
    assert ("EX1",) == shop.fulfillments(["3"])[0].tracking_numbers
    assert (LineQuantity("31", 1),) == shop.fulfillments(["3"])[0].lines


def test_stock_is_of_what_a_line_sold(shop):
    """Stock is told by line; what is not counted is None."""
    assert [Stock("1", 3), Stock("2", None)] == shop.stock(shop.order("1001"), [MUG, BOOK])


def test_products_are_paged(shop):
    """Products come in pages, with their stock."""
    first = shop.products(None, None, 1)
    last = shop.products(None, first.cursor, 1)

    assert [("b", None, False), ("m", 3, True)] == [
        (page.products[0].id, page.products[0].quantity, page.done) for page in (first, last)
    ]


# --- Paging ------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(minutes=st.lists(st.integers(0, 3), min_size=0, max_size=12), limit=st.integers(1, 5))
def test_paging_skips_nothing_under_equal_times(tmp_path_factory, minutes, limit):
    """Every order comes once, oldest change first, however many share a time and however small the page."""
    shop = DemoShop("shop.db", directory=tmp_path_factory.mktemp("shop"))
    for n, minute in enumerate(minutes):
        at = SOLD + timedelta(minutes=minute)
        shop.add_order(an_order(id=f"{n:02}", number=f"#{n}", updated_at=at, lines=(), payments=()))

    expected = [f"{n:02}" for minute, n in sorted((minute, n) for n, minute in enumerate(minutes))]
    assert expected == pages(shop, limit)[0]
    late = [f"{n:02}" for minute, n in sorted((minute, n) for n, minute in enumerate(minutes)) if minute >= 2]
    assert late == pages(shop, limit, since=SOLD + timedelta(minutes=2))[0]


def test_a_change_comes_after_the_cursor_even_if_the_clock_stands_still(shop):
    """An order that changes at the very time that was read last is in the next page."""
    shop.add_order(an_order(id="2", number="#2", updated_at=NOW, lines=(), payments=()))
    _, cursor = pages(shop, 10)

    shop.add_note(NoteRequest(**common(shop), text=Untrusted("hello")))

    page = shop.changed_orders(None, cursor, 10)
    assert ["1001"] == [order.id for order in page.orders]
    assert ((), True) == (shop.changed_orders(None, page.cursor, 10).orders, page.done)


def test_a_strange_cursor(shop):
    """A cursor that this shop did not give is named as such."""
    for cursor in ("nonsense", "e30=", "é"):
        with pytest.raises(ValueError, match="none that this shop gave"):
            shop.changed_orders(None, cursor, 10)


# --- Effects -----------------------------------------------------------------------------------------------------


def test_a_refund(shop):
    """A refund is kept under its reference, reduces what is left of that payment, and moves the time of change."""
    made = shop.grant_refund(refund(shop, "12.50", lines=(LineQuantity("1", 1),)))
    order = shop.order("1001")

    assert ("OP-1", usd("12.50"), "moved") == (made.reference, made.amount, made.money)
    assert [made] == shop.find_refunds("OP-1", order)
    assert [] == shop.find_refunds("OP-2", order)
    assert usd("47.50") == order.refundable
    assert [1, 0] == [line.refunded_quantity for line in order.lines]
    assert (frozenset({"OP-1"}), NOW) == (order.references, order.updated_at)


def test_a_queued_refund_is_settled(tmp_path):
    """A shop whose job pays later says queued until it has; what is queued is no longer left."""
    shop = DemoShop("shop.db", directory=tmp_path, refund_money="queued")
    shop.add_order(an_order())

    assert "queued" == shop.grant_refund(refund(shop, "12.50")).money
    assert usd("47.50") == shop.order("1001").refundable
    assert 1 == shop.settle_refunds()
    assert ["moved"] == [one.money for one in shop.find_refunds("OP-1", an_order())]
    assert 0 == shop.settle_refunds()


def test_a_replacement(shop):
    """A replacement is an order of its own at price 0 that keeps the reference and takes the units from stock."""
    made = shop.create_replacement(reship(shop, LineQuantity("1", 1), BOOK))
    order = shop.order(made.id)

    assert ("1001-R1", "#1001-R1", "OP-1", "1001") == (made.id, made.number, made.reference, made.original_id)
    assert [made] == shop.find_replacements("OP-1", order)
    assert (usd("0"), usd("0"), ()) == (order.total, order.paid, order.payments)
    assert [("MUG-BLUE", 1, usd("0")), ("BOOK-3", 1, usd("0"))] == [
        (line.sku, line.quantity, line.unit_price) for line in order.lines
    ]
    assert ("1001", frozenset({"OP-1"}), "Exampleville") == (
        order.replaces,
        order.references,
        order.shipping_address.city,
    )
    assert [Stock("1", 2)] == shop.stock(shop.order("1001"), [MUG])
    assert frozenset() == shop.order("1001").references


def test_a_replacement_may_leave_stock_alone(shop):
    """Without the stock rule nothing is taken."""
    shop.create_replacement(reship(shop, MUG, take_stock=False))

    assert [Stock("1", 3)] == shop.stock(shop.order("1001"), [MUG])


def test_store_credit(shop):
    """Credit is kept under its reference and leaves the payments alone."""
    made = shop.issue_store_credit(StoreCreditRequest(**common(shop), amount=usd("5.00")))

    assert [made] == shop.find_store_credits("OP-1", an_order())
    assert ("OP-1", usd("5.00"), "moved") == (made.reference, made.amount, made.money)
    assert usd("60.00") == shop.order("1001").refundable


def test_protection_is_billed_and_given_back(shop):
    """A charge is a further payment that raises premium and total; a give-back comes from a payment."""
    charged = shop.charge_protection(premium(shop, "2.95"))
    order = shop.order("1001")
    assert (usd("2.95"), usd("62.95"), usd("62.95")) == (order.premium_paid, order.total, order.paid)

    back = shop.refund_protection(premium(shop, "2.95", "OP-2"))

    assert [charged] == shop.find_protection_changes("OP-1", order)
    assert [back] == shop.find_protection_changes("OP-2", order)
    assert usd("60.00") == shop.order("1001").refundable
    with pytest.raises(Refused, match=r"0.01 USD is more than the 0.00 USD left of the premium"):
        shop.refund_protection(premium(shop, "0.01", "OP-3"))


def test_a_premium_that_is_a_line_is_given_back(shop):
    """A premium that was sold as a line is a premium too, and a charge adds to it."""
    line = attrs.evolve(an_order().lines[0], id="p", quantity=1, unit_price=usd("3.00"), is_protection=True)
    payment = Payment("pay-2", usd("60.00"), usd("0.00"))
    shop.add_order(an_order(id="2", number="#2", lines=(line,), payments=(payment,)))
    asked = attrs.evolve(premium(shop, "1.00"), order=shop.order("2"))

    shop.charge_protection(asked)

    assert usd("4.00") == shop.order("2").premium_paid
    assert usd("4.00") == shop.refund_protection(attrs.evolve(asked, amount=usd("4.00"))).amount


def test_a_note(shop):
    """A note is kept under its reference."""
    made = shop.add_note(NoteRequest(**common(shop), text=Untrusted("<b>hello</b>")))

    assert [made] == shop.find_notes("OP-1", an_order())


# --- Counting ----------------------------------------------------------------------------------------------------


def test_the_shop_doubles_if_it_is_asked_to(shop):
    """Nothing in the shop keeps a reference from being used twice; its own tables show where that happened."""
    for _ in range(2):
        shop.grant_refund(refund(shop, "10.00"))
        shop.issue_store_credit(StoreCreditRequest(**common(shop, "OP-2"), amount=usd("1.00")))
        shop.create_replacement(reship(shop, LineQuantity("1", 1), reference="OP-3"))
        shop.charge_protection(premium(shop, "1.00", "OP-4"))
        shop.refund_protection(premium(shop, "1.00", "OP-5"))
        shop.add_note(NoteRequest(**common(shop, "OP-6"), text=Untrusted("hello")))
    shop.grant_refund(refund(shop, "1.00", "OP-7"))

    assert {f"OP-{n}": 2 for n in range(1, 7)} == shop.doubled()
    assert {
        "refund": 3,
        "store_credit": 2,
        "replacement": 2,
        "protection_charge": 2,
        "protection_refund": 2,
        "note": 2,
    } == shop.count_effects()
    assert [("refund", "1001", usd("10.00"))] * 2 == [(o.kind, o.order_id, o.amount) for o in shop.effects("OP-1")]


def test_nothing_done_nothing_counted(shop):
    """A sale is no effect."""
    assert ({}, {}, []) == (shop.count_effects(), shop.doubled(), shop.effects())


# --- Guards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": usd("60.01")}, "60.01 USD is more than the 60.00 USD left of payment pay-1"),
        ({"amount": usd("0")}, "0.00 USD is not above zero"),
        ({"amount": usd("-1")}, "-1.00 USD is not above zero"),
        ({"amount": usd("1.005")}, "1.005 USD has more digits than USD has"),
        ({"amount": Money(Decimal(1), "EUR")}, "1.00 EUR is not in the currency of order 1001, USD"),
        ({"payment_id": "pay-9"}, "order 1001 has no payment pay-9"),
        ({"lines": (LineQuantity("9", 1),)}, "lines that order 1001 does not have"),
        ({"order": an_order(id="7")}, "no order '7'"),
    ],
)
def test_refunds_that_are_refused(shop, changes, said):
    """What cannot be given back is refused with its figures, and nothing has changed."""
    before = shop.order("1001")
    with pytest.raises(Refused, match=said):
        shop.grant_refund(attrs.evolve(refund(shop, "1.00"), **changes))

    assert ({}, before) == (shop.count_effects(), shop.order("1001"))


def test_never_more_than_is_left(shop):
    """Refunds and given back premiums together stay within the payment."""
    shop.grant_refund(refund(shop, "59.00"))
    with pytest.raises(Refused, match=r"1.01 USD is more than the 1.00 USD left"):
        shop.grant_refund(refund(shop, "1.01", "OP-2"))

    shop.grant_refund(refund(shop, "1.00", "OP-3"))
    assert usd("0") == shop.order("1001").refundable


@pytest.mark.parametrize(
    ("lines", "changes", "said"),
    [
        ([LineQuantity("1", 3)], {}, "3 units of line 1 are wanted; 2 were sold"),
        ([LineQuantity("1", 0)], {}, "0 units of line 1 are wanted"),
        ([LineQuantity("9", 1)], {}, "line 9 are wanted; no such goods were sold"),
        ([], {}, "needs a line"),
        ([MUG], {"unit_price": Decimal(1)}, "costs nothing"),
        ([MUG], {"tax": Decimal(1)}, "costs nothing"),
    ],
)
def test_replacements_that_are_refused(shop, lines, changes, said):
    """Units that were not sold, and a replacement at a price, are refused, and nothing has changed."""
    before = shop.order("1001")
    with pytest.raises(Refused, match=said):
        shop.create_replacement(reship(shop, *lines, **changes))

    assert ({}, before, None) == (shop.count_effects(), shop.order("1001"), shop.order("1001-R1"))


def test_stock_never_falls_below_zero(shop):
    """A replacement that stock cannot serve is refused whole: nothing of it is taken."""
    shop.create_replacement(reship(shop, MUG))
    with pytest.raises(Refused, match="2 of MUG-BLUE are wanted, 1 are in stock"):
        shop.create_replacement(reship(shop, BOOK, MUG, reference="OP-2"))

    assert [Stock("1", 1)] == shop.stock(shop.order("1001"), [MUG])
    assert {"replacement": 1} == shop.count_effects()


# --- At once -----------------------------------------------------------------------------------------------------


def at_once(calls):
    """Run the calls in threads that start together; return what each returned or raised."""
    start, results = threading.Barrier(len(calls)), []

    def run(call):
        start.wait()
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_threads_cannot_refund_the_same_remainder(shop):
    """Of several refunds of all that is left, made at once, one succeeds and the others are refused."""
    asked = [refund(shop, "60.00", f"OP-{n}") for n in range(4)]

    results = at_once([lambda one=one: shop.grant_refund(one) for one in asked])

    assert ["GrantedRefund", "Refused", "Refused", "Refused"] == sorted(type(one).__name__ for one in results)
    assert usd("0") == shop.order("1001").refundable


def test_two_threads_cannot_take_the_same_stock(shop):
    """Of two replacements for the last units, made at once, one succeeds."""
    asked = [reship(shop, MUG, reference=f"OP-{n}") for n in range(2)]

    results = at_once([lambda one=one: shop.create_replacement(one) for one in asked])

    assert ["Refused", "ReplacementOrder"] == sorted(type(one).__name__ for one in results)


def test_changes_at_once_have_times_of_their_own(shop):
    """Effects made at once never share a time of change with one another."""
    for n in range(4):
        shop.add_order(an_order(id=f"{n}", number=f"#{n}", lines=(), payments=()))
    asked = [NoteRequest(**common(shop, f"OP-{n}", f"{n}"), text=Untrusted("hello")) for n in range(4)]

    at_once([lambda one=one: shop.add_note(one) for one in asked])

    assert 4 == len({shop.order(f"{n}").updated_at for n in range(4)})


def test_a_shop_that_cannot_be_opened_was_not_reached(shop, tmp_path):
    """A change that could not begin says NotSent: surely nothing was done."""
    asked = refund(shop, "1.00")
    for file in tmp_path.glob("shop.db*"):
        file.unlink()
    (tmp_path / "shop.db").mkdir()

    with pytest.raises(NotSent, match="cannot be opened"):
        shop.grant_refund(asked)


def test_what_is_raised_in_a_transaction_undoes_it(shop, tmp_path):
    """A change that fails half way leaves nothing behind."""

    def fail():
        with tables.writing(tmp_path / "shop.db") as connection:
            connection.execute("UPDATE products SET quantity = 1")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()

    assert [Stock("1", 3)] == shop.stock(shop.order("1001"), [MUG])
