"""Oscar's database is away, in each way that it can be: a named error, a parked store, all done once when it heals."""

import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.plugins import StoreInfo
from op_core.testing import bodies
from op_core.testing.scene import Scene

MAPPED = Path(__file__).parents[2] / "examples" / "oscar_sql"
CLAIMS = 5


@contextmanager
def locked(file, _engine):
    """Let somebody else write, and not end it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield


@contextmanager
def may_only_read(_file, engine):
    """Take the right to write away."""

    def only_read(connection, _):
        connection.execute("pragma query_only = on")

    sa.event.listen(engine, "connect", only_read)
    yield
    sa.event.remove(engine, "connect", only_read)


@contextmanager
def without_a_column(file, _engine):
    """Upgrade the shop, so that a column has another name; then give it its old one back."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("alter table payment_transaction rename column amount to sum")
        yield
        other.execute("alter table payment_transaction rename column sum to amount")


@contextmanager
def gone(file, _engine):
    """Take the database away as a whole."""
    elsewhere = file.rename(file.with_suffix(".elsewhere"))
    yield
    elsewhere.rename(file)


def refunds(file):
    """Count the refunds under a reference of ours, and the references."""
    with closing(sqlite3.connect(file)) as shop:
        query = "select count(*), count(distinct reference) from payment_transaction where reference like 'OP-%'"
        return shop.execute(query).fetchone()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (locked, "is locked by somebody else"),
        (may_only_read, "this user may not do that"),
        (without_a_column, "no column named amount"),
        (gone, "there is no file where url says"),
    ],
)
def test_a_store_is_parked_and_goes_on_by_itself(oscar_file, caplog, fault, said):
    """However long it lasts nothing is held, lost or done twice; the reason is said once, and the end of it."""
    adapter = SqlShopAdapter(
        SqlShopSettings(url=f"sqlite:///{oscar_file}", mapping="shop.toml", lock_timeout=timedelta(milliseconds=500)),
        StoreInfo("main", "main-1", MAPPED),
        clock=lambda: scene.clock(),  # noqa: PLW0108 - the scene is made below
    )
    list(adapter.install())
    scene = Scene.make(adapter, limits={"hold_above": {"USD": "1000"}}, timing={"calls": 1})
    page = scene.desk.shop.export_orders(None, None, 60).orders
    paid = [one for one in page if one.refundable.amount >= one.lines[0].unit_price.amount and len(one.payments) == 1]
    paid = paid[:CLAIMS]
    for order in paid:
        price = f"{order.lines[0].unit_price.amount:f}"
        refund = bodies.resolution("REFUND", bodies.item(order.lines[0].id, 1, price), total=price)
        scene.deliver(bodies.approved(refund, claim=f"C{order.id}", order=order.id, event=f"e{order.id}"))
    runner = scene.runner
    before = refunds(oscar_file)
    with fault(oscar_file, adapter.client.engine):
        for _ in range(3):
            assert said in runner.run_once().parked["main"]
            scene.clock.move(hours=5)
    assert before == refunds(oscar_file)
    runner.run_once()
    scene.clock.move(minutes=2)
    runner.run_once()
    adapter.close()

    assert (["done"] * CLAIMS, [[]] * CLAIMS) == (scene.states(), scene.holds())
    assert (before[0] + CLAIMS, before[1] + CLAIMS) == refunds(oscar_file)
    told = [line for line in caplog.messages if line.startswith("store main ") and "shape" not in line]
    assert ["parked", "works"] == [next(word for word in ("parked", "works") if word in line) for line in told]
