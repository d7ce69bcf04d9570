from decimal import Decimal

import pytest

from op_core.errors import NotSendable
from op_core.export import NotExportable
from op_core.export.products.encode import to_create_product, update_product_of
from op_core.money import Money


def body(product, currency="USD"):
    return to_create_product(product, currency).to_wire()


def test_every_field_that_the_shop_has_is_said(a_product):
    """A variant says its product, its own id, all its texts, and no field that the shop left empty."""
    variant = a_product(
        variant_id="V1", sku="MUG-RED", description="A red mug", image_url="https://example.com/mug.png",
        tax=Money("0.96", "USD"), status="ARCHIVED",
    )  # fmt: skip

    assert {
        "productId": "P1",
        "variantId": "V1",
        "status": "ARCHIVED",
        "name": "Mug",
        "price": Decimal("12.00"),
        "tax": Decimal("0.96"),
        "inventoryType": "FULL",
        "inventoryQuantity": 5,
        "productType": "SIMPLE",
        "description": "A red mug",
        "sku": "MUG-RED",
        "productImage": "https://example.com/mug.png",
    } == body(variant)
    assert {"description", "productImage", "sku", "tax", "variantId"} == body(variant).keys() - body(a_product()).keys()


@pytest.mark.parametrize(
    ("quantity", "in_stock", "said"),
    [
        (5, None, ("FULL", 5, None)),
        (0, True, ("FULL", 0, None)),  # a count is truer than a flag
        (-3, None, ("FULL", 0, None)),  # oversold
        (None, True, ("SIMPLE", 1, True)),
        (None, False, ("SIMPLE", 0, False)),
        (None, None, ("SIMPLE", 1, True)),  # never counted: never short
    ],
)
def test_stock_is_counted_or_a_flag(a_product, quantity, in_stock, said):
    """Known units are FULL; a flag is SIMPLE, with 1 or 0 for the count that the page asks for (C-19)."""
    wire = body(a_product(quantity=quantity, in_stock=in_stock))

    assert said == (wire["inventoryType"], wire["inventoryQuantity"], wire.get("inStock"))


def test_a_bundle_names_its_parts(a_product):
    """A product of products is FULL (C-20) and lists them; no update can say them."""
    create = to_create_product(a_product(components=("P2", "P3")), "USD")

    assert ("FULL", ["P2", "P3"]) == (create.to_wire()["productType"], create.to_wire()["bundleProductIds"])
    assert {"productId", "bundleProductIds"} == create.to_wire().keys() - update_product_of(create).to_wire().keys()


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("12.3", "USD", "12.3"),
        ("12.345", "USD", "12.35"),
        ("1200", "JPY", "1200"),
        ("1200.5", "JPY", "1201"),
        ("1.2345", "KWD", "1.235"),
        ("1.234", "KWD", "1.234"),
    ],
)
def test_prices_are_the_shops_own(a_product, amount, currency, said):
    """Digit for digit, and half-up to the currency's digits only where the shop holds more."""
    assert Decimal(said) == body(a_product(price=Money(amount, currency)), currency)["price"]
    assert Decimal(said) == body(a_product(price=Money(1, currency), tax=Money(amount, currency)), currency)["tax"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ""}, "it has no name"),
        ({"price": Money("12.00", "EUR")}, "its price is in EUR, and the products of this store are sent in USD"),
        ({"tax": Money("1.00", "EUR")}, "its tax is in EUR"),
    ],
)
def test_what_the_page_cannot_take_is_not_exportable(a_product, changes, reason):
    """The reason names what is wrong: the wire has no currency, so another one would be read as the store's."""
    with pytest.raises(NotExportable, match=reason):
        body(a_product(**changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quantity": 2.5}, "inventory_quantity: found a float; expected a whole number"),
        ({"quantity": True}, "inventory_quantity: found true or false; expected a whole number"),
        ({"in_stock": "no", "quantity": None}, "in_stock: found text; expected true or false"),
        ({"image_url": "mug.png"}, "product_image: found text; expected an address"),
        ({"name": "Mug\0"}, "name: found text"),
    ],
)
def test_a_value_that_no_page_takes_is_refused_here(a_product, changes, reason):
    """Field, kind and rule are told, and never the value."""
    with pytest.raises(NotSendable, match=reason):
        body(a_product(**changes))


def test_a_text_that_was_taken_away_is_said_empty(a_product):
    """What a body leaves out stays there, so an update empties a text that Order Protection has, and no other."""
    create = to_create_product(a_product(), "USD")

    assert "description" not in update_product_of(create).to_wire()
    assert "" == update_product_of(create, ["description"]).to_wire()["description"]
    assert "sku" not in update_product_of(create, ["description"]).to_wire()
