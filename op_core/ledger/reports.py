"""Rows of what Order Protection was told: one for every action that was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import actions, exported_orders, reports
from op_core.ledger.traces import FORGOTTEN

__all__ = ["BEGUN", "Report", "add", "again", "claim", "due", "listing", "of_action", "settle"]

BEGUN = "a call began, and its outcome is not written down"  # the reason of a report between `claim` and `settle`


@attrs.frozen
class Report:
    """One report; its columns are those of the table."""

    id: int
    store_id: str
    action_id: int
    state: str
    tries: int
    not_before: datetime | None
    answer: str | None
    reason: str | None
    made_at: datetime
    sent_at: datetime | None


def _rows(connection: sa.Connection, query: sa.Select[Any], **values: Any) -> list[Report]:
    rows = connection.execute(query, values)
    return [Report(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


# Built once: to build a statement anew takes longer than to execute it.
_ALL = sa.select(reports).order_by(reports.c.id)
_OF_STORE = _ALL.where(reports.c.store_id == sa.bindparam("store_id"))
_OF_ACTION = _ALL.where(reports.c.action_id == sa.bindparam("action_id"))
_DUE = _OF_STORE.where(
    reports.c.state == "waiting",
    sa.or_(reports.c.not_before.is_(None), reports.c.not_before <= sa.bindparam("now")),
).limit(sa.bindparam("limit", type_=sa.Integer))
_ADD = reports.insert()


def add(connection: sa.Connection, store_id: str, action_id: int, now: datetime) -> None:
    """Owe a report for an action that was just done."""
    row = {"store_id": store_id, "action_id": action_id, "state": "waiting", "tries": 0, "made_at": now}
    connection.execute(_ADD, row)


def due(connection: sa.Connection, store_id: str, now: datetime, limit: int) -> list[Report]:
    """Return the reports to send now, oldest first."""
    return _rows(connection, _DUE, store_id=store_id, now=now, limit=limit)


def claim(connection: sa.Connection, report: Report, until: datetime) -> Report | None:
    """Take a report for a call that begins now; None where another process was first. It is due again at *until*."""
    claimed = attrs.evolve(report, tries=report.tries + 1, not_before=until, reason=BEGUN)
    taken = _change(connection, report, tries=claimed.tries, not_before=until, reason=BEGUN)
    return claimed if taken else None


def settle(
    connection: sa.Connection,
    /,
    report: Report,
    state: str,
    *,
    not_before: datetime | None = None,
    reason: str | None = None,
    **columns: Any,
) -> bool:
    """Write down what became of a report that was claimed; False where another process has claimed it since."""
    return _change(connection, report, state=state, not_before=not_before, reason=reason, **columns)


def _change(connection: sa.Connection, report: Report, /, **columns: Any) -> bool:
    """Change a report that is still as *report* says."""
    result = connection.execute(
        reports.update()
        .where(
            reports.c.id == report.id,
            reports.c.state == report.state,
            reports.c.tries == report.tries,
            reports.c.not_before == report.not_before,
        )
        .values(**columns)
    )
    return result.rowcount == 1


def again(
    connection: sa.Connection, store_id: str, since: datetime, states: Sequence[str] = ("no_route", "failed")
) -> int:
    """
    Put reports that were never sent back in line, if they were made since a time; return how many.

    What is about an order whose customer was forgotten, or made one, stays: a report of a reship names the customer.
    """
    of_forgotten = (
        sa.select(actions.c.id)
        .join(
            exported_orders,
            sa.and_(
                exported_orders.c.store_id == actions.c.store_id,
                exported_orders.c.order_id.in_((actions.c.order_id, actions.c.shop_order_id)),
            ),
        )
        .where(exported_orders.c.state == FORGOTTEN)
    )
    result = connection.execute(
        reports.update()
        .where(
            reports.c.store_id == store_id,
            reports.c.state.in_(states),
            reports.c.made_at >= since,
            reports.c.action_id.not_in(of_forgotten),
        )
        .values(state="waiting", tries=0, not_before=None, reason=None)
    )
    return result.rowcount


def of_action(connection: sa.Connection, action_id: int) -> Report | None:
    """Return the report of one action."""
    return next(iter(_rows(connection, _OF_ACTION, action_id=action_id)), None)


def listing(connection: sa.Connection, store_id: str | None = None) -> list[Report]:
    """Return all reports, oldest first."""
    return _rows(connection, _ALL) if store_id is None else _rows(connection, _OF_STORE, store_id=store_id)
