"""
Telling Order Protection what was done: a step of its own, with its own proof.

A replacement that is an order of its own is posted once, with ``originalSourceOrderNumber``: the field is documented,
its use as a report is our reading of G-1. Everything else goes by the store's ``[stores.x.report]``, since no page
says how; without it the report is ``no_route``, and says so.
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
    ShopUnavailable,
    Unauthorized,
)
from op_core.export.encode import NotExportable, to_create
from op_core.ledger import actions, exports, plans, reports
from op_core.ledger.actions import Action
from op_core.ledger.reports import Report
from op_core.order_protection import endpoints

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
class _Sent:
    answer: str = ""
    confirmed: bool = False


def report(desk: Desk, due: Report) -> str:
    """
    Send one report.

    Returns:
        The state in which it was left.
    """
    action = desk.ledger.read(actions.get, due.action_id)
    assert action is not None
    try:
        sent = _sent(desk, action)
    except _LATER as error:
        return postpone(desk, due, str(error), getattr(error, "retry_after", None))
    except (OpCoreError, NotExportable) as error:
        return _settle(desk, due, action, "failed", reason=str(error))
    if sent is None:
        reason = f"stores.{desk.store.name}.report.{action.verb} is not set: no page documents this call (G-1)"
        return _settle(desk, due, action, "no_route", reason=reason)
    return _settle(desk, due, action, "confirmed" if sent.confirmed else "sent", answer=sent.answer)


def _sent(desk: Desk, action: Action) -> _Sent | None:
    if action.verb == "reship" and action.shop_order_id is not None:
        return _replacement(desk, action)
    return _by_route(desk, action)


def _replacement(desk: Desk, action: Action) -> _Sent:
    assert action.shop_order_id is not None
    assert action.order_id is not None
    order = desk.shop.get_order(action.shop_order_id)
    body = to_create(order, desk.store.platform_id, original=action.order_id)
    try:
        desk.api.create_order(body)
    except AlreadyThere:
        return _Sent("409: it is there already", confirmed=True)
    return _Sent("2xx")


def _by_route(desk: Desk, action: Action) -> _Sent | None:
    route = next((one for verb, one in desk.store.report.items() if verb == action.verb), None)
    if route is None:
        return None
    claim = desk.ledger.read(plans.claim, desk.store.id, action.claim_id) if action.claim_id else None
    answer = desk.api.send(endpoints.report(route, facts_of(action, claim.op_order_id if claim else None)))
    return _Sent(f"{answer.status}: {answer.body[:_KEPT].decode('utf-8', 'replace')}")


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


def postpone(desk: Desk, due: Report, reason: str, wait: float | None = None) -> str:
    """Send it later, after at least *wait* seconds; after many tries it is left to a person."""
    if due.tries + 1 >= _MOST:
        action = desk.ledger.read(actions.get, due.action_id)
        assert action is not None
        return _settle(desk, due, action, "failed", reason=f"{due.tries + 1} tries: {reason}")
    delay = max(desk.later(due.tries), timedelta(seconds=wait or 0))
    until = desk.ledger.now() + delay
    desk.ledger.write(reports.settle, due, "waiting", not_before=until, reason=reason)
    return "waiting"


def _settle(desk: Desk, due: Report, action: Action, state: str, **columns: Any) -> str:
    def write(connection: sa.Connection) -> None:
        now = desk.ledger.now(connection)
        sent_at = now if state in ("sent", "confirmed") else None
        reports.settle(connection, due, state, sent_at=sent_at, **columns)
        if state in ("sent", "confirmed") and action.shop_order_id is not None:
            exports.put_order(
                connection, action.store_id, action.shop_order_id, state="replacement", at=now, reason=action.reference
            )

    desk.ledger.write(write)
    desk.tell(f"report.{state}", action.key, verb=action.verb, reference=action.reference)
    return state
