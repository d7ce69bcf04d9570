"""What an approval says, from as little as a person types."""

from __future__ import annotations

from decimal import Decimal

import pytest

from op_core.sandbox.answers import Refusal
from op_core.sandbox.resolutions import resolved

ORDER = {
    "currency": "USD",
    "address": {"firstName": "A", "address1": "1 Test Way", "city": "Testville", "state": "UT", "country": "US"},
    "orderItems": [
        {
            "id": "own-1",
            "sourceItemId": "I1",
            "sourceProductId": "P1",
            "sourceVariantId": "V1",
            "sku": "LAMP",
            "productName": "Lamp",
            "price": Decimal("40.00"),
        }
    ],
}
WHOLE = [{"sourceItemId": "I1", "quantity": 2}]


def details(given, *, reading="unit", ids="source", order=ORDER):
    return resolved(order, given, WHOLE, reading=reading, ids=ids, place="resolutions[0]")["details"]


def test_defaults_to_the_whole_claim():
    """A resolution that names only its type is about the claim's items, at 100 percent, filled in from the order."""
    expected = {
        "currency": "USD",
        "shipping_amount": 0,
        "shipping_amount_tax": 0,
        "items": [
            {
                "product_id": "P1",
                "variant_id": "V1",
                "sku": "LAMP",
                "item_id": "I1",
                "item_name": "Lamp",
                "price": Decimal("40.00"),
                "discount": 0,
                "tax": 0,
                "resolution_percentage": 100,
                "resolution_flat_amount": None,
                "quantity": 2,
            }
        ],
        "total_refund_amount": Decimal("80.00"),
    }
    assert expected == details({"type": "REFUND"})


@pytest.mark.parametrize(("reading", "price", "total"), [("unit", "40.00", "43.00"), ("line", "80.00", "41.50")])
def test_reading(reading, price, total):
    """Amounts are of a unit or of the line, and the total follows: (price - discount + tax) x percent, and shipping."""
    item = {"sourceItemId": "I1", "quantity": 2, "percentage": 50, "discount": 1, "tax": Decimal("1.00")}
    given = {
        "type": "REFUND",
        "details": {"items": [item], "shipping_amount": 1, "shipping_amount_tax": Decimal("0.5")},
    }
    if reading == "unit":
        given["details"]["shipping_amount"] = Decimal("2.50")
    answer = details(given, reading=reading)
    assert (price, total) == (str(answer["items"][0]["price"]), str(answer["total_refund_amount"]))


@pytest.mark.parametrize(("currency", "total"), [("USD", "0.13"), ("JPY", "0"), ("BHD", "0.125")])
def test_rounds_half_up_at_the_currency(currency, total):
    """A total is rounded half-up at the digits of its currency, on the sum."""
    item = {"sourceItemId": "I1", "price": Decimal("0.25"), "percentage": 50}
    given = {"type": "REFUND", "details": {"items": [item], "currency": currency}}
    assert total == str(details(given)["total_refund_amount"])


def test_samples_of_the_documentation(wire_sample):
    """The arithmetic gives the totals of the sample's lines, shipping included."""
    event = wire_sample("webhook.claim.approved.json")
    for resolution in event["body"]["resolutions"]:
        expected = resolution["details"].pop("total_refund_amount")
        assert expected == details(resolution)["total_refund_amount"]


def test_flat_rate():
    """The total of FLAT_RATE is the sum of the flat amounts."""
    item = {"sourceItemId": "I1", "flat_amount": Decimal("7.50")}
    assert str(details({"type": "FLAT_RATE", "details": {"items": [item, item]}})["total_refund_amount"]) == "15.00"


def test_given_is_taken_as_given():
    """A total, an address and items in the webhook's own form are sent as they stand, however odd."""
    odd = {"item_id": "nobody's", "quantity": -1}
    given = {
        "type": "RESHIP",
        "details": {"items": [odd], "total_refund_amount": None, "shipping_address": {"city": "X"}},
    }
    answer = details(given)
    assert ([odd], None, {"city": "X"}) == (
        answer["items"],
        answer["total_refund_amount"],
        answer["shipping_address"],
    )


def test_reship_goes_to_the_orders_address():
    """A reship without an address goes to the order's, without names, missing parts empty (page WH-CA)."""
    expected = {
        "address1": "1 Test Way",
        "address2": "",
        "city": "Testville",
        "state": "UT",
        "zip": "",
        "country": "US",
    }
    assert expected == details({"type": "RESHIP"})["shipping_address"]


def test_own_ids():
    """By the switch, items carry the API's own ids instead of the shop's (G-5)."""
    assert details({"type": "REFUND"}, ids="own")["items"][0]["item_id"] == "own-1"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"details": {}}, "resolutions[0]"),
        ({"type": "REFUND", "details": []}, "resolutions[0]"),
        ({"type": "REFUND", "details": {"items": "I1"}}, "resolutions[0].details.items"),
        (
            {"type": "REFUND", "details": {"items": [{"sourceItemId": "I9"}]}},
            "resolutions[0].details.items[0].sourceItemId",
        ),
        (
            {"type": "REFUND", "details": {"items": [{"sourceItemId": "I1", "percent": 5}]}},
            "resolutions[0].details.items[0].percent",
        ),
        ({"type": "REFUND", "details": {"items": [{"item_id": "x"}]}}, "resolutions[0].details.total_refund_amount"),
        ({"type": "FLAT_RATE"}, "resolutions[0].details.total_refund_amount"),
    ],
)
def test_refused(given, field):
    """What cannot be filled in or computed is refused with 400 and its place."""
    with pytest.raises(Refusal) as caught:
        details(given)
    assert (400, field) == (caught.value.status, caught.value.field)
