"""The shops of the examples: a fresh copy of a real Oscar's database, and WooCommerce's tables on MariaDB."""

import gzip
import importlib
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from op_custom_store import CustomStoreAdapter, CustomStoreSettings
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from op_core.plugins import StoreInfo, register
from op_core.testing import mariadb, postgres
from op_core.testing.copying import fill

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "oscar_custom"
MAPPED = ROOT / "examples" / "oscar_sql"
DATA = ROOT / "tests" / "data"
NEWEST = """SELECT max(date_created) FROM (SELECT date_created FROM order_orderstatuschange
    UNION ALL SELECT date_created FROM order_shippingevent)"""
PREMIUMS = """SELECT order_id, incl_tax paid FROM order_surcharge WHERE code = 'order-protection'
    UNION ALL SELECT order_id, line_price_incl_tax FROM order_line WHERE partner_sku = 'PROTECT-STD'"""
NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def oscar_example():
    """Import a module of the example by name, as op-core finds it: its folder is on the path."""
    sys.path.append(str(EXAMPLE))
    yield importlib.import_module
    sys.path.remove(str(EXAMPLE))


@pytest.fixture(scope="session")
def oscar_unpacked():
    """The database that Oscar's own code filled: 300 orders."""
    return gzip.decompress((DATA / "oscar-300-orders.sqlite3.gz").read_bytes())


@pytest.fixture
def oscar_file(tmp_path, oscar_unpacked):
    """A fresh copy of that database."""
    path = tmp_path / "oscar.sqlite3"
    path.write_bytes(oscar_unpacked)
    return path


@pytest.fixture
def oscar_sqlite_url(oscar_file):
    """Its URL."""
    return f"sqlite:///{oscar_file}"


@pytest.fixture
def oscar_second_sqlite_url(tmp_path, oscar_unpacked):
    """That of another copy."""
    (tmp_path / "second.sqlite3").write_bytes(oscar_unpacked)
    return f"sqlite:///{tmp_path}/second.sqlite3"


@pytest.fixture(scope="session")
def oscar_postgres_template(postgres_server, oscar_unpacked, tmp_path_factory):
    """The same rows in PostgreSQL, under the schema that Oscar's own migrations make there (``pg_dump``)."""
    file = tmp_path_factory.mktemp("oscar") / "oscar.sqlite3"
    file.write_bytes(oscar_unpacked)
    schema = gzip.decompress((DATA / "oscar-postgresql.sql.gz").read_bytes()).decode()
    with postgres.database(postgres_server) as url:
        fill(url, schema, file)
        yield url


@pytest.fixture
def oscar_postgres_url(postgres_server, oscar_postgres_template):
    """A fresh copy of that database."""
    with postgres.database(postgres_server, oscar_postgres_template) as url:
        yield url


@pytest.fixture
def oscar_adapter(oscar_example):
    """Connect an adapter over an example, under a clock that stands still: ``custom_store`` or ``sql_shop``."""
    made = []

    def connect(name, url, **said):
        if name == "custom_store":
            backend = oscar_example("oscar_op").OscarShop(make_url(url).database, wait=20.0, clock=lambda: NOW)
            settings = CustomStoreSettings(backend="oscar_op:OscarShop", options={"database": backend.database})
            adapter = CustomStoreAdapter(settings, StoreInfo("main", "oscar-main", EXAMPLE))
            adapter.client = type(adapter.client)(backend, ours=True)
        else:
            settings = SqlShopSettings(url=url, mapping="shop.toml", **said)
            adapter = SqlShopAdapter(settings, StoreInfo("main", "oscar-main", MAPPED), clock=lambda: NOW)
            list(adapter.install())
        made.append(adapter)
        return adapter

    yield connect
    for adapter in made:
        adapter.close()


@pytest.fixture
def oscar_engine():
    """Reach a database past every adapter."""
    made = []

    def connect(url):
        made.append(create_engine(url))
        return made[-1]

    yield connect
    for engine in made:
        engine.dispose()


@pytest.fixture
def shop(oscar_example, oscar_file):
    """The example's backend over the copy, under a clock that stands still."""
    backend = oscar_example("oscar_op").OscarShop
    return backend(oscar_file.name, directory=oscar_file.parent, wait=20.0, clock=lambda: NOW)


@pytest.fixture
def sql(oscar_file):
    """Ask the database itself, past the example."""

    def ask(statement, *values):
        with closing(sqlite3.connect(oscar_file)) as db, db:
            return db.execute(statement, values).fetchall()

    return ask


class Staff:
    """
    What staff does in Oscar, in its own tables and past the example.

    Args:
        file: The database.
    """

    def __init__(self, file):
        """Begin an hour after the last thing that happened in the shop."""
        self.file = file
        self.at = datetime.fromisoformat(self.ask(NEWEST)[0][0]) + timedelta(hours=1)

    def ask(self, statement, **values):
        """Ask Oscar's own tables, past the example."""
        with closing(sqlite3.connect(self.file)) as db:
            return db.execute(statement, values).fetchall()

    def do(self, statement, **values):
        """Change Oscar's own tables, at the time of the changes."""
        with closing(sqlite3.connect(self.file)) as db, db:
            db.execute(statement, {"at": str(self.at), **values})

    def moves(self, order, status):
        """Give an order another status, as Oscar's own handler writes it."""
        self.do(
            """INSERT INTO order_orderstatuschange (old_status, new_status, order_id, date_created)
               SELECT status, :status, id, :at FROM order_order WHERE id = :order""",
            order=order,
            status=status,
        )
        self.do("UPDATE order_order SET status = :status WHERE id = :order", order=order, status=status)

    def arrives(self, order):
        """Write down that all of an order's lines were delivered."""
        self.do(
            """INSERT INTO order_shippingevent (notes, event_type_id, order_id, date_created)
               SELECT '', id, :order, :at FROM order_shippingeventtype WHERE code = 'delivered'""",
            order=order,
        )
        self.do(
            """INSERT INTO order_shippingeventquantity (quantity, event_id, line_id)
               SELECT quantity, (SELECT max(id) FROM order_shippingevent), id FROM order_line
               WHERE order_id = :order AND partner_sku <> 'PROTECT-STD'""",
            order=order,
        )

    def notes(self, order, text, more):
        """Change an order's total, and leave a note: nothing else in Oscar says that a surcharge or line changed."""
        self.do(
            """UPDATE order_order SET total_incl_tax = round(total_incl_tax + :more, 2),
               total_excl_tax = round(total_excl_tax + :more, 2) WHERE id = :order""",
            order=order,
            more=more,
        )
        self.do(
            """INSERT INTO order_ordernote (note_type, message, date_created, date_updated, order_id)
               VALUES ('Info', :text, :at, :at, :order)""",
            order=order,
            text=text,
        )

    def readdresses(self, order):
        """Correct where an order was sent to."""
        self.do(
            """UPDATE order_shippingaddress SET line4 = 'Othertown'
               WHERE id = (SELECT shipping_address_id FROM order_order WHERE id = :order)""",
            order=order,
        )
        self.notes(order, "address corrected", 0)

    def protects(self, order):
        """Add the surcharge of protection."""
        self.do(
            """INSERT INTO order_surcharge (name, code, incl_tax, excl_tax, order_id)
               VALUES ('Order protection', 'order-protection', 2.45, 2.45, :order)""",
            order=order,
        )
        self.notes(order, "protected by phone", 2.45)

    def unprotects(self, order):
        """Take protection off: its surcharge, or its line."""
        lost = self.ask(f"SELECT sum(paid) FROM ({PREMIUMS}) WHERE order_id = :order", order=order)[0][0]  # noqa: S608 - no value is in it
        self.do("DELETE FROM order_surcharge WHERE code = 'order-protection' AND order_id = :order", order=order)
        self.do("DELETE FROM order_line WHERE partner_sku = 'PROTECT-STD' AND order_id = :order", order=order)
        self.notes(order, "protection given back at the counter", -lost)


@pytest.fixture(scope="session")
def staff_of():
    """Return what changes a copy of that database as the shop's staff does."""
    return Staff


# --- WooCommerce -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def woocommerce_fill():
    """Return what fills an empty database with a small shop in WooCommerce's tables."""
    folder = str(ROOT / "tests" / "data" / "woocommerce")
    sys.path.append(folder)
    yield importlib.import_module("woocommerce_sample").fill
    sys.path.remove(folder)


@pytest.fixture(scope="module")
def woo_url(mariadb_server, woocommerce_fill):
    """Give a MariaDB database of this module's own with that shop in it."""
    with mariadb.database(mariadb_server) as url:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            woocommerce_fill(connection)
        yield url


@pytest.fixture(scope="module")
def woo_of():
    """Connect the example's mapping with a database, under a clock that stands still."""

    def connect(url, **settings):
        folder = ROOT / "examples" / "woocommerce_sql"
        settings = SqlShopSettings(url=url, mapping="shop.toml", **settings)
        adapter = SqlShopAdapter(settings, StoreInfo("main", "woocommerce-main", folder), clock=lambda: NOW)
        register(adapter, {})
        return adapter

    return connect


@pytest.fixture(scope="module")
def woo(woo_url, woo_of):
    """The example over that shop, its table installed."""
    adapter = woo_of(woo_url, connections=16)
    list(adapter.install())
    yield adapter
    adapter.close()


@pytest.fixture(scope="module")
def woo_sql(woo_url):
    """Ask or change the tables themselves, past the example."""
    engine = create_engine(woo_url)

    def ask(statement, **values):
        with engine.begin() as connection:
            done = connection.execute(text(statement), values)
            return [tuple(row) for row in done] if done.returns_rows else done.rowcount

    yield ask
    engine.dispose()
