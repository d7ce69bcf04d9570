"""The page of the SQL mapping names every key, field and value to bind, and nothing else."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings, binding, mapping, rows

from op_core.errors import Refused
from op_core.models import Address, LineQuantity
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest, OperationKey, RefundRequest, ReshipRequest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "sql-mapping.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "connect-a-sql-shop.md").read_text(encoding="utf-8")
NOW = datetime(2030, 1, 1, tzinfo=UTC)
SCHEMA = """
create table customers (id integer primary key, email text);
create table orders (id integer primary key, number text unique, customer_id integer, total_cents integer,
    placed_at text, updated_at text, status text);
create table order_lines (id integer primary key, order_id integer, title text, quantity integer, price_cents integer,
    sku text);
create table payments (id integer primary key, order_id integer, captured_cents integer, refunded_cents integer,
    kind text);
create table refunds (id integer primary key, payment_id integer, cents integer, reference text, created_at text);
create table stock (sku text primary key, free integer);
insert into customers values (5, 'somebody@example.com');
insert into orders values (1, 'A1', 5, 2500, '2029-12-01 10:00:00', '2029-12-01 10:00:00', 'paid');
insert into order_lines values (11, 1, 'Mug', 2, 1250, 'MUG');
insert into payments values (21, 1, 2500, 0, 'card');
insert into stock values ('MUG', 1);
"""
LINES = ("line_id", "quantity", "line_name", "line_sku", "line_product_id", "line_variant_id")


def section(heading):
    """Return what stands under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def tables(text):
    """Return, of each table of a text, the cells of its rows, the heading's first."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    split = re.compile(r" \| ")
    return [[split.split(line.strip("|\n ")) for line in table.splitlines() if "|---" not in line] for table in found]


def names(cell):
    return re.findall(r"`([a-z_0-9]+)`", cell)


def keys(heading):
    """Return the keys that a section's first table of keys names."""
    table = next(table for table in tables(section(heading)) if table[0][0] == "key")
    return {name for row in table[1:] for name in names(row[0])}


TABLES = pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("`[stores.x.settings]`", SqlShopSettings),
        ("`[shop]`", mapping.Shop),
        ("`columns`", mapping.Column),
        ("`[orders]`", mapping.Orders),
        ("`[lines]`", mapping.Select),
        ("`[fulfillments]`", mapping.Fulfillments),
        ("`[shipping_events]`", mapping.ShippingEvents),
        ("`[products]`", mapping.Products),
        ("Writing", mapping.MoneyVerb),
        ("`[[refund.steps]]`", mapping.Step),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)


@TABLES
def test_every_key_has_its_row(heading, model):
    """A table of the page has a row for each key of the table in the file."""
    assert set(model.model_fields) == keys(heading)


@TABLES
def test_every_needed_key_is_bold(heading, model):
    """What a table of the file cannot be without is in bold, and nothing else is."""
    table = next(table for table in tables(section(heading)) if table[0][0] == "key")
    bold = {name for row in table[1:] for name in re.findall(r"\*\*`([a-z_]+)`\*\*", row[0])}

    assert {name for name, field in model.model_fields.items() if field.is_required()} == bold


def test_every_table_is_named():
    """What a file may hold is on the page."""
    assert [] == [name for name in mapping.ShopMapping.model_fields if f"`[{name}]`" not in PAGE]


@pytest.mark.parametrize("table", sorted(rows.FIELDS))
def test_every_field_is_named_and_the_needed_ones_are_bold(table):
    """What a statement may say is on the page, and what it must say is in bold."""
    heading, _, part = table.partition(".")
    if part:
        (said,) = [row[2] for row in tables(section(f"`[{heading}]`"))[0] if row[0] == "**`lines`**"]
    elif heading in ("payments", "addresses", "premiums", "marks"):
        text = section("`[payments]`, `[addresses]`, `[premiums]`, `[marks]`")
        (said,) = [row[1] for row in tables(text)[0] if row[0] == f"`{heading}`"]
    elif heading == "stock":
        said = section("`[stock]`").partition("\n**")[2]
        said = "**" + said.partition(":")[0]
    else:
        table_of_fields = next(found for found in tables(section(f"`[{heading}]`")) if found[0][0] == "field")
        said = " ".join(row[0] for row in table_of_fields[1:])
    bold = set(re.findall(r"\*\*`([a-z_0-9]+)`\*\*", said))
    may_be_null = {"available"} if table == "stock" else set()

    assert set(rows.FIELDS[table]) == set(names(said))
    assert set(rows.REQUIRED[table]) - may_be_null == bold


def test_every_value_to_bind_is_named():
    """Each verb's row names what its statements can bind."""
    said = {names(row[0])[0] if names(row[0]) else "all": row[1] for row in tables(section("What can be bound"))[0][1:]}
    shared = set(names(said["all"]))
    bound = {
        verb: shared | set(names(said[verb].replace("`reship`", ""))) | (set(LINES) if "line" in said[verb] else set())
        for verb in binding.NAMES
    }

    assert {verb: set(known) for verb, known in binding.NAMES.items()} == bound


# --- The how-to ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path):
    """The shop of the how-to, connected by the blocks of that page."""
    blocks = re.findall(r"```toml\n(.*?)```", HOW_TO, re.DOTALL)
    (tmp_path / "shop.toml").write_text("\n".join(text for text in blocks if "[ledger]" not in text), encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)
    settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
    adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=lambda: NOW)
    list(adapter.install())
    return adapter


def test_the_how_to_refunds_and_reships(shop, tmp_path):
    """Its mapping reads the shop, refunds up to what is left, and sends again what is in stock."""
    order = shop.op_get_order(GetOrderRequest("main", "1"))

    def common(verb, n):
        key = OperationKey("main-1", "claim:C1", verb, n)
        deadline = NOW + timedelta(seconds=30)
        return {"store": "main", "key": key, "reference": f"OP-{verb}{n}", "order": order, "deadline": deadline}

    def refund(n, amount):
        return shop.op_issue_refund(RefundRequest(**common("refund", n), amount=Money(amount, "USD"), payment_id="21"))

    def reship(n):
        lines = (LineQuantity("11", 1),)
        return shop.op_create_reship(ReshipRequest(**common("reship", n), lines=lines, address=Address(country="US")))

    refunded, sent = refund(1, "20.00"), reship(1)
    with pytest.raises(Refused, match="the payment has not so much left"):
        refund(2, "5.01")
    with pytest.raises(Refused, match="not enough in stock"):
        reship(2)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        made = db.execute("select total_cents, status from orders where id = ?", (sent.order_id,)).fetchall()
        paid = db.execute("select cents, reference from refunds").fetchall()

    assert ("done", "booked") == (refunded.state, refunded.money)
    assert [(0, "replacement")] == made
    assert [(2000, "OP-refund1")] == paid
