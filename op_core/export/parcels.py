"""The calls for the parcels of one order that Order Protection has (pages FUL-C, FUL-U, FUL-G)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import NotFoundThere, NotSendable, WireError
from op_core.export.encode import NotExportable, protection_lines, to_fulfillment
from op_core.export.hashes import fulfillment_hash, text_hash
from op_core.export.known import Unclear, is_refusal, make_known
from op_core.export.task import Sent, Task, Terms, encoded
from op_core.models import Fulfillment
from op_core.order_protection.schema import CreateFulfillment

__all__ = ["Parcels"]

_STANDING = ("sent", "not_sendable")  # states of a parcel that Order Protection has


@attrs.frozen
class Parcels:
    """
    Sends parcels, one after another.

    Attributes:
        remake: Makes the order known again, where the API has forgotten it.
    """

    terms: Terms
    task: Task
    sent: Sent
    remake: Callable[[], None]

    def send(self, parcels: Iterable[Fulfillment]) -> None:
        """
        Send what is new of the parcels; one that is refused does not stop the others.

        Raises:
            WireError: The API fails.
        """
        present = set()
        for parcel in parcels:
            present.add(parcel.id)
            self._parcel(parcel, self.task.rows.get(parcel.id))
        for parcel_id, row in self.task.rows.items():
            if row.state == "waiting" and parcel_id not in present:
                self._write(parcel_id, "not_exportable", "the shop no longer has it")

    def _parcel(self, parcel: Fulfillment, row: sa.Row[Any] | None) -> None:
        try:
            body = encoded(lambda: to_fulfillment(parcel, leave_out=protection_lines(self.task.order)))
        except (NotExportable, NotSendable) as error:
            state = "not_exportable" if isinstance(error, NotExportable) else "refused"
            self._left_out(parcel, row, state, str(error))
            return
        now = fulfillment_hash(body)
        try:
            self._tell(parcel, body, now, row)
        except WireError as error:
            if not is_refusal(error):
                raise
            self.sent.counted("refused")
            self._write(parcel.id, "refused", str(error), hash=now, status=parcel.status.value)

    def _tell(self, parcel: Fulfillment, body: CreateFulfillment, now: str, row: sa.Row[Any] | None) -> None:
        if row is not None and row.state in _STANDING:
            self._update(body, row, now)
        elif row is not None and row.state == "refused":
            if self.terms.again or (row.hash, row.status) != (now, parcel.status.value):
                self._make(body, now)
        elif self._waits(parcel):
            self._wait(parcel, row)
        else:
            self._make(body, now)

    def _waits(self, parcel: Fulfillment) -> bool:
        tracked = parcel.tracking_numbers or parcel.tracking_urls
        return not tracked and self.terms.now < parcel.created_at + self.terms.tracking_wait

    def _wait(self, parcel: Fulfillment, row: sa.Row[Any] | None) -> None:
        self.sent.counted("fulfillments_waiting")
        due = parcel.created_at + self.terms.tracking_wait
        if row is None or (row.state, row.due_at) != ("waiting", due):
            self._write(parcel.id, "waiting", "no tracking yet", due_at=due)

    def _make(self, body: CreateFulfillment, now: str) -> None:
        """Make a parcel known; where its order is not known there any more, that first."""
        try:
            how = self._create(body)
        except NotFoundThere:
            self.remake()
            try:
                how = self._create(body)
            except NotFoundThere:
                raise Unclear("the API takes this parcel's order, and then does not know it") from None
        self.sent.counted(f"fulfillments_{how}")
        self._write(body.source_fulfillment_id, "sent", hash=now, status=body.fulfillment_status.value)

    def _create(self, body: CreateFulfillment) -> str:
        api, order_id, parcel_id = self.terms.api, self.task.order.id, body.source_fulfillment_id

        def is_there() -> bool:
            return any(one.source_fulfillment_id == parcel_id for one in api.list_fulfillments(order_id))

        def put() -> None:
            try:
                api.update_fulfillment(order_id, parcel_id, body.fulfillment_status)
            except NotFoundThere:
                raise Unclear("the API answers that it has this parcel already, and that it does not know it") from None

        return make_known(lambda: api.create_fulfillment(order_id, body), is_there, put)

    def _update(self, body: CreateFulfillment, row: sa.Row[Any], now: str) -> None:
        """Tell a new status. New items or tracking cannot be told: page FUL-U takes the status only."""
        parcel_id, status = body.source_fulfillment_id, body.fulfillment_status
        if status.value != row.status:
            try:
                self.terms.api.update_fulfillment(self.task.order.id, parcel_id, status)
            except NotFoundThere:
                self._make(body, now)
                return
            self.sent.counted("fulfillments_updated")
        state = "sent" if now == row.hash else "not_sendable"
        if (state, status.value) == (row.state, row.status):
            return
        reason = None
        if state == "not_sendable":
            reason = "an update cannot carry what changed: items or tracking (FUL-U)"
            if row.state != state:
                self.sent.counted(state)
        self._write(parcel_id, state, reason, hash=row.hash, status=status.value)

    def _left_out(self, parcel: Fulfillment, row: sa.Row[Any] | None, state: str, reason: str) -> None:
        """List the parcel with the reason, once for each."""
        if row is None or (row.state, row.reason) != (state, reason):
            self.sent.counted(state)
            self._write(parcel.id, state, reason, hash=text_hash(reason), status=parcel.status.value)

    def _write(self, parcel_id: str, state: str, reason: str | None = None, **columns: Any) -> None:
        self.sent.parcels[parcel_id] = {"state": state, "reason": reason, "at": self.terms.now, **columns}
