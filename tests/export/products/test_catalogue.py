import logging

import pytest

from op_core.errors import (
    BadRequest,
    ContractBroken,
    NotSupported,
    RateLimited,
    ServerFailed,
    ShopUnavailable,
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


@pytest.fixture
def fill(a_product):
    """Let a shop sell products 1 to *count*, two to a page, one at a time."""

    def sell(store, count):
        store.with_export(page_size=2, in_flight=1)
        store.sell(*(a_product(str(number)) for number in range(1, count + 1)))

    return sell


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


def test_a_product_that_is_gone_is_told_once(any_store, fill):
    """It becomes DELETED with nothing in stock, and is no longer listed; one that comes back is sold again."""
    fill(any_store, 5)
    any_store.catalogue.run()
    fill(any_store, 4)
    assert ExportedProducts(seen=4, unchanged=4, gone=1) == any_store.catalogue.run()
    told = any_store.api.products["5", ""]
    assert ("DELETED", 0, False) == (told["status"], told["inventoryQuantity"], told["inStock"])
    assert "gone" == any_store.product_row("5").state
    fill(any_store, 4)
    assert ExportedProducts(seen=4, unchanged=4) == any_store.catalogue.run()
    fill(any_store, 5)
    assert ExportedProducts(seen=5, updated=1, unchanged=4) == any_store.catalogue.run()
    assert ("ACTIVE", 5) == (told["status"], told["inventoryQuantity"])


def test_an_empty_shop_deletes_nothing(store, fill, caplog):
    """A shop that gives nothing has a fault: nobody is told, whoever asks for it, and the log says so."""
    fill(store, 3)
    store.catalogue.run()
    store.api.calls.clear()
    store.sell()
    with caplog.at_level(logging.WARNING):
        assert ExportedProducts(missing=3) == store.catalogue.run()
        assert ExportedProducts(missing=3) == store.catalogue.run(gone=True)
    assert [] == store.api.calls
    assert "does not give 3 of the 3 products" in caplog.text


def test_most_of_a_catalogue_is_not_deleted_unasked(store, fill, caplog):
    """More than half missing is told only where a person says so; half of it is told."""
    fill(store, 5)
    store.catalogue.run()
    fill(store, 2)
    with caplog.at_level(logging.WARNING):
        assert ExportedProducts(seen=2, unchanged=2, missing=3) == store.catalogue.run()
    assert "op-core products export main --gone" in caplog.text
    assert ExportedProducts(seen=2, unchanged=2, gone=3) == store.catalogue.run(gone=True)
    fill(store, 1)
    assert ExportedProducts(seen=1, unchanged=1, gone=1) == store.catalogue.run()


def test_a_run_that_goes_on_tells_of_none(store, fill):
    """A resumed run has not seen the first pages, so it deletes nothing; the next whole run does."""
    fill(store, 6)
    store.catalogue.run()
    store.api.products.pop(("5", ""))
    fill(store, 5)
    store.ledger.write(exports.put_cursor, store.settings.id, "products", exports.Cursor("2"))
    assert ExportedProducts(seen=3, unchanged=3) == store.catalogue.run()
    assert 1 == store.catalogue.run().gone


def test_a_run_that_fails_tells_of_none(store, fill, a_product):
    """Only a run that reached the last page knows what is gone."""
    fill(store, 4)
    store.catalogue.run()
    store.sell(a_product("1", quantity=1), a_product("2"), a_product("3"))
    store.api.script["update_product"] = [ServerFailed("500", status=500)]
    with pytest.raises(ServerFailed):
        store.catalogue.run()
    assert "sent" == store.product_row("4").state


def test_an_api_that_fails_while_it_is_told(store, fill):
    """What was told stays told, and the next run tells the rest."""
    fill(store, 5)
    store.catalogue.run()
    fill(store, 3)
    store.api.script["update_product"] = lambda key: RateLimited("429", status=429) if key == "5" else None
    with pytest.raises(RateLimited):
        store.catalogue.run()
    store.api.script.clear()
    store.pass_time(store.settings.timing.lease)
    assert 1 == store.catalogue.run().gone
    assert ["4", "5", "5"] == [key for name, key in store.api.calls if name == "update_product"]


def test_gone_there_too(store, fill):
    """A product that Order Protection does not know any more needs no word."""
    fill(store, 3)
    store.catalogue.run()
    store.api.products.pop(("3", ""))
    fill(store, 2)
    assert ExportedProducts(seen=2, unchanged=2, gone=1) == store.catalogue.run()
    assert "gone" == store.product_row("3").state


def test_what_was_never_there_is_forgotten_silently(store, a_product):
    """A product that could not be exported and is gone is listed no more, and nobody is told."""
    store.sell(a_product("1"), a_product("2", name=""))
    store.catalogue.run()
    store.sell(a_product("1"))
    assert ExportedProducts(seen=1, unchanged=1) == store.catalogue.run()
    assert [] == store.ledger.read(products.states, store.settings.id)
    store.sell(a_product("1"), a_product("2"))
    assert 1 == store.catalogue.run().created


@pytest.mark.parametrize(
    ("switch", "calls", "state"), [("variantId", [("update_product", "V1")], "gone"), ("productId", [], "not_sendable"),
                                   ("none", [], "not_sendable")],
)  # fmt: skip
def test_a_variant_that_is_gone(store, a_product, switch, calls, state):
    """It is told where it has an id of its own there; else an update would delete its siblings, or reach nothing."""
    store.with_wire(variant_address=switch)
    rest = (a_product("P1", variant_id="V2"), a_product("P3"))
    store.sell(a_product("P1", variant_id="V1"), *rest)
    store.catalogue.run()
    store.api.calls.clear()
    store.sell(*rest)
    store.catalogue.run()
    assert (calls, state) == (store.api.calls, store.product_row("P1", "V1").state)
    store.sell(*rest)
    assert ExportedProducts(seen=2, unchanged=2) == store.catalogue.run()


def test_a_product_that_got_variants_is_not_deleted_with_them(store, a_product):
    """The id of the old record is now that of its variants: an update could delete those, so none is sent."""
    store.sell(a_product("P1"), a_product("P2"))
    store.catalogue.run()
    store.api.calls.clear()
    store.sell(a_product("P1", variant_id="V1"), a_product("P1", variant_id="V2"), a_product("P2"))
    assert ExportedProducts(seen=3, created=2, unchanged=1, not_sendable=1) == store.catalogue.run()
    assert {"create_product"} == set(store.api.names())
    assert "the shop has it no more" in store.product_row("P1").reason


def test_a_refusal_of_the_last_word_waits(store, fill):
    """A delete that the API refuses is listed, and tried again by a full run only."""
    fill(store, 3)
    store.catalogue.run()
    fill(store, 2)
    store.api.script["update_product"] = [BadRequest("400", status=400)]
    assert ExportedProducts(seen=2, unchanged=2, refused=1) == store.catalogue.run()
    fill(store, 2)
    assert ExportedProducts(seen=2, unchanged=2) == store.catalogue.run()
    assert ExportedProducts(seen=2, unchanged=2, gone=1) == store.catalogue.run(full=True)


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


def test_a_shop_that_fails_deletes_nothing(store, fill):
    """A shop that does not answer its second page stops the run."""
    fill(store, 5)
    store.catalogue.run()

    class Failing(ModelShop):
        @hookimpl
        def op_export_products(self, request):
            if request.cursor:
                raise ConnectionError("down")
            return super().op_export_products(request)

    store.shop = Failing(products=store.shop.products)
    store.pass_time(store.settings.timing.lease)
    with pytest.raises(ShopUnavailable):
        store.catalogue.run()
    assert {"sent"} == {store.product_row(str(number)).state for number in range(1, 6)}


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
