"""Ids of SQLite, which tells the number 1 from the text '1' wherever no column itself is compared."""

import sqlite3
from contextlib import closing

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.models import LineQuantity
from op_core.plugins import StoreInfo
from op_core.requests import CheckStockRequest, ExportOrdersRequest, GetOrderRequest, LookupFulfillmentsRequest

SCHEMA = """
create table orders (id integer primary key, word text, at text);
insert into orders values (0, '0', '2029-12-01'), (7, '7', '2029-12-02'), (-7, '-7', '2029-12-03'),
    (70, '70', '2029-12-04');
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
[orders]
select = "select {own} as id, word as number, at as created_at, at as updated_at, 1 as total from orders"
[lines]
select = "select {other} as order_id, id, '' as name, 1 as quantity, 1 as unit_price from orders"
[fulfillments]
select = "select {other} as order_id, id, 'FULFILLED' as status, at as created_at from orders"
lines = '''with asked as (select {other} as order_id, id from orders where {other} in :order_ids)
    select order_id, id as fulfillment_id, id as line_id, 1 as quantity from asked'''
[stock]
select = "select {other} as order_id, id as line_id, 5 as available from orders"
"""
FORMS = ("id", "word", "id + 0", "'' || id", "cast(id as text)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Hold a shop of four orders."""
    folder = tmp_path_factory.mktemp("ids")
    with closing(sqlite3.connect(folder / "shop.db")) as db:
        db.executescript(SCHEMA)
    return folder


@pytest.mark.parametrize("other", FORMS)
@pytest.mark.parametrize("own", FORMS)
def test_an_id_is_found_whatever_it_is_made_of(folder, own, other):
    """A column, an expression, a number or a text: an order, its lines, its parcels and its stock."""
    (folder / "shop.toml").write_text(MAPPING.format(own=own, other=other))
    settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
    shop = SqlShopAdapter(settings, StoreInfo("main", "main-1", folder))
    ids = ["0", "7", "-7", "70"]

    page = shop.op_export_orders(ExportOrdersRequest("main", None, None, 9))
    parcels = shop.op_lookup_fulfillments(LookupFulfillmentsRequest("main", tuple(ids)))

    assert [(one, [one]) for one in ids] == [(order.id, [line.id for line in order.lines]) for order in page.orders]
    assert [(one, [one]) for one in ids] == [
        (order.id, [line.id for line in order.lines])
        for order in (shop.op_get_order(GetOrderRequest("main", one)) for one in ids)
    ]
    assert {one: [(LineQuantity(one, 1),)] for one in ids} == {
        one: [parcel.lines for parcel in of_order] for one, of_order in parcels.items()
    }
    stock = shop.op_check_stock(CheckStockRequest("main", page.orders[1], (LineQuantity("7", 1),)))
    assert [("7", 5)] == [(one.line_id, one.available) for one in stock]
