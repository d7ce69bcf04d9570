"""The client in both colours makes the documented calls and reads their answers."""

from __future__ import annotations

import asyncio
import inspect
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from op_core.errors import AlreadyThere, UnreadableAnswer
from op_core.models import FulfillmentStatus
from op_core.order_protection import endpoints
from op_core.order_protection.async_client import AsyncClient
from op_core.order_protection.client import Client
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.order_protection.messages import Request
from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    CreateProduct,
    FileClaim,
    FileOfflineClaim,
    FulfilledItem,
    OrderItem,
    PlatformId,
    UpdateOrder,
    UpdateProduct,
    WireAddress,
)

WIRE = Path(__file__).parents[1] / "data" / "wire"
API = "https://api.example.com"
TOKEN = "not-a-real-token"
ORDER = CreateOrder(
    source_order_id="#1",
    source_created_at=datetime(2025, 1, 31, 9, tzinfo=UTC),
    platform_id=PlatformId.API,
    currency="USD",
    total=Decimal("15.40"),
    subtotal=Decimal("11.30"),
    order_items=(OrderItem(source_item_id="I-1", product_name="Lamp", quantity=1, price=Decimal("11.30")),),
    address=WireAddress(country="US"),
)
PARCEL = CreateFulfillment(
    source_fulfillment_id="F-1",
    source_item_ids=(FulfilledItem(source_item_id="I-1", quantity=1),),
    fulfillment_status=FulfillmentStatus.FULFILLED,
)


class Api:
    """A transport that answers by method and path, and keeps what it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def __call__(self, request):
        name = f"{request.method} {request.url.raw_path.decode()}"
        self.asked.append((name, request.content))
        status, body = self.answers[name]
        return httpx.Response(status, content=body)


class Colour:
    """One client behind one face, whichever its colour."""

    def __init__(self, kind, api):
        self.client = kind(API, TOKEN, transport=httpx.MockTransport(api))

    def __getattr__(self, name):
        def call(*args):
            result = getattr(self.client, name)(*args)
            if hasattr(result, "__aiter__"):
                return asyncio.run(everything(result))
            return asyncio.run(result) if inspect.iscoroutine(result) else result

        return call


async def everything(iterator):
    """Return all that an asynchronous iterator yields."""
    return [one async for one in iterator]


@pytest.fixture(params=[Client, AsyncClient])
def connect(request):
    """Return a function from answers to a client of each colour, and what it was asked."""

    def opened(answers):
        api = Api(answers)
        return Colour(request.param, api), api

    return opened


OK = b'{"status":"ok"}'


def test_writes(connect):
    """Each write goes to its documented place with its documented body."""
    client, api = connect(
        {
            "POST /v1/orders": (201, OK),
            "PUT /v1/orders/%231": (200, OK),
            "POST /v1/orders/%231/fulfillments": (201, OK),
            "PUT /v1/orders/%231/fulfillments/F-1": (200, OK),
        }
    )
    client.create_order(ORDER)
    client.update_order("#1", UpdateOrder(total=Decimal("16.40")))
    client.create_fulfillment("#1", PARCEL)
    client.update_fulfillment("#1", "F-1", FulfillmentStatus.DELIVERED)
    assert [
        ("POST /v1/orders", dumps(ORDER.to_wire())),
        ("PUT /v1/orders/%231", b'{"total":16.40}'),
        ("POST /v1/orders/%231/fulfillments", dumps(PARCEL.to_wire())),
        ("PUT /v1/orders/%231/fulfillments/F-1", b'{"status":"DELIVERED"}'),
    ] == api.asked


def test_reads(connect):
    """Each read comes back as values."""
    client, _ = connect(
        {
            "GET /v1/orders/%231": (200, b'{"sourceOrderId":"#1","total":"15.40"}'),
            "GET /v1/orders/%231/fulfillments": (200, b'[{"sourceFulfillmentId":"F-1"}]'),
            "GET /v1/orders/%231/claims": (200, (WIRE / "claims_by_order.response.json").read_bytes()),
        }
    )
    assert Decimal("15.40") == client.get_order("#1").total
    assert ["F-1"] == [parcel.source_fulfillment_id for parcel in client.list_fulfillments("#1")]
    assert ["APPROVED"] == [claim.claim_state for claim in client.claims_of_order("#1")]


def test_what_a_shop_starts(connect):
    """Claims, products and prices go to their documented places, and come back as values."""
    claim = FileClaim(email="customer@example.com")
    offline = FileOfflineClaim.model_validate(loads((WIRE / "offline_claim.request.json").read_bytes()))
    product = CreateProduct(
        product_id="P1", status="ACTIVE", name="Lamp", price=Decimal("40.00"), inventory_quantity=7,
        product_type="SIMPLE",
    )  # fmt: skip
    client, api = connect(
        {
            "POST /v1/claims/%231": (201, OK),
            "POST /v1/claims/offline": (200, (WIRE / "offline_claim.response.json").read_bytes()),
            "POST /v2/products": (201, OK),
            "PUT /v2/products/V1": (200, OK),
            "GET /v1/quote/insurance?store_url=shop.example": (200, b'{"id":"q1","rules":[{"min":0,"max":"50"}]}'),
            "GET /v1/claims": (200, b'{"edges":[{"node":{"id":"c1"}}],"pageInfo":{"hasNextPage":false}}'),
        }
    )
    client.file_claim("#1", claim)
    client.create_product(product)
    client.update_product("V1", UpdateProduct(inventory_quantity=6))

    assert "XX-1234-1234" == client.file_offline_claim(offline).source_order_id
    assert Decimal(50) == client.quote("shop.example").rules[0].max
    assert ["c1"] == [one.id for one in list(client.list_claims())]
    assert [
        ("POST /v1/claims/%231", dumps(claim.to_wire())),
        ("POST /v2/products", dumps(product.to_wire())),
        ("PUT /v2/products/V1", b'{"inventoryQuantity":6}'),
        ("POST /v1/claims/offline", dumps(offline.to_wire())),
    ] == api.asked[:4]


def test_any_documented_call_can_be_made(connect):
    """A call of a partner's application is made as any other, and its answer is the JSON that it is."""
    client, _ = connect({"GET /v2/settings": (200, b'{"currency":"USD"}')})

    assert {"currency": "USD"} == client.call(endpoints.get_settings())


def test_a_public_call_shows_no_token():
    """The quote is asked for without the store's token, in both colours."""
    shown = []

    def api(request):
        shown.append(request.headers.get("authorization"))
        return httpx.Response(200, content=b'{"id":"q1"}')

    for kind in (Client, AsyncClient):
        Colour(kind, api).quote("shop.example")

    assert [None, None] == shown


def page(order_id, cursor):
    """Return a page of one order, and the cursor of the next page if there is one."""
    info = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return 200, dumps({"edges": [{"node": {"sourceOrderId": order_id}}], "pageInfo": info})


def test_all_pages_are_listed(connect):
    """The list goes on from cursor to cursor until the API says that there is no more."""
    client, api = connect(
        {
            "GET /v1/orders?size=1": page("S-1", "a&b"),
            "GET /v1/orders?size=1&cursor=a%26b": page("S-2", "c"),
            "GET /v1/orders?size=1&cursor=c": page("S-3", None),
        }
    )
    assert ["S-1", "S-2", "S-3"] == [order.source_order_id for order in list(client.list_orders(1))]
    assert 3 == len(api.asked)


def test_a_list_that_would_never_end(connect):
    """The same cursor twice is an unreadable answer, not an endless list."""
    client, _ = connect({"GET /v1/orders?size=1": page("S-1", "a"), "GET /v1/orders?size=1&cursor=a": page("S-2", "a")})
    with pytest.raises(UnreadableAnswer, match="the same cursor twice"):
        list(client.list_orders(1))


def test_any_request_can_be_sent(connect):
    """A report goes out as any request, and its answer comes back as it is."""
    client, _ = connect({"POST /v1/reports": (202, b"thanks")})
    response = client.send(Request(method="POST", path="/v1/reports", body={"sum": Decimal("1.10")}))
    assert (202, b"thanks") == (response.status, response.body)


def test_refusals_and_unknown_answers(connect):
    """A refusal keeps its status and body; a success in an unknown form is no success."""
    client, _ = connect({"POST /v1/orders": (409, b"exists"), "PUT /v1/orders/1": (200, b"<html>")})
    with pytest.raises(AlreadyThere) as caught:
        client.create_order(ORDER)
    assert (409, b"exists") == (caught.value.status, caught.value.body)
    with pytest.raises(UnreadableAnswer, match="not JSON"):
        client.update_order("1", UpdateOrder())


def test_token_is_not_shown():
    """No repr shows the token."""
    with Client(API, TOKEN) as client:
        assert TOKEN not in repr(client)
    assert TOKEN not in repr(AsyncClient(API, TOKEN))


def test_closing():
    """Both colours close with their context."""

    async def used():
        async with AsyncClient(API, TOKEN, transport=httpx.MockTransport(Api({}))) as client:
            return client

    with Client(API, TOKEN, transport=httpx.MockTransport(Api({}))) as client:
        pass
    for closed in (lambda: client.get_order("1"), lambda: asyncio.run(asyncio.run(used()).get_order("1"))):
        with pytest.raises(RuntimeError, match="closed"):
            closed()
