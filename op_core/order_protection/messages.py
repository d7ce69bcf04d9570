"""A call, its request and its response as plain values: no network, no library of one."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import attrs

from op_core.errors import (
    AlreadyThere,
    Answered,
    BadRequest,
    NotFoundThere,
    RateLimited,
    ServerFailed,
    Unauthorized,
    Unprocessable,
)
from op_core.order_protection.scopes import SCOPES

__all__ = ["Call", "Request", "Response", "checked", "retry_after"]

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(kw_only=True)
class Request:
    """
    What is to be sent.

    Attributes:
        method: In capitals.
        path: With its ids percent-encoded, from the ``/`` after the host on.
        query: Names and values, not yet encoded.
        body: What becomes JSON; amounts are Decimals. Bytes go out as they are, with a Content-Type among *headers*.
            None: no body.
        repeatable: Sending it twice does no more than sending it once, so that a lost answer is no reason to stop.
        page: Short name of the page that documents it, such as ``ORD-C``; empty for a report, which none does.
        route: The path with its placeholders, such as ``/v1/orders/{sourceOrderId}``; empty as above.
        authorized: Whether it carries the bearer token. What is public, and what asks for a token, does not.
        headers: Further headers, names and values.
        label: How it is called in errors and logs, where its path may hold personal data.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = attrs.field(default=None, repr=False)
    repeatable: bool = False
    page: str = ""
    route: str = ""
    authorized: bool = True
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    label: str = ""

    @property
    def name(self) -> str:
        """How it is called in errors and logs: method and path, unless it has a label."""
        return self.label or f"{self.method} {self.path}"


@attrs.frozen(kw_only=True)
class Response:
    """
    What came back.

    Attributes:
        status: The HTTP status.
        headers: Names in small letters.
        body: The bytes as they came, unpacked.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen
class Call(Generic[T_co]):
    """
    One documented call: what is sent, and how its answer is read.

    Attributes:
        read: Makes a value of the answer to a success; raises `UnreadableAnswer` where it is in an unknown form.
    """

    request: Request
    read: Callable[[Response], T_co] = attrs.field(repr=False)


_ANSWERS: dict[int, tuple[type[Answered], str]] = {
    400: (BadRequest, "the API does not take this request; mend it, sending it again changes nothing"),
    401: (Unauthorized, "the token is missing, wrong or revoked; set the store's api_token"),
    403: (Unauthorized, "the token may not do this; give it the right, or set another api_token"),
    404: (NotFoundThere, "the API does not know this id; export the order first"),
    409: (AlreadyThere, "it exists already; update it instead"),
    422: (Unprocessable, "the API refuses the data; mend them in the shop"),
    429: (RateLimited, "too many calls; wait, then send it again"),
}

# What is not there, where it is no order, parcel or claim.
_NOT_THERE = {
    "QUOTE": "the API knows no store of this host; mend the store's quote.store_url",
    "PRD-U": "the API does not know this product; create it first",
}


def checked(request: Request, response: Response, now: datetime) -> Response:
    """
    Return *response* if it is a success.

    Args:
        request: What was sent; its name stands in the error.
        response: What came back.
        now: The time, UTC; a ``Retry-After`` may be a date.

    Raises:
        Answered: Or one of its kinds, by the status. The body is kept beside the text, never in it.
    """
    if 200 <= response.status < 300:  # noqa: PLR2004 - the class of HTTP's successes
        return response
    kind, advice = _ANSWERS.get(response.status, (Answered, "an answer that nobody knows; read its body"))
    if response.status == 403 and request.page in SCOPES:  # noqa: PLR2004 - HTTP's "may not"
        advice += f"; the token of an app needs the scope {SCOPES[request.page]}"
    if response.status == 404:  # noqa: PLR2004 - HTTP's "not found"
        advice = _NOT_THERE.get(request.page, advice)
    if 300 <= response.status < 400:  # noqa: PLR2004 - HTTP's redirections
        advice = "it points elsewhere, which is never followed; mend the store's api_url"
    elif response.status >= 500:  # noqa: PLR2004 - HTTP's failures of the server
        kind, advice = ServerFailed, "the API failed; a write may have landed, so read before writing again"
    wait = retry_after(response.headers.get("retry-after", ""), now)
    asked = f" (it asks to wait {wait:.0f} s)" if wait is not None else ""
    raise kind(
        f"{request.name}: {response.status}, {advice}{asked}",
        status=response.status,
        body=response.body,
        retry_after=wait,
    )


def retry_after(text: str, now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait, or None. It holds seconds or an HTTP date."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:  # noqa: PLR2004 - thirty years, in seconds
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:  # "-0000" says UTC without a zone
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
