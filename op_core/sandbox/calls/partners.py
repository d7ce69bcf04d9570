"""
A partner's own settings, as far as their requests are known. Pages: DEV-EP, DEV-CHK.

What these calls answer is cut from the pages: that they answer JSON objects is all that may be counted on.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ConfigDict, Field

from op_core.sandbox.answers import Document, OwnBody
from op_core.sandbox.calls.quotes import OfCohort
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.replies import Ok
from op_core.sandbox.served import Act, Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["UNSERVED", "Context", "partner_calls"]

UNSERVED: Mapping[str, str] = {
    name: f"{what} cut from its page (G-16), so that nothing could be refused rightly"
    for name, what in {
        "PATCH /v2/settings/context": "its body is",
        "DELETE /v2/settings/context": "how it names the cohort is",
        "PUT /v2/settings": "its body is",
        "PUT /v2/pricing/rules/{id}": "its body is",
        "POST /v2/quote": "its body is",
        "PUT /v2/widget/config/{id}": "its body is",
    }.items()
}


class Context(OwnBody):
    """A cohort of sparse overrides; the names of all other fields are cut from the page, so that any are taken."""

    model_config = ConfigDict(extra="allow")

    variantKey: str = Field(min_length=1)  # noqa: N815 - as the wire has it


def partner_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls of partners."""

    def owner(asked: Asked) -> str:
        return local.oauth.app(asked.granted["client_id"])["application_id"] if asked.granted else ""

    async def make_context(asked: Asked) -> Answer:
        kept = {"storeId": local.switchboard.now.store_id, "applicationId": owner(asked)}
        local.store.put("context", asked.body.variantKey, asked.said | kept, parent=owner(asked))
        return Answer(OK, 201)

    async def contexts(asked: Asked) -> Answer:
        return Answer({"contexts": local.store.all("context", owner(asked))})

    async def settings(_: Asked) -> Answer:
        return Answer({"storeId": local.switchboard.now.store_id})

    async def rules(_: Asked) -> Answer:
        return Answer({"rules": local.quotes.rules()})

    async def widget_of_partner(asked: Asked) -> Answer:
        return Answer({"applicationId": asked.id("applicationId"), "variantKey": asked.query.key})

    def shows(path: str, does: str, act: Act, scope: str = "") -> Served:
        return Served(
            method="GET",
            path=path,
            kind="documented",
            page="DEV-EP",
            does=does,
            act=act,
            scope=scope,
            answers={200: Document},
        )

    return [
        Served(
            method="POST",
            path="/v2/settings/context",
            kind="documented",
            page="DEV-EP",
            does="Keep a cohort of overrides, in the place of the one of its variantKey.",
            scope="write_settings",
            act=make_context,
            body=Context,
            answers={201: Ok},
        ),
        shows("/v2/settings/context", "Show the cohorts of the app whose token asks.", contexts, "read_store"),
        shows("/v2/settings", "Show the merchant's settings.", settings, "read_store"),
        shows("/v2/pricing/rules", "Show all pricing rules; their scopes are by type of ruleset.", rules),
        shows("/v2/widget/config", "Show the widget's configuration; its scopes are by type of widget.", settings),
        Served(
            method="GET",
            path="/v2/widget/config/partner/{applicationId}",
            kind="documented",
            page="DEV-CHK",
            does="Show the widget's configuration of a partner's cohort.",
            act=widget_of_partner,
            query=OfCohort,
            answers={200: Document},
            open=True,
        ),
    ]
