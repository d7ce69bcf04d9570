"""Some orders at once: looked up together, sent by several threads, written down by one write of the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import NotSupported, WireError
from op_core.export.at_once import at_once
from op_core.export.outcome import Exported
from op_core.export.premiums import Premiums
from op_core.export.send import send
from op_core.export.task import Sent, Task, Terms
from op_core.export.unread import found_again, parcels_left_out, unreadable
from op_core.halving import readable
from op_core.ledger import Ledger, actions, exports
from op_core.models import Fulfillments, Order, UnreadableOrder
from op_core.order_protection.client import Client
from op_core.settings import StoreSettings
from op_core.storefront import Storefront

__all__ = ["Batch", "Batches"]

_OrderRows = dict[str, sa.Row[Any]]
_ParcelRows = dict[tuple[str, str], sa.Row[Any]]


@attrs.frozen
class Batch:
    """
    What became of some orders.

    Attributes:
        sent: One for each order that was begun.
        failure: Why the others were not.
    """

    sent: list[Sent]
    failure: WireError | None = None

    @property
    def done(self) -> set[str]:
        """The ids of the orders that need not be sent again."""
        return {one.order_id for one in self.sent if one.failure is None}

    @property
    def count(self) -> Exported:
        """What became of them, in numbers."""
        return sum((one.count for one in self.sent), Exported())


@attrs.define(eq=False)
class Batches:
    """Sends batches of one store's orders; see `Exporter` for the attributes."""

    store: StoreSettings
    ledger: Ledger
    shop: Storefront
    api: Client

    def send(self, orders: Iterable[Order], unread: Collection[UnreadableOrder] = (), *, again: bool = False) -> Batch:
        """
        Send what is new of these orders and of their parcels. The first failure of the API begins no further order.

        Args:
            orders: In any order; of two with one id the later change counts.
            unread: Orders that are listed with their reason, and looked at again.
            again: Send also what was refused before.

        Raises:
            ShopUnavailable: The parcels could not be looked up. Nothing was sent.
            ContractBroken: The adapter answered something else than parcels. Nothing was sent.
        """
        newest: dict[str, Order] = {}
        for order in orders:
            if order.id not in newest or newest[order.id].updated_at <= order.updated_at:
                newest[order.id] = order
        ids = [*newest, *(one.id for one in unread)]
        gone = self.ledger.read(exports.forgotten, self.store.id, ids)
        tasks, hidden = self._tasks([order for order in newest.values() if order.id not in gone])
        export = self.store.export
        terms = Terms(
            self.api,
            self.store.platform_id,
            Premiums(self.ledger, self.store.id),
            self.store.wire.cancels_protection,
            export.tracking_wait,
            self.ledger.now(),
            again,
        )
        sent = at_once(tasks, lambda task: send(terms, task), export.in_flight)
        by_id = {task.order.id: task for task in tasks}
        for one in sent:
            if (why := hidden.get(one.order_id)) is not None:
                parcels_left_out(one, by_id[one.order_id], why, terms.now)
            else:
                found_again(one, by_id[one.order_id])
        sent += self._unreadable([one for one in unread if one.id not in newest and one.id not in gone])
        sent += map(_left_alone, sorted(gone))
        return Batch(sent, next((one.failure for one in sent if one.failure is not None), None))

    def record(self, connection: sa.Connection, batch: Batch) -> None:
        """Write down what became of a batch; nothing of an order that was forgotten meanwhile."""
        gone = exports.forgotten(connection, self.store.id, [one.order_id for one in batch.sent])
        for one in batch.sent:
            if one.order_id in gone:
                continue
            if one.row is not None:
                exports.put_order(connection, self.store.id, one.order_id, **one.row)
            if one.look_again:
                exports.look_again(connection, self.store.id, one.order_id, self.ledger.now())
            for parcel_id, columns in one.parcels.items():
                if columns is None:
                    exports.forget_fulfillment(connection, self.store.id, one.order_id, parcel_id)
                else:
                    exports.put_fulfillment(connection, self.store.id, one.order_id, parcel_id, **columns)

    def _unreadable(self, orders: Collection[UnreadableOrder]) -> list[Sent]:
        if not orders:
            return []
        known, now = (
            self.ledger.read(exports.known_orders, self.store.id, [one.id for one in orders]),
            self.ledger.now(),
        )
        return [unreadable(one, known.get(one.id), now) for one in orders]

    def _tasks(self, orders: Collection[Order]) -> tuple[list[Task], dict[str, str]]:
        """Return what to send; and of each order whose parcels cannot be read, why."""
        known, rows, ours = self.ledger.read(self._known, orders)
        parcels, hidden = self._parcels([order.id for order in orders if order.id not in ours])
        by_order: dict[str, _OrderRows] = {}
        for (order_id, parcel_id), row in rows.items():
            by_order.setdefault(order_id, {})[parcel_id] = row
        tasks = [
            Task(
                order,
                known.get(order.id),
                None if parcels is None or order.id in hidden else parcels.get(order.id, ()),
                by_order.get(order.id, {}),
                order.id in ours,
            )
            for order in orders
        ]
        return tasks, hidden

    def _known(self, connection: sa.Connection, orders: Collection[Order]) -> tuple[_OrderRows, _ParcelRows, set[str]]:
        """Return what the ledger knows of the orders and of their parcels, and which are our own replacements."""
        ids = [order.id for order in orders]
        references = {reference for order in orders for reference in order.references}
        found = actions.find(connection, self.store.id, references) if references else []
        # A shop keeps the references of refunds, and may keep that of a reship too, on the original order.
        about = {action.reference: action.order_id for action in found if action.verb == "reship"}
        return (
            exports.known_orders(connection, self.store.id, ids),
            exports.known_fulfillments(connection, self.store.id, ids),
            {order.id for order in orders if any(about.get(one, order.id) != order.id for one in order.references)}
            | exports.replacements(connection, self.store.id, ids),
        )

    def _parcels(self, order_ids: list[str]) -> tuple[Fulfillments | None, dict[str, str]]:
        """Look up the parcels of all these orders at once; None where the shop cannot say. And why, of some."""
        if not order_ids:
            return {}, {}
        try:
            found, wrong = readable(order_ids, lambda some: self.shop.lookup_fulfillments(tuple(some)))
        except NotSupported:
            return None, {}
        return {key: parcels for each in found for key, parcels in each.items()}, {key: str(why) for key, why in wrong}


def _left_alone(order_id: str) -> Sent:
    sent = Sent(order_id)
    sent.counted("forgotten")
    return sent
