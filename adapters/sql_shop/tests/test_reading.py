"""Orders out of rows: what each field means where its statement says it, and where it does not."""

import sqlite3
from contextlib import closing

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from op_sql_shop.assembly import _made

from op_core.export import to_create
from op_core.models import LineQuantity
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest

SCHEMA = """
create table orders (id integer primary key, at text, net decimal(12, 2), gross decimal(12, 2), post decimal(12, 2),
    post_gross decimal(12, 2));
create table lines (id integer primary key, order_id integer, price decimal(12, 2), before decimal(12, 2),
    net decimal(12, 2), gross decimal(12, 2));
insert into orders values (1, '2029-12-01', 2.675, 3.21, 4.1, 4.93);
insert into lines values (11, 1, 2.45, 2.45, 2.205, 2.21);
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
money = "real"
[orders]
select = '''select id, id as number, at as created_at, at as updated_at, gross as total, net as total_excl_tax,
    post as shipping, post_gross as shipping_incl_tax from orders'''
[lines]
select = '''select order_id, id, '' as name, 1 as quantity, price as unit_price, before as subtotal, net as total,
    gross as total_incl_tax from lines'''
"""
ADDRESS = """[addresses]
select = "select id as order_id, 'shipping' as kind, country, 'Main St' as street_address_1, '5' as phone from orders"
"""


@pytest.fixture
def order_of(tmp_path):
    """Read the order with the id 1 of a shop in SQLite."""

    def read(schema, mapping):
        (tmp_path / "shop.toml").write_text(mapping)
        with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
            db.executescript(schema)
        settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
        adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path))
        return adapter.op_get_order(GetOrderRequest("main", "1"))

    return read


@pytest.mark.parametrize("country", ["null", "''"])
def test_an_address_without_a_country_can_be_read(order_of, country):
    """The order is one all the same, and is exported without one."""
    order = order_of(SCHEMA, MAPPING + ADDRESS.replace("country", f"{country} as country"))

    assert ("", "Main St") == (order.shipping_address.country, order.shipping_address.street_address_1)
    assert to_create(order, "api").address.country is None


def test_floats_are_never_subtracted(order_of):
    """Taxes and discounts that no column holds are differences of decimals, each first cut to its digits."""
    order = order_of(SCHEMA, MAPPING)
    line = order.lines[0]

    assert ("0.25", "0.01") == (str(line.discount.amount), str(line.tax.amount))  # a tax of floats were 0.00
    assert (Money("0.53", "USD"), Money("0.83", "USD")) == (order.tax, order.shipping_tax)
    assert Money("0.25", "USD") == order.discount
    assert Money("2.45", "USD") == order.subtotal


def test_a_field_that_no_column_says_is_never_left_out_in_silence():
    """What is made by the column is made whole: a field without a default of its own must be said."""
    with pytest.raises(TypeError, match=r"LineQuantity\.quantity is said by no column"):
        _made(LineQuantity, {"line_id": ["1"]})

    assert [LineQuantity("1", 2)] == _made(LineQuantity, {"line_id": [1], "quantity": [2]})
    with pytest.raises(ValueError, match="a whole number from 0"):
        _made(LineQuantity, {"line_id": ["1"], "quantity": [-2]})
