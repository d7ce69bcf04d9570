import pytest

from op_core.errors import AlreadyThere, BadRequest, MayHaveLanded, ServerFailed, Unprocessable, UnreadableAnswer
from op_core.export import ExportedProducts
from op_core.money import Money

UNKNOWN = [MayHaveLanded("no answer"), ServerFailed("500", status=500), UnreadableAnswer("what?")]
FORGET = "DELETE FROM exported_products"


@pytest.fixture
def sent(store, a_product):
    """Give a store that has exported one product without variants, and a product's two variants."""
    store.sell(a_product(), a_product("P2", variant_id="V1"), a_product("P2", variant_id="V2"))
    store.catalogue.run()
    store.api.calls.clear()
    return store


def change(store, a_product, variant_id="V2", product_id="P2", **changes):
    """Let the shop sell one product otherwise."""
    changed = a_product(product_id, variant_id=variant_id, **changes)
    store.sell(
        *(changed if (one.id, one.variant_id) == (product_id, variant_id) else one for one in store.shop.products)
    )


def test_variants_are_products_of_their_own(sent):
    """Each variant is made known under its own id and its product's; an equal one is not sent again."""
    assert {("P1", ""), ("P2", "V1"), ("P2", "V2")} == set(sent.api.products)
    assert "variantId" not in sent.api.products["P1", ""]
    assert ExportedProducts(seen=3, unchanged=3) == sent.catalogue.run()
    assert [] == sent.api.calls


def test_stock_that_changed_is_put(sent, a_product):
    """Of three products the one whose stock changed is sent, to the variant's id."""
    change(sent, a_product, quantity=4)
    assert ExportedProducts(seen=3, updated=1, unchanged=2) == sent.catalogue.run()
    assert [("update_product", "V2")] == sent.api.calls
    assert [5, 4] == [sent.api.products["P2", one]["inventoryQuantity"] for one in ("V1", "V2")]


@pytest.mark.parametrize(("switch", "address"), [("variantId", "V2"), ("productId", "P2")])
def test_a_variant_is_addressed_as_the_settings_say(sent, a_product, switch, address):
    """G-18: by its own id, or by its product's."""
    sent.with_wire(variant_address=switch)
    sent.api.products["P2", ""] = {}  # whatever stands under the product's own id
    change(sent, a_product, quantity=4)
    assert 1 == sent.catalogue.run().updated
    assert [("update_product", address)] == sent.api.calls


def test_a_variant_may_be_out_of_reach(sent, a_product):
    """With "none" a variant's change is listed, once, and no call is made; a product without variants is updated."""
    sent.with_wire(variant_address="none")
    change(sent, a_product, quantity=4)
    change(sent, a_product, variant_id="", product_id="P1", quantity=3)
    assert ExportedProducts(seen=3, updated=1, unchanged=1, not_sendable=1) == sent.catalogue.run()
    assert [("update_product", "P1")] == sent.api.calls
    assert "no update reaches one variant alone" in sent.product_row("P2", "V2").reason
    assert ExportedProducts(seen=3, unchanged=3) == sent.catalogue.run()


def test_what_waited_for_a_switch_is_told(sent, a_product):
    """A change that could not be told is told once the settings say how, without a further change."""
    sent.with_wire(variant_address="none")
    change(sent, a_product, quantity=4)
    sent.catalogue.run()
    sent.with_wire()
    assert ExportedProducts(seen=3, updated=1, unchanged=2) == sent.catalogue.run()
    assert ("sent", 4) == (sent.product_row("P2", "V2").state, sent.api.products["P2", "V2"]["inventoryQuantity"])


def test_an_id_of_two_is_never_updated(store, a_product):
    """Product V1 and a variant V1 of another product: an update of either could reach the other, so none is sent."""
    store.sell(a_product("V1"), a_product("P2", variant_id="V1"))
    store.catalogue.run()
    store.sell(a_product("V1", quantity=1), a_product("P2", variant_id="V1", quantity=2))
    assert ExportedProducts(seen=2, not_sendable=2) == store.catalogue.run()
    assert ["create_product"] * 2 == store.api.names()
    assert "also that of another product or variant" in store.product_row("V1").reason


def test_already_there_is_put(sent):
    """A POST that is answered 409, as after the loss of the ledger's row, is followed by PUT."""
    sent.ledger.write(lambda c: c.exec_driver_sql(FORGET))
    assert ExportedProducts(seen=3, updated=3) == sent.catalogue.run()
    assert 3 == sent.api.names().count("update_product")


def test_already_there_and_out_of_reach(sent):
    """With "none" nobody knows what is there of a variant that answers 409: it is listed, once."""
    sent.with_wire(variant_address="none")
    sent.ledger.write(lambda c: c.exec_driver_sql(FORGET))
    assert ExportedProducts(seen=3, updated=1, not_sendable=2) == sent.catalogue.run()
    assert "it is there already" in sent.product_row("P2", "V1").reason
    assert ExportedProducts(seen=3, unchanged=3) == sent.catalogue.run()


@pytest.mark.parametrize("error", UNKNOWN)
def test_unknown_outcome_that_landed(store, lost, a_product, error):
    """Nothing reads a product (G-18): a POST of unknown outcome is followed by PUT, which finds it."""
    store.sell(a_product())
    store.api.script["create_product"] = [lost(error)]
    assert ExportedProducts(seen=1, created=1) == store.catalogue.run()
    assert ["create_product", "update_product"] == store.api.names()


@pytest.mark.parametrize("error", UNKNOWN)
def test_unknown_outcome_that_did_not_land(store, a_product, error):
    """Where the PUT does not find it, it is POSTed once more."""
    store.sell(a_product())
    store.api.script["create_product"] = [error]
    assert ExportedProducts(seen=1, created=1) == store.catalogue.run()
    assert ["create_product", "update_product", "create_product"] == store.api.names()


@pytest.mark.parametrize("error", UNKNOWN)
def test_two_unknown_outcomes_stop(store, a_product, error):
    """A second POST of unknown outcome is not followed by a third: the run stops."""
    store.sell(a_product())
    store.api.script["create_product"] = lambda _: error
    with pytest.raises(type(error)):
        store.catalogue.run()
    assert ["create_product", "update_product", "create_product"] == store.api.names()


def test_unknown_outcome_out_of_reach(store, lost, a_product):
    """With "none" only a second POST can tell whether the first one landed."""
    store.with_wire(variant_address="none")
    store.sell(a_product(variant_id="V1"))
    store.api.script["create_product"] = [lost(MayHaveLanded("no answer"))]
    assert ExportedProducts(seen=1, not_sendable=1) == store.catalogue.run()
    assert ["create_product", "create_product"] == store.api.names()


def test_put_that_is_not_found_is_posted(sent, a_product):
    """A product that Order Protection forgot is made known again."""
    sent.api.products.clear()
    change(sent, a_product, quantity=4)
    assert 1 == sent.catalogue.run().created
    assert ["update_product", "create_product"] == sent.api.names()
    assert 4 == sent.api.products["P2", "V2"]["inventoryQuantity"]


def test_there_and_not_there(store, a_product):
    """A variant that the API has for POST and not for PUT is refused with a hint at the switch; it makes no loop."""
    store.sell(a_product(variant_id="V1"))
    store.api.script["create_product"] = [AlreadyThere("409", status=409)]
    assert ExportedProducts(seen=1, refused=1) == store.catalogue.run()
    assert ["create_product", "update_product"] == store.api.names()
    assert "wire.variant_address" in store.product_row("P1", "V1").reason


def test_parts_of_a_bundle_cannot_be_updated(store, a_product):
    """Other parts are listed by name; what else changed is told, and going back ends it."""
    store.sell(a_product(components=("A",)))
    store.catalogue.run()
    store.sell(a_product(components=("B",), quantity=4))
    assert ExportedProducts(seen=1, updated=1, not_sendable=1) == store.catalogue.run()
    assert "bundleProductIds" in store.product_row("P1").reason
    store.sell(a_product(components=("A",), quantity=4))
    assert ExportedProducts(seen=1, unchanged=1) == store.catalogue.run()
    assert "sent" == store.product_row("P1").state


def test_a_text_is_emptied_once(store, a_product):
    """A description that the shop took away is emptied there; the next change does not say it again."""
    store.sell(a_product(description="A mug"))
    store.catalogue.run()
    store.sell(a_product())
    assert 1 == store.catalogue.run().updated
    assert "" == store.api.products["P1", ""]["description"]
    assert ExportedProducts(seen=1, unchanged=1) == store.catalogue.run()


@pytest.mark.parametrize("error", [BadRequest("400", status=400), Unprocessable("422", status=422)])
def test_refused_product_lets_the_others_go_on(store, a_product, error):
    """A refusal is about that product: it is listed, waits for a change, and is tried again by a full run."""
    store.sell(a_product("1"), a_product("2"))
    store.api.script["create_product"] = lambda key: error if key == "1" else None
    assert ExportedProducts(seen=2, created=1, refused=1) == store.catalogue.run()
    assert ExportedProducts(seen=2, unchanged=2) == store.catalogue.run()
    store.api.script.clear()
    assert ExportedProducts(seen=2, created=1, unchanged=1) == store.catalogue.run(full=True)
    assert ("sent", None) == (store.product_row("1").state, store.product_row("1").reason)


def test_a_wrong_value_stops_no_other(store, a_product):
    """A product with a value of a wrong type is listed, once, without the value."""
    store.sell(a_product("1", price="12 secret coins"), a_product("2"))
    assert ExportedProducts(seen=2, created=1, not_exportable=1) == store.catalogue.run()
    assert "secret" not in store.product_row("1").reason
    assert ExportedProducts(seen=2, unchanged=2) == store.catalogue.run()


def test_prices_are_of_one_currency(store, a_product):
    """The first price says which; a product in another one is listed, also in a later run that begins with it."""
    euro = a_product("2", price=Money("12.00", "EUR"))
    store.sell(a_product("1"), euro)
    assert ExportedProducts(seen=2, created=1, not_exportable=1) == store.catalogue.run()
    store.sell(euro, a_product("1"))
    assert ExportedProducts(seen=2, unchanged=2) == store.catalogue.run()
    store.with_export(product_currency="EUR")
    assert ExportedProducts(seen=2, created=1, not_exportable=1) == store.catalogue.run()
    assert [12] == [one["price"] for key, one in store.api.products.items() if key == ("2", "")]


def test_a_deleted_product_that_was_never_there(store, a_product):
    """What is deleted before it was known is not made known; one that is there is told to be deleted."""
    store.sell(a_product("1", status="DELETED"), a_product("2"))
    assert ExportedProducts(seen=2, created=1, unchanged=1) == store.catalogue.run()
    store.sell(a_product("1", status="DELETED"), a_product("2", status="DELETED"))
    assert ExportedProducts(seen=2, updated=1, unchanged=1) == store.catalogue.run()
    assert ["DELETED"] == [one["status"] for one in store.api.products.values()]
