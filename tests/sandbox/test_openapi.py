"""The description of what the sandbox serves."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import get_args

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.applications import Starlette

from op_core.order_protection.dialects.switches import Dialect
from op_core.sandbox import Sandbox, create_app
from op_core.sandbox.answers import Document
from op_core.sandbox.calls import all_calls
from op_core.sandbox.examples import EXAMPLES
from op_core.sandbox.local import LocalOrderProtection


@pytest.fixture
def described(call) -> Document:
    """Ask for the description, as anybody may."""
    answer = call("GET", "/openapi.json", token=None)
    assert answer.status == 200
    return answer.json


def served(app):
    """Return the Starlette routes below the layers of the application."""
    while not isinstance(app, Starlette):
        app = app._app
    return {(method, route.path) for route in app.routes for method in route.methods - {"HEAD"}}


def test_valid(call):
    """It is valid OpenAPI 3.1."""
    OpenAPIV31SpecValidator(json.loads(json.dumps(call("GET", "/openapi.json").json, default=float))).validate()


def test_same_as_the_routes(described):
    """Every route is described, and everything described is a route."""
    listed = {(method.upper(), path) for path, calls in described["paths"].items() for method in calls}
    assert served(create_app()) == listed


def test_same_as_the_list(call, described):
    """``GET /`` lists the same calls."""
    about = call("GET", "/").json
    listed = {name for kind in ("documented", "assumed", "own") for name in about[kind]}
    assert listed == {f"{method.upper()} {path}" for path, calls in described["paths"].items() for method in calls}


def test_fields_are_those_that_are_checked(call, described, placed):
    """A field that the description lacks is refused, and one that it requires is missed."""
    body = described["components"]["schemas"]["UpdateFulfillment"]
    assert (["status"], False) == (body["required"], body["additionalProperties"])
    path = f"/v1/orders/{placed}/fulfillments"
    parcel = {
        "sourceFulfillmentId": "F1",
        "fulfillmentStatus": "FULFILLED",
        "sourceItemIds": [{"sourceItemId": "I1", "quantity": 1}],
    }
    assert set(parcel) == set(described["components"]["schemas"]["CreateFulfillment"]["required"])
    assert call("POST", path, parcel).status == 201
    assert [400, 400, 200] == [
        call("PUT", f"{path}/F1", one).status
        for one in ({}, {"status": "DELIVERED", "trackingNumber": []}, {"status": "DELIVERED"})
    ]


def test_links_lead_somewhere(described):
    """A link names an operation that is there, and a placeholder of its path."""
    operations = {one["operationId"]: path for path, calls in described["paths"].items() for one in calls.values()}
    links = [
        link
        for calls in described["paths"].values()
        for one in calls.values()
        for response in one["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert links
    for link in links:
        assert set(link["parameters"]) <= set(re.findall(r"{(\w+)}", operations[link["operationId"]]))


def test_amounts_are_numbers(described):
    """Amounts are described as JSON numbers, currencies by their codes."""
    fields = described["components"]["schemas"]["CreateOrder"]["properties"]
    assert ("number", 302) == (fields["total"]["type"], len(fields["currency"]["enum"]))


def test_one_name_for_one_schema():
    """Two models of one name would hide each other in the description, so none have it."""
    local = LocalOrderProtection(post=lambda *_: 200)
    calls = all_calls(local)
    models = {model for call in calls for model in (call.body, *call.answers.values()) if isinstance(model, type)}
    names = Counter(model.__name__ for model in models)
    local.close()
    assert [] == [name for name, count in names.items() if count > 1]


@pytest.mark.parametrize("spelling", [0, 1], ids=["documented", "other"])
def test_examples_are_taken(send, spelling):
    """Sent in the order in which they stand, the examples are all taken, in either spelling."""
    other = {name: get_args(field.annotation)[spelling] for name, field in Dialect.model_fields.items()}
    ids = {"sourceOrderId": "1001", "sourceFulfillmentId": "1001-parcel-1", "productId": "lamp-red"}
    if spelling:
        ids["productId"] = "lamp"  # by the switch variant_address
    with Sandbox() as sandbox:
        send(sandbox.url, "PUT", "/sandbox/behaviour", {"wire": other})
        described = send(sandbox.url, "GET", "/openapi.json").json["paths"]
        sent = [
            (method.upper(), path, one["requestBody"]["content"]["application/json"]["example"])
            for path, calls in described.items()
            for method, one in calls.items()
            if "example" in one.get("requestBody", {}).get("content", {}).get("application/json", {})
        ]
        answers = {
            f"{method} {path}": send(sandbox.url, method, path.format_map(ids), body) for method, path, body in sent
        }
    assert len(EXAMPLES) == len(answers)
    assert {} == {name: answer.json for name, answer in answers.items() if answer.status >= 300}
