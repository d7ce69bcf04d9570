"""
Effects: each is one transaction in the shop's database, together with its mark.

The order's row is locked first, so that two writers of one order follow each other. Then the mark is looked for: an
effect that is there already is answered, not made again. Until the commit nothing has happened, so whatever fails
before it is `NotSent` or `Refused`; a commit without an answer is unknown, and found or not found by the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import ContractBroken, NotSent, Refused
from op_core.models import CannotTell, Found, LineQuantity, NotFound, Outcome
from op_core.money import Money
from op_core.requests import Effect, FindRequest, ReshipRequest
from op_core.testing.crash import crash_point
from op_sql_shop.binding import line_values, values
from op_sql_shop.client import Client, Session
from op_sql_shop.converters import Forms
from op_sql_shop.mapping import MoneyVerb, Step, Verb
from op_sql_shop.references import Mark, References
from op_sql_shop.statements import chosen

__all__ = ["Writer"]


@attrs.define(eq=False)
class Writer:
    """
    Makes one kind of effect.

    Attributes:
        name: The verb's, in the contract.
        verb: Its statements.
        lock: Table and column of the order's row.
        client: The way into the database.
        forms: How the database holds money and times.
        references: Our table; None where the verb has a *find* of its own.
        clock: Gives the time, UTC.
    """

    name: str
    verb: Verb
    lock: str
    client: Client
    forms: Forms
    references: References | None
    clock: Callable[[], datetime]

    def make(self, request: Effect) -> Outcome:
        """
        Make the effect, unless it is there.

        Raises:
            NotSent: Nothing happened; again later.
            Refused: The shop's database or a guard said no; nothing happened.
        """
        if isinstance(request, ReshipRequest) and not any(line.quantity for line in request.lines):
            raise Refused("a replacement of no units")
        with self.client.writing() as session:
            self._lock(session, request)
            made = self._find(session, request)
            if made is None:
                made = self._make(session, request)
                self._commit(session, request)
        return self._outcome(made, request.amount if hasattr(request, "amount") else None)

    def rehearse(self, session: Session, request: Effect) -> None:
        """
        Do what `make` does in the database, up to the commit: who asks for it takes it back. No gateway is called.

        Raises:
            Refused: The shop's database or a guard said no.
        """
        self._lock(session, request)
        self._make(session, request)
        self._settle(session)

    def look(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Tell whether the effect is there."""
        with self.client.reading() as session:
            made = self._find(session, request)
            if made is None:
                return NotFound()
            try:
                return Found(self._outcome(made, request.amount, session))
            except ContractBroken as error:
                return CannotTell(str(error))

    # --- One transaction ---------------------------------------------------------------------------------------------

    def _place(self, what: str) -> str:
        return f"{self.client.place}: {self.name}.{what}"

    def _lock(self, session: Session, request: Effect) -> None:
        table, _, column = self.lock.rpartition(".")
        order = sa.table(*reversed(table.split(".")) if "." not in table else (table,))
        row = sa.select(sa.literal(1)).select_from(order).where(sa.column(column) == sa.bindparam("order_id"))
        found = session.run(row.with_for_update(), {"order_id": request.order.id}, self._place("lock"))
        if found.first() is None:
            raise Refused(f"the shop has no order {request.order.id} in {self.lock}")

    def _make(self, session: Session, request: Effect) -> Mark:
        amount = getattr(request, "amount", None)
        mark = Mark(
            request.reference,
            self.name,
            request.order.id,
            str(amount.amount) if amount is not None else None,
            amount.currency if amount is not None else None,
            "done",
            None,
            None,
        )
        now = self.clock()
        if self.references is not None:
            self.references.add(session, mark, now)
        try:
            bound = values(request, self.forms, now)
        except ValueError as error:
            raise Refused(str(error)) from None
        self._steps(session, request, bound)
        new = bound.get("new_order_id")
        shop_id = bound.get("shop_id", new)
        if shop_id is None:
            shop_id = request.reference  # the shop gives it no id; it is found by ours
        mark = attrs.evolve(mark, shop_id=str(shop_id), new_order_id=None if new is None else str(new))
        if self.references is not None:
            self.references.change(session, mark)
        return mark

    def _steps(self, session: Session, request: Effect, bound: dict[str, Any]) -> None:
        numbered = enumerate(self.verb.steps)
        for each, group in groupby(numbered, key=lambda one: one[1].each):
            steps = list(group)
            lines: Iterable[dict[str, Any]] = [{}]
            if each == "lines":
                lines = (line_values(request.order, line) for line in _units(getattr(request, "lines", ())))
            for line in lines:
                own = {**bound, **line}
                for number, step in steps:
                    self._step(session, step, self._place(f"steps[{number}]"), own)
                if each is None:
                    bound.update(own)

    def _step(self, session: Session, step: Step, place: str, bound: dict[str, Any]) -> None:
        if step.when is not None and not bound.get(step.when):
            return
        crash_point(f"{self.name}:statement")
        done = session.run(sa.text(chosen(step.sql, self.client.dialect, place)), bound, place)
        rows = done.mappings().fetchall() if done.returns_rows else []
        count = len(rows) if done.returns_rows else done.rowcount
        session.counted(place, count)
        wanted = step.expect_rows
        if (wanted == "some" and count < 1) or (isinstance(wanted, int) and count != wanted):
            raise Refused(
                step.refused or f"{place}: {count} rows; expected {wanted if wanted != 'some' else 'at least one'}"
            )
        if done.returns_rows:
            bound.update(rows[0] if rows else dict.fromkeys(done.keys()))
        elif step.last_id is not None:
            bound[step.last_id] = done.lastrowid

    def _settle(self, session: Session) -> None:
        """Have constraints that wait for the commit refuse before it."""
        if self.client.dialect == "postgresql":
            session.run(sa.text("set constraints all immediate"), {}, self._place("steps"))

    def _commit(self, session: Session, request: Effect) -> None:
        """Commit; only here may something be unknown."""
        self._settle(session)
        if self.clock() >= request.deadline:
            raise NotSent("its time was over before the commit; nothing was changed")
        crash_point(f"{self.name}:commit")
        session.connection.commit()
        crash_point(f"{self.name}:committed")

    # --- What is there -----------------------------------------------------------------------------------------------

    def _find(self, session: Session, request: Effect | FindRequest) -> Mark | None:
        if self.references is not None:
            return self.references.find(session, request.reference)
        assert self.verb.find is not None
        place = self._place("find")
        sql = sa.text(chosen(self.verb.find, self.client.dialect, place))
        row = session.run(sql, {"reference": request.reference, "order_id": request.order.id}, place).mappings().first()
        if row is None:
            return None
        said = {
            name: None if row.get(name) is None else str(row[name]) for name in ("amount", "shop_id", "new_order_id")
        }
        shop_id = said["shop_id"] or said["new_order_id"] or request.reference
        return Mark(request.reference, self.name, request.order.id, None, None, "done", shop_id, said["new_order_id"])

    def _outcome(self, mark: Mark, amount: Money | None, session: Session | None = None) -> Outcome:
        if (mark.verb, mark.amount) != (
            self.name,
            str(amount.amount) if amount is not None and mark.amount else mark.amount,
        ):
            raise ContractBroken(f"the shop holds another effect under {mark.reference}: {mark.verb} of {mark.amount}")
        if not isinstance(self.verb, MoneyVerb):
            return Outcome("done", shop_id=mark.shop_id, order_id=mark.new_order_id)
        if self.verb.money == "queued":
            return self._queued(mark, session)
        return Outcome("done", shop_id=mark.shop_id, money="booked")

    def _queued(self, mark: Mark, session: Session | None) -> Outcome:
        assert isinstance(self.verb, MoneyVerb)
        if session is not None and self.verb.paid is not None:
            place = self._place("paid")
            sql = sa.text(chosen(self.verb.paid, self.client.dialect, place))
            bound = {"shop_id": mark.shop_id, "reference": mark.reference, "order_id": mark.order_id}
            if session.run(sql, bound, place).first() is not None:
                return Outcome("done", shop_id=mark.shop_id, money="moved")
        return Outcome("pending", shop_id=mark.shop_id, money="queued")


def _units(lines: Iterable[LineQuantity]) -> Iterator[LineQuantity]:
    """Yield each line once, with all of its units."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.line_id] = units.get(line.line_id, 0) + line.quantity
    return (LineQuantity(line, quantity) for line, quantity in units.items() if quantity)
