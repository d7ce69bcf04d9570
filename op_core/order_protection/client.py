"""
Order Protection for one store, in both colours. Thin: `endpoints` says what a call is, a session how it is sent.

Every method raises the `WireError` kinds of `Session.send`, and `UnreadableAnswer` for a success in an unknown form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self

from op_core.errors import UnreadableAnswer
from op_core.http import AsyncSession, Manners, Session
from op_core.models import FulfillmentStatus
from op_core.order_protection import endpoints
from op_core.order_protection.answers import ReadClaim, ReadFulfillment, ReadOrder
from op_core.order_protection.messages import Request, Response
from op_core.order_protection.schema import CreateFulfillment, CreateOrder, UpdateFulfillment, UpdateOrder

__all__ = ["AsyncClient", "Client"]


def _onward(page: endpoints.OrdersPage, before: str | None) -> str | None:
    if page.cursor is not None and page.cursor == before:
        raise UnreadableAnswer("the list of orders names the same cursor twice; it would never end")
    return page.cursor


class Client:
    """
    A thread-safe client.

    Args:
        base_url: ``https://api.production.orderprotection.com``, or a sandbox.
        token: The store's API token.
        session: What sends instead of a session of its own; it is closed with the client.
        manners: Time-outs, limits and the rule of repeating.
        transport: An httpx transport, for tests.
    """

    def __init__(
        self,
        base_url: str = "",
        token: str = "",
        *,
        session: Session | None = None,
        manners: Manners | None = None,
        transport: Any = None,
    ) -> None:
        """Set it up; nothing is sent yet."""
        self._session = session or Session(base_url, token, manners=manners or Manners(), transport=transport)

    def __repr__(self) -> str:
        """Show no token."""
        return f"<Client {self._session!r}>"

    def send(self, request: Request) -> Response:
        """Send any request, such as a report, and return the answer of a success."""
        return self._session.send(request)

    def create_order(self, order: CreateOrder) -> None:
        """Make an order known (page ORD-C)."""
        endpoints.parse_ok(self.send(endpoints.create_order(order)))

    def update_order(self, order_id: str, changes: UpdateOrder) -> None:
        """Change an order (page ORD-U)."""
        endpoints.parse_ok(self.send(endpoints.update_order(order_id, changes)))

    def get_order(self, order_id: str) -> ReadOrder:
        """Return what the API holds of the shop's order (page ORD-G)."""
        return endpoints.parse_order(self.send(endpoints.get_order(order_id)))

    def list_orders(self, size: int = 50) -> Iterator[ReadOrder]:
        """Yield every order (page ORD-L), *size* to a page; each page is asked for when it is reached."""
        cursor = None
        while True:
            page = endpoints.parse_orders(self.send(endpoints.list_orders(size, cursor)))
            yield from page.orders
            cursor = _onward(page, cursor)
            if cursor is None:
                return

    def create_fulfillment(self, order_id: str, fulfillment: CreateFulfillment) -> None:
        """Make a parcel known (page FUL-C)."""
        endpoints.parse_ok(self.send(endpoints.create_fulfillment(order_id, fulfillment)))

    def update_fulfillment(self, order_id: str, fulfillment_id: str, status: FulfillmentStatus) -> None:
        """Change a parcel's status (page FUL-U)."""
        body = UpdateFulfillment(status=status)
        endpoints.parse_ok(self.send(endpoints.update_fulfillment(order_id, fulfillment_id, body)))

    def list_fulfillments(self, order_id: str) -> list[ReadFulfillment]:
        """Return the parcels of an order (page FUL-G)."""
        return list(endpoints.parse_fulfillments(self.send(endpoints.list_fulfillments(order_id))))

    def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        """Return the claims of an order (page CLM-O)."""
        return list(endpoints.parse_claims(self.send(endpoints.claims_of_order(order_id))))

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()


class AsyncClient:
    """The same for asyncio; see `Client` for the arguments and for each method."""

    def __init__(
        self,
        base_url: str = "",
        token: str = "",
        *,
        session: AsyncSession | None = None,
        manners: Manners | None = None,
        transport: Any = None,
    ) -> None:
        """Set it up; nothing is sent yet."""
        self._session = session or AsyncSession(base_url, token, manners=manners or Manners(), transport=transport)

    def __repr__(self) -> str:
        """Show no token."""
        return f"<AsyncClient {self._session!r}>"

    async def send(self, request: Request) -> Response:
        """Send any request, such as a report, and return the answer of a success."""
        return await self._session.send(request)

    async def create_order(self, order: CreateOrder) -> None:
        """Make an order known (page ORD-C)."""
        endpoints.parse_ok(await self.send(endpoints.create_order(order)))

    async def update_order(self, order_id: str, changes: UpdateOrder) -> None:
        """Change an order (page ORD-U)."""
        endpoints.parse_ok(await self.send(endpoints.update_order(order_id, changes)))

    async def get_order(self, order_id: str) -> ReadOrder:
        """Return what the API holds of the shop's order (page ORD-G)."""
        return endpoints.parse_order(await self.send(endpoints.get_order(order_id)))

    async def list_orders(self, size: int = 50) -> AsyncIterator[ReadOrder]:
        """Yield every order (page ORD-L), *size* to a page; each page is asked for when it is reached."""
        cursor = None
        while True:
            page = endpoints.parse_orders(await self.send(endpoints.list_orders(size, cursor)))
            for order in page.orders:
                yield order
            cursor = _onward(page, cursor)
            if cursor is None:
                return

    async def create_fulfillment(self, order_id: str, fulfillment: CreateFulfillment) -> None:
        """Make a parcel known (page FUL-C)."""
        endpoints.parse_ok(await self.send(endpoints.create_fulfillment(order_id, fulfillment)))

    async def update_fulfillment(self, order_id: str, fulfillment_id: str, status: FulfillmentStatus) -> None:
        """Change a parcel's status (page FUL-U)."""
        body = UpdateFulfillment(status=status)
        endpoints.parse_ok(await self.send(endpoints.update_fulfillment(order_id, fulfillment_id, body)))

    async def list_fulfillments(self, order_id: str) -> list[ReadFulfillment]:
        """Return the parcels of an order (page FUL-G)."""
        return list(endpoints.parse_fulfillments(await self.send(endpoints.list_fulfillments(order_id))))

    async def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        """Return the claims of an order (page CLM-O)."""
        return list(endpoints.parse_claims(await self.send(endpoints.claims_of_order(order_id))))

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()
