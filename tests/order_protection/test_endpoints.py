"""Each call is the documented method, path and body; each answer is read or refused."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import NotSendable, SettingsError, UnreadableAnswer
from op_core.models import FulfillmentStatus
from op_core.order_protection import endpoints
from op_core.order_protection.endpoints.reading import read_ok
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Response
from op_core.order_protection.schema import (
    CreateFulfillment,
    FileClaim,
    FileOfflineClaim,
    UpdateFulfillment,
    UpdateOrder,
    UpdateProduct,
)
from op_core.testing.hostile import TEXTS

OFFLINE = loads((Path(__file__).parents[1] / "data" / "wire" / "offline_claim.request.json").read_bytes())
FULFILLMENT = CreateFulfillment(
    source_fulfillment_id="F/1", source_item_ids=(), fulfillment_status=FulfillmentStatus.FULFILLED
)
DELIVERED = UpdateFulfillment(status=FulfillmentStatus.DELIVERED)


def answer(body):
    """Return a success with that body."""
    return Response(status=200, body=body)


@pytest.mark.parametrize(
    ("request_", "name", "repeatable"),
    [
        (endpoints.update_order("#517AB", UpdateOrder()), "PUT /v1/orders/%23517AB", True),
        (endpoints.get_order("a/b?c"), "GET /v1/orders/a%2Fb%3Fc", True),
        (endpoints.list_orders(10), "GET /v1/orders", True),
        (endpoints.create_fulfillment("1", FULFILLMENT), "POST /v1/orders/1/fulfillments", False),
        (endpoints.update_fulfillment("1", "F/1", DELIVERED), "PUT /v1/orders/1/fulfillments/F%2F1", True),
        (endpoints.list_fulfillments("1 2"), "GET /v1/orders/1%202/fulfillments", True),
        (endpoints.claims_of_order("é"), "GET /v1/orders/%C3%A9/claims", True),
        (endpoints.list_claims(), "GET /v1/claims", True),
        (endpoints.file_claim("#1", FileClaim(email="customer@example.com")), "POST /v1/claims/%231", False),
        (endpoints.update_product("P/1", UpdateProduct()), "PUT /v2/products/P%2F1", True),
        (endpoints.quote("shop.example"), "GET /v1/quote/insurance", True),
        (endpoints.partner_quote("app/1", "k"), "GET /v2/quote/insurance/partner/app%2F1", True),
        (endpoints.partner_widget("app/1", "k"), "GET /v2/widget/config/partner/app%2F1", True),
        (endpoints.create_settings_context("k"), "POST /v2/settings/context", False),
        (endpoints.get_settings_context(), "GET /v2/settings/context", True),
        (endpoints.get_settings(), "GET /v2/settings", True),
        (endpoints.list_pricing_rules(), "GET /v2/pricing/rules", True),
        (endpoints.widget_config(), "GET /v2/widget/config", True),
    ],
)
def test_requests(request_, name, repeatable):
    """Ids are percent-encoded into the documented paths, and only what cannot act twice is repeatable."""
    assert (name, repeatable) == (request_.request.name, request_.request.repeatable)


def test_pages_of_orders_are_asked_by_size_and_cursor():
    """The first page has a size, the next ones a cursor as well."""
    assert (("size", "10"),) == endpoints.list_orders(10).request.query
    assert (("size", "10"), ("cursor", "c&1")) == endpoints.list_orders(10, "c&1").request.query


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in (".", "..")))
def test_every_id_survives_its_path(order_id):
    """Whatever an id holds, it is one segment of the path and decodes to itself."""
    (segment,) = endpoints.get_order(order_id).request.path.removeprefix("/v1/orders/").split("/")
    assert order_id == unquote(segment)


@pytest.mark.parametrize("order_id", ["", ".", "..", "\ud800"])
def test_ids_that_no_path_can_hold(order_id):
    """An id that would change the path is refused, not sent elsewhere."""
    with pytest.raises(NotSendable, match="order id"):
        endpoints.claims_of_order(order_id)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"status":"error"}', b'"ok"', b"NaN"])
def test_an_answer_that_is_not_ok_is_unreadable(body):
    """A success in an unknown form is never taken for one; the body is kept beside the text."""
    with pytest.raises(UnreadableAnswer, match="the API answered 200") as caught:
        read_ok(answer(body))
    assert body == caught.value.body


def test_ok():
    """The documented answer to a write is taken, with whatever else it holds."""
    read_ok(answer(b'{"status":"ok","payload":{}}'))


def test_one_order():
    """An order is read by its sourceOrderId, and an answer without one is no order."""
    assert "S-1" == endpoints.get_order("S-1").read(answer(b'{"sourceOrderId":"S-1"}')).source_order_id
    for body in (b"{}", b"[]", b'{"edges":[]}'):
        with pytest.raises(UnreadableAnswer, match="sourceOrderId"):
            endpoints.get_order("S-1").read(answer(body))


def test_pages_of_orders():
    """A page names where the next one starts, and nothing after the last."""
    more = (
        b'{"edges":[{"node":{"sourceOrderId":"S-1"}}],"pageInfo":{"endCursor":"c","hasNextPage":true},"totalCount":2}'
    )
    last = b'{"edges":[],"pageInfo":{"endCursor":"c","hasNextPage":false}}'
    page = endpoints.list_orders(1).read(answer(more))
    assert (["S-1"], "c") == ([order.source_order_id for order in page.nodes], page.cursor)
    assert endpoints.Page((), None) == endpoints.list_orders(1).read(answer(last))


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"edges":[]}',
        b'{"edges":{},"pageInfo":{"hasNextPage":false}}',
        b'{"edges":[],"pageInfo":{"hasNextPage":1}}',
        b'{"edges":[],"pageInfo":{"hasNextPage":true,"endCursor":null}}',
        b'{"edges":[],"pageInfo":{"hasNextPage":true,"endCursor":""}}',
        b'{"edges":["x"],"pageInfo":{"hasNextPage":false}}',
        b'{"edges":[{"node":"<unknown>"}],"pageInfo":{"hasNextPage":false}}',
    ],
)
def test_a_page_in_another_form_is_unreadable(body):
    """A list that could hide orders is refused, never read as empty."""
    with pytest.raises(UnreadableAnswer):
        endpoints.list_orders(1).read(answer(body))


def test_lists():
    """Parcels and claims come as lists of objects, and as nothing else."""
    assert ["F-1"] == [
        one.source_fulfillment_id
        for one in endpoints.list_fulfillments("1").read(answer(b'[{"sourceFulfillmentId":"F-1"}]'))
    ]
    assert ["c1"] == [one.id for one in endpoints.claims_of_order("1").read(answer(b'[{"id":"c1"}]'))]
    for body in (b"{}", b"[1]", b"null"):
        with pytest.raises(UnreadableAnswer, match="a list of objects"):
            endpoints.claims_of_order("1").read(answer(body))


def test_claims_are_listed_without_guessing_a_query():
    """Nothing is asked of the page that its parameters are not known of, unless the caller does (G-13)."""
    assert () == endpoints.list_claims().request.query
    assert (("size", "5"), ("cursor", "c")) == endpoints.list_claims(5, "c").request.query


def test_an_order_that_is_called_offline_cannot_be_filed_for():
    """Its path is that of another call; it is refused, not sent there."""
    with pytest.raises(NotSendable, match="order id 'offline'"):
        endpoints.file_claim("offline", FileClaim(email="customer@example.com"))


def test_the_quote_is_public_and_tells_a_cohort():
    """No token goes along; a partner's cohort goes in its two headers."""
    request = endpoints.quote("shop.example", app_id="app-1", variant="b").request

    assert not request.authorized
    assert (("x-op-partner-app-id", "app-1"), ("x-op-partner-variant", "b")) == request.headers
    assert (("store_url", "shop.example"),) == request.query


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"id":null}', b'{"rules":[]}'])
def test_a_quote_without_an_id_is_unreadable(body):
    """What is no quote is never read as one without rules, which would sell nothing in silence."""
    with pytest.raises(UnreadableAnswer, match="an object with an id"):
        endpoints.quote("shop.example").read(answer(body))


def test_a_partner_context_needs_its_key():
    """The key is the one field that the page is known to ask for; others go along as they are."""
    assert {"variantKey": "k", "mandatoryOp": True} == endpoints.create_settings_context(
        "k", {"mandatoryOp": True, "variantKey": "other"}
    ).request.body
    with pytest.raises(NotSendable, match=r"variantKey: required, and empty \(page DEV-EP\)"):
        endpoints.create_settings_context("")


@pytest.mark.parametrize("body", [b'{"status":"ok"}', b'{"payload":{}}', b'{"status":"ok","payload":[]}', b"null"])
def test_an_offline_claim_is_answered_with_a_payload(body):
    """Without it nobody could ask for the claim again."""
    with pytest.raises(UnreadableAnswer, match="a payload"):
        endpoints.file_offline_claim(FileOfflineClaim.model_validate(OFFLINE)).read(answer(body))


# --- Reports -----------------------------------------------------------------------------------------------------


@attrs.frozen
class Route:
    """A route as the settings hold it."""

    method: str
    path: str
    body: object = None


FACTS = {"claim_id": "c/1", "amount": Decimal("12.50"), "currency": "USD", "reference": "OP-1", "money": None}


def test_reports_are_filled():
    """A text that is one placeholder becomes the fact, a longer one holds it, and the path is percent-encoded."""
    route = Route(
        "post",
        "/v1/claims/{claim_id}/done",
        {"sum": "{amount}", "text": "{amount} {currency}", "list": ["{reference}", 1, None], "money": "{money}"},
    )
    request = endpoints.report(route, FACTS)
    assert ("POST /v1/claims/c%2F1/done", False) == (request.name, request.repeatable)
    assert {"sum": Decimal("12.50"), "text": "12.50 USD", "list": ["OP-1", 1, None], "money": None} == request.body


def test_facts_are_not_templates():
    """Braces inside a fact stay as they are: only the route is a template."""
    assert "x {amount}" == endpoints.report(Route("POST", "/r", "x {shop_id}"), {"shop_id": "{amount}"}).body


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_facts_are_data(text):
    """What a webhook called an order is one segment of the path, and one text of the body."""
    route = Route("POST", "/v1/{op_order_id}/done", {"whole": "{op_order_id}", "inside": "of {op_order_id}"})
    if text == "..":
        with pytest.raises(NotSendable, match="cannot stand in a path"):
            endpoints.report(route, {"op_order_id": text})
        return
    request = endpoints.report(route, {"op_order_id": text})

    assert ["", "v1", text, "done"] == [unquote(part) for part in request.path.split("/")]
    assert re.fullmatch(r"[\w.~%/-]+", request.path, re.ASCII)
    assert {"whole": text, "inside": f"of {text}"} == request.body


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{clam_id}", r"\{clam_id\} is no placeholder; the nearest is \{claim_id\}"),
        ("{}", r"\{\} is no placeholder; there are claim_id"),
        ("{Zzz}", "is no placeholder; there are claim_id"),
    ],
)
def test_unknown_placeholders(template, message):
    """A placeholder that nobody knows is an error of the settings, in the path and in the body."""
    for route in (
        Route("POST", f"/{template}"),
        Route("POST", "/r", {"a": [f"x {template}"]}),
        Route("POST", "/r", template),
    ):
        with pytest.raises(SettingsError, match=message):
            endpoints.report(route, FACTS)


@pytest.mark.parametrize("route", [Route("POST", "/{shop_id}"), Route("POST", "/r", "paid: {money}")])
def test_facts_that_are_missing(route):
    """A path or a longer text without its fact is not sent with a hole in it."""
    with pytest.raises(NotSendable, match="this outcome has none"):
        endpoints.report(route, FACTS)
