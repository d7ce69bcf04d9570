"""
What is put under test: an adapter, and the shop behind it, which a test can fill, count, set back and cut off.

An author writes one `Subject`, over a double of the platform or over a real database. It is the one thing that the kit
takes on trust, so it reads the shop by itself: never through the adapter.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from op_core.models import Fulfillment, LineQuantity, Order, Product
from op_core.money import Money

__all__ = ["CannotHold", "Effected", "Subject", "Wire"]


class CannotHold(Exception):
    """This platform can hold no such order; the text says why. A case that needs one is listed as not tried."""


@attrs.frozen
class Effected:
    """
    One effect that the shop holds, as somebody reads it who opens the shop.

    Attributes:
        reference: What it was made under.
        shop_id: The shop's id of it; for a reship the new order's.
        amount: What it is worth; None for a reship or a note.
        verb: ``reship``, ``refund``, ``store_credit``, ``charge_protection``, ``refund_protection`` or ``note``.
        order_id: The order it is about; for a reship the original one.
        payment_id: For a refund, the payment that it was taken from.
        lines: Units of the original order's lines that it is about.
        owed: For a reship, what the customer owes for it in all.
        paid: For a reship, what the shop thinks that the customer has paid for it: money it could give back.
        text: For a note, what it says.
    """

    reference: str
    shop_id: str
    amount: Money | None = None
    verb: str = ""
    order_id: str = ""
    payment_id: str | None = None
    lines: tuple[LineQuantity, ...] = ()
    owed: Money | None = None
    paid: Money | None = None
    text: str = attrs.field(default="", repr=False)


class Wire(Protocol):
    """The way from an adapter to its shop, where it can be cut."""

    @property
    def kinds(self) -> Sequence[str]:
        """What can go wrong with one call, in words: ``drop after``."""

    @property
    def passed(self) -> int:
        """How many calls went over it since `cut` or `mend`."""

    def cut(self, nth: int, kind: str) -> None:
        """Let the *nth* call from now on, from 1, go wrong; all others pass."""

    def mend(self) -> None:
        """Let every call pass, and count anew."""


class Subject(abc.ABC):
    """
    An adapter with its shop. Every test gets a fresh one, whose shop is empty.

    Attributes:
        settings: A valid ``[stores.x.settings]`` of the adapter, with its secrets; None: it needs none.
        wire: Where calls leave the adapter, so that one of them can be lost: see `op_core.testing.wires`. Without one
            nobody knows what a lost answer does, and the adapter is not gold.
        secrets: Texts that must be in no ``repr``, error or log: token, password, key.
        lag: Seconds that the shop's search lags behind its writes, at most.
        live: The shop is one on the real platform, and `close` takes away what was made there.
    """

    settings: Mapping[str, Any] | None = None
    wire: Wire | None = None
    secrets: Sequence[str] = ()
    lag: float = 0
    live: bool = False

    @property
    @abc.abstractmethod
    def adapter(self) -> object:
        """The adapter's instance. It keeps nothing between two calls that is not in its shop."""

    def fresh(self) -> object:
        """
        Return another instance of the adapter, over the same shop: what a process makes that has just started.

        Raises:
            CannotHold: There can be only one.
        """
        raise CannotHold("there is no second instance of the adapter: write fresh() of the Subject")

    # --- The shop, by hand ---------------------------------------------------------------------------------------

    @abc.abstractmethod
    def put(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
        """
        Have the shop hold such an order, with its parcels, and return it as the shop holds it.

        Ids, numbers and times may be the shop's own, and so may be the way in which a name or a phone is written. What
        the platform has no place for is missing in what is returned. Amounts, quantities, SKUs and addresses are the
        order's. The lines of *parcels* are named by the ids that *order* has.

        Raises:
            CannotHold: This platform can hold no such order.
        """

    @abc.abstractmethod
    def change(self, order_id: str) -> None:
        """Change something of an order, as the shop's staff would, later than any change before."""

    @abc.abstractmethod
    def effects(self) -> Sequence[Effected]:
        """Return all effects that the shop holds, oldest first."""

    def stock(self, order: Order, line_id: str, available: int) -> None:
        """Leave so many units of what a line sold. Raises `CannotHold`."""
        raise CannotHold(f"the stock of line {line_id} of order {order.id} cannot be set to {available} here")

    def offer(self, products: Sequence[Product]) -> None:
        """Have the shop offer these products. Raises `CannotHold`."""
        raise CannotHold(f"{len(products)} products cannot be offered here")

    def spoil(self, order_id: str) -> None:
        """Break an order of the shop, as a failed import does, so that it cannot be read. Raises `CannotHold`."""
        raise CannotHold(f"order {order_id} cannot be broken: write spoil() of the Subject")

    def settle(self, reference: str) -> None:
        """Let the shop pay what it has queued under *reference*. Raises `CannotHold`: it queues nothing."""
        raise CannotHold(f"nothing is queued under {reference}")

    # --- Time ----------------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def save(self) -> object:
        """Return the shop as it is now."""

    @abc.abstractmethod
    def load(self, saved: object, /) -> None:
        """Set the shop back to what `save` returned."""

    def tick(self, now: datetime, /) -> None:  # noqa: B027 - few shops have a clock of their own
        """Take the time, where the shop has a clock: what was made a moment ago does not show in a search yet."""

    def made(self) -> datetime | None:
        """Return when the last effect was made, where the search lags behind; None where it does not."""
        return None

    def close(self) -> None:  # noqa: B027 - few hold anything open
        """Close what is open."""
