"""Values that a driver gives up: only their order cannot be read, and its column is named."""

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import ContractBroken
from op_core.plugins import StoreInfo
from op_core.requests import ExportOrdersRequest, GetOrderRequest

ROWS = """
create table orders (id integer primary key, word text, at {time}, sent {day});
insert into orders values (1, 'A1', '2029-12-01', '2029-12-01'), (2, {word}, '2029-12-02', {sent}),
    (3, 'A3', {changed}, '2029-12-03')
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
[orders]
select = "select id, word as number, at as updated_at, at as created_at, {more} 1 as total from orders"
[lines]
select = "select id as order_id, id, word as name, 1 as quantity, 1 as unit_price from orders"
"""


@pytest.fixture
def shop_of(tmp_path):
    """Connect a shop whose second and third order are as said."""
    made = []

    def connect(url, more="", **said):
        engine = sa.create_engine(url)
        values = {"time": "text", "word": "'A2'", "sent": "null", "changed": "'2029-12-03'", **said}
        values.setdefault("day", values["time"])
        with engine.begin() as db:
            for statement in ROWS.format(**values).split(";\n"):
                db.exec_driver_sql(statement)
        engine.dispose()
        (tmp_path / "shop.toml").write_text(MAPPING.format(more=more))
        settings = SqlShopSettings(url=url, mapping="shop.toml")
        made.append(SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path)))
        return made[-1]

    yield connect
    for shop in made:
        shop.close()


def page_of(shop, cursor=None, limit=9):
    page = shop.op_export_orders(ExportOrdersRequest("main", None, cursor, limit))
    return [order.id for order in page.orders], {one.id: one.reason for one in page.unreadable}, page


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
@pytest.mark.parametrize("time", ["infinity", "-infinity", "0044-03-15 BC", "20000-01-01"])
def test_a_time_that_python_cannot_hold_stops_its_order_alone(postgres_url, shop_of, kind, time):
    """PostgreSQL knows more times than Python does: the page would fail, and the order alone be called unknown."""
    shop = shop_of(postgres_url, "sent as cancelled_at,", time=kind, sent=f"'{time}'")

    found, unread, _ = page_of(shop)

    expected = "shop.toml: orders.select: column cancelled_at of id 2: found text that is no time"
    assert (["1", "3"], ["2"]) == (found, list(unread))
    assert unread["2"].startswith(expected)
    with pytest.raises(ContractBroken, match=expected):
        shop.op_get_order(GetOrderRequest("main", "2"))


def test_a_day_that_is_only_text_to_us_is_read_as_the_database_writes_it(postgres_url, shop_of):
    """Nothing is wrong with such an order."""
    shop = shop_of(postgres_url, "sent as status,", time="timestamptz", day="date", sent="'infinity'")
    orders = page_of(shop)[2].orders

    assert ["2029-12-01", "infinity", "2029-12-03"] == [order.status for order in orders]


def test_pages_go_on_over_a_change_at_infinity(postgres_url, shop_of):
    """Its row is the last of the order of change, and the cursor after it is bound again as what it was."""
    shop = shop_of(postgres_url, time="timestamptz", changed="'infinity'")
    found, cursor, done = [], None, False
    while not done:
        some, unread, page = page_of(shop, cursor, limit=1)
        found += [*some, *unread]
        cursor, done = page.cursor, page.done

    assert ["1", "2", "3"] == found
    assert ([], {}, cursor) == (*page_of(shop, cursor)[:2], page_of(shop, cursor)[2].cursor)


def test_text_of_another_encoding_stops_its_order_alone(tmp_path, shop_of):
    """SQLite keeps any bytes as text; the driver's error, which repeats them, is not told."""
    shop = shop_of(f"sqlite:///{tmp_path}/shop.db", word="cast(x'41ff' as text)")

    found, unread, _ = page_of(shop)

    assert (["1", "3"], ["2"]) == (found, list(unread))
    assert "column number of id 2: found bytes; expected text" in unread["2"]
