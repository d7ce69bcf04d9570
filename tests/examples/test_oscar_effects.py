"""The Oscar example writes what Oscar itself would write, once, and takes no cent too many."""

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from op_core.errors import NotSent, NotSupported, Refused
from op_core.models import Address, LineQuantity
from op_core.money import Money
from op_core.requests import NoteRequest, OperationKey, ProtectionChangeRequest, RefundRequest, ReshipRequest
from op_core.untrusted import Untrusted

NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)  # the shop's clock
ELSEWHERE = Address("Test", "Customer", "", "1 Example St", "", "Leeds", "", "LS1 4AP", "GB", "+440000000000")


def usd(amount):
    return Money(Decimal(amount), "USD")


def common(shop, order_id, reference="OP-abc123", claim="c-1"):
    key = OperationKey("oscar-main", "claim:c-1", "refund", 1)
    deadline = NOW + timedelta(seconds=30)
    order = shop.order(order_id)
    return {
        "store": "main",
        "key": key,
        "reference": reference,
        "order": order,
        "deadline": deadline,
        "claim_id": claim,
    }


def refund(shop, order_id, payment, amount, *lines, **asked):
    return RefundRequest(**common(shop, order_id, **asked), amount=usd(amount), payment_id=payment, lines=lines)


def reship(shop, order_id, *lines, address=None, take_stock=True, **asked):
    given = common(shop, order_id, **asked)
    to = address or given["order"].shipping_address
    return ReshipRequest(**given, lines=lines, address=to, take_stock=take_stock)


def sound(sql):
    """Nothing points to a row that is not there, and no source gave back more than it took."""
    assert [] == sql("pragma foreign_key_check")
    assert [("ok",)] == sql("pragma integrity_check")
    assert [] == sql("select id from payment_source where round(amount_refunded - amount_debited, 2) > 0")


def test_a_replacement_is_an_order_that_costs_nothing(shop, sql):
    """It is Oscar's own kind of order, at price 0, allocated, to the same address, and both orders say so."""
    before = sql("select num_allocated from partner_stockrecord where id = 11")[0][0]
    asked = reship(shop, "2", LineQuantity("4", 1))
    made = shop.create_replacement(asked)
    order, original = shop.order(made.id), shop.order("2")

    assert ("RS-abc123", "2", "OP-abc123") == (made.number, made.original_id, made.reference)
    assert ("2", frozenset({"OP-abc123"}), "Pending") == (order.replaces, order.references, order.status)
    assert [usd(0)] * 4 == [order.total, order.subtotal, order.shipping, order.tax]
    assert [("BIR-CAN-009", 1, usd(0))] == [(line.sku, line.quantity, line.unit_price) for line in order.lines]
    assert (original.customer, original.shipping_address, ()) == (
        order.customer,
        order.shipping_address,
        order.payments,
    )
    assert (None, frozenset({"OP-abc123"})) == (original.replaces, original.references)
    assert [(before + 1,)] == sql("select num_allocated from partner_stockrecord where id = 11")
    assert [(1, "Pending")] == sql("select num_allocated, status from order_line where order_id = ?", made.id)
    assert [made] == shop.find_replacements("OP-abc123", original)
    assert {made.id, "2"} == {one.id for one in shop.changed_orders(NOW, None, 10).orders}
    sound(sql)


def test_a_replacement_goes_where_it_is_told(shop, sql):
    """Another address is written in Oscar's columns; without taking stock nothing is allocated."""
    made = shop.create_replacement(reship(shop, "2", LineQuantity("4", 1), address=ELSEWHERE, take_stock=False))
    row = "select line1, line4, country_id, search_text from order_shippingaddress order by id desc limit 1"

    assert ELSEWHERE == shop.order(made.id).shipping_address
    assert [("1 Example St", "Leeds", "GB", "Test Customer 1 Example St Leeds LS1 4AP United Kingdom")] == sql(row)
    assert [(0,)] == sql("select num_allocated from order_line where order_id = ?", made.id)
    sound(sql)


@pytest.mark.parametrize(
    ("lines", "address", "said"),
    [
        ([LineQuantity("4", 3)], None, "no 3 units on line 4"),
        ([LineQuantity("1", 1)], None, "no 1 units on line 1"),
        ([], None, "no units"),
        ([LineQuantity("4", 1)], attrs.evolve(ELSEWHERE, country="FR"), "has no 'FR'"),
        ([LineQuantity("4", 2)], None, "line 4: 2 needed, 1 in stock"),
    ],
)
def test_a_refused_replacement_leaves_nothing(shop, sql, lines, address, said):
    """Units that are not the order's or not in stock, or an unknown country: refused, and no row is left behind."""
    sql("update partner_stockrecord set num_in_stock = num_allocated + 1 where id = 11")
    asked = reship(shop, "2", *lines, address=address)
    counts = """select (select count(*) from order_order), (select count(*) from order_line),
        (select count(*) from order_shippingaddress), (select count(*) from order_ordernote),
        (select sum(num_allocated) from partner_stockrecord)"""
    before = sql(counts)

    with pytest.raises(Refused, match=said):
        shop.create_replacement(asked)

    assert before == sql(counts)
    assert [] == shop.find_replacements(asked.reference, asked.order)


def test_a_refund_is_booked_as_oscar_books_it(shop, sql):
    """Transaction, source and payment event; found under its reference; asked twice, given once; no float sums."""
    asked = refund(shop, "3", "3", "0.10", LineQuantity("6", 1))
    made = shop.grant_refund(asked)
    again = shop.grant_refund(asked)
    shop.grant_refund(refund(shop, "3", "3", "0.20", LineQuantity("6", 1), reference="OP-abc124"))
    order = shop.order("3")
    events = sql("select amount, reference, order_id, date_created from order_paymentevent where id > 622 order by id")

    assert (usd("0.10"), "OP-abc123", "booked") == (made.amount, made.reference, made.money)
    assert made == again
    assert [made] == shop.find_refunds("OP-abc123", order)
    assert [("Refund", 0.1, "booked")] == sql(
        "select txn_type, amount, status from payment_transaction where id = ?", made.id
    )
    assert usd("0.30") == order.payments[0].refunded
    assert [(0.3,)] == sql("select amount_refunded from payment_source where id = 3")
    at = "2026-12-01 12:00:00.000005"
    assert [(0.1, "claim:c-1", 3, at), (0.2, "claim:c-1", 3, at)] == events
    assert {"OP-abc123", "OP-abc124"} == order.references
    sound(sql)


def test_refunded_units_are_counted_once_for_a_claim(shop, sql):
    """The parts of one refund name the same units; another claim's come on top, and never above what was ordered."""
    counted = []
    for reference, claim, quantity in (("OP-1", "c-1", 1), ("OP-2", "c-1", 1), ("OP-3", "c-2", 2), ("OP-4", "c-3", 1)):
        shop.grant_refund(refund(shop, "3", "3", "1.00", LineQuantity("6", quantity), reference=reference, claim=claim))
        counted.append(shop.order("3").line("6").refunded_quantity)

    assert [1, 1, 2, 2] == counted
    with pytest.raises(Refused, match="no line 1"):
        shop.grant_refund(refund(shop, "3", "3", "1.00", LineQuantity("1", 1), reference="OP-5"))
    assert [] == shop.find_refunds("OP-5", shop.order("3"))
    sound(sql)


@pytest.mark.parametrize(
    ("payment", "amount", "said"),
    [
        ("3", "564.07", "no payment source 3 with 564.07 USD left"),
        ("1", "1.00", "no payment source 1"),
        ("3", "0", "cannot be booked"),
        ("3", "0.001", "cannot be booked"),
    ],
)
def test_no_refund_above_what_was_paid(shop, sql, payment, amount, said):
    """More than is left, another order's payment, nothing, or half a cent: refused, and no row is left behind."""
    asked = refund(shop, "3", payment, amount)

    with pytest.raises(Refused, match=said):
        shop.grant_refund(asked)

    assert [] == shop.find_refunds(asked.reference, asked.order)
    sound(sql)


def test_the_last_cent_can_be_given_back_and_no_more(shop, sql):
    """Two sources of one order each give exactly what they took, from many threads at once."""
    order = next(
        one
        for one in shop.changed_orders(None, None, 300).orders
        if len(one.payments) == 2 and not any(p.refunded for p in one.payments)
    )
    asked = [
        refund(shop, order.id, payment.id, payment.captured.amount, reference=f"OP-{payment.id}x{n}")
        for payment in order.payments
        for n in range(3)
    ]
    answers = []

    def ask(request):
        try:
            answers.append(shop.grant_refund(request).money)
        except Refused:
            answers.append("refused")

    threads = [threading.Thread(target=ask, args=(request,)) for request in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {"booked": 2, "refused": 4} == Counter(answers)
    assert usd(0) == shop.order(order.id).refundable
    sound(sql)


def test_the_premium_goes_back_from_a_source_that_has_it(shop, sql):
    """It is booked like a refund, and found as a change of protection."""
    asked = ProtectionChangeRequest(**common(shop, "1", claim=None), amount=usd("2.45"))
    with pytest.raises(Refused, match="no payment source"):
        shop.refund_protection(asked)  # all of order 1 was given back before
    made = shop.refund_protection(attrs.evolve(asked, order=shop.order("252")))

    assert (usd("2.45"), "booked") == (made.amount, made.money)
    assert [made] == shop.find_protection_changes("OP-abc123", shop.order("252"))
    assert [(2.45,)] == sql("select amount from order_paymentevent where reference = 'OP-abc123'")
    sound(sql)


def test_a_note_is_put_once(shop, sql):
    """It begins with the reference, is kept as text, and a longer reference is not taken for it."""
    asked = NoteRequest(**common(shop, "5"), text=Untrusted("<b>OP-other: hello</b>"))
    made = [shop.add_note(asked), shop.add_note(asked)]

    assert made == shop.find_notes("OP-abc123", asked.order) * 2
    assert [] == shop.find_notes("OP-abc", asked.order)
    assert [("System", "OP-abc123: <b>OP-other: hello</b>")] == sql(
        "select note_type, message from order_ordernote where order_id = 5"
    )
    assert {"OP-abc123"} == shop.order("5").references


def test_what_oscar_cannot_do_is_not_done(shop):
    """Store credit and charging the premium are not offered."""
    for method in (shop.issue_store_credit, shop.charge_protection):
        with pytest.raises(NotSupported):
            method(None)


def test_a_busy_shop_was_not_reached(shop, oscar_file):
    """While another writer holds the file, nothing is written and it is said so."""
    hurried = attrs.evolve(shop, wait=0.01)
    asked = refund(shop, "3", "3", "1.00")

    with closing(sqlite3.connect(oscar_file, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(NotSent, match="another writer"):
            hurried.grant_refund(asked)
