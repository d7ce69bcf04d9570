"""Names that need quotes are written with them, and what is meant by one without them is said."""

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.plugins import StoreInfo

SCHEMA = """
create table "Order" (id integer primary key, "orderNo" varchar(9), total integer, "placedAt" timestamptz);
create table "orderNote" ("orderId" integer, "noteRef" varchar(40));
insert into "Order" values (1, 'A1', 25, '2029-12-01 10:00:00')
"""
MAPPING = """
[shop]
currency = "USD"
[orders]
select = '''select id, "orderNo" as number, total, "placedAt" as created_at, "placedAt" as updated_at from "Order" '''
lock = "Order.id"
[lines]
select = "select id as order_id, id, 'Mug' as name, 1 as quantity, total as unit_price from \\"Order\\""
[note]
find = '''select "orderId" as order_id from "orderNote" where "noteRef" = :reference'''
unique = "orderNote.noteRef"
[[note.steps]]
sql = '''insert into "orderNote" ("orderId", "noteRef") values (:order_id, :reference)'''
"""


@pytest.fixture
def said_of(postgres_url, tmp_path):
    """Return what the prover says of a shop whose names have capital letters."""
    with sa.create_engine(postgres_url, poolclass=sa.NullPool).begin() as db:
        for statement in SCHEMA.split(";\n"):
            db.exec_driver_sql(statement)

    def prove(old="[shop]", new="[shop]"):
        assert old in MAPPING
        (tmp_path / "shop.toml").write_text(MAPPING.replace(old, new), encoding="utf-8")
        settings = SqlShopSettings(url=postgres_url, mapping="shop.toml")
        adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path))
        found = {proof.check: proof.said for proof in adapter.prove(writes=False)}
        adapter.close()
        return found

    return prove


def test_names_with_capital_letters(said_of):
    """PostgreSQL takes one without quotes for small letters: an index is written with them, and a guess too."""
    found = said_of()
    assert 'CREATE INDEX op_order_placedat ON "Order" ("placedAt", id);' in found["index behind orders"]
    assert 'CREATE UNIQUE INDEX ordernote_noteref_once ON "orderNote" ("noteRef");' in found["note.unique"]
    assert "Order.id is one row of an order, which a write locks" == found["orders.lock"]

    said = {
        ('"orderNo" as', "orderNo as"): 'no column orderNo in Order; did you mean "orderNo", with its quotes?',
        ('"orderNo" as', '"OrderNr" as'): 'no column OrderNr in Order; did you mean "orderNo"?',
        ('from "Order" ', "from Order_ "): 'no table Order_; did you mean "Order"?',
    }
    for (old, new), words in said.items():
        assert words in said_of(old, new)["orders.select"]
    assert (
        'no column orderId in orderNote; did you mean "orderId", with its quotes?'
        in (said_of('("orderId", "noteRef")', '(orderId, "noteRef")')["note.steps[0].sql"])
    )
    assert "there is no table order; did you mean Order?" in said_of('"Order.id"', '"order.id"')["orders.lock"]
    assert "there is no column Id in Order; did you mean id?" in said_of('"Order.id"', '"Order.Id"')["orders.lock"]
