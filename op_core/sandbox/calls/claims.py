"""Claims as the API has them, and the report that no page knows. Page: CLM-O."""

from __future__ import annotations

from op_core.sandbox.claim_view import claim_view
from op_core.sandbox.claims import Report
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.replies import Ok, ShownClaim
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["claim_calls"]


def claim_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls about claims."""

    async def of_order(asked: Asked) -> Answer:
        order = local.orders.find(asked.id("sourceOrderId"))
        store_id = local.switchboard.now.store_id
        claims = local.claims.of_order(order["sourceOrderId"])
        return Answer([claim_view(claim, order, store_id) for claim in claims])

    async def report(asked: Asked) -> Answer:
        return Answer(OK, 201 if local.claims.report(asked.id("claimId"), asked.body, asked.said) else 200)

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
            method="POST",
            path="/v1/claims/{claimId}/resolutions",
            kind="assumed",
            page="G-1",
            does="Take a shop's report of what it did: 201, or 200 where the reference is known.",
            scope="manage_claims",
            act=report,
            body=Report,
            answers={201: Ok, 200: Ok},
        ),
    ]
