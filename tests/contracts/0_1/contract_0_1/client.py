"""
The way to the shop: one call at a time, and what its answer says about one question. Was something done?

===========================================  =================================================================
what happens                                 what it means
===========================================  =================================================================
no connection                                `ShopAway`: nothing was sent, and the whole store waits
401                                          `ShopAway`: nothing was done, and nothing will be with this token
429                                          `NotSent`: nothing was done; op-core sends it again
429 with ``Retry-After``                     `ShopAway` with those seconds, in which nobody calls this shop
400, 403, 404, 405, 413, 415, 422            `Refused`: the shop has read it and did nothing
200 with ``problems``                        `Refused`: as above, by the shop's own rules
2xx with what was asked for                  done
2xx with anything else, 3xx, 5xx, any other  unknown: it may have been done, so whatever is raised is none of these
no answer, or not a whole one                unknown
===========================================  =================================================================

Nothing is sent a second time here: op-core knows what may be, and asks the shop first where it is unsure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

import attrs

from contract_0_1.settings import CornerShopSettings
from op_core.errors import (
    Answered,
    ContractBroken,
    NotFoundThere,
    NotSent,
    OrderNotFound,
    RateLimited,
    Refused,
    RequestNotSent,
    ShopAway,
    ShopUnavailable,
    Unauthorized,
    Unreadable,
)
from op_core.http import Manners, Session
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Request, Response

__all__ = ["Client", "Query"]

Query: TypeAlias = Sequence[tuple[str, str]]

_UNAUTHORIZED = 401
_NOTHING_DONE = frozenset({400, 403, 404, 405, 413, 415, 422})  # the shop's own page says this of them


@attrs.define(eq=False)
class Client:
    """
    Calls one shop.

    Attributes:
        session: The way there. It holds the token, and no repr, error or log of it shows that.
    """

    session: Session

    @classmethod
    def of(cls, settings: CornerShopSettings, transport: Any = None) -> Client:
        """Return one for a store's settings; nothing is sent yet. *transport* is httpx's, for tests."""
        silence = settings.timeout.total_seconds()
        manners = Manners(
            read=silence,
            whole=2 * silence,
            attempts=1,  # see above
            keep=False,  # on a fresh connection no answer can be one to another call
        )
        return cls(Session(settings.url, settings.token.get_secret_value(), manners=manners, transport=transport))

    def get(self, *path: str, query: Query = ()) -> Any:
        """
        Read something.

        Args:
            path: Its parts; each is escaped by itself, so that an id with a slash is one part all the same.
            query: Names and values, not yet escaped.

        Raises:
            OrderNotFound: The shop says itself that it has no such order.
        """
        if _leaves(path):
            raise OrderNotFound("the shop has no id of dots alone")
        try:
            return _json(self._send(Request(method="GET", path=_path(path), query=tuple(query))))
        except NotFoundThere as error:
            # Not every 404 means that there is no order: a wrong url or a proxy in between says 404 too.
            if _error(error.body) == "no_such_order":
                raise OrderNotFound("the shop has no such order") from None
            raise

    def all(self, name: str, query: Query = ()) -> Iterator[Any]:
        """Yield every item of a list, over all its pages: a second page may hold the one that counts."""
        cursor: str | None = None
        while True:
            more = [("cursor", cursor)] if cursor is not None else []
            page = self.get(name, query=[*query, *more])
            yield from page[name]
            if page["next"] is None:
                return
            if page["next"] == cursor:
                raise ContractBroken(f"GET {name}: the shop names the same next page again and again")
            cursor = page["next"]

    def post(self, *path: str, key: str, body: object) -> Any:
        """
        Change something, once. Return what the shop says that it made.

        Args:
            path: As in `get`.
            key: Names the change for ever. Whatever comes under one key a second time, be it from another process or
                another year, is answered with what the first one made. It is never made anew for a retry.
            body: What to make.

        Raises:
            Refused: The shop said no.
            NotSent: Nothing was done. Whatever else is raised leaves open whether something was.
        """
        if _leaves(path):
            raise Refused("the shop has no id of dots alone")
        try:
            headers = (("Idempotency-Key", key),)
            made = _json(self._send(Request(method="POST", path=_path(path), body=body, headers=headers)))
        except Answered as error:
            if error.status in _NOTHING_DONE:
                raise Refused(f"the shop says {error.status}, {_error(error.body)}") from None
            raise
        # The shop says 200 to what it understood, also where its rules or its gateway forbid it.
        if problems := made.get("problems"):
            raise Refused(f"the shop says {', '.join(_code(one) for one in problems)}")
        return made

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def _send(self, request: Request) -> Response:
        try:
            return self.session.send(request)
        except RequestNotSent as error:
            raise ShopAway(f"the shop cannot be reached: {error}") from None
        except RateLimited as error:
            if error.retry_after is not None:
                raise ShopAway("429, too many calls", wait=error.retry_after) from None
            raise NotSent("429, too many calls") from None
        except Unauthorized as error:
            if error.status == _UNAUTHORIZED:
                raise ShopAway("401, the shop does not know this token; mend the setting token") from None
            raise


def _leaves(parts: Sequence[str]) -> bool:
    """Tell whether the path would be another one: no quoting changes a dot, and ``..`` is the folder above."""
    return not {".", ".."}.isdisjoint(parts)


def _path(parts: Sequence[str]) -> str:
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def _json(response: Response) -> Any:
    """Return the object of a success. Amounts keep their digits: no float comes into being on the way."""
    try:
        found = loads(response.body)
    except Unreadable as error:
        # A page of a proxy, or half an answer. Of a change this leaves open whether it was made.
        raise ShopUnavailable(f"the shop's answer is {error}") from None
    if not isinstance(found, dict):
        raise ShopUnavailable(f"the shop answered a {type(found).__name__}, expected an object")
    return found


def _error(body: bytes) -> str:
    try:
        return _code(loads(body).get("error"))
    except (Unreadable, AttributeError):
        return "without a code"


def _code(value: object) -> str:
    """Return the shop's word for what is wrong. Its sentences are left out, for they may name a customer."""
    is_code = isinstance(value, str) and value.isascii() and value.replace("_", "").isalpha() and len(value) <= 40
    return str(value) if is_code else "without a code"
