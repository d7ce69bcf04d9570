"""The steps of a verb: what one returns, the next binds; what a shop cannot do, it says."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import NotSupported, Refused, SettingsError
from op_core.models import Address, LineQuantity
from op_core.plugins import StoreInfo
from op_core.requests import FindRequest, GetOrderRequest, OperationKey, ReshipRequest

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SCHEMA = """
create table orders (id integer primary key, at text);
create table lines (line integer primary key, parent integer, stock integer);
create table sent (reference text, line integer, taken integer);
insert into orders values (1, '2029-12-01');
insert into lines values (12, 1, 0), (11, 1, 5);
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
[orders]
select = "select id, id as number, at as created_at, at as updated_at, 1 as total from orders"
lock = "orders.id"
[lines]
select = "select line, parent, '' as name, 3 as quantity, 1 as unit_price from lines"
columns = { id = "line", order_id = "parent" }
[unsupported]
store_credit = "this shop keeps no balance"
[reship]
[[reship.steps]]
each = "lines"
sql = '''update lines set stock = stock - :quantity where line = :line_id and stock >= :quantity
    returning line as taken_line'''
expect_rows = "any"
[[reship.steps]]
each = "lines"
sql = "insert into sent values (:reference, :line_id, :taken_line is not null)"
"""


@pytest.fixture
def shop(tmp_path):
    """Connect a shop with one order of two lines; the second line is out of stock."""

    def connect(mapping=MAPPING):
        (tmp_path / "shop.toml").write_text(mapping)
        settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
        adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=lambda: NOW)
        list(adapter.install())
        return adapter

    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)
    return connect


def reship(shop, *lines):
    order = shop.op_get_order(GetOrderRequest("main", "1"))
    key = OperationKey("main-1", "claim:C1", "reship", 1)
    said = {"store": "main", "key": key, "reference": "OP-1", "order": order, "deadline": NOW + timedelta(seconds=30)}
    return shop.op_create_reship(ReshipRequest(**said, lines=lines, address=Address(country="US")))


def test_where_a_step_returns_no_row_null_is_bound(shop, tmp_path):
    """A later step can tell whether an earlier one found its row, line by line."""
    reship(shop(), LineQuantity("11", 1), LineQuantity("12", 1), LineQuantity("11", 2))

    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        assert [(11, 1), (12, 0)] == db.execute("select line, taken from sent").fetchall()
        assert [(2,)] == db.execute("select stock from lines where line = 11").fetchall()


def test_a_replacement_of_nothing_is_refused(shop):
    """No order is made without units."""
    for lines in ((), (LineQuantity("11", 0),)):
        with pytest.raises(Refused, match="of no units"):
            reship(shop(), *lines)


def test_what_the_shop_cannot_do_says_why(shop):
    """The mapping's reason is in the capability, in the refusal and in the answer; without one the table is named."""
    adapter = shop()
    order = adapter.op_get_order(GetOrderRequest("main", "1"))
    key = OperationKey("main-1", "claim:C1", "store_credit", 1)
    asked = FindRequest(store="main", key=key, reference="OP-1", order=order)

    assert "this shop keeps no balance" == adapter.capabilities["op_issue_store_credit"].reason
    assert "this shop keeps no balance" == adapter.op_find_store_credit(asked).reason
    assert "shop.toml has no table note" == adapter.capabilities["op_add_note"].reason
    with pytest.raises(NotSupported, match="this shop keeps no balance"):
        adapter.op_issue_store_credit(None)


@pytest.mark.parametrize(
    ("said", "why"), [("reship", "reship either with steps or as unsupported"), ("resend", "unsupported.resend")]
)
def test_a_reason_is_for_a_verb_that_is_not_there(shop, said, why):
    """What has steps is supported, and what is no verb is told."""
    with pytest.raises(SettingsError, match=why):
        shop(MAPPING.replace("store_credit", said))


def test_rows_of_orders_may_have_names_of_their_own(shop):
    """Lines are found by the columns that the mapping names, and come in the order of their ids."""
    order = shop().op_get_order(GetOrderRequest("main", "1"))

    assert ["11", "12"] == [line.id for line in order.lines]
