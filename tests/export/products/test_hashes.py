from decimal import Decimal

import pytest

from op_core.export.products.encode import to_create_product, update_product_of
from op_core.export.products.hashes import HeldProduct, product_update_hash
from op_core.money import Money


@pytest.fixture
def held(a_product):
    """Return what is held of a product with these changes."""
    return lambda **changes: HeldProduct.of(to_create_product(a_product(**changes), "USD"))


def test_spelling_is_no_change(held):
    """10.5 is 10.50, and the parts of a bundle have no order."""
    assert held(price=Money("10.5", "USD"), components=("1", "2")) == held(
        price=Money("10.50", "USD"), components=("2", "1")
    )
    assert held().seen != held(price=Money(Decimal("10.51"), "USD")).seen


@pytest.mark.parametrize("changes", [{"quantity": 4}, {"name": "Cup"}, {"status": "DRAFT"}, {"sku": "X"}])
def test_a_change_is_seen_in_both_hashes(a_product, held, changes):
    """Stock, name, status and SKU are all in what an update can carry."""

    def update(**changes):
        return product_update_hash(update_product_of(to_create_product(a_product(**changes), "USD")))

    assert held().seen != held(**changes).seen
    assert update() != update(**changes)


def test_a_text_that_was_emptied_is_no_further_change(a_product):
    """An update that says it as empty equals one that does not say it."""
    create = to_create_product(a_product(), "USD")

    assert product_update_hash(update_product_of(create)) == product_update_hash(update_product_of(create, ["sku"]))


def test_it_is_read_as_it_was_written(held):
    """The column says all that is held."""
    one = held(sku="X", tax=Money(1, "USD"), components=("P2",))

    assert one == HeldProduct.read(str(one))
    assert HeldProduct() == HeldProduct.read(None)


def test_what_no_update_can_tell_is_named(held):
    """Other parts of a bundle, an image or a tax that is gone; a new or another one is told."""
    image = {"image_url": "https://example.com/a.png"}
    whole = held(tax=Money(1, "USD"), components=("P2",), **image)

    assert ["bundleProductIds"] == held(components=("P2",)).lacks(held(components=("P3",)))
    assert ["bundleProductIds", "productImage", "tax"] == whole.lacks(held())
    assert [] == held().lacks(held(tax=Money(1, "USD"), **image))
    assert [] == held(sku="X", description="text").lacks(held())


def test_what_stays_there_stays_held(held):
    """After an update the parts that it could not tell are as they were, the others as they are now."""
    before = held(sku="X", tax=Money(1, "USD"), components=("P2",))
    after = before.updated(held(description="text", components=("P3",)))

    assert ["description"] == after.texts
    assert ["bundleProductIds", "tax"] == after.lacks(held(description="text"))
    assert [] == after.lacks(held(description="text", tax=Money(1, "USD"), components=("P2",)))


def test_gone_is_one_more_thing_to_say(held):
    """A product that is gone is told apart from every other, and keeps what is held of it."""
    one = held(sku="X")

    assert (False, True) == (one.is_gone, one.gone().is_gone)
    assert one.texts == one.gone().texts
    assert not HeldProduct().is_gone
