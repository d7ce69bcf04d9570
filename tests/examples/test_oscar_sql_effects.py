"""The SQL mapping of Oscar writes what the in-process example writes, row for row, on both databases."""

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from sqlalchemy import text

from op_core.errors import NotSent, NotSupported, Refused
from op_core.models import Address, Found, LineQuantity, NotFound
from op_core.money import Money
from op_core.requests import (
    ExportOrdersRequest,
    FindRequest,
    GetOrderRequest,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
)
from op_core.untrusted import Untrusted

NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)  # the shop's clock
HERE = Address("Test", "Customer", "Example Ltd", "1 Example St", "", "Leeds", "", "LS1 4AP", "GB", "+440000000000")
KINDS = {
    "reship": (ReshipRequest, "op_create_reship", "op_find_reship"),
    "refund": (RefundRequest, "op_issue_refund", "op_find_refund"),
    "refund_protection": (ProtectionChangeRequest, "op_refund_protection", "op_find_protection_change"),
    "note": (NoteRequest, "op_add_note", "op_find_note"),
}
WRITTEN = (
    "order_order order_line order_shippingaddress order_ordernote payment_source payment_transaction order_paymentevent"
    " order_paymenteventquantity order_paymenteventtype partner_stockrecord"
).split()


def usd(amount):
    return Money(Decimal(amount), "USD")


def line(line_id, quantity=1):
    return {"lines": (LineQuantity(line_id, quantity),)}


def plain(value):
    """Return a value as both databases would have it."""
    if isinstance(value, float | Decimal):
        return Decimal(str(value)).quantize(Decimal("0.01"))
    if isinstance(value, str) and value[4:5] == value[7:8] == "-" and value[10:11] == " ":
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


REFUSED = [
    ("reship", line("4", 3), "order 2 has 2 units on line 4; asked for were 3"),
    ("reship", line("1"), "order 2 has no line 1; asked for were 1"),
    ("reship", {"lines": ()}, "no units"),
    ("reship", line("4") | {"address": attrs.evolve(HERE, country="FR")}, "address_country has not that country"),
    ("reship", line("4", 2), "too few units are in stock"),
    ("refund", {"payment_id": "2", "amount": usd("999.99")}, "not so much left"),
    ("refund", {"payment_id": "3", "amount": usd("1.00")}, "order 2 has no payment 3"),
    ("refund", {"payment_id": "2", "amount": usd("0")}, "expected an amount above 0"),
    ("refund", {"payment_id": "2", "amount": usd("0.001")}, "Oscar cannot hold the amount"),
    ("refund", {"payment_id": "2", "amount": Money(Decimal(1), "JPY")}, "not so much left"),
    ("refund", line("1") | {"payment_id": "2", "amount": usd("1.00")}, "order 2 has no line 1"),
    ("refund_protection", {"amount": usd("999.99")}, "no payment has so much left"),
]


@attrs.define
class Shop:
    """One adapter over a copy of the shop, and the copy itself."""

    adapter: object
    engine: object

    def order(self, order_id):
        return self.adapter.op_get_order(GetOrderRequest("main", order_id))

    def make(self, verb, order_id, reference, claim="c-1", **said):
        """Make an effect, as op-core asks for it."""
        kind, hook, _ = KINDS[verb]
        order = self.order(order_id)
        if verb == "reship":
            said.setdefault("address", order.shipping_address)
        key = OperationKey("oscar-main", f"claim:{claim}", verb, 1)
        asked = {"store": "main", "key": key, "reference": reference, "order": order, "claim_id": claim, **said}
        return getattr(self.adapter, hook)(kind(deadline=NOW + timedelta(seconds=30), **asked))

    def find(self, verb, order_id, reference, amount=None):
        key = OperationKey("oscar-main", "claim:c-1", verb, 1)
        asked = FindRequest(store="main", key=key, reference=reference, order=self.order(order_id), amount=amount)
        return getattr(self.adapter, KINDS[verb][2])(asked)

    def ask(self, statement, **values):
        with self.engine.connect() as db:
            return [tuple(row) for row in db.execute(text(statement), values)]

    def do(self, statement, **values):
        with self.engine.begin() as db:
            db.execute(text(statement), values)

    def rows(self):
        """Return every row of the tables that are written, by table and id."""
        with self.engine.connect() as db:
            return {
                (table, row["id"]): {name: plain(value) for name, value in row.items()}
                for table in WRITTEN
                for row in db.execute(text(f"select * from {table}")).mappings()  # noqa: S608 - a name of this file
            }

    def sound(self):
        """Check that nothing points nowhere, and that no payment gave back more than it took."""
        if self.engine.dialect.name == "sqlite":  # PostgreSQL checked at the commit
            assert [] == self.ask("pragma foreign_key_check")
            assert [("ok",)] == self.ask("pragma integrity_check")
        over = "select count(*) from payment_source where round(amount_refunded - amount_debited, 2) > 0"
        assert [(0,)] == self.ask(over)


@pytest.fixture
def in_process(oscar_adapter, oscar_engine, oscar_sqlite_url):
    """The in-process example."""
    return Shop(oscar_adapter("custom_store", oscar_sqlite_url), oscar_engine(oscar_sqlite_url))


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request, oscar_adapter, oscar_engine):
    """The mapping over each database."""
    url = request.getfixturevalue(
        {"sqlite": "oscar_second_sqlite_url", "postgresql": "oscar_postgres_url"}[request.param]
    )
    return Shop(oscar_adapter("sql_shop", url), oscar_engine(url))


def story(shop):
    """Make effects of every kind, in one order; return what was answered."""
    shop.do("delete from order_paymenteventquantity")
    untracked = shop.ask("select id, order_id from order_line where partner_sku = 'PROTECT-STD' order by id limit 1")[0]
    asked = [
        ("reship", "2", "OP-1a", line("4")),
        ("reship", "2", "OP-1b", line("4") | {"address": HERE, "take_stock": False, "claim": None}),
        ("reship", str(untracked[1]), "OP-1c", line(str(untracked[0])) | {"shipping_method": "Express"}),
        ("refund", "3", "OP-2a", line("6") | {"payment_id": "3", "amount": usd("0.10")}),
        ("refund", "3", "OP-2b", line("6") | {"payment_id": "3", "amount": usd("0.20")}),
        ("refund", "3", "OP-2c", line("6", 2) | {"payment_id": "3", "amount": usd("1.00"), "claim": "c-2"}),
        ("refund", "3", "OP-2d", line("6") | {"payment_id": "3", "amount": usd("1.00"), "claim": "c-3"}),
        ("refund", "3", "OP-2e", {"payment_id": "3", "amount": usd("560.00"), "claim": None}),
        ("refund_protection", "252", "OP-3a", {"amount": usd("2.45"), "claim": None}),
        ("note", "5", "OP-4a", {"text": Untrusted("<b>OP-other: it's 100% :here</b>")}),
    ]
    return [shop.make(verb, order, reference, **said) for verb, order, reference, said in (*asked, *asked)]


def test_the_same_rows_are_written(in_process, shop):
    """Ids, texts, amounts and times of all ten effects are those of the in-process example, asked twice, made once."""
    before = shop.rows()
    assert before == in_process.rows()
    made, other = story(shop), story(in_process)
    after = shop.rows()
    changed = {at: row for at, row in after.items() if before.get(at) != row}
    orders = {row["order_id"] for row in changed.values() if "order_id" in row}

    assert other == made
    assert made[:10] == made[10:]
    assert in_process.rows() == after
    assert [in_process.order(str(one)) for one in orders] == [shop.order(str(one)) for one in orders]
    assert {"order_order": 3, "order_line": 3, "order_shippingaddress": 3, "order_ordernote": 7, "payment_source": 2,
            "payment_transaction": 6, "order_paymentevent": 6, "order_paymenteventquantity": 2,
            "partner_stockrecord": 1} == Counter(table for table, _ in changed)  # fmt: skip
    shop.sound()


def test_a_replacement_is_an_order_that_costs_nothing(shop):
    """It is read back as an order at 0 that replaces the other, both carry the reference, and it is found by it."""
    made = shop.make("reship", "2", "OP-abc123", **line("4"))
    order, original = shop.order(made.order_id), shop.order("2")

    assert ("RS-abc123", "2", "Pending") == (order.number, order.replaces, order.status)
    assert [usd(0)] * 4 == [order.total, order.subtotal, order.shipping, order.tax]
    assert [("BIR-CAN-009", 1, usd(0))] == [(one.sku, one.quantity, one.unit_price) for one in order.lines]
    assert (original.customer, original.shipping_address) == (order.customer, order.shipping_address)
    assert {"OP-abc123"} == order.references == original.references
    assert Found(made) == shop.find("reship", "2", "OP-abc123")
    assert NotFound() == shop.find("reship", "2", "OP-abc12")
    page = shop.adapter.op_export_orders(ExportOrdersRequest("main", since=NOW))
    assert {made.order_id, "2"} == {one.id for one in page.orders}


def test_a_replacement_is_known_without_our_table(in_process, oscar_adapter, oscar_sqlite_url):
    """What the in-process example made, in a shop where nothing is in op_references, is read as a replacement too."""
    made = in_process.make("reship", "2", "OP-abc123", **line("4"))
    shop = Shop(oscar_adapter("sql_shop", oscar_sqlite_url), in_process.engine)

    assert [(0,)] == shop.ask("select count(*) from op_references")
    assert in_process.order(made.order_id) == shop.order(made.order_id)
    assert ("2", frozenset({"OP-abc123"})) == (shop.order(made.order_id).replaces, shop.order(made.order_id).references)


def test_what_cannot_be_is_refused_and_leaves_nothing(in_process, shop):
    """Both examples refuse, one for one; no row is left behind, and nothing is found."""
    for each in (shop, in_process):
        each.do("update partner_stockrecord set num_in_stock = num_allocated + 1 where id = 11")
    before = shop.rows()
    for verb, said, why in REFUSED:
        with pytest.raises(Refused):
            in_process.make(verb, "2", "OP-abc123", **said)
        with pytest.raises(Refused, match=why):
            shop.make(verb, "2", "OP-abc123", **said)

        assert NotFound() == shop.find(verb, "2", "OP-abc123", said.get("amount"))
    assert before == shop.rows()


def test_the_last_cent_can_be_given_back_and_no_more(shop):
    """Two payments of one order each give exactly what they took, from many threads at once."""
    ((order_id,),) = shop.ask("select order_id from payment_source where amount_refunded = 0"
                              " group by order_id having count(*) = 2 order by order_id limit 1")  # fmt: skip
    payments = shop.order(str(order_id)).payments
    asked = [(payment, f"OP-{payment.id}x{n}") for payment in payments for n in range(3)]
    answers = []

    def ask(payment, reference):
        try:
            made = shop.make("refund", str(order_id), reference, payment_id=payment.id, amount=payment.captured)
            answers.append(made.money)
        except Refused:
            answers.append("refused")

    threads = [threading.Thread(target=ask, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {"booked": 2, "refused": 4} == Counter(answers)
    assert usd(0) == shop.order(str(order_id)).refundable
    shop.sound()


def test_what_oscar_cannot_do_says_why(shop):
    """Store credit and charging the premium are not offered, and the mapping's reason is told."""
    for hook in ("op_issue_store_credit", "op_charge_protection"):
        reason = shop.adapter.capabilities[hook].reason
        assert reason.startswith("Oscar ")
        with pytest.raises(NotSupported, match=reason):
            getattr(shop.adapter, hook)(None)


def test_a_busy_shop_was_not_reached(oscar_adapter, oscar_sqlite_url, oscar_file):
    """While another writer holds the file, nothing is written and it is said so."""
    hurried = Shop(oscar_adapter("sql_shop", oscar_sqlite_url, lock_timeout=timedelta(milliseconds=10)), None)

    with closing(sqlite3.connect(oscar_file, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(NotSent, match="locked"):
            hurried.make("refund", "3", "OP-1", payment_id="3", amount=usd("1.00"))
