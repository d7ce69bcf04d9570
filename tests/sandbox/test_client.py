"""The project's own client against the sandbox: what one writes, the other reads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from op_core.errors import AlreadyThere, BadRequest, MayHaveLanded, NotFoundThere, Unauthorized
from op_core.http import Manners
from op_core.models import FulfillmentStatus
from op_core.order_protection.client import Client
from op_core.order_protection.messages import Request
from op_core.order_protection.schema import CreateFulfillment, CreateOrder, UpdateOrder


@pytest.fixture
def client(sandbox):
    """Give a client that tries once."""
    with Client(sandbox.url, "any", manners=Manners(attempts=1)) as client:
        yield client


def test_order_and_parcel(client, order):
    """Orders and parcels go out and come back with the same values."""
    body = order(sourceOrderId="#A/1")
    client.create_order(CreateOrder.model_validate(body))
    client.update_order("#A/1", UpdateOrder(total=Decimal("80.10")))
    parcel = {"sourceFulfillmentId": "F 1", "fulfillmentStatus": "FULFILLED"}
    items = [{"sourceItemId": "I1", "quantity": 2}]
    client.create_fulfillment("#A/1", CreateFulfillment.model_validate(parcel | {"sourceItemIds": items}))
    client.update_fulfillment("#A/1", "F 1", FulfillmentStatus.DELIVERED)
    read, [found] = client.get_order("#A/1"), client.list_fulfillments("#A/1")
    assert ("80.10", Decimal("1.50"), ["I1", "I2"]) == (
        str(read.total),
        read.premium_paid,
        [item.source_item_id for item in read.order_items],
    )
    assert ("DELIVERED", "I1", 2) == (
        found.fulfillment_status,
        found.source_item_ids[0].source_item_id,
        found.source_item_ids[0].quantity,
    )


def test_list(client, order):
    """The client walks the list of orders through all its pages."""
    made = [order() for _ in range(5)]
    for body in made:
        client.create_order(CreateOrder.model_validate(body))
    listed = [one.source_order_id for one in client.list_orders(size=2)]
    assert [body["sourceOrderId"] for body in made] == listed[-5:]


def test_claims(client, placed, call):
    """A claim that was approved reads as approved for its order, with its total."""
    claim = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]
    call("POST", f"/sandbox/claims/{claim}/approve")
    [read] = client.claims_of_order(placed)
    assert (claim, "APPROVED", placed) == (read.id, read.claim_state, read.source_order_id)
    assert [("REFUND", Decimal("89.99"))] == [(one.resolution_type, one.paid_value) for one in read.claim_resolutions]


def test_errors(client, sandbox, order, call):
    """Refusals and lost answers arrive as the client's own kinds of error."""
    body = CreateOrder.model_validate(order())
    call("PUT", "/sandbox/behaviour", {"faults": [{"kind": "drop", "after_acting": True}]})
    with pytest.raises(MayHaveLanded):
        client.create_order(body)
    with pytest.raises(AlreadyThere):
        client.create_order(body)
    with pytest.raises(NotFoundThere):
        client.get_order("none")
    with pytest.raises(BadRequest):
        client.send(Request(method="POST", path="/v1/orders", body={}))
    call("PUT", "/sandbox/behaviour", {"faults": [{"kind": "status", "status": 401}]})
    with pytest.raises(Unauthorized):
        client.get_order("none")
