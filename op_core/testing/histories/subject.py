"""What is put under the histories: an adapter whose shop can be counted, and set back to an earlier moment."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from op_core.money import Money
from op_core.testing.model_shop import Fault, ModelShop, an_order

__all__ = ["Effected", "Model", "Subject"]


@attrs.frozen
class Effected:
    """One effect that the shop holds: the reference it was made under, the shop's id of it, and its amount."""

    reference: str
    shop_id: str
    amount: Money | None = None


class Subject(Protocol):
    """A shop under the histories. It has the orders that `op_core.testing.model_shop.an_order` makes."""

    @property
    def adapter(self) -> object:
        """The adapter's instance. It keeps nothing between two calls that is not in its shop."""

    def effects(self) -> Sequence[Effected]:
        """Return all effects that the shop holds, oldest first."""

    def save(self) -> object:
        """Return the shop as it is now."""

    def load(self, saved: object, /) -> None:
        """Set the shop back to what `save` returned."""

    def tick(self, now: datetime, /) -> None:
        """Take the time: what was made a moment ago does not show in a search yet."""

    def made(self) -> datetime | None:
        """Return when the last effect was made; None where none was."""


@attrs.define(eq=False)
class Model:
    """
    The shop of `ModelShop`.

    Args:
        find: Whether it can be asked for effects.
        lag: Seconds that its search lags behind.
    """

    find: bool = True
    lag: float = 20
    adapter: ModelShop = attrs.field(init=False)
    _now: datetime | None = attrs.field(init=False, default=None)
    _made: list[datetime] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        """Open the shop."""
        self.adapter = ModelShop([an_order()], find=self.find, faults=self._fault)

    def _fault(self, verb: str, _: int) -> Fault:
        self._stamp()
        if not verb.startswith("find_") or not self._made or self._now is None:
            return "ok"
        return "hidden" if (self._now - self._made[-1]).total_seconds() < self.lag else "ok"

    def _stamp(self) -> None:
        if self._now is not None:
            self._made += [self._now] * (len(self.adapter.effects) - len(self._made))

    def tick(self, now: datetime) -> None:
        """Take the time."""
        self._stamp()
        self._now = now

    def made(self) -> datetime | None:
        """Return when the last effect was made."""
        self._stamp()
        return self._made[-1] if self._made else None

    def effects(self) -> list[Effected]:
        """Return all effects."""
        return [Effected(one.reference, one.shop_id, one.amount) for one in self.adapter.effects]

    def save(self) -> object:
        """Return its orders and effects; they are never changed in place, but for an effect's being settled."""
        self._stamp()
        return dict(self.adapter.orders), [copy.copy(one) for one in self.adapter.effects], list(self._made)

    def load(self, saved: Any) -> None:
        """Set it back."""
        orders, effects, made = saved
        self.adapter.orders, self.adapter.effects = dict(orders), [copy.copy(one) for one in effects]
        self._made = list(made)
        self.adapter.calls.clear()
        self.adapter.requests.clear()
