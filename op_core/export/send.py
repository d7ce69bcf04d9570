"""
The calls of one order: the order first, then its parcels. Knows no ledger: what it finds out is handed back as rows.

A row is written for what is new only. An error that is about this order or parcel becomes its row; any other one, such
as 429 or 5xx, ends the calls of this order and is handed back, for it would meet the next order too.
"""

from __future__ import annotations

from typing import Any

import attrs

from op_core.errors import NotFoundThere, NotSendable, WireError
from op_core.export.encode import NotExportable, telling, to_create, update_of
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


@attrs.frozen
class _Words:
    """
    What is said of one order, as the shop has it.

    Attributes:
        held: What Order Protection holds of it.
        now: What it would hold, had it been told all.
    """

    create: CreateOrder
    update: UpdateOrder
    held: Held
    now: Held


@attrs.frozen
class _Out:
    """The words as they go out; the premium is left out where it may not be said."""

    create: CreateOrder
    update: UpdateOrder
    says_premium: bool = True


@attrs.define
class _Sending:
    """One order on its way."""

    terms: Terms
    task: Task
    sent: Sent
    words: _Words | None = None

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
        self.words = _Words(create, update_of(create, had_premium=held.has_premium), held, now)
        repeats = self.terms.again and row is not None and row.state == "refused"
        if row is not None and row.state != "replacement" and held.seen == now.seen and not repeats:
            self.sent.counted("unchanged")
            return self.task.is_there
        try:
            self._tell(self.words)
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
        if self.words is None:
            raise Unclear("the API does not know this order, and it is not exportable any more")
        self._make(self.words)

    def _tell(self, words: _Words) -> None:
        """Make the order known, or what is new of it."""
        if not self.task.is_there:
            self._make(words)
            return
        assert self.task.row is not None
        how, says_premium = "", False
        if update_hash(words.update) != self.task.row.update_hash:
            out = self._out(words)
            how, says_premium = self._update(out), out.says_premium
            if how == "created":
                self._made(how, words, out)
                return
        held = words.held.updated(words.now, said=says_premium)
        lost = _lost(words.held.lacks(words.now), is_told=held.has_premium is words.now.has_premium)
        if lost:
            self.sent.counted("not_sendable")
        if how or not lost:
            self.sent.counted(how or "unchanged")
        state = "not_sendable" if lost else "sent"
        self._write(state, lost, order_hash=str(held), update_hash=update_hash(words.update))

    def _out(self, words: _Words) -> _Out:
        """Return what goes out; what it says of the premium is written down first."""
        row, told, has = self.task.row, words.held.has_premium, words.now.has_premium
        if words.create.premium_paid is None and not told and not (row is not None and row.has_premium):
            return _Out(words.create, words.update)
        if not self.terms.premiums.may_say(self.task.order, row, told=told):
            none = {"premium_paid": None}
            create, update = words.create.model_copy(update=none), words.update.model_copy(update=none)
            return _Out(create, update, says_premium=False)
        if not self.task.is_there or told is has:
            return _Out(words.create, words.update)
        return _Out(words.create, telling(words.update, self.terms.cancels, self.task.order.updated_at))

    def _make(self, words: _Words) -> None:
        out = self._out(words)
        self._made(self._create(out), words, out)

    def _create(self, out: _Out) -> str:
        api, order_id = self.terms.api, out.create.source_order_id

        def is_there() -> bool:
            try:
                api.get_order(order_id)
            except NotFoundThere:
                return False
            return True

        def put() -> None:
            try:
                api.update_order(order_id, out.update)
            except NotFoundThere:
                raise Unclear("the API answers that it has this order already, and that it does not know it") from None

        return make_known(lambda: api.create_order(out.create), is_there, put)

    def _update(self, out: _Out) -> str:
        try:
            self.terms.api.update_order(out.create.source_order_id, out.update)
        except NotFoundThere:
            return self._create(out)
        return "updated"

    def _made(self, how: str, words: _Words, out: _Out) -> None:
        self.sent.counted(how)
        held = words.now if out.says_premium else words.now.without_premium()
        self._write(
            "sent",
            order_hash=str(held),
            update_hash=update_hash(words.update),
            has_premium=words.now.has_premium,
            premium_at=self.terms.now,
        )

    def _left_out(self, state: str, reason: str, held: Held) -> None:
        """List the order with the reason, once for each."""
        row = self.task.row
        if row is not None and (row.state, row.reason, row.order_hash) == (state, reason, str(held)):
            self.sent.counted("unchanged")
            return
        self.sent.counted(state)
        self._write(state, reason, order_hash=str(held))

    def _write(self, state: str, reason: str | None = None, **columns: Any) -> None:
        self.sent.row = {"state": state, "reason": reason, "at": self.terms.now, **columns}


def _lost(parts: list[str], *, is_told: bool) -> str | None:
    """Say what Order Protection does not hear of, and why; None where it hears all."""
    reasons = []
    if parts:
        reasons.append(f"an update cannot carry what changed: {', '.join(parts)} (G-15)")
    if not is_told:
        reasons.append("its premium is not told: Order Protection changed its protection in the meantime (G-3)")
    return "; ".join(reasons) or None
