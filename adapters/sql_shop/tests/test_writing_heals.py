"""A PostgreSQL shop that is locked, cut off, read only or changed: each is named, and the same call works later."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import attrs
import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from sqlalchemy.engine import make_url

from op_core.errors import NotSent, Refused, ShopAway
from op_core.models import Found
from op_core.plugins import StoreInfo
from op_core.requests import FindRequest, GetOrderRequest, NoteRequest, OperationKey
from op_core.testing import postgres
from op_core.untrusted import Untrusted

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MAPPING = """
[shop]
currency = "USD"
[orders]
select = "select id, id as number, total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select id as order_id, id, 'Mug' as name, 1 as quantity, total as unit_price from orders"
[note]
[[note.steps]]
sql = "insert into notes (order_id, words, reference) values (:order_id, :text, :reference) returning id as shop_id"
[[note.steps]]
sql = "update orders set noted = noted + 1 where id = :order_id"
"""


@pytest.fixture(scope="module")
def url(postgres_server):
    """One database for all, with one order."""
    with postgres.database(postgres_server) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as db:
            db.execute(sa.text("create table orders (id int primary key, total numeric, at timestamptz, noted int)"))
            db.execute(sa.text("create table notes (id serial primary key, order_id int, words text, reference text)"))
            db.execute(sa.text("insert into orders values (1, 25, '2029-12-01Z', 0)"))
        yield url


@pytest.fixture
def db(url):
    """Run a statement as the shop's owner, committed at once."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")

    def run(sql):
        with engine.connect() as connection:
            result = connection.execute(sa.text(sql))
            return [tuple(row) for row in result] if result.returns_rows else []

    return run


@pytest.fixture
def shop_of(url, tmp_path):
    """Connect, with half a second of patience."""
    (tmp_path / "shop.toml").write_text(MAPPING)
    made = []

    def connect(other=None):
        settings = SqlShopSettings(url=other or url, mapping="shop.toml", lock_timeout=timedelta(milliseconds=500))
        made.append(SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=lambda: NOW))
        return made[-1]

    list(connect().install())
    yield connect
    for one in made:
        one.close()


@pytest.fixture
def asked(shop_of):
    """A note with a reference of its own."""
    order = shop_of().op_get_order(GetOrderRequest("main", "1"))
    key = OperationKey("main-1", f"message:{uuid4().hex}", "note", 1)
    reference = f"OP-{uuid4().hex[:20].upper()}"
    return NoteRequest(
        store="main",
        key=key,
        reference=reference,
        order=order,
        deadline=NOW + timedelta(seconds=30),
        text=Untrusted("canary"),
    )


@pytest.fixture
def heals(shop_of, asked, db):
    """Check that nothing is there, and that the same call makes one effect now."""

    def check(shop=None):
        count = f"select count(*) from notes where reference = '{asked.reference}'"  # noqa: S608 - our own
        assert [(0,)] == db(count)
        shop = shop or shop_of()
        made = shop.op_add_note(asked)
        assert Found(made) == shop.op_find_note(FindRequest("main", asked.key, asked.reference, asked.order))
        assert [(1,)] == db(count)

    return check


@pytest.mark.parametrize(("table", "place"), [("orders", "note.lock"), ("notes", r"note.steps\[0\]")])
def test_a_locked_table_sends_the_shop_away(url, shop_of, asked, heals, table, place):
    """Somebody holds a whole table: the store waits, and the statement is named."""
    shop, engine = shop_of(), sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as other:
        other.execute(sa.text(f"lock table {table}"))
        with pytest.raises(ShopAway, match=rf"shop.toml: {place}: the database, or a table of it, is locked"):
            shop.op_add_note(asked)

    heals(shop)


def test_a_locked_row_is_only_tried_later(url, shop_of, asked, heals):
    """Somebody holds the order: the other orders go on."""
    shop, engine = shop_of(), sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as other:
        other.execute(sa.text("select 1 from orders where id = 1 for update"))
        with pytest.raises(NotSent, match=r"shop.toml: note.lock: somebody else holds a row") as caught:
            shop.op_add_note(asked)

    assert not isinstance(caught.value, ShopAway)
    heals(shop)


def test_a_connection_that_is_cut_in_the_midst_undoes_everything(shop_of, asked, db, heals):
    """The server ends it between two statements: nothing of the first is there."""
    shop = shop_of()

    def between(connection, _cursor, statement, *_):
        if statement.startswith("update orders"):
            backend = connection.connection.dbapi_connection.info.backend_pid
            db(f"select pg_terminate_backend({backend}, 5000)")

    sa.event.listen(shop.client.engine, "before_cursor_execute", between)
    with pytest.raises(ShopAway, match=r"shop.toml: note.steps\[1\]: the database does not answer"):
        shop.op_add_note(asked)
    sa.event.remove(shop.client.engine, "before_cursor_execute", between)

    heals(shop)


def test_connections_that_were_cut_while_they_waited_are_made_anew(shop_of, asked, db, heals):
    """The server was started again: nobody notices."""
    shop = shop_of()
    shop.op_get_order(GetOrderRequest("main", "1"))
    db("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database()"
       " and pid <> pg_backend_pid()")  # fmt: skip

    heals(shop)


def test_a_column_that_an_upgrade_renamed_is_named(shop_of, asked, db, heals):
    """The statement and the column are told, and no value."""
    shop = shop_of()
    db("alter table notes rename words to body")
    try:
        with pytest.raises(ShopAway) as caught:
            shop.op_add_note(asked)
    finally:
        db("alter table notes rename body to words")

    assert "shop.toml: note.steps[0]: a table or column is not there" in str(caught.value)
    assert "words" in str(caught.value)
    assert "canary" not in str(caught.value)
    heals(shop)


def test_a_user_who_may_only_read_is_named(url, shop_of, asked, db, heals):
    """Without rights, and on a database that is only read."""
    name = f"op_{uuid4().hex[:12]}"
    db(f"create role {name} login")
    db(f"grant select on all tables in schema public to {name}")
    reader = make_url(url).set(username=name).render_as_string(hide_password=False)
    try:
        with pytest.raises(ShopAway, match=r"shop.toml: note.lock: this user may not do that"):
            shop_of(reader).op_add_note(asked)
        db(f"grant update on orders to {name}")
        db(f"alter role {name} set default_transaction_read_only = on")
        with pytest.raises(ShopAway, match="this user may not do that, or the database is only read"):
            shop_of(reader).op_add_note(asked)
    finally:
        db(f"drop owned by {name}")
        db(f"drop role {name}")

    heals()


def test_a_text_that_postgresql_cannot_hold_is_refused(shop_of, asked, heals):
    """A NUL from outside is one note's fault; the shop is not away for it."""
    shop = shop_of()
    with pytest.raises(Refused, match="the database does not take a value"):
        shop.op_add_note(attrs.evolve(asked, text=Untrusted("a\0canary")))

    heals(shop)


def test_a_commit_is_durable_where_the_shop_does_without(shop_of, db):
    """What was told as done outlives a loss of power."""
    db("do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$")
    with shop_of().client.writing() as session:
        found = session.run(sa.text("show synchronous_commit"), {}, "a test").scalar_one()

    assert "on" == found
