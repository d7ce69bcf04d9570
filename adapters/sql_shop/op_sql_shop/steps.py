"""The statements of one verb, read and checked when the store is loaded, and run in the order of the mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import attrs
import sqlalchemy as sa
from sqlglot import exp

from op_core.errors import Refused, SettingsError
from op_core.requests import Effect, ReshipRequest
from op_core.testing.crash import crash_point
from op_sql_shop.binding import LINE_NAMES, NAMES, line_values, units_of
from op_sql_shop.client import Session
from op_sql_shop.mapping import Step, Verb
from op_sql_shop.parsed import Parsed, parse
from op_sql_shop.statements import chosen

__all__ = ["Steps"]

_MAY_BE_NULL = {"claim_id": ("charge_protection", "refund_protection", "note"), "shipping_method": ("reship",)}
_TOLD = ("shop_id", "new_order_id")  # what the effect is called


@attrs.frozen
class _Ready:
    step: Step
    statement: sa.TextClause = attrs.field(repr=False)
    binds: frozenset[str]
    place: str


@attrs.frozen
class Steps:
    """
    What makes one effect.

    Attributes:
        name: The verb's.
        dialect: The database's.
    """

    name: str
    dialect: str
    ready: tuple[_Ready, ...] = attrs.field(repr=False)

    @classmethod
    def of(cls, name: str, verb: Verb, dialect: str, place: str, more: Iterable[str] = ()) -> Steps:
        """
        Read the steps of a verb.

        Args:
            name: The verb's.
            verb: What the mapping says.
            dialect: The database's.
            place: The mapping file's name.
            more: What can be bound besides `op_sql_shop.binding.NAMES`.

        Raises:
            SettingsError: A step is no INSERT, UPDATE, DELETE or SELECT; what it returns would take the place of what
                was asked for; or a NULL would swallow a text.
        """
        asked = {*NAMES[name], *more}
        ready = []
        for each, group in groupby(enumerate(verb.steps), key=lambda one: one[1].each):
            if each == "lines" and not set(LINE_NAMES) <= asked:
                raise SettingsError(f'{place}: {name}.steps: each = "lines", and a {name} has no lines')
            for number, step in group:
                at = f"{place}: {name}.steps[{number}]"
                sql = chosen(step.sql, dialect, at)
                parsed = parse(sql, dialect, at)
                _check_nulls(parsed, name, dialect, at)
                _check_returned(step, parsed, asked, at)
                ready.append(_Ready(step, sa.text(sql), parsed.binds, at))
        return cls(name, dialect, tuple(ready))

    def run(self, session: Session, request: Effect, bound: dict[str, Any]) -> dict[str, Any]:
        """
        Run all of them, and return what is bound in the end.

        Raises:
            Refused: A step did not change or return as many rows as it must, or none of them applied.
        """
        if isinstance(request, ReshipRequest) and not any(line.quantity for line in request.lines):
            raise Refused("a replacement of no units")
        ran = 0
        for each, group in groupby(self.ready, key=lambda one: one.step.each):
            steps = list(group)
            lines: Iterable[Mapping[str, Any]] = [{}]
            if each == "lines":
                units = units_of(getattr(request, "lines", ()))
                lines = (line_values(request.order, line_id, quantity) for line_id, quantity in units.items())
            for line in lines:
                own = {**bound, **line}
                for one in steps:
                    if one.step.when is None or own.get(one.step.when):
                        self._step(session, one, own)
                        ran += 1
                if each is None:
                    bound = own
        if not ran:
            raise Refused(f"{self.name}: none of its steps applies to this request; nothing was changed")
        return bound

    def _step(self, session: Session, one: _Ready, bound: dict[str, Any]) -> None:
        missing = sorted(name for name in one.binds if name not in bound)
        if missing:  # the step that gives it was left out
            raise Refused(f"{one.place}: nothing has given :{missing[0]}")
        crash_point(f"{self.name}:statement")
        done = session.run(one.statement, {name: bound[name] for name in one.binds}, one.place)
        rows = done.mappings().fetchall() if done.returns_rows else []
        count = len(rows) if done.returns_rows else _changed(session, done)
        session.counted(one.place, count)
        wanted = one.step.expect_rows
        if (wanted == "some" and count < 1) or (isinstance(wanted, int) and count != wanted):
            found = f"{one.place}: {count} rows; expected {wanted if wanted != 'some' else 'at least one'}"
            raise Refused(one.step.refused or found)
        if len(rows) > 1:
            raise Refused(f"{one.place}: it returned {len(rows)} rows; expected one, as what it returns is bound")
        if done.returns_rows:
            given = dict(rows[0]) if rows else dict.fromkeys(done.keys())
            taken = sorted(given.keys() & {*NAMES[self.name]})
            if taken:
                raise Refused(f"{one.place}: it returns {taken[0]}, which is what was asked for")
            bound.update(given)
        elif one.step.last_id is not None:
            bound[one.step.last_id] = _made(session, done, count, one)


def _changed(session: Session, done: sa.CursorResult[Any]) -> int:
    if done.rowcount < 0 and session.dialect == "sqlite":  # its driver counts no rows of WITH … UPDATE
        return int(session.run(sa.text("select changes()"), {}, "changes()").scalar_one())
    return done.rowcount


def _made(session: Session, done: sa.CursorResult[Any], count: int, one: _Ready) -> Any:
    if count < 1:
        return None  # the driver would tell the id of an earlier row
    made = done.lastrowid if session.dialect != "postgresql" else None  # which tells it by RETURNING alone
    if not made:
        raise Refused(f"{one.place}: the database tells no id for {one.step.last_id}")
    return made


# --- What is checked when the store is loaded ------------------------------------------------------------------------


def _check_returned(step: Step, parsed: Parsed, asked: set[str], place: str) -> None:
    names = set(parsed.returns or ()) | ({step.last_id} if step.last_id else set())
    taken = sorted(names & asked)
    if taken:
        raise SettingsError(f"{place}: it returns {taken[0]}, which is what was asked for; expected another name")
    lost = sorted(names & set(_TOLD))
    if step.each and lost:
        raise SettingsError(f"{place}: it returns {lost[0]} once for each line; expected it from a step that runs once")


def _check_nulls(parsed: Parsed, verb: str, dialect: str, place: str) -> None:
    """Refuse a text that is joined to what may be NULL: all of it would be NULL."""
    for value in parsed.tree.find_all(exp.Placeholder) if parsed.tree is not None else ():
        if verb in _MAY_BE_NULL.get(value.name, ()) and _swallowed(value, dialect):
            wanted = f"expected coalesce(:{value.name}, '')"
            raise SettingsError(
                f"{place}: :{value.name} may be NULL, and so would be all that is joined to it; {wanted}"
            )


def _swallowed(value: exp.Expr, dialect: str) -> bool:
    joined = False
    node = value.parent
    while node is not None and not isinstance(node, exp.Query | exp.DML):
        if isinstance(node, exp.Coalesce | exp.Case | exp.If | exp.ConcatWs):
            return False
        joined = joined or isinstance(node, exp.DPipe) or (dialect == "mysql" and isinstance(node, exp.Concat))
        node = node.parent
    return joined
