"""A small shop on each database, and what the prover says of a mapping of it."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.plugins import StoreInfo
from op_core.testing import mariadb, postgres

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TIMES = {"sqlite": "text", "postgresql": "timestamptz", "mysql": "datetime"}
SCHEMA = """
create table orders (id integer primary key, number varchar(20), cents integer, paid integer, refunded integer,
    premium integer, placed_at {time} not null, updated_at {time} not null);
create index orders_changed on orders (updated_at, id);
create table order_lines (id integer primary key, order_id integer, title varchar(50), quantity integer, cents integer,
    weight double precision);
create table stock (line_id integer primary key, free integer);
create table refunds (id {serial}, order_id integer, cents integer, reference varchar(40));
create table sent (reference varchar(40) primary key, order_id integer, line_id integer);
create table notes (reference varchar(40), order_id integer, said varchar(200));
create table watched (reference varchar(40));
create table other (id integer primary key);
create table payers (order_id integer);
insert into orders values (1, 'A1', 2500, 2500, 0, 98, '2029-12-01 10:00:00', '2029-12-01 10:00:00'),
    (2, 'A2', 900, 900, 900, null, '2029-12-02 10:00:00', '2029-12-02 10:00:00');
insert into order_lines values (11, 1, 'Mug', 2, 1250, 0.5), (21, 2, 'Cup', 1, 900, 0.25);
insert into stock values (11, 3), (21, 0);
insert into payers values (1), (2)
"""
SERIAL = {
    "sqlite": "integer primary key autoincrement",
    "postgresql": "serial primary key",
    "mysql": "integer auto_increment primary key",
}
TRIGGERS = {
    "sqlite": "create trigger tell after insert on watched begin select 1; end",
    "postgresql": """create function tell() returns trigger language plpgsql as 'begin return new; end';
        create trigger tell after insert on watched for each row execute function tell()""",
    "mysql": "create trigger tell after insert on watched for each row set @told = 1",
}
LAST_ID = ':amount, :reference)"\nlast_id = "shop_id"'
RETURNING = ':amount, :reference) returning id as shop_id"'
MAPPING = """
[shop]
zone = "UTC"
money = "minor_units"
currency = "USD"
[orders]
select = '''select id, number, cents as total, premium, placed_at as created_at, updated_at,
    'somebody@example.com' as email from orders'''
lock = "orders.id"
[lines]
select = "select order_id, id, title as name, quantity, cents as unit_price from order_lines"
[payments]
select = "select id as order_id, id, paid as captured, refunded from orders"
[addresses]
select = "select id as order_id, 'shipping' as kind, 'US' as country, '1 Main St' as street_address_1 from orders"
[stock]
select = "select l.order_id, s.line_id, s.free as available from stock s join order_lines l on l.id = s.line_id"
[refund]
money = "booked"
[[refund.steps]]
sql = "update orders set refunded = refunded + :amount where id = :payment_id and paid - refunded >= :amount"
expect_rows = 1
refused = "not so much is left"
[[refund.steps]]
sql = "insert into refunds (order_id, cents, reference) values (:order_id, :amount, :reference)"
last_id = "shop_id"
[reship]
[[reship.steps]]
each = "lines"
sql = "update stock set free = free - :quantity where line_id = :line_id and free >= :quantity"
expect_rows = 1
refused = "not enough in stock"
[[reship.steps]]
each = "lines"
sql = "insert into sent values (:reference, :order_id, :line_id)"
[note]
[[note.steps]]
sql = "insert into notes values (:reference, :order_id, :text)"
"""


@contextmanager
def empty(kind, request, folder):
    """Make an empty database, and yield its URL."""
    if kind == "sqlite":
        (folder / "shop.db").touch()
        yield f"sqlite:///{folder}/shop.db"
    elif kind == "postgresql":
        with postgres.database(request.getfixturevalue("postgres_server")) as url:
            yield url
    else:
        with mariadb.database(request.getfixturevalue("mariadb_server")) as url:
            yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql", pytest.param("mysql", marks=pytest.mark.mariadb)])
def small_shop(request, tmp_path_factory):
    """Give kind and URL of a small shop of this module's own, with the table that op-core makes."""
    kind = request.param
    with empty(kind, request, tmp_path_factory.mktemp("shop")) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as db:
            for statement in SCHEMA.format(time=TIMES[kind], serial=SERIAL[kind]).split(";\n"):
                db.exec_driver_sql(statement)
            for statement in TRIGGERS[kind].split(";\n") if kind != "sqlite" else [TRIGGERS[kind]]:
                db.exec_driver_sql(statement)
            if kind == "mysql":
                db.exec_driver_sql("create table loose (reference varchar(40)) engine = MyISAM")
        yield kind, url


@pytest.fixture
def adapter_of(small_shop, tmp_path):
    """Connect a mapping with the small shop; each pair of texts replaces one by the other."""
    made = []

    def connect(*changes, url=None, more="", **settings):
        mapping = MAPPING + more
        if small_shop[0] == "postgresql":
            mapping = mapping.replace(LAST_ID, RETURNING)
        for old, new in changes:
            assert old in mapping
            mapping = mapping.replace(old, new)
        (tmp_path / "shop.toml").write_text(mapping, encoding="utf-8")
        said = SqlShopSettings(url=url or small_shop[1], mapping="shop.toml", **settings)
        made.append(SqlShopAdapter(said, StoreInfo("main", "main-1", tmp_path), clock=lambda: NOW))
        return made[-1]

    yield connect
    for adapter in made:
        adapter.close()


@pytest.fixture
def proofs_of(adapter_of):
    """Return what the prover says, by what it looked at, with the states of it."""

    def prove(*changes, writes=False, install=True, **said):
        adapter = adapter_of(*changes, **said)
        if install:
            list(adapter.install())
        found = {}
        for proof in adapter.prove(writes=writes):
            state, text = found.get(proof.check, ("well", ""))
            worse = proof.state if proof.state != "well" else state
            found[proof.check] = (worse, f"{text}\n{proof.said}".strip())
        return found

    return prove


@pytest.fixture
def rows_of_all():
    """Return every row of every table."""

    def dump(url):
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as db:
            names = sorted(sa.inspect(db).get_table_names())
            return {name: sorted(map(repr, db.exec_driver_sql(f"select * from {name}"))) for name in names}  # noqa: S608 - names of the test's own tables

    return dump
