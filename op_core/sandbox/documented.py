"""The routes under ``/v1``: as documented, and one that is an assumption."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from op_core.sandbox.claim_view import claim_view
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.paging import listing
from op_core.sandbox.web import Answer, body_of, named

__all__ = ["documented_routes"]

_OK = {"status": "ok"}


def documented_routes(local: LocalOrderProtection) -> list[Route]:
    """Return the routes of the API that this sandbox serves."""

    async def create_order(request: Request) -> Answer:
        """POST: page ORD-C."""
        local.orders.create(await body_of(request))
        return Answer(_OK, 201)

    async def list_orders(request: Request) -> Answer:
        """GET: page ORD-L."""
        return Answer(listing(local.store, "order", request.query_params, local.orders.shown))

    async def get_order(request: Request) -> Answer:
        """GET: page ORD-G."""
        return Answer(local.orders.shown(local.orders.find(named(request, "order"))))

    async def update_order(request: Request) -> Answer:
        """PUT: page ORD-U."""
        local.orders.update(named(request, "order"), await body_of(request))
        return Answer(_OK)

    async def create_fulfillment(request: Request) -> Answer:
        """POST: page FUL-C."""
        local.orders.fulfill(named(request, "order"), await body_of(request))
        return Answer(_OK, 201)

    async def list_fulfillments(request: Request) -> Answer:
        """GET: page FUL-G."""
        return Answer(local.orders.fulfillments(named(request, "order")))

    async def update_fulfillment(request: Request) -> Answer:
        """PUT: page FUL-U."""
        local.orders.set_status(named(request, "order"), named(request, "fulfillment"), await body_of(request))
        return Answer(_OK)

    async def list_claims(request: Request) -> Answer:
        """GET: page CLM-O."""
        order = local.orders.find(named(request, "order"))
        store_id = local.switchboard.now.store_id
        claims = local.claims.of_order(order["sourceOrderId"])
        return Answer([claim_view(claim, order, store_id) for claim in claims])

    async def report(request: Request) -> Answer:
        """POST: an assumption (G-1); 201, and 200 where the reference is known."""
        return Answer(_OK, 201 if local.claims.report(named(request, "claim"), await body_of(request)) else 200)

    order = "/v1/orders/{order}"
    return [
        Route("/v1/orders", create_order, methods=["POST"]),
        Route("/v1/orders", list_orders, methods=["GET"]),
        Route(order, get_order, methods=["GET"]),
        Route(order, update_order, methods=["PUT"]),
        Route(f"{order}/fulfillments", create_fulfillment, methods=["POST"]),
        Route(f"{order}/fulfillments", list_fulfillments, methods=["GET"]),
        Route(f"{order}/fulfillments/{{fulfillment}}", update_fulfillment, methods=["PUT"]),
        Route(f"{order}/claims", list_claims, methods=["GET"]),
        Route("/v1/claims/{claim}/resolutions", report, methods=["POST"]),
    ]
