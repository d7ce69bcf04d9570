"""Who is let in, and what strangers are told."""

from __future__ import annotations

import asyncio
import http.client
from urllib.parse import urlsplit

import pytest

from op_core.sandbox import Sandbox
from op_core.sandbox.app import app_for


def test_about_needs_no_token(call):
    """``GET /`` says what this is, to anybody, and marks what is documented, assumed and its own."""
    answer = call("GET", "/", token=None)
    assert answer.status == 200
    assert "POST /v1/orders" in answer.json["documented"]
    assert "POST /v1/claims/{claimId}/resolutions" in answer.json["assumed"]
    assert "cut from its page" in answer.json["not served"]["PUT /v2/settings"]
    assert {"GET /sandbox/orders", "GET /openapi.json"} <= set(answer.json["own"])


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/x/claims", "/v1/none"])
def test_no_token(call, path):
    """Without a bearer token, nothing under /v1 answers anything but 401."""
    assert call("GET", path, token=None).status == 401


@pytest.mark.parametrize("token", ["", " "])
def test_empty_token(call, token):
    """A bearer token that is empty is none."""
    assert call("GET", "/v1/orders", token=token).status == 401


def test_own_routes_are_open_without_a_token(call):
    """The sandbox's own routes ask for nothing where no token was set."""
    assert call("GET", "/sandbox/orders", token=None).status == 200


def test_only_the_token(send):
    """With a token set, only that one is let in, to the sandbox's own routes too."""
    with Sandbox(token="right") as sandbox:
        statuses = [
            send(sandbox.url, "GET", path, token=token).status
            for path in ("/v1/orders", "/sandbox/orders")
            for token in ("right", "wrong", None)
        ]
        assert "right" not in repr(sandbox)
    assert [200, 401, 401] * 2 == statuses


def test_unknown_route_and_method(call):
    """An unknown route is 404, a wrong method 405, both in the shape of every refusal."""
    assert [(404, "error"), (405, "error"), (404, "error")] == [
        (answer.status, answer.json["status"])
        for answer in (call("GET", "/v1/none"), call("DELETE", "/v1/orders"), call("GET", "/sandbox/none"))
    ]


def test_media_type(sandbox):
    """A body that is not sent as application/json is refused, so that no web page can post here unasked."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc)
    connection.request("POST", "/sandbox/claims", b'{"source_order_id": "x"}', {"content-type": "text/plain"})
    answer = connection.getresponse()
    assert answer.status == 400
    answer.read()
    connection.close()


def test_a_client_that_goes_away_in_mid_body_is_no_defect(running):
    """A client that is killed while it sends leaves no trace in the log: its request is refused."""
    sent = []
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/orders",
        "raw_path": b"/v1/orders",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer any"), (b"content-type", b"application/json")],
    }

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(app_for(running.local, None)(scope, receive, send))

    assert 400 == sent[0]["status"]
