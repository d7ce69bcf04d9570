"""Products: what is taken, what is refused, which record a change finds."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

_numbers = itertools.count(1)


@pytest.fixture
def product():
    """Make the body of a product with an id of its own; what is named replaces or adds fields."""

    def make(**fields):
        return {
            "productId": f"P-{next(_numbers)}",
            "status": "ACTIVE",
            "name": "Lamp",
            "price": Decimal("40.00"),
            "inventoryQuantity": 3,
            "productType": "SIMPLE",
        } | fields

    return make


@pytest.fixture
def kept(call):
    """Return what the sandbox holds of a product, by variant."""

    def look(product_id):
        found = call("GET", "/sandbox/products").json["products"]
        return {one.get("variantId"): one for one in found if one["productId"] == product_id}

    return look


def test_created(call, product, kept):
    """A documented product is taken with 201, digit for digit."""
    body = product(tax=Decimal("0.10"), inventoryType="FULL", bundleProductIds=["B1"])
    answer = call("POST", "/v2/products", body)
    assert (201, {"status": "ok"}) == (answer.status, answer.json)
    found = kept(body["productId"])[None]
    assert body == {name: found[name] for name in body}
    assert ("40.00", "0.10") == (str(found["price"]), str(found["tax"]))


@pytest.mark.parametrize("field", ["productId", "status", "name", "price", "inventoryQuantity", "productType"])
def test_required(call, product, field):
    """A product without a required field is refused with 400 and that field."""
    body = product()
    del body[field]
    answer = call("POST", "/v2/products", body)
    assert (400, field) == (answer.status, answer.json["field"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "active"),
        ("price", "40.00"),
        ("inventoryQuantity", "3"),
        ("inventoryQuantity", Decimal("3.5")),
        ("productType", "GROUPED"),
        ("inStock", "yes"),
        ("bundleProductIds", "B1"),
        ("currency", "USD"),
    ],
)
def test_strict(call, product, field, value):
    """A value that the page does not allow, and a field that it does not have, are refused with 400 and the field."""
    answer = call("POST", "/v2/products", product(**{field: value}))
    assert (400, field) == (answer.status, answer.json["field"].partition("[")[0])


def test_exists(call, product, kept):
    """A second product of the same id and variant is 409 and changes nothing; another variant of it is taken."""
    body = product(variantId="V1")
    statuses = [
        call("POST", "/v2/products", one).status
        for one in (body, body | {"name": "Mug"}, body | {"variantId": "V2"}, product(productId=body["productId"]))
    ]
    assert [201, 409, 201, 201] == statuses
    assert {"V1": "Lamp", "V2": "Lamp", None: "Lamp"} == {
        variant: one["name"] for variant, one in kept(body["productId"]).items()
    }


@pytest.fixture
def three(call, product):
    """Make a product with two variants and one without; return its id and its variants' ids."""
    number = next(_numbers)
    product_id, first, second = f"P-{number}", f"A-{number}", f"B-{number}"
    for variant in ({"variantId": first}, {"variantId": second}, {}):
        assert call("POST", "/v2/products", product(productId=product_id, **variant)).status == 201
    return product_id, first, second


@pytest.mark.parametrize(
    ("address", "by_product", "by_variant"),
    [("variantId", [False, False, True], [True, False, False]),
     ("productId", [True, True, True], None),
     ("none", [False, False, True], None)],
)  # fmt: skip
def test_which_record_changes(call, kept, three, address, by_product, by_variant):
    """The id in the path names a variant, a product with all its variants, or a product without, by the switch."""
    product_id, first, second = three
    call("PUT", "/sandbox/behaviour", {"wire": {"variant_address": address}})
    for path, expected, stock in ((product_id, by_product, 7), (first, by_variant, 8)):
        answer = call("PUT", f"/v2/products/{path}", {"inventoryQuantity": stock})
        assert (200 if expected else 404) == answer.status
        if expected:
            records = kept(product_id)
            assert expected == [records[one]["inventoryQuantity"] == stock for one in (first, second, None)]


def test_update_is_strict(call, product):
    """An update takes only what its page shows: no variant, no bundle."""
    body = product()
    call("POST", "/v2/products", body)
    answers = [call("PUT", f"/v2/products/{body['productId']}", one) for one in ({"variantId": "V"}, {"tax": "1"})]
    assert [(400, "variantId"), (400, "tax")] == [(answer.status, answer.json["field"]) for answer in answers]


def test_unknown(call):
    """An unknown product is 404, and without a token everything is 401."""
    assert call("PUT", "/v2/products/none", {"name": "Mug"}).status == 404
    assert call("PUT", "/v2/products/none", {"name": "Mug"}, token=None).status == 401
