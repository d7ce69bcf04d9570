"""The way to the shop: one call of the manifest at a time, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from op_core.errors import (
    Answered,
    MayHaveLanded,
    NotSendable,
    NotSent,
    RequestNotSent,
    ShopAway,
    UnreadableAnswer,
    WireError,
)
from op_core.http import Manners, Session
from op_core.order_protection.messages import Request, Response
from op_rest_shop.authentication import Authentication, ClientCredentials, Login, Tokens, shown
from op_rest_shop.calls import Call, Rule
from op_rest_shop.expressions import WrongExpression
from op_rest_shop.landing import Answer, landed, read
from op_rest_shop.mapping import Manifest
from op_rest_shop.settings import RestShopSettings
from op_rest_shop.templates import Template, plain

__all__ = ["Client"]

_UNAUTHORIZED = 401
_READ_AGAIN = 3  # tries of what changes nothing


@attrs.define(eq=False)
class Client:
    """
    Calls one shop.

    Attributes:
        url: The shop's address.
        session: The way there.
        place: The manifest's name, for errors.
        rules: Landing rules of every call.
        auth: How the shop knows us.
    """

    url: str
    session: Session
    place: str
    rules: tuple[Rule, ...]
    auth: Authentication
    tokens: Tokens = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Ask nothing yet."""
        self.tokens = Tokens(self.auth, self._fetch)

    @classmethod
    def of(cls, url: str, settings: RestShopSettings, place: str, manifest: Manifest, transport: Any = None) -> Client:
        """Return one for a store's settings; *transport* is httpx's, for tests."""
        rate = settings.calls_per_second
        manners = Manners(
            read=settings.timeout.total_seconds(),
            whole=2 * settings.timeout.total_seconds(),
            connections=settings.connections,
            attempts=_READ_AGAIN,
            retry_for=settings.timeout.total_seconds(),
            longest_wait=5,
            largest_answer=settings.largest_answer,
            per_second=None if rate is None else float(rate),
            keep=False,  # no answer may be another call's
        )
        session = Session(url, None, manners=manners, transport=transport)
        return cls(url, session, place, manifest.shop.rules, manifest.auth)

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def call(self, call: Call, context: Mapping[str, Any], place: str) -> Answer:
        """
        Make one call.

        Args:
            call: The call.
            context: What its expressions find.
            place: Where it stands in the manifest, for errors.

        Raises:
            NotSent: Nothing was sent: an expression finds nothing, or the shop gives no token.
            ShopAway: The shop cannot be reached, does not know us, or asks for a longer wait than a call takes.
        """
        try:
            request = self.request(call, context)
        except (WrongExpression, NotSendable) as error:
            raise NotSent(f"{self.place}: {place}: {error}") from None
        return self.send(request, call, place, str(context.get("reference", "")))

    def request(self, call: Call, context: Mapping[str, Any]) -> Request:
        """Return what would be sent, without authentication."""
        headers = {name: _header(plain(value)) for name, value in call.headers.of(context).items()}
        body: Any = None
        if call.graphql is not None:
            body = {"query": call.graphql, "variables": call.variables.of(context)}
        elif call.form is not None:
            body = urlencode(_pairs(call.form.of(context))).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif call.body is not None:
            body = call.body.of(context)
        return Request(
            method=call.method.upper(),
            path=_below(call.path.of(context, _segment)),
            query=tuple(_pairs(call.query.of(context))),
            body=body,
            repeatable=call.reads or call.repeat,
            authorized=False,
            headers=tuple(headers.items()),
            label=call.label,
        )

    def send(self, request: Request, call: Call, place: str, reference: str = "") -> Answer:
        """Send a request that *call* has made, and read its answer; see `call`."""
        where = f"{self.place}: {place}: {call.label}"
        headers = self.tokens.headers()
        answer = self._once(request, headers, call, where, reference)
        if answer.means == "login" and self.tokens.renewable:
            answer = self._once(request, self.tokens.headers(headers), call, where, reference)
        if answer.means == "login":
            raise ShopAway(f"{where}: {answer.status}, the shop does not know us; mend [auth] or its secrets")
        return answer

    def _once(self, request: Request, headers: Mapping[str, str], call: Call, where: str, reference: str) -> Answer:
        wait = None
        try:
            response = self.session.send(attrs.evolve(request, headers=(*request.headers, *headers.items())))
        except RequestNotSent as error:
            raise ShopAway(f"{where}: the shop cannot be reached{_reason(error)}") from None
        except (MayHaveLanded, UnreadableAnswer) as error:
            reason = (
                "the answer is too long" if isinstance(error, UnreadableAnswer) else f"no whole answer{_reason(error)}"
            )
            return Answer("ask", f"{where}: {reason}")
        except Answered as error:
            if error.status == _UNAUTHORIZED:
                return Answer("login", where, status=error.status)
            response, wait = Response(status=error.status, body=error.body), error.retry_after
        answer = landed(response, call, self.rules, where, reference)
        if wait is not None and (answer.means == "later" or (call.reads and answer.means == "ask")):
            raise ShopAway(f"{answer.why}; the shop asks to wait {wait:.0f} s", wait=wait)
        return answer

    def _fetch(self) -> str:
        auth = self.auth
        assert isinstance(auth, Login | ClientCredentials)
        if isinstance(auth, Login):
            request = _login(auth.post, shown(auth.body))
        else:
            pairs = {"grant_type": "client_credentials", "client_id": shown(auth.client_id)}
            pairs |= {"client_secret": shown(auth.client_secret)} | ({"scope": auth.scope} if auth.scope else {})
            request = attrs.evolve(
                _login(auth.post, urlencode(pairs).encode()),
                headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            )
        where = f"{self.place}: auth: {request.label}"
        try:
            response = self.session.send(request)
            body = read(response.body)[0]
            token = self._token(auth, response, body)
        except Answered as error:
            said = f"{where}: {error.status}, the shop gives no token; mend [auth] or its secrets"
            raise ShopAway(said, wait=error.retry_after) from None
        except WireError as error:
            raise ShopAway(f"{where}: the shop gives no token{_reason(error)}") from None
        if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
            raise ShopAway(f"{where}: the answer holds no token where the manifest says")
        return token

    @staticmethod
    def _token(auth: Login | ClientCredentials, response: Response, body: Any) -> Any:
        if isinstance(auth, ClientCredentials):
            return body.get("access_token") if isinstance(body, dict) else None
        if auth.token_header is not None:
            return response.headers.get(auth.token_header.lower())
        try:
            return auth.token.of(body) if auth.token is not None else None
        except WrongExpression:
            return None


def _login(path: Template, body: Any) -> Request:
    return Request(
        method="POST",
        path=path.of({}, _segment),
        body=body,
        repeatable=True,
        authorized=False,
        label=f"POST {path.text}",
    )


def _segment(value: Any) -> str:
    return quote(plain(value), safe="")


def _below(path: str) -> str:
    """Refuse what would call another place than the manifest names: nothing encodes a dot."""
    if not {".", ".."}.isdisjoint(path.partition("?")[0].split("/")):
        raise WrongExpression("a part of the path would be . or .., which is another place")
    return path


def _header(value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise WrongExpression("a header would hold other than printable ASCII")
    return value


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, plain(each))
        for name, value in values.items()
        for each in (value if isinstance(value, list | tuple) else [value])
    ]


def _reason(error: WireError) -> str:
    _, bracket, reason = str(error).partition("(")
    return f" ({reason.rpartition(')')[0]})" if bracket else ""
