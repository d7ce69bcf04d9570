"""The refunds and notes that the WooCommerce example writes, read back from the tables themselves."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from op_core.errors import NotSent, NotSupported, Refused
from op_core.models import Address, Found, LineQuantity
from op_core.money import Money
from op_core.requests import (
    FindRequest,
    GetOrderRequest,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    StoreCreditRequest,
)
from op_core.untrusted import Untrusted

NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)  # the clock of the example's fixture
WRITTEN = datetime(2026, 12, 1, 12, 0, 0)  # noqa: DTZ001 - as WooCommerce's columns hold it
ELSEWHERE = Address("Zoë", "Test", "", "1 Example St", "", "Leeds", "", "LS1 4AP", "GB", "+440000000000")
PAID = """select o.id from wp_wc_orders o join wp_wc_order_operational_data d on d.order_id = o.id
    where o.type = 'shop_order' and d.date_paid_gmt is not null and o.status = 'wc-processing'
    and not exists (select 1 from wp_wc_orders r where r.parent_order_id = o.id) order by o.id"""
LEFT = """select o.total_amount + (select coalesce(sum(r.total_amount), 0) from wp_wc_orders r
    where r.parent_order_id = o.id) from wp_wc_orders o where o.id = :id"""


@pytest.fixture(scope="module")
def paid_orders(woo, woo_sql):
    """Give orders that are paid, and of which nothing was refunded; each of them to one test."""
    return iter([str(order) for (order,) in woo_sql(PAID)])


@pytest.fixture
def paid(woo, paid_orders):
    """Give one of them."""
    return woo.op_get_order(GetOrderRequest("main", next(paid_orders)))


def usd(amount):
    return Money(Decimal(amount), "USD")


def common(order, reference, verb="refund"):
    key = OperationKey("woocommerce-main", f"claim:{reference}", verb, 1)
    deadline = NOW + timedelta(seconds=60)
    claim = {"claim_id": "c-1", "reason": "lost <b>& found</b>"}
    return {"store": "main", "key": key, "reference": reference, "order": order, "deadline": deadline, **claim}


def refund(order, reference, amount, *lines):
    return RefundRequest(**common(order, reference), amount=usd(amount), payment_id=order.payments[0].id, lines=lines)


def question(request):
    amount = getattr(request, "amount", None)
    return FindRequest("main", request.key, request.reference, request.order, amount)


# --- Refunds ---------------------------------------------------------------------------------------------------------


def test_a_refund_is_a_child_order_with_a_negative_total(woo, woo_sql, paid):
    """As WooCommerce's own: amount, reason and units; booked, since no row moves money."""
    line = paid.lines[0]
    asked = refund(paid, "OP-back", "4.50", LineQuantity(line.id, 1))
    made = woo.op_issue_refund(asked)
    new = int(made.shop_id)
    meta = dict(woo_sql("select meta_key, meta_value from wp_wc_orders_meta where order_id = :id", id=new))
    units = dict(woo_sql(
        """select m.meta_key, m.meta_value from wp_woocommerce_order_items i
        join wp_woocommerce_order_itemmeta m on m.order_item_id = i.order_item_id where i.order_id = :id""",
        id=new,
    ))  # fmt: skip
    order = woo.op_get_order(GetOrderRequest("main", paid.id))

    assert ("done", "booked") == (made.state, made.money)
    assert [("shop_order_refund", Decimal("-4.5"), int(paid.id), "wc-completed", WRITTEN)] == woo_sql(
        "select type, total_amount, parent_order_id, status, date_created_gmt from wp_wc_orders where id = :id", id=new
    )
    assert ("4.50", "", "OP-back", "lost <b>& found</b> (OP-back)") == tuple(
        meta[key] for key in ("_refund_amount", "_refunded_payment", "_op_reference", "_refund_reason")
    )
    assert ("-1", line.id, "0") == tuple(units[key] for key in ("_qty", "_refunded_item_id", "_line_total"))
    assert (usd("4.50"), 1) == (order.paid - order.refundable, order.line(line.id).refunded_quantity)
    assert ("wc-processing", paid.total) == (order.status, order.total)
    assert Found(made) == woo.op_find_refund(question(asked))


def test_the_whole_of_an_order_makes_it_refunded(woo, woo_sql, paid):
    """To the cent what is left, and not a cent more."""
    woo.op_issue_refund(refund(paid, "OP-part", "1.11"))
    left = (paid.total - usd("1.11")).amount
    with pytest.raises(Refused, match="more than is left"):
        woo.op_issue_refund(refund(paid, "OP-over", left + Decimal("0.01")))
    woo.op_issue_refund(refund(paid, "OP-rest", left))

    assert [("wc-refunded",)] == woo_sql("select status from wp_wc_orders where id = :id", id=int(paid.id))
    assert [(0,)] == woo_sql(LEFT, id=int(paid.id))


def test_what_was_not_paid_is_not_given_back(woo, woo_sql):
    """An order that is paid at the door owes nothing until then."""
    order = woo_sql(
        """select o.id from wp_wc_orders o join wp_wc_order_operational_data d on d.order_id = o.id
        where d.date_paid_gmt is null and o.status = 'wc-processing' and o.total_amount > 0 limit 1"""
    )[0][0]
    order = woo.op_get_order(GetOrderRequest("main", str(order)))
    with pytest.raises(Refused, match="more than is left of what was paid"):
        woo.op_issue_refund(refund(order, "OP-door", "1.00"))


@pytest.mark.parametrize("amount", ["0", "-1.00"])
def test_less_than_something_is_not_given_back(woo, woo_sql, paid, amount):
    """A refund below 0 would leave more to give back than was paid."""
    premium = ProtectionChangeRequest(**common(paid, f"OP-p{amount}", "refund_protection"), amount=usd(amount))
    with pytest.raises(Refused, match="expected an amount above 0"):
        woo.op_issue_refund(refund(paid, f"OP-r{amount}", amount))
    with pytest.raises(Refused, match="expected an amount above 0"):
        woo.op_refund_protection(premium)

    assert [(paid.total.amount,)] == woo_sql(LEFT, id=int(paid.id))


def test_a_race_of_refunds_never_exceeds_what_was_paid(woo, woo_sql, paid):
    """Sixteen at once of a tenth each: ten at most are made, each with its own child order."""
    tenth = (paid.total.amount / 10).quantize(Decimal("0.01"))
    together = threading.Barrier(16)

    def one(n):
        together.wait()
        try:
            return woo.op_issue_refund(refund(paid, f"OP-race{n}", tenth)).shop_id
        except (Refused, NotSent):
            return None

    with ThreadPoolExecutor(16) as pool:
        made = [shop_id for shop_id in pool.map(one, range(16)) if shop_id]
    left = woo_sql(LEFT, id=int(paid.id))[0][0]

    assert 0 <= left < tenth
    assert len(made) == len(set(made)) == int(paid.total.amount // tenth)
    assert paid.total.amount - left == tenth * len(made)


def test_one_reference_from_many_at_once_is_one_refund(woo, woo_sql, paid):
    """All get the same answer."""
    asked = refund(paid, "OP-same", "2.00")
    together = threading.Barrier(8)

    def one(_):
        together.wait()
        return woo.op_issue_refund(asked)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    assert 1 == len(set(answers))
    assert [(paid.total.amount - 2,)] == woo_sql(LEFT, id=int(paid.id))


def test_a_reference_stands_for_one_amount(woo, woo_sql, paid):
    """Another amount under it is neither made nor passed off as the first."""
    woo.op_issue_refund(refund(paid, "OP-once", "2.00"))
    other = woo.op_issue_refund(refund(paid, "OP-once", "3.00"))

    assert "unknown" == other.state
    assert "another effect under OP-once" in other.reason
    assert [(paid.total.amount - 2,)] == woo_sql(LEFT, id=int(paid.id))


def test_the_premium_is_given_back_as_a_refund_without_lines(woo, woo_sql, paid):
    """It counts against what is left, like any other."""
    request = ProtectionChangeRequest(**common(paid, "OP-premium", "refund_protection"), amount=usd("2.95"))
    made, again = woo.op_refund_protection(request), woo.op_refund_protection(request)

    assert made == again
    assert ("done", "booked") == (made.state, made.money)
    assert [(paid.total.amount - Decimal("2.95"),)] == woo_sql(LEFT, id=int(paid.id))
    assert [] == woo_sql("select 1 from wp_woocommerce_order_items where order_id = :id", id=int(made.shop_id))
    assert Found(made) == woo.op_find_protection_change(question(request))


# --- Notes, and what cannot be done ----------------------------------------------------------------------------------


def test_a_note_is_for_staff_and_no_markup(woo, woo_sql, paid):
    """What the text says is shown, never run; customers do not see it."""
    request = NoteRequest(**common(paid, "OP-note", "note"), text=Untrusted("<script>alert(1)</script> & more"))
    made, again = woo.op_add_note(request), woo.op_add_note(request)

    assert made == again
    assert [
        (int(paid.id), "&lt;script>alert(1)&lt;/script> &amp; more (OP-note)", "order_note", "1", WRITTEN)
    ] == woo_sql(
        """select comment_post_ID, comment_content, comment_type, comment_approved, comment_date_gmt from wp_comments
        where comment_ID = :id""",
        id=int(made.shop_id),
    )
    assert Found(made) == woo.op_find_note(question(request))


def test_what_woocommerce_cannot_do_is_said(woo, paid):
    """It has no balance of a customer, and bills nobody after the sale."""
    credit = StoreCreditRequest(**common(paid, "OP-credit", "store_credit"), amount=usd("1.00"))
    charge = ProtectionChangeRequest(**common(paid, "OP-charge", "charge_protection"), amount=usd("2.95"))

    assert not woo.capabilities["op_issue_store_credit"].usable
    for ask in (lambda: woo.op_issue_store_credit(credit), lambda: woo.op_charge_protection(charge)):
        with pytest.raises(NotSupported):
            ask()
