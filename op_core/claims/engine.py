"""
Journal, call, journal: how an effect happens at most once.

The intent is committed before the shop is called, under a fence that only this caller holds. Whatever the call's end
is, it is committed too; where nobody can say, the action is ``unknown``, and the shop is asked before it may be
called again. An action whose caller died is found by its lease and becomes ``unknown`` as well.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from op_core.capabilities import Support
from op_core.claims import checks, outcomes, payments
from op_core.claims.desk import Desk
from op_core.claims.holds import hold
from op_core.claims.outcomes import end
from op_core.errors import ContractBroken, NotSent, NotSupported, OrderNotFound, ShopAway, ShopUnavailable, WireError
from op_core.hooks import QUESTIONS
from op_core.ledger import actions, stores
from op_core.ledger.actions import Action
from op_core.ledger.writer import Conflict
from op_core.models import Address, CannotTell, NotFound, Order, Outcome
from op_core.requests import (
    Effect,
    FindRequest,
    NoteRequest,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
    Try,
)
from op_core.untrusted import Untrusted

__all__ = ["act", "ask", "expire"]

# --- The call ----------------------------------------------------------------------------------------------------


def act(desk: Desk, action: Action) -> str:
    """
    Take up one due action.

    Returns:
        The state in which it was left.
    """
    try:
        order = desk.shop.get_order(action.order_id or "")
        holds = checks.before_call(desk, action, order)
        if not holds and (why := _look_first(desk, action)) is not None:
            settled = _look(desk, action, order, why)
            if settled is not None:
                return settled
    except OrderNotFound:
        holds = [hold("order_not_found", "the shop has no such order any more")]
    except NotSupported as error:
        holds = [hold("not_supported", error.reason)]
    except ContractBroken as error:  # it will answer no better by itself
        return outcomes.fault(desk, action, str(error))
    except ShopAway as error:
        return outcomes.leave(desk, action, error.reason)
    except (ShopUnavailable, WireError) as error:
        return outcomes.wait(desk, action, str(error))
    if holds:
        return end(desk, outcomes.held, action, holds)
    return _call(desk, action, order)


def _call(desk: Desk, action: Action, order: Order) -> str:
    started = desk.shop.mark()  # before the lease begins, so that the deadline surely ends before it
    try:
        begun = desk.ledger.write(_begin, desk, action, order)
    except Conflict:
        return action.state  # another process has it, or another action of the order is under way
    if begun is None:
        return "due"
    if isinstance(begun, list):
        return end(desk, outcomes.held, action, begun)
    return _effect(desk, action, *begun, started)


def _effect(desk: Desk, before: Action, calling: Action, request: Effect, started: float) -> str:
    try:
        outcome = desk.shop.act(calling.verb, request, lambda late: _tell_late(desk, calling, late), since=started)
    except ShopAway as error:
        return end(desk, outcomes.shop_away, calling, error.reason, before.begun_at)
    except NotSent as error:
        return end(desk, outcomes.not_sent, calling, error.reason)
    except NotSupported as error:
        return end(desk, outcomes.not_supported, calling, error.reason)
    if outcome.state == "refused" and _was_in_doubt(desk, calling):
        outcome = _refused_again(desk, calling, request.order, outcome)
    state = end(desk, outcomes.finish, calling, outcome)
    if state == "moved on":  # the lease ran out meanwhile, and somebody called it unknown: we know better
        return end(desk, outcomes.late, calling, outcome)
    return state


def _was_in_doubt(desk: Desk, action: Action) -> bool:
    return any(one.result.startswith("ask: ") for one in desk.ledger.read(actions.attempts_of, action.id))


def _refused_again(desk: Desk, action: Action, order: Order, refused: Outcome) -> Outcome:
    """
    Ask once more before a refusal is believed, where an earlier call was in doubt and was not found.

    It may have landed after all, only later than the quiet period: then a shop that has no more to give back refuses
    the second call because of the first one. What it says of it then is found as after any doubt.
    """
    try:
        there = desk.shop.find(action.verb, _question(desk, action, order))
    except NotSupported:
        return refused
    except (ShopUnavailable, ContractBroken) as error:
        return Outcome("unknown", reason=f"refused, after a call in doubt: {refused.reason}; {error}")
    if isinstance(there, NotFound):
        return refused
    return Outcome("unknown", reason=f"refused, and an earlier call may have done it: {refused.reason}")


def _tell_late(desk: Desk, calling: Action, outcome: Outcome) -> None:
    end(desk, outcomes.late, calling, outcome)


def _begin(
    connection: sa.Connection, desk: Desk, action: Action, order: Order
) -> tuple[Action, Effect] | list[dict[str, Any]] | None:
    """Commit the intent, if nothing stands against it in this very transaction."""
    now = desk.ledger.now(connection)
    if action.exclusive and actions.under_way(connection, action):
        return None
    holds = [
        *checks.still_decided(connection, action),
        *checks.within_caps(connection, desk, action, order, now),
    ]
    payment_id = None
    if action.verb == "refund" and not holds:
        others = actions.of_order(connection, action.store_id, order.id)
        try:
            payment_id = payments.pay_from(action, order, others)
        except payments.Uncovered as uncovered:
            holds = [hold("above_paid", str(uncovered))]
    if holds:
        return holds
    calling = actions.move(
        connection,
        action,
        "calling",
        now,
        attempt=action.attempt + 1,
        lease_until=now + desk.store.timing.lease,
        begun_at=now,
        payment_id=payment_id,
        not_before=None,
    )
    tries = actions.attempts_of(connection, action.id)
    actions.add_attempt(connection, calling, "call", now)
    return calling, _request(desk, calling, order, now, tries)


def _request(desk: Desk, action: Action, order: Order, now: datetime, tries: tuple[Try, ...]) -> Effect:
    said = action.content
    common: dict[str, Any] = {
        "store": desk.store.name,
        "key": action.key,
        "reference": action.reference,
        "order": order,
        "deadline": now + desk.store.timing.deadline,
        "claim_id": action.claim_id,
        "reason": _reason(action),
        "attempt": action.attempt,
        "tries": tries,
    }
    if action.verb == "note":
        return NoteRequest(text=Untrusted(said["text"]), **common)
    lines = checks.lines_of(action)
    if action.verb == "reship":
        return ReshipRequest(lines=lines, address=Address(**said["address"]), **common)
    amount = action.worth
    assert amount is not None, "an action about money has an amount"
    if action.verb == "refund":
        assert action.payment_id is not None, "a refund names its payment"
        if said.get("part", [1])[0] > 1:
            lines = ()  # the first part's: a shop that was told twice would count each unit as refunded twice
        return RefundRequest(amount=amount, payment_id=action.payment_id, lines=lines, **common)
    if action.verb == "store_credit":
        return StoreCreditRequest(amount=amount, lines=lines, **common)
    return ProtectionChangeRequest(amount=amount, **common)


def _reason(action: Action) -> str:
    if action.claim_id is not None:
        return f"Order Protection claim {action.claim_id}"
    return "Order Protection, changed by hand in its dashboard"


# --- Asking what happened ----------------------------------------------------------------------------------------


def expire(desk: Desk) -> int:
    """Make actions ``unknown`` whose caller is gone, and return how many."""
    now = desk.ledger.now()
    gone = [
        action
        for action in desk.ledger.read(actions.expired, desk.store.id, now)
        if action.reference not in desk.shop.calls.live
    ]
    lost = Outcome("unknown", reason="whoever called the shop is gone; nothing tells whether it landed")
    for action in gone:
        end(desk, outcomes.finish, action, lost)
    return len(gone)


def ask(desk: Desk, action: Action) -> str:
    """
    Ask the shop about an action that is ``unknown`` or ``pending``.

    Returns:
        The state in which it was left.
    """
    if action.reference in desk.shop.calls.live:
        return action.state  # its call still runs, given up or not: whatever is asked now says nothing
    try:
        order = desk.shop.get_order(action.order_id or "")
        answer = desk.shop.find(action.verb, _question(desk, action, order))
    except (OrderNotFound, NotSupported) as error:
        answer = CannotTell(error.reason)
    except ShopAway as error:
        return outcomes.leave(desk, action, error.reason)
    except (ShopUnavailable, ContractBroken) as error:
        return outcomes.wait(desk, action, str(error))
    return end(desk, outcomes.answered, action, answer)


def _question(desk: Desk, action: Action, order: Order) -> FindRequest:
    return FindRequest(
        store=desk.store.name,
        key=action.key,
        reference=action.reference,
        order=order,
        amount=action.worth,
        shop_id=action.shop_id,
        tries=desk.ledger.read(actions.attempts_of, action.id),
    )


# --- Asking before a call ----------------------------------------------------------------------------------------

_RECOVERING, _WAS_AWAY = "the ledger is being recovered", "the shop was away"
_LATE = "an earlier call said late that it did it"


def _look_first(desk: Desk, action: Action) -> str | None:
    """
    Say why the shop is to be asked before it is called, if it is.

    After a restore of an older ledger the shop may know more than we do. And an adapter that says `ShopAway` says that
    nothing was done, as one that says `NotSent`; but that is tried again without end, so that a single wrong word, of a
    COMMIT whose answer was lost, would have an effect with each try. One question is cheap. And where a call that was
    given up said late that it did it, and the one after it never reached the shop, there must be no third.
    """
    if desk.ledger.read(stores.fact, "recovering"):
        return _RECOVERING
    if not action.attempt:
        return None
    if desk.ledger.read(actions.came_late, action.id):
        return _LATE
    if desk.shop.supports(QUESTIONS[action.verb]).support in (Support.UNSUPPORTED, Support.NOT_YET):
        return None
    return _WAS_AWAY if outcomes.was_away(desk.ledger.read(actions.attempts_of, action.id)) else None


def _look(desk: Desk, action: Action, order: Order, why: str) -> str | None:
    """Ask whether the shop holds the effect, and return the state in which the action was left; None: it may call."""
    try:
        answer = desk.shop.find(action.verb, _question(desk, action, order))
    except NotSupported as error:
        answer = CannotTell(error.reason)
    if isinstance(answer, NotFound):
        if why is not _LATE:
            return None
        answer = CannotTell("the shop shows nothing of it")
    if isinstance(answer, CannotTell):
        return end(desk, outcomes.held, action, [hold("cannot_ask", f"{why}: {answer.reason}")])
    outcome = answer.outcome
    if answer.others or outcome.state != "done":
        return end(
            desk, outcomes.held, action, [hold("doubled", f"the shop holds this effect already, as {outcome.state}")]
        )
    return end(desk, outcomes.finish, action, outcome)
