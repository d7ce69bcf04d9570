"""What an answer's status means, and how long it asks to wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from op_core import errors
from op_core.order_protection.messages import Request, Response, checked, retry_after

NOW = datetime(2025, 1, 31, 9, tzinfo=UTC)
REQUEST = Request(method="POST", path="/v1/orders", body={"customerEmail": "customer@example.com"})


@pytest.mark.parametrize(
    ("page", "words"),
    [("ORD-U", "export the order first"), ("QUOTE", "mend the store's quote.store_url"), ("PRD-U", "create it first")],
)
def test_what_is_not_there_is_named_by_its_page(page, words):
    """A 404 says what to do about the thing that was asked for, not about another."""
    request = Request(method="GET", path="/x", page=page)
    with pytest.raises(errors.NotFoundThere, match=words):
        checked(request, Response(status=404), NOW)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_successes_come_back(status):
    """A 2xx is a success and comes back as it is."""
    response = Response(status=status)
    assert response is checked(REQUEST, response, NOW)


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (302, errors.Answered, "mend the store's api_url"),
        (400, errors.BadRequest, "mend it"),
        (401, errors.Unauthorized, "set the store's api_token"),
        (403, errors.Unauthorized, "may not do this"),
        (404, errors.NotFoundThere, "export the order first"),
        (409, errors.AlreadyThere, "update it instead"),
        (418, errors.Answered, "nobody knows"),
        (422, errors.Unprocessable, "mend them"),
        (429, errors.RateLimited, "wait"),
        (500, errors.ServerFailed, "read before writing again"),
        (599, errors.ServerFailed, "read before writing again"),
    ],
)
def test_each_status_says_what_to_do_next(status, kind, advice):
    """Every other status raises its own kind, with what the caller does next, and keeps the body out of the text."""
    with pytest.raises(kind, match=rf"^POST /v1/orders: {status}, .*{advice}") as caught:
        checked(REQUEST, Response(status=status, body=b"private"), NOW)
    assert (kind, status, b"private") == (type(caught.value), caught.value.status, caught.value.body)
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Fri, 31 Jan 2025 09:01:30 GMT", 90.0),
        ("Fri, 31 Jan 2025 09:01:30 -0000", 90.0),
        ("Fri, 31 Jan 2025 08:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("99999999999999", None),
        ("Fri, 99 Jan 2025 09:01:30 GMT", None),
    ],
)
def test_retry_after(text, seconds):
    """Seconds and HTTP dates are read; anything else says nothing."""
    assert seconds == retry_after(text, NOW)


def test_the_wait_is_told():
    """What the API asks to wait stands in the error and in its text."""
    with pytest.raises(errors.RateLimited, match="asks to wait 7 s") as caught:
        checked(REQUEST, Response(status=429, headers={"retry-after": "7"}), NOW)
    assert 7 == caught.value.retry_after


def test_reprs_hold_nothing_personal():
    """Neither side's repr shows a body."""
    assert "customer@example.com" not in repr(REQUEST)
    assert "private" not in repr(Response(status=200, body=b"private"))
