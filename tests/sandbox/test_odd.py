"""Requests that no client sends by accident: each is refused, in the form of every refusal, and nothing breaks."""

from __future__ import annotations

import base64
import http.client
import json
from urllib.parse import urlsplit

import pytest

JSON = {"content-type": "application/json", "authorization": "Bearer any"}


@pytest.fixture
def odd(sandbox):
    """Send bytes as they are, and return the status, the media type and whether it answers as it should."""

    def act(method, path, body=None, **headers):
        connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, JSON | named)
            answer = connection.getresponse()
            text = answer.read()
            if method != "HEAD":
                json.loads(text)
            return answer.status, answer.headers["content-type"]
        finally:
            connection.close()

    return act


@pytest.mark.parametrize(
    "body",
    [
        b'{"sourceOrderId": "\\ud800"}',
        b'{"sourceOrderId": "\\u0000"}',
        b'{"total": 1e999999999}',
        b'{"total": -1E-999999999}',
        b'{"total": ' + b"9" * 5000 + b"}",
        b"[" * 5000,
        b'{"a": ' * 500 + b"1" + b"}" * 500,
        b"\xef\xbb\xbf{}",
        b"\x00",
        b'{"\\ud800": 1}',
        b'{"sourceOrderId": true}',
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("path", ["/v1/orders", "/v2/products", "/v1/claims/offline", "/v1/oauth/token"])
def test_body(odd, path, body):
    """A body that is no strict JSON, or holds what no database does, is 400."""
    assert (400, "application/json") == odd("POST", path, body)


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
     "*/*", "\xff"],
)  # fmt: skip
def test_media_type(odd, kind):
    """Whatever does not say that it is JSON is 400."""
    assert (400, "application/json") == odd("POST", "/v1/orders", b"{}", content_type=kind)


@pytest.mark.parametrize(
    "segment", ["%", "%zz", "%ff", "%00", "%ed%a0%80", "..%2f..", "x" * 5000, "%F0%9F%92%A5", ";", "'"]
)
def test_path(odd, segment):
    """An id of any bytes is one that nobody knows, badly encoded ones too."""
    assert (404, "application/json") == odd("GET", f"/v1/orders/{segment}")
    assert (404, "application/json") == odd(
        "PUT", f"/v1/orders/{segment}/fulfillments/{segment}", b'{"status":"FAILURE"}'
    )
    assert (404, "application/json") == odd("POST", f"/sandbox/claims/{segment}/approve", b"{}")


LATE = [base64.urlsafe_b64encode(b"after:1" + b"0" * zeros).decode() for zeros in (17, 18, 19, 30, 5000)]


@pytest.mark.parametrize("cursor", [*LATE, "%ff", "a", "%00", "YWZ0ZXI6LTE="], ids=lambda cursor: cursor[:24])
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/claims"])
def test_cursor(odd, path, cursor):
    """A cursor that was never given is 400, or shows an empty page."""
    assert odd("GET", f"{path}?cursor={cursor}")[0] in (200, 400)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PATCH", "QUERY", "get"])
def test_method(odd, method):
    """A method that a path does not know is 405."""
    assert (405, "application/json") == odd(method, "/v1/orders")


def test_allowed(sandbox):
    """A 405 names all methods of the path."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)
    connection.request("DELETE", "/v1/orders", headers=JSON)
    allowed = connection.getresponse().headers["allow"]
    connection.close()
    assert {"GET", "HEAD", "POST"} == set(allowed.split(", "))


def test_head(odd):
    """HEAD is a GET without its body."""
    assert (200, "application/json") == odd("HEAD", "/v1/orders")


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Basic eDp5", "bearer\tany", "\xff", "Bearer op_at_\xff"]
)
def test_authorization(odd, authorization):
    """A header that holds no bearer token is 401, and so is an app's token that nobody gave."""
    assert (401, "application/json") == odd("GET", "/v1/orders", authorization=authorization)
