"""Pages by a time that no column holds: the greatest of several."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.plugins import StoreInfo
from op_core.requests import ExportOrdersRequest, GetOrderRequest

SCHEMA = """
create table orders (id integer primary key, number text, status text, at text);
create table notes (order_id integer, at text);
insert into orders values (1, 'A1', 'sold', '2029-12-01'), (2, 'A2', 'draft', '2029-12-02'),
    (3, 'A3', 'draft', '2029-12-02'), (4, 'A4', 'sold', '2029-12-03'), (5, 'A5', 'sold', '2029-12-03');
insert into notes values (1, '2029-12-04'), (3, '2029-12-05'), (9, '2029-12-01'), (5, '2029-11-01');
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
time_format = "%Y-%m-%d"
[orders]
select = "select id, number, at as created_at, 1 as total from orders where status = 'sold'"
changed_at.greatest_of = ["select id order_id, at changed_at from orders", "select order_id, at changed_at from notes"]
[lines]
select = "select 0 order_id, 0 id, '' name, 0 quantity, 0 unit_price where false"
"""


@pytest.fixture
def shop(tmp_path):
    """Five orders and four notes."""
    (tmp_path / "shop.toml").write_text(MAPPING)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)
    settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
    return SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path))


@pytest.fixture
def pages(shop):
    """Read all pages of one order, since a time."""

    def read(since=None):
        got, cursor, done = [], None, False
        while not done:
            page = shop.op_export_orders(ExportOrdersRequest("main", since=since, cursor=cursor, limit=1))
            got += [(order.number, order.updated_at.day) for order in page.orders]
            cursor, done = page.cursor, page.done
        return got

    return read


def test_what_the_statement_leaves_out_ends_no_page(pages):
    """Times of drafts, and of orders that are gone, neither end the pages early nor leave an order out."""
    assert [("A4", 3), ("A5", 3), ("A1", 4)] == pages()


def test_only_what_changed_since_is_read(pages):
    """The greatest of the times counts, not the order's own."""
    assert [("A1", 4)] == pages(datetime(2029, 12, 4, tzinfo=UTC))


def test_one_order_has_the_same_time(shop):
    """Asked for alone, an order changed when its page says that it did."""
    for order_id, day in (("1", 4), ("4", 3)):
        assert day == shop.op_get_order(GetOrderRequest("main", order_id)).updated_at.day
