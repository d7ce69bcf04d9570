"""Claims as the API has them, and the report that no page knows. Pages: CLM-O, CLM-L, CLM-C, CLM-F."""

from __future__ import annotations

from op_core.order_protection.schema import FileClaim, FileOfflineClaim
from op_core.sandbox.answers import Document
from op_core.sandbox.claim_bodies import Report
from op_core.sandbox.claim_view import claim_node, claim_view
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.paging import Paging, listing
from op_core.sandbox.replies import Filed, ListedClaims, Ok, ShownClaim
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["claim_calls"]


def claim_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls about claims. The path of an offline claim is tried before that of an order's."""
    return [*_reads(local), *_filings(local), _report(local)]


def _reads(local: LocalOrderProtection) -> list[Served]:
    async def of_order(asked: Asked) -> Answer:
        claims = local.claims.of_order(asked.id("sourceOrderId"))
        return Answer([shown(claim) for claim in claims])

    def shown(claim: Document) -> Document:
        switches = local.switchboard.now
        order = local.claims.order_of(claim["source_order_id"])
        return claim_view(claim, order, switches.store_id, switches.answers.resolutions)

    async def every(asked: Asked) -> Answer:
        return Answer(listing(local.store, "claim", asked.query, node))

    def node(claim: Document) -> Document:
        switches = local.switchboard.now
        order = local.claims.order_of(claim["source_order_id"])
        return claim_node(claim, order, switches.store_id, switches.answers.resolutions)

    return [
        Served(
            method="GET",
            path="/v1/orders/{sourceOrderId}/claims",
            kind="documented",
            page="CLM-O",
            does="Show the claims of an order.",
            scope="read_claims",
            act=of_order,
            answers={200: list[ShownClaim]},
        ),
        Served(
            method="GET",
            path="/v1/claims",
            kind="documented",
            page="CLM-L",
            does="List all claims, oldest first; the parameters are those of the list of orders (G-13).",
            scope="read_claims",
            act=every,
            query=Paging,
            answers={200: ListedClaims},
        ),
    ]


def _filings(local: LocalOrderProtection) -> list[Served]:
    async def offline(asked: Asked) -> Answer:
        return Answer(OK | {"payload": local.filing.offline(asked.said)}, 201)

    async def online(asked: Asked) -> Answer:
        local.filing.online(asked.id("sourceOrderId"), asked.said)
        return Answer(OK, 201)

    return [
        Served(
            method="POST",
            path="/v1/claims/offline",
            kind="documented",
            page="CLM-F",
            does="File a claim about a sale of another channel.",
            scope="write_claims",
            act=offline,
            body=FileOfflineClaim,
            answers={201: Filed},
        ),
        Served(
            method="POST",
            path="/v1/claims/{sourceOrderId}",
            kind="documented",
            page="CLM-C",
            does="File a claim about an order.",
            scope="write_claims",
            act=online,
            body=FileClaim,
            answers={201: Ok},
        ),
    ]


def _report(local: LocalOrderProtection) -> Served:
    async def report(asked: Asked) -> Answer:
        return Answer(OK, 201 if local.claims.report(asked.id("claimId"), asked.body, asked.said) else 200)

    return Served(
        method="POST",
        path="/v1/claims/{claimId}/resolutions",
        kind="assumed",
        page="G-1",
        does="Take a shop's report of what it did: 201, or 200 where the reference is known.",
        scope="manage_claims",
        act=report,
        body=Report,
        answers={201: Ok, 200: Ok},
    )
