"""Rows of what is owed to the shop and what became of it. `move` alone writes the state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims import states
from op_core.ledger.schema import actions, attempts, decisions
from op_core.ledger.writer import Conflict
from op_core.money import Money
from op_core.requests import OperationKey, Try

__all__ = [
    "Action",
    "Fenced",
    "acted_since",
    "add_attempt",
    "add_decision",
    "attempts_of",
    "begun_since",
    "came_late",
    "decisions_of",
    "due",
    "expired",
    "find",
    "forget_attempt",
    "get",
    "insert",
    "listing",
    "move",
    "note",
    "of_order",
    "of_subject",
    "renew",
    "rewrite",
    "under_way",
    "unsure",
]


class Fenced(Conflict):
    """The action has moved on since it was read: this writer is late."""


def _list(text: str | None) -> list[Any]:
    return list(json.loads(text or "[]"))


@attrs.frozen
class Action:
    """
    One action; its columns are those of the table.

    Attributes:
        content: Lines, address, text, and how the amount came about.
        holds: ``{"code", "reason", …}`` for each reason why a person is asked.
        rivals: Ids of actions of which only one may act.
    """

    id: int
    store_id: str
    subject: str
    verb: str
    n: int
    reference: str
    claim_id: str | None
    order_id: str | None
    payment_id: str | None
    amount: str | None
    currency: str | None
    content: dict[str, Any] = attrs.field(converter=json.loads, repr=False)
    content_hash: str
    resolution_hash: str | None
    delivery_id: int | None
    state: str
    exclusive: bool
    holds: list[dict[str, Any]] = attrs.field(converter=_list)
    rivals: list[int] = attrs.field(converter=_list)
    approved_hash: str | None
    passed: list[str] = attrs.field(converter=_list)
    fence: int
    lease_until: datetime | None
    attempt: int
    tries: int
    not_before: datetime | None
    shop_id: str | None
    shop_order_id: str | None
    money: str | None
    reason: str | None
    planned_at: datetime
    begun_at: datetime | None
    unsure_since: datetime | None
    settled_at: datetime | None

    @property
    def key(self) -> OperationKey:
        """The action's name for ever."""
        return OperationKey(self.store_id, self.subject, self.verb, self.n)

    @property
    def worth(self) -> Money | None:
        """Its amount, where it has one."""
        if self.amount is None or self.currency is None:
            return None
        return Money(self.amount, self.currency)

    @property
    def facts(self) -> dict[str, Any]:
        """What an observer is told of it; no personal data."""
        return {"verb": self.verb, "reference": self.reference, "order_id": self.order_id}

    @property
    def needs_person(self) -> bool:
        """Tell whether nothing more happens until a person decides."""
        return self.state == "held" or (self.state in ("pending", "unknown", "done") and bool(self.holds))


def _row(row: sa.Row[Any]) -> Action:
    return Action(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


# Built once: to build a statement anew takes longer than to execute it, and these run several times for each claim.
_ALL = sa.select(actions).order_by(actions.c.id)
_GET = _ALL.where(actions.c.id == sa.bindparam("id"))
_OF_STORE = _ALL.where(actions.c.store_id == sa.bindparam("store_id"))
_OF_SUBJECT = _OF_STORE.where(actions.c.subject == sa.bindparam("subject"))
_OF_ORDER = _OF_STORE.where(actions.c.order_id == sa.bindparam("order_id"))
NOT_SENT, AWAY, NOT_SUPPORTED = "not sent", "shop away", "not supported"  # what came of a call that did nothing
_INSERT, _ATTEMPT = actions.insert(), attempts.insert()
_ATTEMPTS = sa.select(attempts).where(attempts.c.action_id == sa.bindparam("action_id")).order_by(attempts.c.id)
_AS_READ = actions.update().where(
    actions.c.id == sa.bindparam("read_id"),
    actions.c.state == sa.bindparam("read_state"),
    actions.c.fence == sa.bindparam("read_fence"),
)
_NOW: sa.BindParameter[datetime] = sa.bindparam("now")
_LIMIT = sa.bindparam("limit", type_=sa.Integer)
_OTHER = actions.alias()
_BUSY = (
    sa.select(_OTHER.c.id)
    .where(
        _OTHER.c.store_id == actions.c.store_id,
        _OTHER.c.order_id == actions.c.order_id,
        _OTHER.c.exclusive,
        _OTHER.c.state.in_(states.UNDER_WAY),
    )
    .exists()
)
_DUE = _OF_STORE.where(
    actions.c.state == "due",
    sa.or_(actions.c.not_before.is_(None), actions.c.not_before <= _NOW),
    sa.or_(sa.not_(actions.c.exclusive), sa.not_(_BUSY)),
).limit(_LIMIT)
_UNSURE = _OF_STORE.where(
    actions.c.state.in_(("unknown", "pending")),
    actions.c.not_before <= _NOW,
    sa.or_(actions.c.lease_until.is_(None), actions.c.lease_until <= _NOW),
).limit(_LIMIT)
_EXPIRED = _OF_STORE.where(actions.c.state == "calling", actions.c.lease_until <= _NOW)


def _rows(connection: sa.Connection, query: sa.Select[Any], **values: Any) -> list[Action]:
    return [_row(row) for row in connection.execute(query, values)]


def get(connection: sa.Connection, action_id: int) -> Action | None:
    """Return one action."""
    row = connection.execute(_GET, {"id": action_id}).first()
    return None if row is None else _row(row)


def find(connection: sa.Connection, store_id: str, references: Iterable[str]) -> list[Action]:
    """Return the actions under these references: what an order's marks say is ours."""
    return _rows(connection, _OF_STORE.where(actions.c.reference.in_(list(references))), store_id=store_id)


def of_subject(connection: sa.Connection, store_id: str, subject: str) -> list[Action]:
    """Return all actions of a claim, a message or an order's protection, as they were planned."""
    return _rows(connection, _OF_SUBJECT, store_id=store_id, subject=subject)


def of_order(connection: sa.Connection, store_id: str, order_id: str) -> list[Action]:
    """Return all actions on one order."""
    return _rows(connection, _OF_ORDER, store_id=store_id, order_id=order_id)


def insert(connection: sa.Connection, **columns: Any) -> Action:
    """Write a planned action down, ``due`` or ``held``."""
    assert columns["state"] in states.INITIAL, columns["state"]
    result = connection.execute(_INSERT, columns)
    assert result.inserted_primary_key is not None
    action = get(connection, int(result.inserted_primary_key[0]))
    assert action is not None
    return action


def move(connection: sa.Connection, action: Action, after: str, now: datetime, **columns: Any) -> Action:
    """
    Bring *action* to the state *after*; the only function that writes a state.

    Every move raises the fence, so that whoever still holds the action as it was can no longer write.

    Raises:
        Fenced: The action is no longer as *action* says.
        ValueError: The table of states knows no such way.
    """
    if not states.may(action.state, after):
        raise ValueError(f"an action that is {action.state} cannot become {after}")
    if after in states.SETTLED:
        columns.setdefault("settled_at", now)
        columns.setdefault("lease_until", None)
    _change(connection, action, state=after, fence=action.fence + 1, **columns)
    moved = get(connection, action.id)
    assert moved is not None
    return moved


def note(connection: sa.Connection, /, action: Action, **columns: Any) -> None:
    """Change other columns than the state, if the action is still as *action* says."""
    assert "state" not in columns
    _change(connection, action, **columns)


def rewrite(connection: sa.Connection, /, action_id: int, **columns: Any) -> None:
    """Take out of an action that is over what says who the customer is."""
    assert "state" not in columns
    over = actions.update().where(actions.c.id == action_id, actions.c.state.in_(states.SETTLED))
    connection.execute(over.values(**columns))


def _change(connection: sa.Connection, /, action: Action, **columns: Any) -> None:
    as_read = {"read_id": action.id, "read_state": action.state, "read_fence": action.fence}
    if connection.execute(_AS_READ, columns | as_read).rowcount != 1:
        raise Fenced(f"action {action.id} has moved on")


def due(connection: sa.Connection, store_id: str, now: datetime, limit: int) -> list[Action]:
    """Return actions that may be called now, and whose order has none under way."""
    return _rows(connection, _DUE, store_id=store_id, now=now, limit=limit)


def under_way(connection: sa.Connection, action: Action) -> bool:
    """Tell whether another action of the same order is calling, pending or unknown."""
    return any(
        other.exclusive and other.id != action.id and other.state in states.UNDER_WAY
        for other in of_order(connection, action.store_id, action.order_id or "")
    )


def unsure(connection: sa.Connection, store_id: str, now: datetime, limit: int) -> list[Action]:
    """Return actions whose outcome is to be asked for now."""
    return _rows(connection, _UNSURE, store_id=store_id, now=now, limit=limit)


def expired(connection: sa.Connection, store_id: str, now: datetime) -> list[Action]:
    """Return actions whose caller is gone: the lease ended and no outcome was written."""
    return _rows(connection, _EXPIRED, store_id=store_id, now=now)


def renew(connection: sa.Connection, store_id: str, references: Sequence[str], until: datetime) -> None:
    """Keep the leases of calls that still run."""
    connection.execute(
        actions.update()
        .where(
            actions.c.store_id == store_id,
            actions.c.reference.in_(references),
            actions.c.state.in_(("calling", "unknown")),
        )
        .values(lease_until=until)
    )


def begun_since(connection: sa.Connection, store_id: str, since: datetime) -> int:
    """Count the exclusive actions that were begun since a time: the brake on a store that runs away."""
    return connection.execute(
        sa.select(sa.func.count())
        .select_from(actions)
        .where(actions.c.store_id == store_id, actions.c.exclusive, actions.c.begun_at > since)
    ).scalar_one()


def listing(
    connection: sa.Connection, store_id: str | None = None, state: str | None = None, limit: int | None = None
) -> list[Action]:
    """Return actions, oldest first; *state* ``held`` means all that wait for a person."""
    where = [] if store_id is None else [actions.c.store_id == store_id]
    if state == "held":
        unsettled = actions.c.state.in_(("pending", "unknown", "done")) & (actions.c.holds != "[]")
        where.append(sa.or_(actions.c.state == "held", unsettled))
    elif state is not None:
        where.append(actions.c.state == state)
    query = _ALL.where(*where)
    return _rows(connection, query.limit(limit) if limit else query)


def add_attempt(
    connection: sa.Connection,
    action: Action,
    what: str,
    now: datetime,
    result: str | None = None,
    reason: str | None = None,
) -> None:
    """Write down that the shop was called or asked, or what came of it."""
    row = {"action_id": action.id, "what": what, "fence": action.fence, "at": now, "result": result, "reason": reason}
    connection.execute(_ATTEMPT, row)


def forget_attempt(connection: sa.Connection, action: Action) -> None:
    """Take away that the shop was called under the fence that *action* has: that call was never made."""
    connection.execute(attempts.delete().where(attempts.c.action_id == action.id, attempts.c.fence == action.fence))


def came_late(connection: sa.Connection, action_id: int) -> bool:
    """Tell whether an earlier call, given up long before, said after all that it did it."""
    late = sa.select(attempts.c.id).where(
        attempts.c.action_id == action_id,
        attempts.c.what == "late",
        attempts.c.result == "done",
        attempts.c.fence
        < sa.select(sa.func.max(attempts.c.fence))
        .where(attempts.c.action_id == action_id, attempts.c.what == "call")
        .scalar_subquery(),
    )
    return connection.execute(late.limit(1)).first() is not None


def acted_since(connection: sa.Connection, action_id: int) -> bool:
    """Tell whether an earlier call said late that it did it, and one after it may have done it too."""
    said, later, ended = attempts.alias(), attempts.alias(), attempts.alias()
    in_vain = sa.exists().where(
        ended.c.action_id == action_id,
        ended.c.fence == later.c.fence,
        ended.c.what == "result",
        ended.c.result.in_((NOT_SENT, AWAY, NOT_SUPPORTED, "refused")),
    )
    both = sa.select(later.c.id).where(
        said.c.action_id == action_id,
        said.c.what == "late",
        said.c.result == "done",
        later.c.action_id == action_id,
        later.c.what == "call",
        later.c.fence > said.c.fence,
        ~in_vain,
    )
    return connection.execute(both.limit(1)).first() is not None


def attempts_of(connection: sa.Connection, action_id: int) -> tuple[Try, ...]:
    """Return what came of the earlier tries, oldest first."""
    rows = connection.execute(_ATTEMPTS, {"action_id": action_id})
    return tuple(Try(at=row.at, result=f"{row.what}: {row.result or 'begun'}", reason=row.reason or "") for row in rows)


def add_decision(
    connection: sa.Connection, action: Action, who: str, what: str, now: datetime, reason: str | None = None
) -> None:
    """Write down what a person decided."""
    connection.execute(decisions.insert().values(action_id=action.id, at=now, who=who, what=what, reason=reason))


def decisions_of(connection: sa.Connection, action_id: int) -> list[dict[str, Any]]:
    """Return what people decided about an action, oldest first."""
    rows = connection.execute(sa.select(decisions).where(decisions.c.action_id == action_id).order_by(decisions.c.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name
