"""Fulfillments: created inside an order or by themselves, updated, read."""

from __future__ import annotations

import pytest


def parcel(**fields):
    return {
        "sourceFulfillmentId": "F1",
        "sourceItemIds": [{"sourceItemId": "I1", "quantity": 1}],
        "fulfillmentStatus": "IN_TRANSIT",
        "trackingCompany": "Test Carrier",
        "trackingNumber": ["T1", "T2"],
    } | fields


def test_create_and_read(call, placed):
    """A fulfillment is taken with 201 and reads back, with ids and times of the API's own."""
    answer = call("POST", f"/v1/orders/{placed}/fulfillments", parcel())
    assert (201, {"status": "ok"}) == (answer.status, answer.json)
    [read] = call("GET", f"/v1/orders/{placed}/fulfillments").json
    assert parcel() == {name: read[name] for name in parcel()}
    assert {"id", "createdAt", "updatedAt", "sourceOrderId"} <= set(read)
    assert [read] == call("GET", f"/v1/orders/{placed}").json["fulfillments"]


def test_inside_an_order(call, order):
    """Fulfillments that come with an order are kept with it; a faulty one refuses the order whole."""
    good, bad = order(fulfillments=[parcel()]), order(fulfillments=[parcel(), parcel()])
    assert (201, 409) == (call("POST", "/v1/orders", good).status, call("POST", "/v1/orders", bad).status)
    assert len(call("GET", f"/v1/orders/{good['sourceOrderId']}/fulfillments").json) == 1
    assert call("GET", f"/v1/orders/{bad['sourceOrderId']}").status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sourceFulfillmentId": None}, "sourceFulfillmentId"),
        ({"fulfillmentStatus": "Fulfilled"}, "fulfillmentStatus"),
        ({"fulfillmentStatus": "CANCELLED"}, "fulfillmentStatus"),
        ({"sourceItemIds": None}, "sourceItemIds"),
        ({"trackingNumber": "T1"}, "trackingNumber"),
        ({"status": "DELIVERED"}, "status"),
        ({"sourceItemIds": [{"sourceItemId": "I1", "quantity": 0}]}, "sourceItemIds[0].quantity"),
        ({"sourceItemIds": [{"sourceItemId": "I9", "quantity": 1}]}, "sourceItemIds[0].sourceItemId"),
    ],
)
def test_strict(call, placed, change, field):
    """What the page does not allow, and an item that the order does not have, are refused with 400 and the field."""
    answer = call("POST", f"/v1/orders/{placed}/fulfillments", parcel(**change))
    assert (400, field) == (answer.status, answer.json["field"])


def test_exists(call, order, placed):
    """An id is taken once per order: 409 for the second; another order may use it."""
    other = order()
    call("POST", "/v1/orders", other)
    call("POST", f"/v1/orders/{placed}/fulfillments", parcel())
    assert call("POST", f"/v1/orders/{placed}/fulfillments", parcel()).status == 409
    assert call("POST", f"/v1/orders/{other['sourceOrderId']}/fulfillments", parcel()).status == 201


def test_update(call, placed):
    """An update names ``status`` (C-15) and changes nothing else; an unknown fulfillment is 404."""
    call("POST", f"/v1/orders/{placed}/fulfillments", parcel(sourceFulfillmentId="F/1"))
    assert call("PUT", f"/v1/orders/{placed}/fulfillments/F%2F1", {"status": "DELIVERED"}).status == 200
    [read] = call("GET", f"/v1/orders/{placed}/fulfillments").json
    assert ("DELIVERED", ["T1", "T2"]) == (read["fulfillmentStatus"], read["trackingNumber"])
    assert call("PUT", f"/v1/orders/{placed}/fulfillments/none", {"status": "DELIVERED"}).status == 404


@pytest.mark.parametrize("body", [{"fulfillmentStatus": "DELIVERED"}, {"status": "gone"}, {}])
def test_update_is_strict(call, placed, body):
    """An update without a documented ``status``, or with anything else, is refused with 400."""
    call("POST", f"/v1/orders/{placed}/fulfillments", parcel())
    assert call("PUT", f"/v1/orders/{placed}/fulfillments/F1", body).status == 400
