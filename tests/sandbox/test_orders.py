"""Orders: what is taken, what is refused with which field, what is read back."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

import pytest

REQUIRED = (
    "sourceOrderId",
    "sourceCreatedAt",
    "platformId",
    "currency",
    "total",
    "subtotal",
    "orderItems",
    "address",
)


def test_created(call, order):
    """A documented order is taken with 201 and the documented body."""
    answer = call("POST", "/v1/orders", order())
    assert (201, {"status": "ok"}) == (answer.status, answer.json)


@pytest.mark.parametrize("field", REQUIRED)
def test_required(call, order, field):
    """An order without a required field is refused with 400 and that field."""
    body = order()
    del body[field]
    answer = call("POST", "/v1/orders", body)
    assert (400, "error", field) == (answer.status, answer.json["status"], answer.json["field"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sourceOrderId", ""),
        ("sourceOrderId", 12),
        ("sourceCreatedAt", "yesterday"),
        ("sourceCreatedAt", "2025-01-31T09:00:00"),
        ("platformId", "etsy"),
        ("currency", "usd"),
        ("currency", "BTC"),
        ("total", "15.40"),
        ("total", None),
        ("subtotal", True),
        ("orderItems", {}),
        ("address", "1 Test Way"),
        ("source_order_number", "1001"),
        ("totalPrice", 1),
        ("tags", ["a"]),
    ],
)
def test_strict(call, order, field, value):
    """A value that the page does not allow, and a field that it does not have, are refused with 400 and the field."""
    answer = call("POST", "/v1/orders", order(**{field: value}))
    assert (400, field) == (answer.status, answer.json["field"])


def test_wire_names_only(call, order):
    """A field under the name that it has in Python is unknown to the wire."""
    body = order()
    body["customer_email"] = body.pop("customerEmail")
    answer = call("POST", "/v1/orders", body)
    assert (400, "customer_email") == (answer.status, answer.json["field"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": None}, "orderItems[1].quantity"),
        ({"quantity": Decimal("1.5")}, "orderItems[1].quantity"),
        ({"price": "9.99"}, "orderItems[1].price"),
        ({"sourceItemId": ""}, "orderItems[1].sourceItemId"),
        ({"color": "red"}, "orderItems[1].color"),
    ],
)
def test_place_inside_items(call, order, change, field):
    """A fault in an item is named with its place in the list."""
    body = order()
    body["orderItems"][1] |= change
    answer = call("POST", "/v1/orders", body)
    assert (400, field) == (answer.status, answer.json["field"])


def test_item_that_is_no_object(call, order):
    """An item that is no object is named by its place alone."""
    assert call("POST", "/v1/orders", order(orderItems=["I1"])).json["field"] == "orderItems[0]"


def test_place_inside_address_and_fulfillments(call, order):
    """Faults in the address and in fulfillments inside an order are named with their place."""
    assert call("POST", "/v1/orders", order(address={"zip": 84601})).json["field"] == "address.zip"
    parcel = {"sourceFulfillmentId": "F1", "fulfillmentStatus": "FULFILLED", "sourceItemIds": [{"sourceItemId": "I1"}]}
    answer = call("POST", "/v1/orders", order(fulfillments=[parcel]))
    assert answer.json["field"] == "fulfillments[0].sourceItemIds[0].quantity"


def test_message_shows_no_value(call, order):
    """A refusal names the rule and never repeats what was sent."""
    answer = call("POST", "/v1/orders", order(customerEmail=["customer@example.com"]))
    assert answer.json["field"] == "customerEmail"
    assert "example.com" not in answer.json["message"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"total": NaN}', b'{"total": 1, "total": 2}', b"\xff"])
def test_unreadable(call, raw):
    """A body that is no strict JSON object is refused with 400."""
    assert call("POST", "/v1/orders", raw=raw).status == 400


def test_exists(call, order):
    """A second order of the same id is refused with 409 and changes nothing."""
    body = order()
    call("POST", "/v1/orders", body)
    assert call("POST", "/v1/orders", body | {"total": 1}).status == 409
    assert call("GET", f"/v1/orders/{body['sourceOrderId']}").json["total"] == Decimal("95.40")


def test_reads_what_was_sent(call, order):
    """A read shows every field that was sent, with all the digits of its amounts, and the API's own beside them."""
    body = order(total=Decimal("95.4000"), tax=Decimal("0.10"))
    call("POST", "/v1/orders", body)
    read = call("GET", f"/v1/orders/{body['sourceOrderId']}").json
    items = [
        {name: item[name] for name in sent} for item, sent in zip(read["orderItems"], body["orderItems"], strict=True)
    ]
    assert body == {name: read[name] for name in body} | {"orderItems": items}
    assert ("95.4000", "0.10") == (str(read["total"]), str(read["tax"]))
    assert read["id"] != read["sourceOrderId"]
    assert (None, []) == (read["policyCancelledAt"], read["fulfillments"])
    assert [read["id"], read["id"]] == [item["orderId"] for item in read["orderItems"]]


@pytest.mark.parametrize("order_id", ["#517AB", "a/b", "a b?c=d&e", "ä%2F", "%23"])
def test_ids_are_percent_decoded(call, order, order_id):
    """Any id can stand in a path when it is percent-encoded, a slash included."""
    call("POST", "/v1/orders", order(sourceOrderId=order_id))
    path = f"/v1/orders/{quote(order_id, safe='')}"
    assert order_id == call("GET", path).json["sourceOrderId"]
    assert call("GET", f"{path}/claims").json == []


def test_unknown_order(call, order):
    """Every route of an unknown order answers 404."""
    parcel = {"sourceFulfillmentId": "F1", "fulfillmentStatus": "FULFILLED", "sourceItemIds": []}
    assert [404] * 6 == [
        call("GET", "/v1/orders/none").status,
        call("PUT", "/v1/orders/none", {"total": 1}).status,
        call("GET", "/v1/orders/none/fulfillments").status,
        call("POST", "/v1/orders/none/fulfillments", parcel).status,
        call("PUT", "/v1/orders/none/fulfillments/F1", {"status": "DELIVERED"}).status,
        call("GET", "/v1/orders/none/claims").status,
    ]


def test_update_changes_what_it_names(call, placed):
    """An update replaces the fields that it names, digit for digit, and leaves the others."""
    answer = call("PUT", f"/v1/orders/{placed}", {"total": Decimal("80.00"), "premiumPaid": Decimal("0.50")})
    assert (200, {"status": "ok"}) == (answer.status, answer.json)
    read = call("GET", f"/v1/orders/{placed}").json
    assert ("80.00", "0.50", "90.00") == tuple(str(read[name]) for name in ("total", "premiumPaid", "subtotal"))


@pytest.mark.parametrize(
    ("body", "field"), [({"orderItems": []}, "orderItems"), ({"currency": "BTC"}, "currency"), ({"total": []}, "total")]
)
def test_update_is_strict(call, placed, body, field):
    """An update takes only what its page shows (G-15)."""
    answer = call("PUT", f"/v1/orders/{placed}", body)
    assert (400, field) == (answer.status, answer.json["field"])


def test_replacement_is_listed(call, order):
    """An order that replaces another is kept, reads under both names of the link (C-9), and is listed as a report."""
    body = order(originalSourceOrderNumber="S-0")
    call("POST", "/v1/orders", body)
    assert call("GET", f"/v1/orders/{body['sourceOrderId']}").json["originalSourceOrderId"] == "S-0"
    listed = call("GET", "/sandbox/reports").json["replacements"]
    assert [body["sourceOrderId"]] == [one["sourceOrderId"] for one in listed]
