import pytest

from op_core.errors import (
    ContractBroken,
    NotSupported,
    RateLimited,
    ServerFailed,
    Unauthorized,
)
from op_core.export import ExportedProducts
from op_core.hooks import hookimpl
from op_core.ledger import exports, products
from op_core.models import ProductPage
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.model_shop import ModelShop

FAILURES = [
    RateLimited("429", status=429, retry_after=30.0),
    ServerFailed("503", status=503),
    Unauthorized("401", status=401),
]


def place(store):
    return store.ledger.read(exports.cursor, store.settings.id, "products").cursor


def posts(store):
    return [key for name, key in store.api.calls if name == "create_product"]


def test_all_pages(any_store, fill):
    """A run reads page after page until the shop is done, and the next one reads all of them again."""
    fill(any_store, 5)
    pages = []
    assert ExportedProducts(seen=5, created=5) == any_store.catalogue.run(progress=pages.append)
    assert [(1, 2), (2, 4), (3, 5)] == [(one.pages, one.exported.created) for one in pages]
    assert None is place(any_store)
    assert ExportedProducts(seen=5, unchanged=5) == any_store.catalogue.run()


@pytest.mark.parametrize("error", FAILURES)
def test_failing_api_stops_the_run(any_store, fill, error):
    """A failing API stops the run with the cursor where it was; the next run goes on and sends each product once."""
    fill(any_store, 6)
    any_store.api.script["create_product"] = lambda key: error if key == "4" else None
    with pytest.raises(type(error)) as caught:
        any_store.catalogue.run()
    assert "the next run goes on" in caught.value.__notes__[0]
    assert ("2", "sent", None) == (place(any_store), any_store.product_row("3").state, any_store.product_row("4"))
    any_store.api.script.clear()
    assert ExportedProducts(seen=4, created=3, unchanged=1) == any_store.catalogue.run()
    assert ["1", "2", "3", "5", "6"] == [key for key in posts(any_store) if key != "4"]


@pytest.mark.parametrize("point", ["page:before", "page:after"])
@pytest.mark.parametrize("left", [1, 2, 3])
def test_killed_between_pages(any_store, fill, point, left):
    """Killed before or after any page was written down, the next runs send all of it, and nothing twice."""
    fill(any_store, 5)

    def trigger(name):
        nonlocal left
        left -= name == point
        if left == 0 and name == point:
            raise SimulatedCrash(name)

    with armed(trigger), pytest.raises(SimulatedCrash):
        any_store.catalogue.run()
    any_store.catalogue.run()
    assert ExportedProducts(seen=5, unchanged=5) == any_store.catalogue.run()
    assert ["1", "2", "3", "4", "5"] == sorted(key for key, _ in any_store.api.products)
    if point == "page:after":
        assert ["1", "2", "3", "4", "5"] == sorted(posts(any_store))


def test_full_begins_anew(store, fill):
    """A full run does not go on with the one that was stopped."""
    fill(store, 4)
    store.ledger.write(exports.put_cursor, store.settings.id, "products", exports.Cursor("2"))
    assert ExportedProducts(seen=4, created=4) == store.catalogue.run(full=True)


def test_resend_forgets_products_only(any_store, fill):
    """What was sent of products is forgotten for that store; orders and their cursor stay, and the other way round."""
    fill(any_store, 3)
    any_store.catalogue.run()
    any_store.ledger.write(exports.put_cursor, any_store.settings.id, "orders", exports.Cursor("here"))
    any_store.ledger.write(products.forget, "another-1")
    assert ExportedProducts(seen=3, unchanged=3) == any_store.catalogue.run()
    any_store.api.products.clear()
    any_store.ledger.write(products.forget, any_store.settings.id)
    assert "here" == any_store.cursor().cursor
    assert ExportedProducts(seen=3, created=3) == any_store.catalogue.run(full=True)
    any_store.ledger.write(exports.put_cursor, any_store.settings.id, "products", exports.Cursor("2"))
    any_store.ledger.write(exports.forget, any_store.settings.id)
    assert "2" == place(any_store)


def test_a_record_that_comes_twice(store, a_product):
    """Of two records with the same ids on a page the last one counts."""
    store.sell(a_product("1", quantity=1), a_product("1", quantity=2))
    assert ExportedProducts(seen=1, created=1) == store.catalogue.run()
    assert 2 == store.api.products["1", ""]["inventoryQuantity"]


def test_pages_that_never_end(store):
    """An adapter that is not done and gives a cursor a second time breaks its contract: no endless loop."""

    class Endless(ModelShop):
        @hookimpl
        def op_export_products(self, request):
            return ProductPage((), "same", done=False)

    store.shop = Endless()
    with pytest.raises(ContractBroken, match="op_export_products is not done"):
        store.catalogue.run()


def test_a_shop_without_products(store):
    """A shop that cannot give products says so."""

    class Bare:
        capabilities = {}  # noqa: RUF012 - as an adapter writes it

    store.shop = Bare()
    with pytest.raises(NotSupported):
        store.catalogue.run()


def test_listing_of_what_was_not_sent(any_store, a_product):
    """What could not be exported is listed with the reason."""
    any_store.sell(a_product("1", name=""), a_product("2"))
    any_store.catalogue.run()
    rows = any_store.ledger.read(products.states, any_store.settings.id)
    assert [("1", "", "not_exportable")] == [(row.product_id, row.variant_id, row.state) for row in rows]
