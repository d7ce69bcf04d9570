"""``op-core products export | list``."""

import sqlite3
from contextlib import closing

import pytest

from op_core.ledger import products
from op_core.sandbox import Sandbox

TOKEN = "not-a-real-token-0000"


def there(sandbox):
    return {(one["productId"], one.get("variantId") or ""): one for one in sandbox.local.store.all("product")}


def change(home, statement, *values):
    with closing(sqlite3.connect(home.folder / "shop.db")) as db, db:
        db.execute(statement, values)


def test_everything_is_sent_once(cli, home):
    """A first run makes every product and variant known, a second one says that nothing is new."""
    first, again = cli("products", "export", "main", "--json"), cli("products", "export", "main", "--json")

    assert [0, 0] == [first.code, again.code]
    assert (11, 11) == (first.json["counts"]["seen"], first.json["counts"]["created"])
    assert (11, 11) == (again.json["counts"]["seen"], again.json["counts"]["unchanged"])
    assert {("product-3", "variant-3"), ("product-3", "variant-4"), ("product-5", "")} <= set(there(home.sandbox))


def test_only_the_stock_that_changed_is_sent(cli, home):
    """A sale that no time of change tells of is found, also of one variant."""
    cli("products", "export", "main")
    change(home, "UPDATE products SET quantity = 1 WHERE sku = 'TEE-L'")
    counts = cli("products", "export", "main", "--json").json["counts"]
    known = there(home.sandbox)

    assert (1, 10) == (counts["updated"], counts["unchanged"])
    assert [30, 1] == [known["product-3", one]["inventoryQuantity"] for one in ("variant-3", "variant-4")]


def test_what_was_lost_there_is_sent_again(cli, home):
    """A sandbox that forgot everything has all of it again after --resend; without, the ledger believes it sent."""
    cli("products", "export", "main")
    with Sandbox(token=TOKEN) as empty:
        home.config.write_text(home.config.read_text().replace(home.sandbox.url, empty.url))
        cli("products", "export", "main")
        before = len(there(empty))
        ended = cli("products", "export", "main", "--resend", "--json")

        assert (0, 11) == (ended.code, ended.json["counts"]["created"])
        assert (0, 11) == (before, len(there(empty)))


def test_most_of_a_catalogue_is_not_deleted_unasked(cli, home):
    """It ends with 1 and says what to do; --gone tells it."""
    cli("products", "export", "main")
    change(home, "DELETE FROM products WHERE sku LIKE '%-%' AND sku <> 'LAMP-1'")
    unasked = cli("products", "export", "main")
    deleted = sum(one["status"] == "DELETED" for one in there(home.sandbox).values())
    asked = cli("products", "export", "main", "--gone", "--json")

    assert (1, 0) == (unasked.code, deleted)
    assert "10 missing in what the shop gives, and nobody was told: that is most of them" in unasked.out
    assert "op-core products export main --gone" in unasked.out
    assert (0, 10) == (asked.code, asked.json["counts"]["gone"])
    assert 10 == sum(one["status"] == "DELETED" for one in there(home.sandbox).values())


def test_an_empty_shop_deletes_nothing(cli, home):
    """Not even where a person says that most is gone: the output says that it is a fault."""
    cli("products", "export", "main")
    change(home, "DELETE FROM products")
    ended = cli("products", "export", "main", "--gone")

    assert 1 == ended.code
    assert "11 missing in what the shop gives, and nobody was told: a shop that gives no product" in ended.out
    assert {"ACTIVE"} == {one["status"] for one in there(home.sandbox).values()}


@pytest.fixture
def unnamed(home):
    """Let the shop have a product without a name, and one that is priced in another currency."""
    change(home, "UPDATE products SET name = '' WHERE sku = 'RUG-5'")
    change(home, "UPDATE products SET currency = 'JPY' WHERE sku = 'VASE-9'")


def test_what_is_left_out_is_counted_with_its_reason(cli, home, unnamed):
    """The exit code stays 0: nothing failed. The list and the doctor show it too."""
    ended = cli("products", "export", "main")
    listed = cli("products", "list", "main", "--state", "not_exportable", "--json").json
    found = cli("doctor", "--json").json["checks"]

    assert 0 == ended.code
    assert "2 not_exportable, not sent, as they lack what Order Protection needs: " in ended.out
    assert "op-core products list main --state not_exportable" in ended.out
    assert ["product-6", "product-9"] == [one["product_id"] for one in listed]
    assert "its price is in JPY" in listed[0]["reason"]
    assert listed[0]["reason"] in cli("products", "list", "main").out
    assert [] == cli("products", "list", "main", "--state", "refused", "--json").json
    assert [("look", "2 products: op-core products list main --state not_exportable")] == [
        (check["state"], check["said"]) for check in found if check["check"] == "products not_exportable"
    ]


def test_what_is_refused_is_not_well(cli, home):
    """The doctor ends with 1 until it is mended."""
    with home.loaded() as core:
        refused = {"state": "refused", "reason": "422", "at": core.ledger.now()}
        core.ledger.write(products.put, "main-1", ("product-1", ""), **refused)
    ended = cli("doctor", "--json")

    assert 1 == ended.code
    assert ["not well"] == [one["state"] for one in ended.json["checks"] if one["check"] == "products refused"]


def test_an_unknown_state_names_the_nearest(cli, home):
    """A mistyped state is wrong use."""
    ended = cli("products", "list", "main", "--state", "refusd")

    assert (2, "op-core: there is no state 'refusd'; nearest known: 'refused'\n") == (ended.code, ended.err)


def test_a_shop_without_products(cli, home):
    """It says so and ends with 1; the doctor says what it means, and counts none."""
    (home.folder / "bare.py").write_text(
        "from op_core.demo.shop import DemoShop\n"
        "from op_core.stubs import Backend\n"
        "class Shop(DemoShop):\n"
        "    products = Backend.products\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "bare:Shop"))
    ended = cli("products", "export", "main")
    checks = {one["check"]: one["said"] for one in cli("doctor", "--json").json["checks"]}

    assert 1 == ended.code
    assert "does not override products" in ended.err
    assert "no product is exported" in checks["without op_export_products"]
    assert "products" not in checks
