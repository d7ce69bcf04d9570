"""Order Protection for one store, for asyncio; see `op_core.order_protection.client.Client` for each argument."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar

from op_core.http import AsyncSession, Manners
from op_core.models import FulfillmentStatus
from op_core.order_protection import endpoints
from op_core.order_protection.answers import (
    ReadClaim,
    ReadFulfillment,
    ReadOfflineClaim,
    ReadOrder,
    ReadQuote,
    ReadSession,
    ReadToken,
)
from op_core.order_protection.bearer import TokenProvider
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect
from op_core.order_protection.listening import OnAnswer, heard, nobody, read_aloud
from op_core.order_protection.listing import AsyncListing
from op_core.order_protection.messages import Call, Request, Response
from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    CreateProduct,
    FileClaim,
    FileOfflineClaim,
    Grant,
    RevokeToken,
    UpdateFulfillment,
    UpdateOrder,
    UpdateProduct,
    VerifySession,
)

__all__ = ["AsyncClient"]

T = TypeVar("T")


class AsyncClient:
    """What `op_core.order_protection.client.Client` is, with coroutines in the place of its methods."""

    def __init__(
        self,
        base_url: str = "",
        token: str | TokenProvider | None = None,
        *,
        session: AsyncSession | None = None,
        manners: Manners | None = None,
        transport: Any = None,
        dialect: Dialect = DOCUMENTED,
        on_answer: OnAnswer = nobody,
    ) -> None:
        """Set it up; nothing is sent yet."""
        self._session = session or AsyncSession(base_url, token, manners=manners or Manners(), transport=transport)
        self.dialect = dialect
        self._on_answer = on_answer

    def __repr__(self) -> str:
        """Show no token."""
        return f"<AsyncClient {self._session!r}>"

    async def send(self, request: Request) -> Response:
        """Send any request, such as a report, and return the answer of a success."""
        return await self._session.send(request)

    async def call(self, call: Call[T]) -> T:
        """Make any call of `endpoints`, and return what it answers."""
        with heard(call.request, self._on_answer):
            response = await self.send(call.request)
        return read_aloud(call, response, self._on_answer)

    # --- Orders and fulfillments --------------------------------------------------------------------------------------

    async def create_order(self, order: CreateOrder) -> None:
        """Make an order known (page ORD-C)."""
        await self.call(endpoints.create_order(order, self.dialect))

    async def update_order(self, order_id: str, changes: UpdateOrder) -> None:
        """Change an order (page ORD-U)."""
        await self.call(endpoints.update_order(order_id, changes, self.dialect))

    async def get_order(self, order_id: str) -> ReadOrder:
        """Return what the API holds of the shop's order (page ORD-G)."""
        return await self.call(endpoints.get_order(order_id))

    def list_orders(self, size: int = 50, cursor: str | None = None) -> AsyncListing[ReadOrder]:
        """
        Yield every order (page ORD-L), *size* to a page; each page is asked for when it is reached.

        Args:
            size: Most in one page.
            cursor: Where an earlier listing was stopped; see `AsyncListing`.
        """
        return AsyncListing(lambda at: self.call(endpoints.list_orders(size, at)), cursor)

    async def create_fulfillment(self, order_id: str, fulfillment: CreateFulfillment) -> None:
        """Make a parcel known (page FUL-C)."""
        await self.call(endpoints.create_fulfillment(order_id, fulfillment, self.dialect))

    async def update_fulfillment(self, order_id: str, fulfillment_id: str, status: FulfillmentStatus) -> None:
        """Change a parcel's status (page FUL-U)."""
        await self.call(
            endpoints.update_fulfillment(order_id, fulfillment_id, UpdateFulfillment(status=status), self.dialect)
        )

    async def list_fulfillments(self, order_id: str) -> list[ReadFulfillment]:
        """Return the parcels of an order (page FUL-G)."""
        return list(await self.call(endpoints.list_fulfillments(order_id)))

    # --- Claims -------------------------------------------------------------------------------------------------------

    async def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        """Return the claims of an order (page CLM-O)."""
        return list(await self.call(endpoints.claims_of_order(order_id)))

    def list_claims(self, size: int | None = None, cursor: str | None = None) -> AsyncListing[ReadClaim]:
        """
        Yield every claim (page CLM-L), less of each than `claims_of_order` returns.

        Args:
            size: Most in one page.
            cursor: Where an earlier listing was stopped; see `AsyncListing`.
        """
        return AsyncListing(lambda at: self.call(endpoints.list_claims(size, at)), cursor)

    async def file_claim(self, order_id: str, claim: FileClaim) -> None:
        """File a claim about an order (page CLM-C). Sent twice it may be two; `Core.file_claim` is one."""
        await self.call(endpoints.file_claim(order_id, claim, self.dialect))

    async def file_offline_claim(self, claim: FileOfflineClaim) -> ReadOfflineClaim:
        """File a claim about a sale of another channel (page CLM-F)."""
        return await self.call(endpoints.file_offline_claim(claim, self.dialect))

    # --- Products and prices ------------------------------------------------------------------------------------------

    async def create_product(self, product: CreateProduct) -> None:
        """Make a product, or a variant of one, known (page PRD-C)."""
        await self.call(endpoints.create_product(product, self.dialect))

    async def update_product(self, product_id: str, changes: UpdateProduct) -> None:
        """Change a product (page PRD-U)."""
        await self.call(endpoints.update_product(product_id, changes, self.dialect))

    async def quote(self, store_url: str, *, app_id: str | None = None, variant: str | None = None) -> ReadQuote:
        """Return a store's pricing rules (page QUOTE); no token is sent."""
        return await self.call(endpoints.quote(store_url, self.dialect, app_id=app_id, variant=variant))

    # --- Apps ---------------------------------------------------------------------------------------------------------

    async def token(self, grant: Grant) -> ReadToken:
        """Get a token for an app (page DEV-AUTH)."""
        return await self.call(endpoints.token(grant))

    async def revoke_token(self, body: RevokeToken) -> None:
        """End a token of an app (page DEV-REF)."""
        await self.call(endpoints.revoke_token(body))

    async def verify_session(self, session_token: str) -> ReadSession:
        """Return who a session token of an embedded app stands for (page DEV-EMB); it is good for 60 s and once."""
        return await self.call(endpoints.verify_session(VerifySession(session_token=session_token)))

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
