"""The whole way from a webhook: a SQL shop breaks, its store is parked by name, and goes on once it is well."""

import sqlite3
from contextlib import closing

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.plugins import StoreInfo
from op_core.testing import bodies
from op_core.testing.clock import Clock
from op_core.testing.scene import Scene

SCHEMA = """
create table orders (id integer primary key, total integer, at text);
create table order_lines (id integer primary key, order_id integer, name text, quantity integer, price integer);
create table payments (id integer primary key, order_id integer, captured integer, refunded integer);
create table refunds (id integer primary key, order_id integer, cents integer, reference text);
insert into orders values (1001, 5500, '2025-01-02');
insert into order_lines values (1, 1001, 'Mug', 2, 2000), (2, 1001, 'Book', 1, 1500);
insert into payments values (7, 1001, 5500, 0);
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
money = "minor_units"
[orders]
select = "select id, id as number, total, at as created_at, at as updated_at, 'c@example.com' as email from orders"
lock = "orders.id"
[lines]
select = "select order_id, id, name, quantity, price as unit_price from order_lines"
[payments]
select = "select order_id, id, captured, refunded from payments"
[refund]
money = "booked"
[[refund.steps]]
sql = "update payments set refunded = refunded + :amount where id = :payment_id and captured - refunded >= :amount"
expect_rows = 1
[[refund.steps]]
sql = "insert into refunds (order_id, cents, reference) values (:order_id, :amount, :reference) returning id as shop_id"
"""


@pytest.mark.parametrize(
    ("breaks", "heals", "said"),
    [
        (
            "alter table refunds rename cents to amount",
            "alter table refunds rename amount to cents",
            r"shop.toml: refund.steps[1]: a table or column is not there",
        ),
        (
            "alter table orders rename total to sum",
            "alter table orders rename sum to total",
            "shop.toml: orders.select",
        ),
        ("begin exclusive", "rollback", "locked by somebody else"),
    ],
    ids=["a column of a write", "a column of a read", "locked"],
)
def test_a_shop_that_breaks_is_parked_and_taken_up_by_itself(tmp_path, breaks, heals, said):
    """Nothing is lost, nothing is tried away, nothing is done twice."""
    (tmp_path / "shop.toml").write_text(MAPPING)
    with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as db:
        db.executescript(SCHEMA)
        settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml", lock_timeout="1 s")
        clock = Clock()
        shop = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=clock)
        list(shop.install())
        scene = Scene.make(shop)
        scene.deliver(bodies.approved())
        runner = scene.runner
        db.execute(breaks)
        for _ in range(3):
            parked = runner.run_once().parked
            scene.clock.move(minutes=2)
            clock.move(minutes=2)
        db.execute(heals)
        before = scene.states()
        runner.run_once()
        scene.clock.move(minutes=2)
        after = runner.run_once().parked

        assert said in parked["main"]
        assert "done" not in before
        assert ({}, ["done"]) == (after, scene.states())
        assert [(1001, 2000)] == db.execute("select order_id, cents from refunds").fetchall()
        assert [(1,)] == db.execute("select count(*) from op_references").fetchall()
