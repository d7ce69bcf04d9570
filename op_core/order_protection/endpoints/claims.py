"""Claims: read, and filed from a shop's own support page. Pages: CLM-O, CLM-L, CLM-C, CLM-F."""

from __future__ import annotations

from op_core.errors import NotSendable
from op_core.order_protection.answers import ReadClaim, ReadOfflineClaim
from op_core.order_protection.dialects.sending import spelled
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect
from op_core.order_protection.endpoints.paths import filled
from op_core.order_protection.endpoints.reading import Page, json_of, listed, paged, read_ok, unknown
from op_core.order_protection.messages import Call, Request, Response
from op_core.order_protection.schema import FileClaim, FileOfflineClaim

__all__ = ["claims_of_order", "file_claim", "file_offline_claim", "list_claims"]

_OF_ORDER = "/v1/orders/{sourceOrderId}/claims"
_CLAIMS = "/v1/claims"
_ONLINE = "/v1/claims/{sourceOrderId}"
_OFFLINE = "/v1/claims/offline"


def claims_of_order(order_id: str) -> Call[tuple[ReadClaim, ...]]:
    """Ask for the claims of an order (page CLM-O)."""
    path = filled(_OF_ORDER, sourceOrderId=(order_id, "order id"))
    return Call(
        Request(method="GET", path=path, repeatable=True, page="CLM-O", route=_OF_ORDER),
        listed(ReadClaim),
    )


def list_claims(size: int | None = None, cursor: str | None = None) -> Call[Page[ReadClaim]]:
    """
    Ask for a page of all claims (page CLM-L).

    The page's query parameters are not known (G-13): *size* and *cursor* are those of the list of orders.
    """
    asked = (("size", size), ("cursor", cursor))
    query = tuple((name, str(value)) for name, value in asked if value is not None)
    return Call(
        Request(method="GET", path=_CLAIMS, query=query, repeatable=True, page="CLM-L", route=_CLAIMS), paged(ReadClaim)
    )


def file_claim(order_id: str, body: FileClaim, dialect: Dialect = DOCUMENTED) -> Call[None]:
    """File a claim about an order of the online store (page CLM-C). No claim id is answered."""
    path = filled(_ONLINE, sourceOrderId=(order_id, "order id"))
    if path == _OFFLINE:
        raise NotSendable(
            "order id 'offline' cannot stand in this path, which is that of an offline claim (page CLM-C)"
        )
    said = spelled("CLM-C", body.to_wire(), dialect)
    return Call(Request(method="POST", path=path, body=said, page="CLM-C", route=_ONLINE), read_ok)


def file_offline_claim(body: FileOfflineClaim, dialect: Dialect = DOCUMENTED) -> Call[ReadOfflineClaim]:
    """File a claim about a sale of another channel (page CLM-F); the answer names the order id that was made up."""
    said = spelled("CLM-F", body.to_wire(), dialect)
    return Call(Request(method="POST", path=_OFFLINE, body=said, page="CLM-F", route=_OFFLINE), _filed)


def _filed(response: Response) -> ReadOfflineClaim:
    match json_of(response):
        case {"status": "ok", "payload": dict(payload)}:
            return ReadOfflineClaim.model_validate(payload)
        case _:
            raise unknown(response, 'an object with "status": "ok" and a payload')
