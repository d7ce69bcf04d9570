"""What a webhook says in words is bound, never written into a statement."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import OrderNotFound
from op_core.models import Address, LineQuantity
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest, NoteRequest, OperationKey, ReshipRequest
from op_core.testing.hostile import TEXTS
from op_core.untrusted import Untrusted

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SCHEMA = """
create table orders (id integer primary key, number text, total numeric, at text);
create table notes (id integer primary key, order_id integer, said text, reference text);
create table sent (id integer primary key, order_id integer, street text, city text, reference text);
insert into orders values (1, 'A1', 25, '2029-12-01');
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
[orders]
select = "select id, number, total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select id as order_id, id, 'Mug' as name, 1 as quantity, total as unit_price from orders"
[note]
[[note.steps]]
sql = "insert into notes (order_id, said, reference) values (:order_id, :text, :reference) returning id as shop_id"
[reship]
[[reship.steps]]
sql = '''insert into sent (order_id, street, city, reference)
values (:order_id, :to_street_address_1, :to_city, :reference) returning id as shop_id'''
"""


@pytest.fixture
def shop(tmp_path):
    """A shop of one order, whose notes are the words alone."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)
    (tmp_path / "shop.toml").write_text(MAPPING)
    settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
    adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=lambda: NOW)
    list(adapter.install())
    yield adapter
    adapter.close()


@pytest.fixture
def rows(tmp_path):
    """Read from the shop's tables."""

    def read(sql):
        with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
            return db.execute(sql).fetchall()

    return read


def common(shop, n, verb):
    return {
        "store": "main",
        "key": OperationKey("main-1", f"message:{n}", verb, 1),
        "reference": f"OP-{verb.upper()}{n}",
        "order": shop.op_get_order(GetOrderRequest("main", "1")),
        "deadline": NOW + timedelta(seconds=30),
    }


def test_a_note_is_its_words(shop, rows):
    """Each text is one row, letter for letter; the tables stand as they stood."""
    for n, text in enumerate(TEXTS):
        assert "done" == shop.op_add_note(NoteRequest(**common(shop, n, "note"), text=Untrusted(text))).state

    assert [(1, text, f"OP-NOTE{n}") for n, text in enumerate(TEXTS)] == rows(
        "select order_id, said, reference from notes"
    )
    assert [(1, "A1", 25)] == rows("select id, number, total from orders")


def test_an_address_is_its_words(shop, rows):
    """As for a note: a street may be called anything."""
    for n, text in enumerate(TEXTS):
        address = Address(street_address_1=text, city=text, country="US")
        request = ReshipRequest(**common(shop, n, "reship"), lines=(LineQuantity("1", 1),), address=address)
        assert "done" == shop.op_create_reship(request).state

    assert [(text, text) for text in TEXTS] == rows("select street, city from sent")


@pytest.mark.parametrize("text", TEXTS)
def test_an_order_id_is_only_looked_for(shop, rows, text):
    """No order has such an id, and none is found by it."""
    for order_id in (text, f"1{text}", f"1 {text}"):
        with pytest.raises(OrderNotFound):
            shop.op_get_order(GetOrderRequest("main", order_id))

    assert [(1, "A1")] == rows("select id, number from orders")


@pytest.mark.parametrize("text", TEXTS)
def test_a_claim_id_and_a_reason_are_bound_too(shop, rows, text):
    """Whatever the core lets through: an adapter is given it as a value."""
    request = NoteRequest(**common(shop, 1, "note"), claim_id=text, reason=text, text=Untrusted("hello"))

    assert "done" == shop.op_add_note(attrs.evolve(request, claim_id=text)).state
    assert [("hello",)] == rows("select said from notes")
