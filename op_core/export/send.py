"""
The calls of one order: the order first, then its parcels. Knows no ledger: what it finds out is handed back as rows.

A row is written for what is new only. An error that is about this order or parcel becomes its row; any other one, such
as 429 or 5xx, ends the calls of this order and is handed back, for it would meet the next order too.
"""

from __future__ import annotations

import attrs

from op_core.errors import NotFoundThere, NotSendable, WireError
from op_core.export.encode import NotExportable, to_create, update_of
from op_core.export.hashes import Held, text_hash, update_hash
from op_core.export.known import Unclear, is_refusal, make_known
from op_core.export.parcels import Parcels
from op_core.export.task import Sent, Task, Terms, encoded
from op_core.order_protection.schema import CreateOrder, UpdateOrder

__all__ = ["send"]


def send(terms: Terms, task: Task) -> Sent:
    """Send what is new of one order and its parcels. A failure of the API is in `Sent.failure`, never raised."""
    sent = Sent(task.order.id)
    sending = _Sending(terms, task, sent)
    try:
        if sending.order() and task.parcels is not None:
            Parcels(terms, task, sent, sending.remake).send(task.parcels)
    except WireError as error:
        sent.failure = error
    return sent


@attrs.define
class _Sending:
    """One order on its way."""

    terms: Terms
    task: Task
    sent: Sent
    bodies: tuple[CreateOrder, UpdateOrder] | None = None

    def order(self) -> bool:
        """Send the order; tell whether Order Protection has it, so that its parcels may follow."""
        row = self.task.row
        if self.task.is_replacement:
            self.sent.counted("replacements")
            if row is None or row.state != "replacement":
                self._write("replacement")
            return False
        held = Held.read(row.order_hash if row else None)
        try:
            create = encoded(lambda: to_create(self.task.order, self.terms.platform_id))
        except (NotExportable, NotSendable) as error:
            state = "not_exportable" if isinstance(error, NotExportable) else "refused"
            self._left_out(state, str(error), Held(text_hash(str(error)), held.parts))
            return self.task.is_there
        now = Held.of(create)
        update = update_of(create, had_premium=held.has_premium)
        self.bodies = create, update
        repeats = self.terms.again and row is not None and row.state == "refused"
        if row is not None and row.state != "replacement" and held.seen == now.seen and not repeats:
            self.sent.counted("unchanged")
            return self.task.is_there
        try:
            self._tell(create, update, held, now)
        except WireError as error:
            if not is_refusal(error):
                raise
            self.sent.counted("refused")
            self._write("refused", str(error), order_hash=str(Held(now.seen, held.parts)))
            return self.task.is_there
        return True

    def remake(self) -> None:
        """
        Make the order known once more: the API forgot it.

        Raises:
            WireError: `Unclear` where it is not exportable any more; else what the calls raise.
        """
        if self.bodies is None:
            raise Unclear("the API does not know this order, and it is not exportable any more")
        create, update = self.bodies
        self._made(self._create(create, update), create, update)

    def _tell(self, create: CreateOrder, update: UpdateOrder, held: Held, now: Held) -> None:
        """Make the order known, or what is new of it."""
        if not self.task.is_there:
            self._made(self._create(create, update), create, update)
            return
        assert self.task.row is not None
        is_new = update_hash(update) != self.task.row.update_hash
        how = self._update(create, update) if is_new else ""
        if how == "created":
            self._made(how, create, update)
            return
        lost = held.lacks(now)
        if lost:
            self.sent.counted("not_sendable")
        if how or not lost:
            self.sent.counted(how or "unchanged")
        self._write(
            "not_sendable" if lost else "sent",
            f"an update cannot carry what changed: {', '.join(lost)} (G-15)" if lost else None,
            order_hash=str(held.updated(now)),
            update_hash=update_hash(update),
        )

    def _create(self, create: CreateOrder, update: UpdateOrder) -> str:
        api, order_id = self.terms.api, create.source_order_id

        def is_there() -> bool:
            try:
                api.get_order(order_id)
            except NotFoundThere:
                return False
            return True

        def put() -> None:
            try:
                api.update_order(order_id, update)
            except NotFoundThere:
                raise Unclear("the API answers that it has this order already, and that it does not know it") from None

        return make_known(lambda: api.create_order(create), is_there, put)

    def _update(self, create: CreateOrder, update: UpdateOrder) -> str:
        try:
            self.terms.api.update_order(create.source_order_id, update)
        except NotFoundThere:
            return self._create(create, update)
        return "updated"

    def _made(self, how: str, create: CreateOrder, update: UpdateOrder) -> None:
        self.sent.counted(how)
        self._write("sent", order_hash=str(Held.of(create)), update_hash=update_hash(update))

    def _left_out(self, state: str, reason: str, held: Held) -> None:
        """List the order with the reason, once for each."""
        row = self.task.row
        if row is not None and (row.state, row.reason, row.order_hash) == (state, reason, str(held)):
            self.sent.counted("unchanged")
            return
        self.sent.counted(state)
        self._write(state, reason, order_hash=str(held))

    def _write(self, state: str, reason: str | None = None, **hashes: str) -> None:
        self.sent.row = {"state": state, "reason": reason, "at": self.terms.now, **hashes}
