import pytest

from op_core.errors import BadRequest, RateLimited, ServerFailed, ShopUnavailable
from op_core.export import ExportedProducts
from op_core.hooks import hookimpl
from op_core.ledger import exports, products
from op_core.testing.model_shop import ModelShop


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


def test_an_empty_shop_deletes_nothing(store, fill):
    """A shop that gives nothing has a fault: nobody is told, whoever asks for it."""
    fill(store, 3)
    store.catalogue.run()
    store.api.calls.clear()
    store.sell()
    assert ExportedProducts(missing=3) == store.catalogue.run()
    assert ExportedProducts(missing=3) == store.catalogue.run(gone=True)
    assert [] == store.api.calls


def test_most_of_a_catalogue_is_not_deleted_unasked(store, fill):
    """More than half missing is told only where a person says so; half of it is told."""
    fill(store, 5)
    store.catalogue.run()
    fill(store, 2)
    assert ExportedProducts(seen=2, unchanged=2, missing=3) == store.catalogue.run()
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


def test_what_came_while_a_run_was_under_way_is_not_gone(store, fill):
    """A product that another process made known after this run had read its page is left alone."""
    fill(store, 3)
    store.catalogue.run()
    fill(store, 3)

    def meanwhile(_):
        now = {"state": "sent", "hash": "", "update_hash": "", "at": store.clock[0]}
        store.ledger.write(products.put, store.settings.id, ("new", ""), **now)

    assert ExportedProducts(seen=3, unchanged=3) == store.catalogue.run(progress=meanwhile)
    fill(store, 3)
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
