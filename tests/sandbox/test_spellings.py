"""Both spellings of everything that the pages contradict each other about, by the switches of the sandbox."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import get_args

import pytest

from op_core.errors import BadRequest, NotFoundThere
from op_core.http import Manners
from op_core.models import FulfillmentStatus
from op_core.order_protection.client import Client
from op_core.order_protection.dialects.switches import Dialect
from op_core.order_protection.schema import (
    ClaimAddress,
    CreateFulfillment,
    CreateOrder,
    CreateProduct,
    FileClaim,
    ResolutionWish,
    UpdateOrder,
    UpdateProduct,
)

# What is not refused by a body: which record a change finds, what takes protection away, which rule a subtotal meets.
ELSEWHERE = ("variant_address", "cancels_protection", "quote_borders")
OTHER = Dialect(**{name: get_args(field.annotation)[1] for name, field in Dialect.model_fields.items()})


numbers = itertools.count()


def wishes(dialect):
    """Return a wish that only the copy of the page has that is spoken."""
    if dialect.claim_form == "fuller":
        return ResolutionWish(warranty_period="P1Y")
    return ResolutionWish(updated_shipping_address=ClaimAddress(city="Elsewhere"))


@pytest.fixture
def everything(sandbox, order, call):
    """Return what makes every call whose body has two spellings, in one of them; the API must speak the other's too."""

    def act(dialect):
        claim = {
            "email": "claimant@example.com",
            "fulfillmentIssues": [
                {
                    "sourceFulfillmentId": "F1",
                    "issues": [{"issueType": "DAMAGED", "quantity": 1, "sourceItemId": "I1"}],
                }
            ],
        }
        items = [{"sourceItemId": "I1", "quantity": 1}]
        parcel = {"sourceFulfillmentId": "F1", "sourceItemIds": items, "fulfillmentStatus": "NOT_DELIVERED"}
        body = order(originalSourceOrderNumber="S-0", fulfillments=[parcel])
        product = {
            "productId": f"spelled-{next(numbers)}",
            "status": "ACTIVE",
            "name": "Set",
            "price": 1,
            "inventoryQuantity": 3,
            "productType": "FULL",
        }
        placed = body["sourceOrderId"]
        with Client(sandbox.url, "any", manners=Manners(attempts=1), dialect=dialect) as client:
            return [
                (name, attempt(act))
                for name, act in {
                    "ORD-C": lambda: client.create_order(CreateOrder.model_validate(body)),
                    "ORD-U": lambda: client.update_order(
                        placed, UpdateOrder(total=Decimal("80.10"), original_source_order_id="S-1")
                    ),
                    "FUL-C": lambda: client.create_fulfillment(
                        placed, CreateFulfillment.model_validate(parcel | {"sourceFulfillmentId": "F2"})
                    ),
                    "FUL-U": lambda: client.update_fulfillment(placed, "F1", FulfillmentStatus.IN_TRANSIT),
                    "CLM-C": lambda: client.file_claim(
                        placed, FileClaim.model_validate(claim | {"resolution": wishes(dialect)})
                    ),
                    "PRD-C": lambda: client.create_product(CreateProduct.model_validate(product)),
                    "PRD-U": lambda: client.update_product(product["productId"], UpdateProduct(inventory_quantity=4)),
                    "QUOTE": lambda: client.quote("spelled.example"),
                }.items()
            ]

    call("PUT", "/sandbox/quote", {"storeUrl": "spelled.example"})
    return act


def attempt(act):
    try:
        act()
    except (BadRequest, NotFoundThere) as error:
        return error.status
    return 200


def spoken(call, dialect):
    assert call("PUT", "/sandbox/behaviour", {"wire": dialect.model_dump()}).status == 200


@pytest.mark.parametrize("dialect", [Dialect(), OTHER], ids=["documented", "other"])
def test_one_spelling_is_taken(call, everything, dialect):
    """With the same switches on both sides, everything is taken."""
    spoken(call, dialect)
    assert {200} == {status for _, status in everything(dialect)}


PAGES = {
    "times": {"ORD-C"},
    "create_replaces": {"ORD-C"},
    "update_replaces": {"ORD-U"},
    "update_amounts": {"ORD-U"},
    "not_delivered": {"ORD-C", "FUL-C"},
    "statuses": {"ORD-C", "FUL-C", "FUL-U"},
    "update_status": {"FUL-U"},
    "claim_form": {"CLM-C"},
    "claim_fulfillment": {"CLM-C"},
    "inventory_quantity": {"PRD-C", "PRD-U"},
    "bundles": {"PRD-C"},
    "quote_store": {"QUOTE"},
}


def test_every_switch_is_tried():
    """There is no switch of bodies whose pages are not named here."""
    assert set(Dialect.model_fields) == {*PAGES, *ELSEWHERE}


# The other way round nothing is refused: whole seconds are a time too, and FAILURE is a status in every copy.
TAKEN_TOO = {("times", 1), ("not_delivered", 1)}


@pytest.mark.parametrize(
    ("switch", "ours"), [(switch, ours) for switch in PAGES for ours in (0, 1) if (switch, ours) not in TAKEN_TOO]
)
def test_the_other_spelling_is_refused(call, everything, switch, ours):
    """Where one switch differs, the pages that it is about are refused, and no others but for what is then missing."""
    values = get_args(Dialect.model_fields[switch].annotation)
    ours, theirs = (Dialect(**{switch: values[number]}) for number in (ours, 1 - ours))
    spoken(call, theirs)
    refused = {page for page, status in everything(ours) if status != 200}
    after = {"ORD-C": {"ORD-U", "FUL-C", "FUL-U", "CLM-C"}, "PRD-C": {"PRD-U"}}
    follow = set().union(*(after.get(page, set()) for page in PAGES[switch]))
    assert PAGES[switch] <= refused <= PAGES[switch] | follow


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "switch"),
    [
        ("PUT", "", {"originalSourceOrderNumber": "S-1"}, "originalSourceOrderNumber", {}),
        ("PUT", "", {"total": "80.00"}, "total", {}),
        ("PUT", "", {"total": Decimal("80.00")}, "total", {"update_amounts": "text"}),
        ("PUT", "", {"sourceUpdatedAt": "2025-01-31T09:00:00.000Z"}, "sourceUpdatedAt", {"times": "seconds"}),
        ("PUT", "/fulfillments/F1", {"status": "DELIVERED"}, "status", {"update_status": "fulfillmentStatus"}),
        ("PUT", "/fulfillments/F1", {"status": "Delivered"}, "status", {}),
        ("PUT", "/fulfillments/F1", {"status": "NOT_DELIVERED"}, "status", {"not_delivered": "FAILURE"}),
    ],
)
def test_the_field_is_named(call, placed, method, path, body, field, switch):
    """The refusal of the other spelling names the field."""
    parcel = {"sourceFulfillmentId": "F1", "sourceItemIds": [], "fulfillmentStatus": "FULFILLED"}
    call("POST", f"/v1/orders/{placed}/fulfillments", parcel)
    call("PUT", "/sandbox/behaviour", {"wire": switch})
    answer = call(method, f"/v1/orders/{placed}{path}", body)
    assert (400, field) == (answer.status, answer.json["field"])


def test_description_follows(call):
    """The description names the fields and values of the spelling that is taken now."""
    spoken(call, OTHER)
    schemas = call("GET", "/openapi.json", token=None).json["components"]["schemas"]
    assert ["fulfillmentStatus"] == schemas["UpdateFulfillment"]["required"]
    statuses = schemas["CreateFulfillment"]["properties"]["fulfillmentStatus"]["enum"]
    assert ("In_transit" in statuses, "Not_delivered" in statuses) == (True, False)
    assert {"sourceFulfillmentId": False, "fulfillmentSourceId": True} == {
        name: name in schemas["FulfillmentIssues"]["properties"]
        for name in ("sourceFulfillmentId", "fulfillmentSourceId")
    }
    assert "salesChannel" not in schemas["FileClaim"]["properties"]
    assert ["SIMPLE", "GROUPED"] == schemas["CreateProduct"]["properties"]["productType"]["enum"]
    assert "string" == schemas["CreateProduct"]["properties"]["inventoryQuantity"]["type"]
    assert {"type": "null"} == schemas["UpdateOrder"]["properties"]["total"]["anyOf"][1]


def test_answers_in_either_form(call, order):
    """An order reads back in the forms of the sample on page ORD-G where they are switched on (C-9 to C-12, C-14)."""
    parcel = {
        "sourceFulfillmentId": "F1",
        "sourceItemIds": [{"sourceItemId": "I1", "quantity": 2}],
        "fulfillmentStatus": "FULFILLED",
        "trackingNumber": ["T1", "T2"],
    }
    body = order(fulfillments=[parcel], originalSourceOrderNumber="S-0")
    call("POST", "/v1/orders", body)
    path = f"/v1/orders/{body['sourceOrderId']}"
    plain = call("GET", path).json
    call(
        "PUT",
        "/sandbox/behaviour",
        {
            "answers": {
                "replaced": "originalSourceOrderNumber",
                "amounts": "text",
                "premiums": "date",
                "parcels": "ORD-G",
            }
        },
    )
    read = call("GET", path).json
    assert ("S-0", "S-0") == (plain["originalSourceOrderId"], plain["originalSourceOrderNumber"])
    assert ("S-0", False) == (read["originalSourceOrderNumber"], "originalSourceOrderId" in read)
    assert ("95.40", "40.00", 2) == (read["total"], read["orderItems"][0]["price"], read["orderItems"][0]["quantity"])
    assert (Decimal("1.50"), read["createdAt"]) == (plain["premiumPaid"], read["premiumPaid"])
    [shown] = read["fulfillments"]
    assert ("fulfilled", "T1", [{"id": "I1", "quantity": 2}]) == tuple(
        shown[name] for name in ("fulfillmentStatus", "trackingNumber", "sourceItemIds")
    )
    assert ["T1", "T2"] == plain["fulfillments"][0]["trackingNumber"]
