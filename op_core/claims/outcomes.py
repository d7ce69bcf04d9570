"""
What became of a call, written down: one function for each end it may have.

Each runs inside one transaction, on the action as it was when the call began. If somebody wrote something newer in
the meantime, nothing is written: `Fenced`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec

import sqlalchemy as sa

from op_core.claims.desk import Desk
from op_core.claims.holds import hold
from op_core.claims.states import NOT_BEGUN
from op_core.ledger import actions, reports
from op_core.ledger.actions import Action, Fenced
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.requests import Try

__all__ = [
    "answered",
    "end",
    "fault",
    "finish",
    "held",
    "hold_other_parts",
    "late",
    "leave",
    "not_sent",
    "not_supported",
    "shop_away",
    "wait",
    "was_away",
]

P = ParamSpec("P")
_ASK_AGAIN = timedelta(minutes=5)  # a pending effect that names no time of its own
_SOONEST = timedelta(seconds=1)  # before an effect that is pending is asked for once more
_NOTE_TRIES = 2  # a note that cannot be looked up is tried once more, and may appear twice


def end(
    desk: Desk,
    work: Callable[Concatenate[sa.Connection, Desk, datetime, P], Action],
    *args: P.args,
    **kwargs: P.kwargs,
) -> str:
    """Commit what became of an action, tell the observers, and return its state; a late writer changes nothing."""
    try:
        after = desk.ledger.write(
            lambda connection: work(connection, desk, desk.ledger.now(connection), *args, **kwargs)
        )
    except Fenced:
        return "moved on"
    desk.tell(f"action.{'held' if after.needs_person else after.state}", after.key, **after.facts)
    return after.state


def finish(connection: sa.Connection, desk: Desk, now: datetime, action: Action, outcome: Outcome) -> Action:
    """Write an outcome down; with ``done`` the report is owed, in the same commit."""
    actions.add_attempt(connection, action, "result", now, outcome.state, outcome.reason)
    if outcome.state == "refused" and actions.came_late(connection, action.id):
        outcome = Outcome("unknown", reason=f"refused, and an earlier call said that it did it: {outcome.reason}")
    known: dict[str, Any] = {"reason": outcome.reason, "money": outcome.money or action.money}
    if outcome.shop_id is not None:
        known["shop_id"] = outcome.shop_id
    if outcome.order_id is not None:
        known["shop_order_id"] = outcome.order_id
    if outcome.state == "done":
        twice = [_twice(action)] if actions.acted_since(connection, action.id) else []
        after = actions.move(connection, action, "done", now, holds=json.dumps(twice), **known)
        if after.exclusive:
            reports.add(connection, action.store_id, action.id, now)
        return after
    if outcome.state == "refused":
        after = actions.move(connection, action, "refused", now, holds="[]", **known)
        hold_other_parts(connection, after, now)
        return after
    if outcome.state == "pending":
        return _pending(connection, desk, now, action, outcome, known)
    lives = action.reference in desk.shop.calls.live
    return actions.move(
        connection,
        action,
        "unknown",
        now,
        unsure_since=action.unsure_since or now,
        not_before=now + desk.store.timing.search_lag,
        lease_until=action.lease_until if lives else None,
        tries=0,
        **known,
    )


def _twice(action: Action) -> dict[str, Any]:
    reason = f"two calls under {action.reference} say that they did it; look into the shop, then record what is true"
    return hold("doubled", reason)


def _pending(
    connection: sa.Connection, desk: Desk, now: datetime, action: Action, outcome: Outcome, known: dict[str, Any]
) -> Action:
    since = action.unsure_since if action.state == "pending" and action.unsure_since else now
    limit = since + desk.store.limits.pending_limit
    holds = []
    if now >= limit:
        holds = [hold("pending_too_long", f"the shop took it on {since:%Y-%m-%d} and has not done it")]
    return actions.move(
        connection,
        action,
        "pending",
        now,
        unsure_since=since,
        not_before=_next_question(outcome.ask_at, limit, now),
        lease_until=None,
        holds=json.dumps(holds),
        **known,
    )


def _next_question(ask_at: datetime | None, limit: datetime, now: datetime) -> datetime:
    """Ask when the shop says, but not after the limit, so that it is noticed; then now and again."""
    if ask_at is None:
        return now + _ASK_AGAIN
    return max(min(ask_at, limit), now + _SOONEST) if now < limit else max(ask_at, now + _ASK_AGAIN)


def hold_other_parts(connection: sa.Connection, refused: Action, now: datetime) -> None:
    """Hold the other parts of a refund of which one was refused."""
    for other in actions.of_subject(connection, refused.store_id, refused.subject):
        if other.state == "due" and other.verb == refused.verb and other.resolution_hash == refused.resolution_hash:
            said = refused.reason or "no reason given"
            reason = hold("refused_part", f"the part {refused.worth} was refused: {said}")
            actions.move(connection, other, "held", now, holds=json.dumps([*other.holds, reason]))


def not_sent(connection: sa.Connection, desk: Desk, now: datetime, action: Action, reason: str) -> Action:
    """Try again later: it surely never reached the shop. After many tries a person is asked."""
    actions.add_attempt(connection, action, "result", now, actions.NOT_SENT, reason)
    tries = action.tries + 1
    again = actions.move(
        connection, action, "due", now, tries=tries, not_before=now + desk.later(tries), lease_until=None, reason=reason
    )
    if tries < desk.store.timing.attempts:
        return again
    given_up = hold("never_sent", f"{tries} tries never reached the shop: {reason}")
    return actions.move(connection, again, "held", now, holds=json.dumps([given_up]), tries=0)


def shop_away(
    connection: sa.Connection,
    desk: Desk,  # noqa: ARG001 - as all ends
    now: datetime,
    action: Action,
    reason: str,
    begun_at: datetime | None,
) -> Action:
    """
    Put a call back that never reached a shop which is away: the whole store waits, and the action loses nothing by it.

    Args:
        begun_at: When the action had begun before this call: one that was not made counts for no brake.
    """
    if was_away(actions.attempts_of(connection, action.id)[:-1]):
        actions.forget_attempt(connection, action)  # a day away is one line, not a thousand
    else:
        actions.add_attempt(connection, action, "result", now, actions.AWAY, reason)
    return actions.move(connection, action, "due", now, lease_until=None, begun_at=begun_at, reason=reason)


def was_away(tries: Sequence[Try]) -> bool:
    """Tell whether the last of these tries found the shop away."""
    return bool(tries) and tries[-1].result == f"result: {actions.AWAY}"


def not_supported(connection: sa.Connection, desk: Desk, now: datetime, action: Action, reason: str) -> Action:  # noqa: ARG001 - as all ends
    """Hold what the shop cannot do; it is never swapped for another verb."""
    actions.add_attempt(connection, action, "result", now, actions.NOT_SUPPORTED, reason)
    again = actions.move(connection, action, "due", now, lease_until=None)
    return actions.move(connection, again, "held", now, holds=json.dumps([hold("not_supported", reason)]))


def late(connection: sa.Connection, desk: Desk, now: datetime, action: Action, outcome: Outcome) -> Action:
    """Take a result that came after its time: it is the truth, unless somebody wrote something newer."""
    current = actions.get(connection, action.id)
    assert current is not None
    actions.add_attempt(connection, action, "late", now, outcome.state, outcome.reason)
    if outcome.state == "done" and current.state in (*NOT_BEGUN, "refused", "declined"):
        return finish(connection, desk, now, current, outcome)
    if current.attempt != action.attempt:  # it was called again since
        if outcome.state == "done" and current.state == "done" and actions.acted_since(connection, current.id):
            actions.note(connection, current, holds=json.dumps([_twice(current)]))
        return actions.get(connection, action.id) or current
    if outcome.state == "unknown":
        if current.state == "unknown":  # it may have happened at the very end: "not found" counts from now on
            actions.note(connection, current, unsure_since=now)
        return current
    if current.state == "due" and outcome.state == "pending":
        current = actions.move(connection, current, "calling", now)
    if current.state in ("calling", "unknown"):
        return finish(connection, desk, now, current, outcome)
    return current


def held(
    connection: sa.Connection,
    desk: Desk,  # noqa: ARG001 - as all ends
    now: datetime,
    action: Action,
    holds: list[dict[str, Any]],
) -> Action:
    """Make a due action wait for a person."""
    return actions.move(connection, action, "held", now, holds=json.dumps(holds), approved_hash=None)


def fault(desk: Desk, action: Action, reason: str) -> str:
    """Put an action aside on which we, or the adapter, fail as nobody thought of; in the end a person looks."""
    if action.state == "due" and action.tries + 1 >= desk.store.timing.attempts:
        return end(desk, held, action, [hold("fault", reason)])
    return wait(desk, action, reason)


def wait(desk: Desk, action: Action, reason: str) -> str:
    """Look again later; the action itself has not moved."""
    tries = action.tries + 1
    until = desk.ledger.now() + desk.later(tries)
    try:
        desk.ledger.write(actions.note, action, tries=tries, not_before=until, reason=reason)
    except Fenced:
        return "moved on"
    return action.state


def leave(desk: Desk, action: Action, reason: str) -> str:
    """Leave an action as it is while the shop is away: it is taken up again once the store works, without delay."""
    if action.reason != reason:
        try:
            desk.ledger.write(actions.note, action, reason=reason)
        except Fenced:
            return "moved on"
    return action.state


def answered(
    connection: sa.Connection, desk: Desk, now: datetime, action: Action, answer: Found | NotFound | CannotTell
) -> Action:
    """Write down what the shop says of an action that is ``unknown`` or ``pending``."""
    if isinstance(answer, Found):
        actions.add_attempt(connection, action, "ask", now, f"found {answer.outcome.state}")
        if not answer.others:
            return finish(connection, desk, now, action, answer.outcome)
        ids = ", ".join(str(one.shop_id) for one in (answer.outcome, *answer.others))
        return _stuck(
            connection, now, action, "doubled", f"the shop holds {1 + len(answer.others)} under one reference: {ids}"
        )
    if isinstance(answer, CannotTell):
        actions.add_attempt(connection, action, "ask", now, "cannot tell", answer.reason)
        if action.verb == "note" and action.attempt < _NOTE_TRIES:
            return actions.move(connection, action, "due", now, lease_until=None, not_before=None)
        return _stuck(connection, now, action, "cannot_ask", answer.reason)
    actions.add_attempt(connection, action, "ask", now, "not found")
    if action.state == "pending":
        return _pending(connection, desk, now, action, Outcome("pending"), {})
    return _not_there(connection, desk, now, action)


def _stuck(connection: sa.Connection, now: datetime, action: Action, code: str, reason: str) -> Action:
    """Leave the state as it is and ask a person: only a person's word ends it."""
    return actions.move(connection, action, action.state, now, holds=json.dumps([hold(code, reason)]), not_before=None)


def _not_there(connection: sa.Connection, desk: Desk, now: datetime, action: Action) -> Action:
    """Call again, but only once "not found" counts: the shop's search may lag, and the call may still travel."""
    quiet = max(action.begun_at or now, action.unsure_since or now) + desk.store.timing.quiet_period
    if now < quiet:
        return actions.move(connection, action, "unknown", now, not_before=quiet)
    return actions.move(
        connection, action, "due", now, unsure_since=None, lease_until=None, not_before=None, reason="asked: not there"
    )
