"""
Effects: each is one transaction in the shop's database, together with its mark.

The order's row is locked first, so that two writers of one order follow each other. Then the mark is looked for: an
effect that is there already is answered, not made again. Until the commit nothing has happened, so whatever fails
before it is `NotSent` or `Refused`; a commit without an answer is unknown, and found or not found by the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import ContractBroken, NotSent, Refused, SettingsError, ShopAway
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.money import Money
from op_core.requests import Effect, FindRequest
from op_core.testing.crash import crash_point
from op_sql_shop.binding import values
from op_sql_shop.client import Client, Session, Unanswered
from op_sql_shop.converters import Forms, converter
from op_sql_shop.mapping import Column, MoneyVerb, Verb
from op_sql_shop.parsed import READS, parse
from op_sql_shop.references import Mark, References
from op_sql_shop.statements import chosen
from op_sql_shop.steps import Steps

__all__ = ["Writer"]


@attrs.define(eq=False)
class Writer:
    """
    Makes one kind of effect.

    Attributes:
        name: The verb's, in the contract.
        verb: What the mapping says of it.
        lock: Table and column of the order's row.
        client: The way into the database.
        forms: How the database holds money and times.
        references: Our table; None where the verb has a *find* of its own.
        clock: Gives the time, UTC.

    Raises:
        SettingsError: A statement cannot be one of a write; see `Steps.of`.
    """

    name: str
    verb: Verb
    lock: str
    client: Client
    forms: Forms
    references: References | None
    clock: Callable[[], datetime]
    steps: Steps = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Read the statements."""
        self.steps = Steps.of(self.name, self.verb, self.client.dialect, self.client.place, self._more())
        self._question("find", self.verb.find, {"reference", "order_id"}, self._found_columns())
        self._question("paid", getattr(self.verb, "paid", None), {"reference", "order_id", "shop_id"}, ())

    def make(self, request: Effect) -> Outcome:
        """
        Make the effect, unless it is there.

        Raises:
            NotSent: Nothing happened; again later.
            Refused: The shop's database or a guard said no; nothing happened.
        """
        with self.client.writing(request.deadline - self.clock()) as session:
            self._lock(session, request)
            marks = self._find(session, request)
            if marks:
                return self._known(marks, request)
            mark = self._marked(request, "done")
            if self.references is not None:
                crash_point(f"{self.name}:mark")
                self.references.add(session, mark, self.clock())
            mark = self._write(session, request, mark)
            try:
                self._commit(session, request.deadline)
            except Unanswered as error:
                return Outcome("unknown", reason=str(error))
        return self._outcome(mark)

    def look(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Tell whether the effect is there."""
        with self.client.reading() as session:
            marks = self._find(session, request)
            if not marks:
                return NotFound()
            other = next(filter(None, (self._doubt(mark, request) for mark in marks)), None)
            if other is not None:
                return CannotTell(other)
            found, *others = (self._outcome(mark, session) for mark in marks)
        return Found(found, tuple(others))

    def rehearse(self, session: Session, request: Effect) -> None:
        """
        Do what `make` does in the database, up to the commit: who asks for it takes it back. No gateway is called.

        Raises:
            NotSent, Refused: As `make` would.
        """
        self._lock(session, request)
        mark = self._marked(request, "done")
        if self.references is not None:
            self.references.add(session, mark, self.clock())
        self._try(session, request, mark)

    def _try(self, session: Session, request: Effect, mark: Mark) -> None:
        self._write(session, request, mark, **dict.fromkeys(self._more(), request.reference))
        self._settle(session)

    # --- One transaction ---------------------------------------------------------------------------------------------

    def _place(self, what: str) -> str:
        return f"{self.client.place}: {self.name}.{what}"

    def _lock(self, session: Session, request: Effect) -> None:
        place = self._place("lock")
        table, _, column = self.lock.rpartition(".")
        schema, _, name = table.rpartition(".")
        order = sa.table(name, schema=schema or None)
        row = sa.select(sa.literal(1)).select_from(order).where(sa.column(column) == sa.bindparam("order_id"))
        try:
            found = session.run(row.with_for_update(), {"order_id": request.order.id}, place).first()
        except NotSent as error:
            if self.client.dialect == "mysql" and type(error) is NotSent:
                self._reachable(session, order, place)
            raise
        if found is None:
            raise Refused(f"the shop has no order {request.order.id} in {self.lock}")

    def _reachable(self, session: Session, order: sa.TableClause, place: str) -> None:
        """Tell a table that is locked from a row: MySQL and MariaDB have one error for both."""
        try:
            session.run(sa.text("set session lock_wait_timeout = 1"), {}, place)
            session.run(sa.select(sa.literal(1)).select_from(order).limit(0), {}, place)
        except NotSent:
            raise ShopAway(f"{place}: the table is locked by somebody else") from None

    def _marked(self, request: Effect, state: str) -> Mark:
        amount: Money | None = getattr(request, "amount", None)
        worth, currency = (f"{amount.amount:f}", amount.currency) if amount is not None else (None, None)
        return Mark(request.reference, self.name, request.order.id, worth, currency, state, None, None)

    def _write(self, session: Session, request: Effect, mark: Mark, **more: Any) -> Mark:
        """Run the steps, and return the mark, written down, with what they made."""
        try:
            bound = values(request, self.forms, self.clock()) | more
        except ValueError as error:
            raise Refused(str(error)) from None
        bound = self.steps.run(session, request, bound)
        new = bound.get("new_order_id")
        made = next((one for one in (mark.shop_id, bound.get("shop_id"), new) if one is not None), request.reference)
        mark = attrs.evolve(mark, shop_id=str(made), new_order_id=None if new is None else str(new))
        if self.references is not None:
            self.references.change(session, mark)
        return mark

    def _settle(self, session: Session) -> None:
        if self.client.dialect == "postgresql":  # constraints that wait for the commit refuse before it
            session.run(sa.text("set constraints all immediate"), {}, self._place("steps"))

    def _commit(self, session: Session, deadline: datetime | None) -> None:
        """Commit; only here may something be unknown."""
        self._settle(session)
        if deadline is not None and self.clock() >= deadline:
            raise NotSent("its time was over before the commit; nothing was changed")
        crash_point(f"{self.name}:commit")
        session.commit(self._place("commit"))
        crash_point(f"{self.name}:committed")

    # --- What is there -----------------------------------------------------------------------------------------------

    def _find(self, session: Session, request: Effect | FindRequest) -> list[Mark]:
        if self.references is not None:
            mark = self.references.find(session, request.reference)
            return [mark] if mark is not None else []
        assert self.verb.find is not None
        place = self._place("find")
        sql = sa.text(chosen(self.verb.find, self.client.dialect, place))
        asked = {"reference": request.reference, "order_id": request.order.id}
        rows = session.run(sql, {name: asked[name] for name in sql.compile().params}, place).mappings().fetchall()
        return [self._read(dict(row), request, place) for row in rows]

    def _read(self, row: dict[str, Any], request: Effect | FindRequest, place: str) -> Mark:
        """Read a row of the shop's own; it tells whose effect it is, and how much."""
        missing = [name for name in self._found_columns() if row.get(name) is None]
        if missing:
            raise ContractBroken(f"{place}: found no {missing[0]}; without it this may be another effect")
        amount = None
        if isinstance(self.verb, MoneyVerb):
            currency = row.get("currency") or request.order.currency
            try:
                read = converter("money", Column(), self.forms, self.client.dialect)(row["amount"], currency)
            except (TypeError, ValueError):
                raise ContractBroken(f"{place}: column amount holds no amount") from None
            amount = (f"{read.amount:f}", read.currency)
        told = {name: None if row.get(name) is None else str(row[name]) for name in ("shop_id", "new_order_id")}
        shop_id = told["shop_id"] or told["new_order_id"] or request.reference
        worth, currency = amount or (None, None)
        new = told["new_order_id"]
        return Mark(request.reference, self.name, str(row["order_id"]), worth, currency, "done", shop_id, new)

    def _known(self, marks: list[Mark], request: Effect) -> Outcome:
        """Answer with what is there already, if it surely is what is asked for."""
        other = next(filter(None, (self._doubt(mark, request) for mark in marks)), None)
        if other is None and len(marks) > 1:
            other = f"the shop holds {len(marks)} effects under {request.reference}"
        return Outcome("unknown", reason=other) if other is not None else self._outcome(marks[0])

    def _doubt(self, mark: Mark, request: Effect | FindRequest) -> str | None:
        """Say why a mark is no proof of the effect; one of a gateway may be left by a mapping that has it no more."""
        if mark.state == "done" and mark.turn is None:
            return self._other(mark, request)
        return f"a gateway was called under {mark.reference}, and the mapping names none now: nobody can tell"

    def _other(self, mark: Mark, request: Effect | FindRequest) -> str | None:
        """Say what a mark stands for, where that is not what is asked for."""
        amount: Money | None = getattr(request, "amount", None)
        same = (mark.verb, mark.order_id) == (self.name, request.order.id)
        if same and (amount is None or mark.amount is None):
            same = amount is None or isinstance(request, FindRequest)
        elif same and amount is not None:
            same = (Decimal(str(mark.amount)), mark.currency) == (amount.amount, amount.currency)
        if same:
            return None
        held = f"{mark.verb} of {mark.amount} {mark.currency}" if mark.amount is not None else mark.verb
        asked = f"{self.name} of {amount}" if amount is not None else self.name
        where = f"of order {mark.order_id}; asked was {asked} of order {request.order.id}"
        return f"the shop holds another effect under {request.reference}: {held} {where}"

    def _outcome(self, mark: Mark, session: Session | None = None) -> Outcome:
        if not isinstance(self.verb, MoneyVerb):
            return Outcome("done", shop_id=mark.shop_id, order_id=mark.new_order_id)
        if self.verb.money == "queued":
            return self._queued(mark, session)
        return Outcome("done", shop_id=mark.shop_id, money=self.verb.moves)

    def _queued(self, mark: Mark, session: Session | None) -> Outcome:
        assert isinstance(self.verb, MoneyVerb)
        if session is not None and self.verb.paid is not None:
            place = self._place("paid")
            sql = sa.text(chosen(self.verb.paid, self.client.dialect, place))
            bound = {"shop_id": mark.shop_id, "reference": mark.reference, "order_id": mark.order_id}
            asked = {name: bound[name] for name in sql.compile().params}
            if session.run(sql, asked, place).first() is not None:
                return Outcome("done", shop_id=mark.shop_id, money="moved")
        return Outcome("pending", shop_id=mark.shop_id, money="queued")

    # --- What is checked when the store is loaded --------------------------------------------------------------------

    def _more(self) -> tuple[str, ...]:
        """What the steps can bind besides what the request says."""
        return ()

    def _found_columns(self) -> tuple[str, ...]:
        return ("order_id", "amount") if isinstance(self.verb, MoneyVerb) else ("order_id",)

    def _question(self, what: str, statement: Any, known: set[str], columns: Iterable[str]) -> None:
        if statement is None:
            return
        place = self._place(what)
        parsed = parse(chosen(statement, self.client.dialect, place), self.client.dialect, place, READS)
        if unknown := sorted(parsed.binds - known):
            raise SettingsError(f"{place}: found :{unknown[0]}; expected one of {', '.join(sorted(known))}")
        missing = [name for name in columns if parsed.returns is not None and name not in parsed.returns]
        if missing:
            raise SettingsError(f"{place}: expected a column {missing[0]}, which tells whose effect it found")
