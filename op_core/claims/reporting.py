"""
Telling Order Protection what was done: a step of its own, with its own proof.

A replacement that is an order of its own is posted once, with ``originalSourceOrderNumber``: the field is documented,
its use as a report is our reading of G-1. Everything else goes by the store's ``[stores.x.report]``, since no page
says how; without it the report is ``no_route``, and says so.

A report is claimed in the ledger before its call, so that of several processes one sends it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims.desk import Desk
from op_core.errors import (
    AlreadyThere,
    ContractBroken,
    MayHaveLanded,
    OpCoreError,
    OrderNotFound,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    ShopAway,
    ShopUnavailable,
    Unauthorized,
)
from op_core.export.encode import NotExportable, to_create
from op_core.ledger import actions, exports, plans, reports
from op_core.ledger.actions import Action
from op_core.ledger.reports import Report
from op_core.order_protection import endpoints
from op_core.testing.crash import crash_point

__all__ = ["facts_of", "postpone", "report"]

_LATER = (
    RequestNotSent,
    MayHaveLanded,
    RateLimited,
    ServerFailed,
    Unauthorized,
    ShopUnavailable,
    ContractBroken,
    OrderNotFound,  # a shop may show a new order late
)
_MOST = 20  # tries before a report is left to `report --since`
_KEPT = 2000  # characters of an answer


@attrs.frozen
class _Ended:
    """How a report ended. *is_replacement*: the API has the replacement from now on."""

    state: str
    answer: str | None = None
    reason: str | None = None
    is_replacement: bool = False


def report(desk: Desk, due: Report) -> str:
    """
    Send one report, unless another process is sending it.

    Returns:
        The state in which it was left.
    """
    action = desk.ledger.read(actions.get, due.action_id)
    assert action is not None
    claimed = desk.ledger.write(reports.claim, due, desk.ledger.now() + desk.store.timing.lease)
    if claimed is None:
        return "waiting"
    try:
        crash_point("report:before")
        ended = _told(desk, due, action)
        crash_point("report:after")
    except ShopAway as error:
        return _leave(desk, claimed, error.reason)
    except _LATER as error:
        return _later(desk, claimed, action, str(error), getattr(error, "retry_after", None))
    except (OpCoreError, NotExportable) as error:
        ended = _Ended("failed", reason=str(error))
    return _settle(desk, claimed, action, ended)


def _told(desk: Desk, due: Report, action: Action) -> _Ended:
    named = [one for one in (action.order_id, action.shop_order_id) if one is not None]
    if desk.ledger.read(exports.forgotten, desk.store.id, named):
        return _Ended("failed", reason="its order was forgotten, and nothing of it is sent any more")
    if not _is_order(action):
        return _by_route(desk, due, action)
    try:
        return _replacement(desk, action)
    except OrderNotFound:
        # A person's word may be the id of a parcel or of a return; an adapter's names an order that may come late.
        if _by_word(action) and action.verb in desk.store.report:
            return _by_route(desk, due, action)
        raise


def _is_order(action: Action) -> bool:
    return action.verb == "reship" and action.shop_order_id not in (None, action.order_id)


def _by_word(action: Action) -> bool:
    return (action.reason or "").endswith("says so")


def _replacement(desk: Desk, action: Action) -> _Ended:
    """Post the new order. A second one is answered by 409, so that this may be repeated."""
    assert action.shop_order_id is not None
    assert action.order_id is not None
    order = desk.shop.get_order(action.shop_order_id)
    body = to_create(order, desk.store.platform_id, original=action.order_id)
    try:
        desk.api.create_order(body)
    except AlreadyThere:
        return _compared(desk, body.source_order_id, action.order_id)
    return _Ended("sent", "2xx", is_replacement=True)


def _compared(desk: Desk, order_id: str, original_id: str) -> _Ended:
    """Read the order that is there already: our report is one that names its original, under either name (C-9)."""
    there = desk.api.get_order(order_id).raw
    names = ("originalSourceOrderId", "originalSourceOrderNumber")
    if original_id in {str(there[name]) for name in names if name in there}:
        return _Ended("confirmed", f"409, and a read names {original_id} as its original", is_replacement=True)
    reason = f"Order Protection has order {order_id} already, and not as the replacement of {original_id} (409)"
    return _Ended("failed", reason=reason)


def _by_route(desk: Desk, due: Report, action: Action) -> _Ended:
    """Make the call of the settings. Nobody knows what a second one does: only what surely failed is repeated."""
    route = next((one for verb, one in desk.store.report.items() if verb == action.verb), None)
    if route is None:
        reason = f"stores.{desk.store.name}.report.{action.verb} is not set: no page documents this call (G-1)"
        return _Ended("no_route", reason=reason)
    if due.reason == reports.BEGUN:
        return _perhaps(due.reason)
    claim = desk.ledger.read(plans.claim, desk.store.id, action.claim_id) if action.claim_id else None
    try:
        answer = desk.api.send(endpoints.report(route, facts_of(action, claim.op_order_id if claim else None)))
    except (MayHaveLanded, ServerFailed) as error:
        return _perhaps(str(error))
    return _Ended("sent", f"{answer.status}: {answer.body[:_KEPT].decode('utf-8', 'replace')}")


def _perhaps(why: str) -> _Ended:
    return _Ended("failed", reason=f"it may have arrived; only `report --since` sends it again: {why}")


def facts_of(action: Action, op_order_id: str | None = None) -> dict[str, Any]:
    """Return what a report's template may name. Only ``moved`` money is called paid."""
    worth = action.worth
    return {
        "claim_id": action.claim_id,
        "order_id": action.order_id,
        "op_order_id": op_order_id,
        "shop_id": action.shop_id,
        "verb": action.verb,
        "amount": None if worth is None else worth.amount,
        "currency": None if worth is None else worth.currency,
        "reference": action.reference,
        "outcome": "paid" if action.money == "moved" else (action.money or "done"),
        "money": action.money,
    }


def postpone(desk: Desk, due: Report, reason: str) -> str:
    """Put a report to the side on which `report` met a fault of ours; one that went by a route may have arrived."""
    action = desk.ledger.read(actions.get, due.action_id)
    claimed = desk.ledger.read(reports.of_action, due.action_id)
    assert action is not None
    assert claimed is not None
    if (claimed.state, claimed.tries, claimed.reason) != ("waiting", due.tries + 1, reports.BEGUN):
        return claimed.state
    if _is_order(action) and not _by_word(action):
        return _later(desk, claimed, action, reason)
    return _settle(desk, claimed, action, _perhaps(reason))


def _later(desk: Desk, claimed: Report, action: Action, reason: str, wait: float | None = None) -> str:
    """Send it later, after at least *wait* seconds; after many tries it is left to a person."""
    if claimed.tries >= _MOST:
        return _settle(desk, claimed, action, _Ended("failed", reason=f"{claimed.tries} tries: {reason}"))
    delay = max(desk.later(claimed.tries - 1), timedelta(seconds=wait or 0))
    until = desk.ledger.now() + delay
    desk.ledger.write(reports.settle, claimed, "waiting", not_before=until, reason=reason)
    return "waiting"


def _leave(desk: Desk, claimed: Report, reason: str) -> str:
    """Let it wait as long as the shop, which has the replacement, is away; that is no try."""
    until = desk.ledger.now() + timedelta(seconds=desk.shop.absence.wait)
    desk.ledger.write(reports.settle, claimed, "waiting", not_before=until, reason=reason, tries=claimed.tries - 1)
    return "waiting"


def _settle(desk: Desk, claimed: Report, action: Action, ended: _Ended) -> str:
    def write(connection: sa.Connection) -> bool:
        now = desk.ledger.now(connection)
        sent_at = now if ended.state in ("sent", "confirmed") else None
        settled = reports.settle(
            connection, claimed, ended.state, reason=ended.reason, answer=ended.answer, sent_at=sent_at
        )
        if settled and ended.is_replacement:
            assert action.shop_order_id is not None
            if exports.forgotten(connection, action.store_id, [action.shop_order_id]):
                return settled
            exports.put_order(
                connection, action.store_id, action.shop_order_id, state="replacement", at=now, reason=action.reference
            )
        return settled

    if not desk.ledger.write(write):
        return "waiting"
    desk.tell(f"report.{ended.state}", action.key, verb=action.verb, reference=action.reference)
    return ended.state
