"""Rules of a walk over pages, for any orders, on each database; and what a page costs."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import ContractBroken
from op_core.money import Money, exponent
from op_core.plugins import StoreInfo
from op_core.requests import ExportOrdersRequest, GetOrderRequest
from op_core.testing import mariadb, postgres

START = datetime(2029, 3, 25, tzinfo=UTC)
SCHEMA = """
create table orders (id varchar(40) {binary} primary key, exact {amount}, cents bigint, said varchar(60),
    currency char(3), changed {time}, word varchar(20));
create table order_lines (id integer primary key, order_id varchar(40), at {time} not null);
create index orders_changed on orders (changed, id)
"""
KINDS = {
    "sqlite": {"binary": "", "amount": "varchar(60)", "time": "text"},
    "postgresql": {"binary": 'collate "C"', "amount": "numeric(30, 6)", "time": "timestamptz"},
    "mysql": {"binary": "character set utf8mb4 collate utf8mb4_bin", "amount": "decimal(30, 6)", "time": "datetime(6)"},
}
MAPPING = """
[shop]
zone = "UTC"
[orders]
select = '''select id, id as number, currency, exact as total, cents as shipping, said as tax, changed as updated_at,
    coalesce(changed, '2029-01-01 00:00:00') as created_at, word as status from orders'''
columns = { shipping = { money = "minor_units" }, status = { values = { sold = "sold" } } }
[lines]
select = "select order_id, id, '' as name, 1 as quantity, 0 as unit_price from order_lines"
"""
GREATEST = """changed_at.greatest_of = [
    "select id as order_id, changed as changed_at from orders where id <> 'a'",
    "select order_id, at as changed_at from order_lines"]
[lines]"""
SELDOM = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
IDS = st.text(st.sampled_from("aAbBzZ19-_ éÖ"), min_size=1, max_size=6).filter(lambda id_: id_ == id_.strip())
TIMES = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 7 * 86_400_000_000))
ORDERS = st.dictionaries(IDS, TIMES, max_size=24)
AMOUNTS = st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=6)


@pytest.fixture(scope="module", params=["sqlite", "postgresql", pytest.param("mysql", marks=pytest.mark.mariadb)])
def database(request, tmp_path_factory):
    """Give kind, URL and engine of an empty shop of this module's own."""
    kind, folder = request.param, tmp_path_factory.mktemp("pages")
    if kind == "sqlite":
        yield from prepared(kind, f"sqlite:///{folder}/shop.db")
    else:
        servers = {"postgresql": ("postgres_server", postgres), "mysql": ("mariadb_server", mariadb)}
        fixture, module = servers[kind]
        with module.database(request.getfixturevalue(fixture)) as url:
            yield from prepared(kind, url)


def prepared(kind, url):
    engine = sa.create_engine(url)
    with engine.begin() as db:
        for statement in SCHEMA.format(**KINDS[kind]).split(";\n"):
            db.exec_driver_sql(statement)
    yield kind, url, engine
    engine.dispose()


@pytest.fixture(scope="module")
def shop(database, tmp_path_factory):
    """Return what connects a mapping."""
    made, folder = [], tmp_path_factory.mktemp("mappings")

    def connect(mapping=MAPPING):
        path = folder / f"{len(made)}.toml"
        path.write_text(mapping)
        said = SqlShopSettings(url=database[1], mapping=path.name)
        made.append(SqlShopAdapter(said, StoreInfo("main", "main-1", folder)))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def plain(shop):
    return shop()


@pytest.fixture(scope="module")
def greatest(shop):
    return shop(MAPPING.replace("[lines]", GREATEST, 1))


def fill(database, rows):
    kind, _, engine = database
    with engine.begin() as db:
        db.exec_driver_sql("delete from order_lines")
        db.exec_driver_sql("delete from orders")
        for row in rows:
            said = {"exact": "1", "cents": 100, "said": "0", "currency": "USD", "changed": None, "word": "sold", **row}
            said["changed"] = written(kind, said["changed"])
            db.execute(
                sa.text("insert into orders values (:id, :exact, :cents, :said, :currency, :changed, :word)"), said
            )


def written(kind, microseconds):
    if microseconds is None:
        return None
    time = START + timedelta(microseconds=microseconds)
    return time if kind == "postgresql" else f"{time:%Y-%m-%d %H:%M:%S.%f}"


def walked(adapter, limit, since=None):
    """Return the pages of a whole walk."""
    pages, cursor, done = [], None, False
    while not done:
        pages.append(adapter.op_export_orders(ExportOrdersRequest("main", since, cursor, limit)))
        cursor, done = pages[-1].cursor, pages[-1].done
        assert len(pages) < 100
    return pages


def ids(pages):
    return [order.id for page in pages for order in page.orders]


@SELDOM
@given(orders=ORDERS, limit=st.integers(1, 9))
def test_each_order_comes_once_in_the_order_of_change(database, plain, orders, limit):
    """Also where many changed at once, where ids differ by case alone, and where a time of change is not there."""
    fill(database, [{"id": id_, "changed": time} for id_, time in orders.items()])

    pages = walked(plain, limit)

    assert Counter(list(orders)) == Counter(ids(pages))
    times = [order.updated_at for page in pages for order in page.orders if orders[order.id] is not None]
    assert sorted(times) == times
    assert all(len(page.orders) <= limit for page in pages[1:])


@SELDOM
@given(orders=ORDERS, limit=st.integers(1, 9))
def test_each_order_comes_once_by_the_greatest_of_several_times(database, greatest, orders, limit):
    """Likewise, where no column holds the time of change; also what none of the SELECTs knows, alone too."""
    fill(database, [{"id": id_, "changed": time} for id_, time in orders.items()])

    assert Counter(list(orders)) == Counter(ids(walked(greatest, limit)))
    assert list(orders) == [greatest.op_get_order(GetOrderRequest("main", id_)).id for id_ in orders]


@SELDOM
@given(orders=ORDERS, since=st.integers(0, 7 * 86_400_000_000))
def test_since_gives_what_changed_then_or_later_and_what_has_no_time(database, plain, greatest, orders, since):
    """To the microsecond; nothing without a time of change is ever passed over."""
    fill(database, [{"id": id_, "changed": time} for id_, time in orders.items()])

    later = {id_ for id_, time in orders.items() if time is None or time >= since}
    from_then = START + timedelta(microseconds=since)
    assert later == set(ids(walked(plain, 7, from_then)))
    assert later | ({"a"} & orders.keys()) == set(ids(walked(greatest, 7, from_then)))


@SELDOM
@given(
    orders=st.dictionaries(IDS, st.integers(0, 10), min_size=2, max_size=20),
    limit=st.integers(1, 5),
    moves=st.lists(st.integers(0, 99), max_size=6),
)
def test_an_order_that_changes_during_a_walk_is_not_lost_and_hides_no_other(database, plain, orders, limit, moves):
    """It comes again, later; every other one comes once."""
    fill(database, [{"id": id_, "changed": time} for id_, time in orders.items()])
    found, cursor, done, moved, tick = [], None, False, set(), 100
    while not done:
        page = plain.op_export_orders(ExportOrdersRequest("main", None, cursor, limit))
        cursor, done = page.cursor, page.done
        found += [order.id for order in page.orders]
        if moves and not done:
            id_, tick = sorted(orders)[moves.pop() % len(orders)], tick + 1
            moved.add(id_)
            with database[2].begin() as db:
                change = {"id": id_, "changed": written(database[0], tick)}
                db.execute(sa.text("update orders set changed = :changed where id = :id"), change)

    assert set(orders) == set(found)
    assert {1} >= {times for id_, times in Counter(found).items() if id_ not in moved}


@SELDOM
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=8), currency=st.sampled_from(["USD", "JPY", "BHD"]))
def test_amounts_come_out_with_every_digit(database, plain, amounts, currency):
    """As decimals, as texts, and in minor units of currencies with no, two and three digits."""
    cents = [int(amount) for amount in amounts]
    rows = [
        {"id": f"o{at}", "changed": at, "exact": f"{amount:f}", "said": f"{amount:f}", "cents": cents[at]}
        for at, amount in enumerate(amounts)
    ]
    fill(database, [{**row, "currency": currency} for row in rows])

    (page,) = walked(plain, 20)

    assert [Money(amount, currency) for amount in amounts] == [order.total for order in page.orders]
    assert [Money(amount, currency) for amount in amounts] == [order.tax for order in page.orders]
    minor = [Money(Decimal(each).scaleb(-exponent(currency)), currency) for each in cents]
    assert minor == [order.shipping for order in page.orders]


@SELDOM
@given(bad=st.sets(st.integers(0, 29)), limit=st.integers(11, 40))
def test_an_order_that_cannot_be_read_stops_no_other(database, plain, bad, limit):
    """It is told by its id with the column, and not by what is in it; asked for alone, it is an error."""
    fill(database, [{"id": f"o{at:02d}", "changed": at, "word": "?" if at in bad else "sold"} for at in range(30)])
    if len(bad) == 30:
        return

    found, unread, cursor, done = [], {}, None, False
    while not done:
        try:
            page = plain.op_export_orders(ExportOrdersRequest("main", None, cursor, limit))
        except ContractBroken:  # a whole page of them: it is no single order that is wrong
            return
        cursor, done = page.cursor, page.done
        found += [order.id for order in page.orders]
        unread |= {one.id: one.reason for one in page.unreadable}

    assert [f"o{at:02d}" for at in range(30) if at not in bad] == found
    assert {f"o{at:02d}" for at in bad} == unread.keys()
    assert all("orders.select: column status of id" in reason for reason in unread.values())
    for one in unread:
        with pytest.raises(ContractBroken, match="column status"):
            plain.op_get_order(GetOrderRequest("main", one))


def test_more_orders_without_a_time_of_change_than_a_first_page_takes_are_an_error(database, plain, greatest):
    """It names the column, or the SELECTs, and what to write."""
    fill(database, [{"id": f"o{at}"} for at in range(101)])

    with pytest.raises(ContractBroken, match=r"column updated_at: found NULL in more than 100 rows.*coalesce"):
        walked(plain, 10)
    with pytest.raises(ContractBroken, match=r"changed_at.greatest_of: found no time in more than 100 rows.*coalesce"):
        walked(greatest, 10)


@pytest.mark.parametrize("limit", [1, 20, 200])
def test_a_page_is_as_many_statements_however_many_orders_it_has(database, plain, limit):
    """One for the orders and one for their lines, besides that for what has no time; and none counts rows to skip."""
    fill(database, [{"id": f"o{at:03d}", "changed": at} for at in range(250)])
    first = plain.op_export_orders(ExportOrdersRequest("main", None, None, limit))
    said = []

    def count(connection, cursor, statement, *_):
        said.append(statement.lower())

    sa.event.listen(plain.client.engine, "before_cursor_execute", count)
    try:
        page = plain.op_export_orders(ExportOrdersRequest("main", None, first.cursor, limit))
    finally:
        sa.event.remove(plain.client.engine, "before_cursor_execute", count)

    reading = [statement for statement in said if "from orders" in statement or "order_lines" in statement]
    assert min(limit, 250 - limit) == len(page.orders)
    assert 2 == len(reading)
    assert not [statement for statement in said if "offset" in statement]
