"""Pricing rules, in public and by partner. Pages: QUOTE, DEV-QS, DEV-CHK."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from op_core.sandbox.answers import Refusal
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.quotes import Cohort, Quote, QuoteOfStore, SetQuote
from op_core.sandbox.replies import Ok
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["OfCohort", "quote_calls", "quote_setting"]


class OfCohort(BaseModel):
    """Which cohort of a partner is asked about."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    key: str = Field(min_length=1)


def quote_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the public calls about pricing rules."""

    async def by_query(asked: Asked) -> Answer:
        if local.switchboard.now.wire.quote_store != "query":
            raise Refusal(400, "store_url: expected in the path, as this API is switched", "store_url")
        return Answer(local.quotes.of_store(asked.query.store_url, asked.headers))

    async def by_path(asked: Asked) -> Answer:
        if local.switchboard.now.wire.quote_store != "path":
            raise Refusal(404, "store_url: expected in the query, as this API is switched", "store_url")
        return Answer(local.quotes.of_store(asked.id("storeUrl"), asked.headers))

    async def of_partner(asked: Asked) -> Answer:
        return Answer(local.quotes.of_partner(asked.id("applicationId"), asked.query.key))

    return [
        Served(
            method="GET",
            path="/v1/quote/insurance",
            kind="documented",
            page="QUOTE",
            does="Show the pricing rules of a store, or of the cohort that the headers name.",
            act=by_query,
            query=QuoteOfStore,
            headers=Cohort,
            answers={200: Quote},
            refuses=[404],
            open=True,
        ),
        Served(
            method="GET",
            path="/v1/quote/insurance/{storeUrl}",
            kind="assumed",
            page="C-21",
            does="The same, with the host in the path: the page calls it a path parameter and shows a query.",
            act=by_path,
            headers=Cohort,
            answers={200: Quote},
            open=True,
        ),
        Served(
            method="GET",
            path="/v2/quote/insurance/partner/{applicationId}",
            kind="documented",
            page="DEV-CHK",
            does="Show the pricing rules of a partner's cohort.",
            act=of_partner,
            query=OfCohort,
            answers={200: Quote},
            open=True,
        ),
    ]


def quote_setting(local: LocalOrderProtection) -> Served:
    """Return the call that stands for a merchant or a partner who sets prices."""

    async def set_quote(asked: Asked) -> Answer:
        local.quotes.set(asked.body)
        return Answer(OK)

    return Served(
        method="PUT",
        path="/sandbox/quote",
        kind="own",
        does="Set the pricing rules of a store, or of a partner's cohort on it.",
        act=set_quote,
        body=SetQuote,
        answers={200: Ok},
        makes={"storeUrl": "$request.body#/storeUrl"},
    )
