"""The model shop as a subject: the simplest adapter that keeps every promise, and what the kit is tried on first."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs

from op_core.models import Fulfillment, Order, Product
from op_core.testing.model_shop import Fault, ModelShop, ShopEffect
from op_core.testing.subject import Effected, Subject
from op_core.testing.wires.counting import Counting

__all__ = ["Model", "ModelWire"]


@attrs.define(eq=False)
class ModelWire(Counting):
    """Between the model and its dictionary: what changes it, and what asks whether it was changed, passes here."""

    meaning: ClassVar[dict[str, Fault]] = {
        "refuse": "not_sent",
        "raise before": "raise",
        "raise after": "lost",
        "None": "none",
        "wrong type": "wrong_type",
    }
    kinds: ClassVar[tuple[str, ...]] = tuple(meaning)


@attrs.define(eq=False)
class Model(Subject):
    """
    The shop of `ModelShop`.

    Args:
        find: Whether it can be asked for effects.
        lag: Seconds that its search lags behind.
        guards: Whether the shop keeps its own; without, nothing but the engine stands between a customer and a second
            refund.
        shop: Its class: for the tests of the kit a broken one.
    """

    find: bool = True
    lag: float = 0
    guards: bool = True
    shop: type[ModelShop] = ModelShop
    adapter: ModelShop = attrs.field(init=False)
    wire: ModelWire = attrs.field(init=False, factory=ModelWire)
    _now: datetime | None = attrs.field(init=False, default=None)
    _made: list[datetime] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        """Open the shop."""
        self.adapter = self.shop([], find=self.find, guards=self.guards, faults=self._fault)

    def _fault(self, verb: str, _: int) -> Fault:
        self._stamp()
        if kind := self.wire.count():
            return ModelWire.meaning[kind]
        if not verb.startswith("find_") or not self._made or self._now is None:
            return "ok"
        return "hidden" if (self._now - self._made[-1]).total_seconds() < self.lag else "ok"

    def _stamp(self) -> None:
        if self._now is not None:
            self._made += [self._now] * (len(self.adapter.effects) - len(self._made))

    def fresh(self) -> ModelShop:
        """Return another one over the same dictionary; it would keep nothing in itself."""
        return copy.copy(self.adapter)

    def put(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
        """Keep it as it is."""
        self.adapter.orders[order.id] = order
        self.adapter.parcels += tuple(parcels)
        return order

    def change(self, order_id: str) -> None:
        """Tag it, a second after the last change of all."""
        latest = max(one.updated_at for one in self.adapter.orders.values())
        order = self.adapter.orders[order_id]
        at = latest + timedelta(seconds=1)
        self.adapter.orders[order_id] = attrs.evolve(order, tags=(*order.tags, "seen"), updated_at=at)

    def stock(self, order: Order, line_id: str, available: int) -> None:  # noqa: ARG002 - lines are known by id here
        """Count the line."""
        self.adapter.stock[line_id] = available

    def offer(self, products: Sequence[Product]) -> None:
        """Offer them."""
        self.adapter.products = tuple(products)

    def spoil(self, order_id: str) -> None:
        """Make it unreadable."""
        self.adapter.spoilt.add(order_id)

    def settle(self, reference: str) -> None:
        """Do what is pending."""
        self.adapter.settle(reference)

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
        return [self._read(one) for one in self.adapter.effects]

    def _read(self, effect: ShopEffect) -> Effected:
        new = self.adapter.orders.get(effect.shop_id) if effect.verb == "reship" else None
        return Effected(
            effect.reference,
            effect.shop_id,
            effect.amount,
            verb=effect.verb,
            order_id=effect.order_id,
            payment_id=effect.payment_id,
            lines=effect.lines,
            owed=None if new is None else new.total - new.paid,
            paid=None if new is None else new.paid,
            text=effect.text,
        )

    def save(self) -> object:
        """Return its orders, effects and stock; no order is changed in place, and no effect but by being settled."""
        self._stamp()
        effects = [copy.copy(one) for one in self.adapter.effects]
        return dict(self.adapter.orders), effects, dict(self.adapter.stock), list(self._made)

    def load(self, saved: Any) -> None:
        """Set it back."""
        orders, effects, stock, made = saved
        self.adapter.orders, self.adapter.effects = dict(orders), [copy.copy(one) for one in effects]
        self.adapter.stock = dict(stock)
        self._made = list(made)
        self.adapter.calls.clear()
        self.adapter.requests.clear()
