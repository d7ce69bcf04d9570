"""What has to be asked of the shop, the API and the ledger before a plan can be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from op_core.claims.desk import Desk
from op_core.claims.holds import hold
from op_core.claims.plan import unmatched
from op_core.errors import NotFoundThere, OrderNotFound
from op_core.ledger import deliveries
from op_core.ledger.deliveries import Delivery
from op_core.ledger.keyed import spellings
from op_core.models import Order
from op_core.order_protection.events import Event

__all__ = ["conflict_of", "op_items_of", "order_of"]


def order_of(desk: Desk, order_id: str | None) -> tuple[Order | None, tuple[dict[str, Any], ...]]:
    """Return the order, or the hold that says why there is none."""
    if order_id is None:
        return None, (hold("order_unknown", "no delivery says which order it is about"),)
    try:
        return desk.shop.get_order(order_id), ()
    except OrderNotFound:
        return None, (hold("order_not_found", "the shop has no order of the id that the decision names"),)


def op_items_of(desk: Desk, contents: list[dict[str, Any]], order: Order | None) -> Mapping[str, str]:
    """Learn the API's own item ids, where an item is on no line by what the shop knows (G-5)."""
    if order is None or not unmatched(contents, order):
        return {}
    try:
        there = desk.api.get_order(order.id)
    except NotFoundThere:
        return {}
    return {item.id: item.source_item_id for item in there.order_items if item.id and item.source_item_id}


def conflict_of(connection: sa.Connection, delivery: Delivery, event: Event, named: str) -> list[dict[str, Any]]:
    """Hold what comes under an event id that was used for another content."""
    if event.event_id is None:
        return []
    known = deliveries.known_event(connection, delivery, event.event_id)
    if known and not set(known) <= set(spellings(connection, named)):
        return [hold("conflict", "its event id was used before, for another content")]
    return []
