"""What the claim logic of one store is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import attrs

from op_core.fingerprints import Fingerprints
from op_core.ledger import Ledger
from op_core.order_protection.answers import ReadClaim, ReadOrder
from op_core.order_protection.messages import Request, Response
from op_core.order_protection.schema import CreateOrder
from op_core.requests import EventRequest
from op_core.settings import StoreSettings
from op_core.storefront import Storefront

__all__ = ["Api", "Desk"]

_FIRST = 2.0  # seconds before the second try
_LONGEST = 900.0  # seconds between two tries, however many there were


class Api(Protocol):
    """What the claim logic asks of Order Protection; `op_core.order_protection.Client` is one."""

    def claims_of_order(self, order_id: str) -> Sequence[ReadClaim]:
        """Return the claims of an order."""

    def get_order(self, order_id: str) -> ReadOrder:
        """Return an order as Order Protection holds it."""

    def create_order(self, order: CreateOrder) -> None:
        """Send an order for the first time."""

    def send(self, request: Request) -> Response:
        """Send a request that the settings made up: a report."""


@attrs.frozen
class Desk:
    """
    One store's desk.

    Attributes:
        chance: Returns a number from 0 to 1; it spreads retries.
        fingerprints: Keep the shapes of what comes in.
    """

    store: StoreSettings
    ledger: Ledger
    shop: Storefront
    api: Api
    chance: Callable[[], float]
    fingerprints: Fingerprints = attrs.field(
        default=attrs.Factory(lambda desk: Fingerprints(desk.store, desk.ledger, desk.shop), takes_self=True)
    )

    def later(self, tries: int) -> timedelta:
        """Return how long to wait after so many failures: twice as long each time, spread, at most 15 minutes."""
        longest = min(_FIRST * 2 ** min(tries, 20), _LONGEST)
        return timedelta(seconds=longest * (0.5 + self.chance() / 2))

    def tell(self, name: str, subject: object, **facts: Any) -> None:
        """Tell the observers what happened."""
        self.shop.event(EventRequest(self.store.name, name, self.ledger.now(), str(subject), facts))
