"""
Order Protection for one store. Thin: `endpoints` says what a call is, a session how it is sent.

Every method raises the `WireError` kinds of `Session.send`, and `UnreadableAnswer` for a success in an unknown form.
`op_core.order_protection.async_client.AsyncClient` is the same for asyncio.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar

from op_core.http import Manners, Session
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
from op_core.order_protection.listing import Listing
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

__all__ = ["Client"]

T = TypeVar("T")


class Client:
    """
    A thread-safe client.

    Args:
        base_url: ``https://api.production.orderprotection.com``, or a sandbox.
        token: The store's API token, or what gives one; None: only for what carries none.
        session: What sends instead of a session of its own; it is closed with the client.
        manners: Time-outs, limits and the rule of repeating.
        transport: An httpx transport, for tests.
        dialect: How this store's API is spoken to, where its pages differ.
        on_answer: Sees each answer to a documented call, and why one could not be read; see `OnAnswer`.
    """

    def __init__(
        self,
        base_url: str = "",
        token: str | TokenProvider | None = None,
        *,
        session: Session | None = None,
        manners: Manners | None = None,
        transport: Any = None,
        dialect: Dialect = DOCUMENTED,
        on_answer: OnAnswer = nobody,
    ) -> None:
        """Set it up; nothing is sent yet."""
        self._session = session or Session(base_url, token, manners=manners or Manners(), transport=transport)
        self.dialect = dialect
        self._on_answer = on_answer

    def __repr__(self) -> str:
        """Show no token."""
        return f"<Client {self._session!r}>"

    def send(self, request: Request) -> Response:
        """Send any request, such as a report, and return the answer of a success."""
        return self._session.send(request)

    def call(self, call: Call[T]) -> T:
        """Make any call of `endpoints`, and return what it answers."""
        with heard(call.request, self._on_answer):
            response = self.send(call.request)
        return read_aloud(call, response, self._on_answer)

    # --- Orders and fulfillments --------------------------------------------------------------------------------------

    def create_order(self, order: CreateOrder) -> None:
        """Make an order known (page ORD-C)."""
        self.call(endpoints.create_order(order, self.dialect))

    def update_order(self, order_id: str, changes: UpdateOrder) -> None:
        """Change an order (page ORD-U)."""
        self.call(endpoints.update_order(order_id, changes, self.dialect))

    def get_order(self, order_id: str) -> ReadOrder:
        """Return what the API holds of the shop's order (page ORD-G)."""
        return self.call(endpoints.get_order(order_id))

    def list_orders(self, size: int = 50, cursor: str | None = None) -> Listing[ReadOrder]:
        """
        Yield every order (page ORD-L), *size* to a page; each page is asked for when it is reached.

        Args:
            size: Most in one page.
            cursor: Where an earlier listing was stopped; see `Listing`.
        """
        return Listing(lambda at: self.call(endpoints.list_orders(size, at)), cursor)

    def create_fulfillment(self, order_id: str, fulfillment: CreateFulfillment) -> None:
        """Make a parcel known (page FUL-C)."""
        self.call(endpoints.create_fulfillment(order_id, fulfillment, self.dialect))

    def update_fulfillment(self, order_id: str, fulfillment_id: str, status: FulfillmentStatus) -> None:
        """Change a parcel's status (page FUL-U)."""
        self.call(
            endpoints.update_fulfillment(order_id, fulfillment_id, UpdateFulfillment(status=status), self.dialect)
        )

    def list_fulfillments(self, order_id: str) -> list[ReadFulfillment]:
        """Return the parcels of an order (page FUL-G)."""
        return list(self.call(endpoints.list_fulfillments(order_id)))

    # --- Claims -------------------------------------------------------------------------------------------------------

    def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        """Return the claims of an order (page CLM-O)."""
        return list(self.call(endpoints.claims_of_order(order_id)))

    def list_claims(self, size: int | None = None, cursor: str | None = None) -> Listing[ReadClaim]:
        """
        Yield every claim (page CLM-L), less of each than `claims_of_order` returns.

        Args:
            size: Most in one page.
            cursor: Where an earlier listing was stopped; see `Listing`.
        """
        return Listing(lambda at: self.call(endpoints.list_claims(size, at)), cursor)

    def file_claim(self, order_id: str, claim: FileClaim) -> None:
        """File a claim about an order (page CLM-C). Sent twice it may be two; `Core.file_claim` is one."""
        self.call(endpoints.file_claim(order_id, claim, self.dialect))

    def file_offline_claim(self, claim: FileOfflineClaim) -> ReadOfflineClaim:
        """File a claim about a sale of another channel (page CLM-F)."""
        return self.call(endpoints.file_offline_claim(claim, self.dialect))

    # --- Products and prices ------------------------------------------------------------------------------------------

    def create_product(self, product: CreateProduct) -> None:
        """Make a product, or a variant of one, known (page PRD-C)."""
        self.call(endpoints.create_product(product, self.dialect))

    def update_product(self, product_id: str, changes: UpdateProduct) -> None:
        """Change a product (page PRD-U)."""
        self.call(endpoints.update_product(product_id, changes, self.dialect))

    def quote(self, store_url: str, *, app_id: str | None = None, variant: str | None = None) -> ReadQuote:
        """Return a store's pricing rules (page QUOTE); no token is sent."""
        return self.call(endpoints.quote(store_url, self.dialect, app_id=app_id, variant=variant))

    # --- Apps ---------------------------------------------------------------------------------------------------------

    def token(self, grant: Grant) -> ReadToken:
        """Get a token for an app (page DEV-AUTH)."""
        return self.call(endpoints.token(grant))

    def revoke_token(self, body: RevokeToken) -> None:
        """End a token of an app (page DEV-REF)."""
        self.call(endpoints.revoke_token(body))

    def verify_session(self, session_token: str) -> ReadSession:
        """Return who a session token of an embedded app stands for (page DEV-EMB); it is good for 60 s and once."""
        return self.call(endpoints.verify_session(VerifySession(session_token=session_token)))

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
