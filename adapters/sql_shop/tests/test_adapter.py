"""The whole way on a small shop in SQLite: read, write, find again."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import ContractBroken, OrderNotFound, Refused, SettingsError
from op_core.models import Found, LineQuantity, NotFound
from op_core.money import Money
from op_core.plugins import StoreInfo, register
from op_core.requests import ExportOrdersRequest, FindRequest, GetOrderRequest, OperationKey, RefundRequest

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SCHEMA = """
create table orders (id integer primary key, number text, total integer, paid integer, refunded integer default 0,
    at text);
create table lines (id integer primary key, order_id integer, name text, quantity integer, price integer);
create table refunds (id integer primary key, order_id integer, amount integer, reference text);
insert into orders values (1, 'A1', 2500, 2500, 0, '2029-12-01 10:00:00'),
    (2, 'A2', 900, 900, 0, '2029-12-01 10:00:00'), (3, 'A3', 100, 100, 0, '2029-12-02 10:00:00');
insert into lines values (11, 1, 'Mug', 2, 1250), (21, 2, 'Cup', 1, 900), (31, 3, 'Pin', 1, 100);
"""
MAPPING = """
[shop]
zone = "UTC"
money = "minor_units"
currency = "USD"
[orders]
select = "select id, number, total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select order_id, id, name, quantity, price as unit_price from lines"
[payments]
select = "select id as order_id, id, paid as captured, refunded from orders"
[refund]
money = "booked"
[[refund.steps]]
sql = "update orders set refunded = refunded + :amount where id = :payment_id and paid - refunded >= :amount"
expect_rows = 1
refused = "not so much is left"
[[refund.steps]]
sql = "insert into refunds (order_id, amount, reference) values (:order_id, :amount, :reference) returning id shop_id"
"""


@pytest.fixture
def shop(tmp_path):
    """A shop with three orders, installed."""
    (tmp_path / "shop.toml").write_text(MAPPING)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)
    settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
    adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=lambda: NOW)
    register(adapter, {})
    list(adapter.install())
    return adapter


@pytest.fixture
def refund(shop):
    """Ask for a refund of the first order."""

    def ask(reference, amount, /, **changed):
        order = shop.op_get_order(GetOrderRequest("main", "1"))
        return shop.op_issue_refund(
            attrs.evolve(
                RefundRequest(
                    store="main",
                    key=OperationKey("main-1", "claim:C1", "refund", 1),
                    reference=reference,
                    order=order,
                    deadline=NOW + timedelta(seconds=30),
                    claim_id="C1",
                    amount=Money(amount, "USD"),
                    payment_id=order.payments[0].id,
                    lines=(LineQuantity("11", 1),),
                ),
                **changed,
            )
        )

    return ask


def test_orders_come_in_pages_by_time_and_key(shop):
    """Pages of one give each order once, also where two changed in the same second."""
    cursor, got = None, []
    for _ in range(3):
        page = shop.op_export_orders(ExportOrdersRequest("main", cursor=cursor, limit=1))
        got.extend(page.orders)
        cursor = page.cursor

    assert page.done
    assert ["1", "2", "3"] == [order.id for order in got]
    assert [Money("25.00", "USD")] == [payment.captured for payment in got[0].payments]
    assert Money("12.50", "USD") == got[0].lines[0].unit_price


def test_an_order_that_is_not_there_is_said(shop):
    """No text that is not an id finds an order."""
    for order_id in ("4", "1x", ""):
        with pytest.raises(OrderNotFound):
            shop.op_get_order(GetOrderRequest("main", order_id))


def test_a_refund_is_made_once_and_found(shop, refund):
    """The second call under a reference answers the first result; the mark tells of it; a guard keeps the rest."""
    first, again = refund("OP-1", "20.00"), refund("OP-1", "20.00")
    order = shop.op_get_order(GetOrderRequest("main", "1"))
    key = OperationKey("main-1", "claim:C1", "refund", 1)
    question = FindRequest(store="main", key=key, reference="OP-1", order=order, amount=Money("20.00", "USD"))

    assert first == again
    assert ("done", "booked") == (first.state, first.money)
    assert Found(first) == shop.op_find_refund(question)
    assert NotFound() == shop.op_find_refund(FindRequest(store="main", key=key, reference="OP-2", order=order))
    assert Money("5.00", "USD") == order.refundable
    assert frozenset({"OP-1"}) == order.references
    with pytest.raises(Refused, match="not so much is left"):
        refund("OP-2", "5.01")


@pytest.mark.parametrize("more", ["limit 10", "limit 1 offset 2", "fetch first 5 rows only"])
def test_a_select_that_leaves_rows_out_parks_the_store(tmp_path, more):
    """The paging is written around it, so that orders beyond its LIMIT would be lost in silence."""
    (tmp_path / "shop.toml").write_text(
        MAPPING.replace("as updated_at from orders", f"as updated_at from orders {more}")
    )

    with pytest.raises(SettingsError, match=r"shop.toml: orders.select: found LIMIT, OFFSET or FETCH"):
        SqlShopAdapter(
            SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml"), StoreInfo("main", "main-1", tmp_path)
        )


def test_a_comment_at_the_end_comments_nothing_else(shop, tmp_path):
    """What is written around a SELECT stands on a line of its own."""
    (tmp_path / "shop.toml").write_text(
        MAPPING.replace("as updated_at from orders", "as updated_at from orders -- all")
    )
    again = SqlShopAdapter(shop.settings, shop.store)

    assert 3 == len(again.op_export_orders(ExportOrdersRequest("main")).orders)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"payment_id": "2"}, "order 1 has no payment 2"),
        ({"lines": (LineQuantity("21", 1),)}, "order 1 has no line 21"),
        ({"lines": (LineQuantity("11", 2), LineQuantity("11", 1))}, "has 2 units on line 11; asked for were 3"),
        ({"amount": Money("-5.00", "USD")}, "an amount above 0"),
        ({"amount": Money(0, "USD")}, "expected an amount above 0"),
    ],
)
def test_what_is_not_of_the_order_is_refused_whatever_the_mapping_guards(shop, refund, changed, said):
    """A payment or line of another order, too many units, or an amount that is none never reaches a statement."""
    with pytest.raises(Refused, match=said):
        refund("OP-1", "1.00", **changed)

    assert not shop.op_get_order(GetOrderRequest("main", "1")).payments[0].refunded


def test_pages_go_on_from_times_that_are_floats(shop, tmp_path):
    """A cursor keeps what kind of value it holds: to SQLite text is greater than every number."""
    as_float = "strftime('%s', at) + 0.5 as updated_at"
    (tmp_path / "shop.toml").write_text(MAPPING.replace("at as updated_at", f"{as_float}, at as changed"))
    text = (tmp_path / "shop.toml").read_text().replace("[lines]", 'columns = { updated_at = "changed" }\n[lines]', 1)
    (tmp_path / "shop.toml").write_text(text)
    again = SqlShopAdapter(shop.settings, shop.store)
    first = again.op_export_orders(ExportOrdersRequest("main", limit=2))
    second = again.op_export_orders(ExportOrdersRequest("main", cursor=first.cursor, limit=2))

    assert ["1", "2", "3"] == [order.id for page in (first, second) for order in page.orders]


@pytest.mark.parametrize("cursor", ["", "x", "[]", "[1]", '{"a": 1}', '[{"time": "x"}, 1]', '[{"other": "x"}, 1]'])
def test_a_cursor_of_something_else_is_told(shop, cursor):
    """What another adapter left there is not taken for a place."""
    with pytest.raises(ContractBroken, match="the cursor is none that this adapter gave"):
        shop.op_export_orders(ExportOrdersRequest("main", cursor=cursor))
