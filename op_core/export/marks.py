"""Orders to look at between two runs: those that the shop marked, and those whose parcel has waited long enough."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import (
    ContractBroken,
    NotSupported,
    OpCoreError,
    OrderNotFound,
    RateLimited,
    ShopAway,
    ShopUnavailable,
)
from op_core.export.batches import Batch, Batches
from op_core.export.outcome import Exported
from op_core.ledger import exports
from op_core.models import Order

__all__ = ["Marks"]

log = logging.getLogger("op_core")

_FIRST_DELAY = timedelta(seconds=30)  # before a marked order is tried again; doubled each time
_LONGEST_DELAY = timedelta(hours=1)
_PATIENCE = 8  # tries to find a marked order: a shop may mark it before its own commit can be seen
_GONE = "the shop has no such order any more"


@attrs.frozen(eq=False)
class Marks:
    """Works through the marks of one store."""

    batches: Batches

    def send(self) -> Exported:
        """Send at most a page of orders; see `Exporter.marked`."""
        ledger, store = self.batches.ledger, self.batches.store
        now, limit = ledger.now(), store.export.page_size
        marks = ledger.read(exports.changed, store.id, now, limit)
        due = ledger.read(exports.fulfillments_due, store.id, now)[:limit]
        wanted = list(dict.fromkeys([*(mark.order_id for mark in marks), *due]))[:limit]
        if not wanted:
            return Exported()
        try:
            found, trouble = self._ask(wanted)
            batch = self.batches.send(found)
        except ShopAway:
            return Exported()  # the store is parked: its marks stay as they are
        except (ShopUnavailable, ContractBroken) as error:
            batch = Batch([])
            trouble |= dict.fromkeys((order.id for order in found), error)
        failure = batch.failure
        if failure is not None:
            trouble |= dict.fromkeys((order.id for order in found if order.id not in batch.done), failure)
        for order_id, why in trouble.items():
            log.warning("order %s of store %s was not exported: %s", order_id, store.name, why)
        asked = {*(order.id for order in found), *trouble}
        ledger.write(self._settle, batch, marks, [one for one in due if one in asked], trouble)
        return batch.count + Exported(failed=len(trouble))

    def _ask(self, order_ids: Iterable[str]) -> tuple[list[Order], dict[str, OpCoreError]]:
        """Return the orders, and by id why one is not among them. A shop that does not answer is asked no further."""
        found: list[Order] = []
        trouble: dict[str, OpCoreError] = {}
        for order_id in order_ids:
            try:
                found.append(self.batches.shop.get_order(order_id))
            except ShopAway:
                raise
            except ShopUnavailable as error:
                trouble[order_id] = error
                break
            except (OrderNotFound, ContractBroken, NotSupported) as error:
                trouble[order_id] = error
        return found, trouble

    def _settle(
        self,
        connection: sa.Connection,
        batch: Batch,
        marks: Sequence[sa.Row[Any]],
        due: Sequence[str],
        trouble: Mapping[str, OpCoreError],
    ) -> None:
        """Write down what became of the orders; their marks go, or wait."""
        self.batches.record(connection, batch)
        store_id, now = self.batches.store.id, self.batches.ledger.now()
        unread = {one.order_id for one in batch.sent if one.look_again}
        for mark in marks:
            error = trouble.get(mark.order_id)
            if mark.order_id in unread:  # its parcels; the order itself was sent
                exports.postpone_change(connection, store_id, mark.order_id, now + _delay(mark.tries))
            elif mark.order_id in batch.done:
                exports.forget_change(connection, store_id, mark.order_id, mark.marked_at)
            elif isinstance(error, OrderNotFound) and mark.tries + 1 >= _PATIENCE:
                self._give_up(connection, mark.order_id, now)
                exports.forget_change(connection, store_id, mark.order_id, mark.marked_at)
            elif error is not None:
                exports.postpone_change(connection, store_id, mark.order_id, now + _delay(mark.tries, error))
        for order_id in set(due) - {mark.order_id for mark in marks}:
            if isinstance(trouble.get(order_id), OrderNotFound):
                self._give_up(connection, order_id, now)
        exports.postpone_fulfillments(connection, store_id, due, now, now + _LONGEST_DELAY)

    def _give_up(self, connection: sa.Connection, order_id: str, now: datetime) -> None:
        store_id = self.batches.store.id
        if exports.forgotten(connection, store_id, [order_id]):
            return
        exports.put_order(connection, store_id, order_id, state="not_exportable", reason=_GONE, at=now)
        exports.give_up_waiting(connection, store_id, order_id, _GONE, now)


def _delay(tries: int, error: OpCoreError | None = None) -> timedelta:
    """Return how long to wait: twice as long each time, and never shorter than the API asks for."""
    delay = _FIRST_DELAY
    for _ in range(tries):
        delay = min(2 * delay, _LONGEST_DELAY)
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return max(delay, timedelta(seconds=asked or 0))
