"""The public pricing rules of a store. Pages: QUOTE, DEV-QS (cohort headers), DEV-CHK (a partner's own prices)."""

from __future__ import annotations

from op_core.order_protection.answers import ReadQuote
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect
from op_core.order_protection.endpoints.paths import filled
from op_core.order_protection.endpoints.reading import one
from op_core.order_protection.messages import Call, Request

__all__ = ["partner_quote", "quote"]

_QUOTE = "/v1/quote/insurance"
_IN_PATH = "/v1/quote/insurance/{storeUrl}"
_PARTNER = "/v2/quote/insurance/partner/{applicationId}"
_read = one(ReadQuote, "an id", lambda quote: quote.id)


def quote(
    store_url: str, dialect: Dialect = DOCUMENTED, *, app_id: str | None = None, variant: str | None = None
) -> Call[ReadQuote]:
    """
    Ask for a store's pricing rules (page QUOTE). It is public: no token is sent.

    Args:
        store_url: The store's host, such as ``shop.example``.
        dialect: Says where the host stands (C-21).
        app_id: A partner's application, in the header ``x-op-partner-app-id`` (page DEV-QS).
        variant: Its cohort, in ``x-op-partner-variant``.
    """
    cohort = (("x-op-partner-app-id", app_id), ("x-op-partner-variant", variant))
    headers = tuple((name, value) for name, value in cohort if value is not None)
    in_query = dialect.quote_store == "query"
    return Call(
        Request(
            method="GET",
            path=_QUOTE if in_query else filled(_IN_PATH, storeUrl=(store_url, "store url")),
            query=(("store_url", store_url),) if in_query else (),
            repeatable=True,
            page="QUOTE",
            route=_QUOTE if in_query else _IN_PATH,
            authorized=False,
            headers=headers,
        ),
        _read,
    )


def partner_quote(application_id: str, variant_key: str) -> Call[ReadQuote]:
    """Ask for the pricing rules of a partner's cohort (page DEV-CHK); read in the form of page QUOTE, our reading."""
    path = filled(_PARTNER, applicationId=(application_id, "application id"))
    return Call(
        Request(
            method="GET",
            path=path,
            query=(("key", variant_key),),
            repeatable=True,
            page="DEV-CHK",
            route=_PARTNER,
            authorized=False,
        ),
        _read,
    )
