"""The whole way on a small shop in SQLite: read, write, find again."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import OrderNotFound, Refused
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

    def ask(reference, amount):
        order = shop.op_get_order(GetOrderRequest("main", "1"))
        return shop.op_issue_refund(
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
