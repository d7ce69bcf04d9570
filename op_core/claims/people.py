"""
What a person may decide about an action: approve, decline, record, retry.

Each decision is written down with who took it, and moves the fence, so that a result on its way cannot overwrite it.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from op_core.claims.caps import GIVES_BACK
from op_core.claims.forgotten import check_whole
from op_core.claims.holds import is_mendable
from op_core.claims.outcomes import hold_other_parts
from op_core.claims.states import BEGUN, NOT_BEGUN
from op_core.errors import PersonError
from op_core.ledger import actions, deliveries, reports
from op_core.ledger.actions import Action
from op_core.money import Money

__all__ = ["approve", "decline", "record", "retry"]


def _shown(action: Action) -> str:
    return f"action {action.id} ({action.key})"


def _get(connection: sa.Connection, action_id: int) -> Action:
    action = actions.get(connection, action_id)
    if action is None:
        raise PersonError(f"there is no action {action_id}")
    return action


def approve(connection: sa.Connection, action_id: int, *, who: str, now: datetime, plan: str | None = None) -> Action:
    """
    Let a held action act, once, past the holds that it shows.

    Args:
        action_id: Which one.
        who: Who decided.
        now: The time, UTC.
        plan: Hash of the content that the person saw, or its beginning; it acts only if that is still the content.
            It may be left out for an action that was planned once and never anew.

    Raises:
        PersonError: It is not held, its plan is another by now, one of its holds cannot be passed, or another action
            that it excludes has begun.
    """
    action = _get(connection, action_id)
    if action.state != "held":
        raise PersonError(f"{_shown(action)} is {action.state}, not held: there is nothing to approve")
    if plan is not None and not (plan and action.content_hash.startswith(plan)):
        raise PersonError(f"{_shown(action)} is not the plan you saw: it is {action.content_hash[:12]} now; look again")
    if plan is None and any(one["what"] == "rewritten" for one in actions.decisions_of(connection, action.id)):
        raise PersonError(
            f"{_shown(action)} was planned anew since it was first held: look again, and name the plan that you saw"
        )
    stuck = [found["reason"] for found in action.holds if not found["approvable"]]
    if stuck:
        raise PersonError(
            f"{_shown(action)} cannot act as it is: {'; '.join(stuck)}."
            " Decline it, or do it in the shop by hand and record it"
        )
    _settle_rivals(connection, action, now, who)
    codes = sorted({found["code"] for found in action.holds} | set(action.passed))
    actions.add_decision(connection, action, who, "approve", now, "; ".join(found["reason"] for found in action.holds))
    return actions.move(
        connection,
        action,
        "due",
        now,
        holds="[]",
        passed=json.dumps(codes),
        approved_hash=action.content_hash,
        not_before=None,
        tries=0,
    )


def _settle_rivals(connection: sa.Connection, action: Action, now: datetime, who: str) -> None:
    for rival_id in action.rivals:
        rival = actions.get(connection, rival_id)
        assert rival is not None
        if rival.state in BEGUN and not action.content.get("difference"):
            raise PersonError(f"{_shown(action)} would come on top of action {rival.id}, which has begun meanwhile")
        if rival.state in NOT_BEGUN:
            actions.add_decision(connection, rival, who, "replaced", now, f"by action {action.id}")
            actions.move(connection, rival, "replaced", now)


def decline(connection: sa.Connection, action_id: int, *, who: str, now: datetime, reason: str) -> Action:
    """
    End an action that has not begun, or was refused, for good.

    Raises:
        PersonError: It has begun; or no reason was given.
    """
    action = _get(connection, action_id)
    if not reason.strip():
        raise PersonError("declining needs a reason")
    if action.state not in (*NOT_BEGUN, "refused"):
        raise PersonError(f"{_shown(action)} is {action.state}: only what has not begun can be declined")
    actions.add_decision(connection, action, who, "decline", now, reason)
    return actions.move(connection, action, "declined", now, reason=reason)


def record(
    connection: sa.Connection,
    action_id: int,
    *,
    who: str,
    now: datetime,
    done: str | None = None,
    amount: Money | None = None,
) -> Action:
    """
    Take a person's word for what happened.

    Args:
        action_id: Which one.
        who: Who says so.
        now: The time, UTC.
        done: The shop's id of what was made; None: it was surely not done.
        amount: How much was given, where nothing that came said how much is owed.

    Raises:
        PersonError: Its outcome is known already, or its call still runs; or an amount is not asked for.
    """
    action = _get(connection, action_id)
    if amount is not None:
        _check_amount(action, amount, done)
        actions.note(connection, action, amount=str(amount.amount), currency=amount.currency)
    if action.state == "done" and action.holds and done is not None:
        actions.add_decision(connection, action, who, "record", now, f"done as {done}")
        actions.note(connection, action, shop_id=done, holds="[]", reason=f"{who} says so")
        return _get(connection, action_id)
    if action.state not in ("held", "unknown", "pending"):
        raise PersonError(f"{_shown(action)} is {action.state}: there is nothing to record")
    if action.lease_until is not None and action.lease_until > now:
        raise PersonError(f"{_shown(action)} still runs, until {action.lease_until:%H:%M:%S} UTC at the latest; wait")
    if done is not None:
        actions.add_decision(connection, action, who, "record", now, f"done as {done}")
        order_id = done if action.verb == "reship" else None  # most shops make a replacement an order of its own
        after = actions.move(
            connection, action, "done", now, shop_id=done, shop_order_id=order_id, holds="[]", reason=f"{who} says so"
        )
        if after.exclusive and reports.of_action(connection, after.id) is None:
            reports.add(connection, after.store_id, after.id, now)
        return after
    actions.add_decision(connection, action, who, "record", now, "not done")
    if action.state == "held":
        return actions.move(connection, action, "held", now)
    refused = actions.move(connection, action, "refused", now, holds="[]", reason=f"{who} says it was not done")
    hold_other_parts(connection, refused, now)
    return refused


def _check_amount(action: Action, amount: Money, done: str | None) -> None:
    if done is None or amount.amount <= 0:
        raise PersonError("an amount is of what was given: it goes with the shop's id of that, and is above zero")
    if action.verb not in GIVES_BACK:
        raise PersonError(f"{_shown(action)} is a {action.verb.replace('_', ' ')}, which gives no amount")
    if action.worth is not None:
        raise PersonError(f"{_shown(action)} has its amount, {action.worth}: only where none is known can it be said")


def retry(connection: sa.Connection, action_id: int, *, who: str, now: datetime) -> Action:
    """
    Try an action anew that was refused, or that waits for something that was mended since.

    What depends on the plan (a line, an address, a sum) is planned anew; the rest is only looked at again. Every
    check runs as for the first time.

    Raises:
        PersonError: It is done, pending or unknown: calling again could do it twice. Or a person has to decide, or
            what it needs was erased.
    """
    action = _get(connection, action_id)
    if action.state not in ("refused", "due") and not is_mendable(action):
        advice = {
            "held": "approve or decline it",
            "unknown": "it may have happened; look into the shop, then record it",
            "pending": "the shop has it; wait, or look into the shop and record it",
        }.get(action.state, "it is over")
        raise PersonError(f"{_shown(action)} is {action.state} and cannot be retried: {advice}")
    check_whole(action)
    actions.add_decision(connection, action, who, "retry", now)
    changed: dict[str, Any] = {"holds": "[]", "tries": 0, "not_before": None, "settled_at": None}
    if action.state == "due":
        actions.note(connection, action, **changed)
        return action
    if action.state == "held" and action.claim_id is not None and _all_wait(connection, action):
        assert action.delivery_id is not None, "what is about a claim came by a delivery"
        deliveries.take_again(connection, action.delivery_id)
        return action
    return actions.move(connection, action, "due", now, **changed)


def _all_wait(connection: sa.Connection, action: Action) -> bool:
    """Tell whether nothing of the same resolution has begun, so that all of it can be planned anew."""
    same = [
        one
        for one in actions.of_subject(connection, action.store_id, action.subject)
        if one.resolution_hash == action.resolution_hash and one.state != "replaced"
    ]
    return action.exclusive and all(is_mendable(one) for one in same)
