"""What the real file lacks is made in a copy, and exported all the same."""

import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

import op_core
from op_core.ledger import exports
from op_core.sandbox import Sandbox

TOKEN = "fake-token-for-tests"


@pytest.fixture
def exported(tmp_path, oscar_unpacked, oscar_example, monkeypatch):
    """Export a copy with an order in yen, one without any address and one that cost nothing; give core and sandbox."""
    example = Path(oscar_example("oscar_op").__file__).parent
    shutil.copytree(example, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__"))
    database = tmp_path / "oscar.sqlite3"
    database.write_bytes(oscar_unpacked)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE order_order SET currency = 'JPY', total_incl_tax = 4500, total_excl_tax = 4500,"
                   " shipping_incl_tax = 0, shipping_excl_tax = 0 WHERE id = 10")  # fmt: skip
        db.execute("UPDATE payment_source SET currency = 'JPY' WHERE order_id = 10")
        for column in ("unit_price", "line_price", "line_price_before_discounts"):
            db.execute(f"UPDATE order_line SET {column}_incl_tax = 1500, {column}_excl_tax = 1500 WHERE order_id = 10")  # noqa: S608 - names of columns
        db.execute("UPDATE order_order SET shipping_address_id = NULL, billing_address_id = NULL WHERE id = 20")
        db.execute("UPDATE order_order SET total_incl_tax = 0, total_excl_tax = 0 WHERE id = 30")
    with Sandbox(token=TOKEN) as sandbox:
        for name, value in {
            "OP_API_URL": sandbox.url,
            "OP_TOKEN": TOKEN,
            "OP_SECRET": "fake-webhook-secret",
            "SHOP_DB": str(database),
        }.items():
            monkeypatch.setenv(name, value)
        with op_core.load(tmp_path / "example" / "op.toml") as core:
            yield (
                core,
                core.export("main"),
                {order["sourceOrderId"]: order for order in sandbox.local.store.all("order")},
            )


def test_a_second_currency_a_zero_total_and_an_order_without_address(exported):
    """Two are accepted as they are; the one that nobody can send is listed with its reason, and stops nothing."""
    core, sent, there = exported

    listed = core.ledger.read(exports.states, core.store_id("main"))

    assert (299, 1) == (sent.created, sent.not_exportable)
    assert ("JPY", Decimal(4500)) == (there["10"]["currency"], there["10"]["total"])
    assert Decimal(0) == there["30"]["total"]
    assert [("20", "not_exportable")] == [(row.order_id, row.state) for row in listed]
    assert "address" in listed[0].reason
