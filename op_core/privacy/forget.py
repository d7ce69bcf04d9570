"""Forget one order's customer: erased in one transaction, or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from functools import partial

import attrs
import sqlalchemy as sa

from op_core.claims import forgotten
from op_core.claims.content import digest, set_hash
from op_core.errors import PersonError
from op_core.ledger import erasure
from op_core.ledger.keyed import is_keyed, keyed, made_key
from op_core.ledger.traces import Traces, answers, traces, unread_bodies
from op_core.privacy.mentions import how_named, is_about

__all__ = ["Forgotten", "forget", "look"]


@attrs.frozen
class Forgotten:
    """
    What the ledger holds about an order, or held when it was erased.

    Attributes:
        order_id: The shop's.
        claims: Ids of its claims; they stay.
        webhooks: How many were about it.
        unread: Webhooks that name it, and that nobody could read: each is erased only if it is named.
        actions: Ids of what was done about it; they stay, with units, amounts, references and states.
        replacements: The orders that its reships made, as far as they have ids of their own; they are other orders.
        open: What is not over yet, in words; nothing is erased before it is.
        is_empty: Nothing at all was about it.
        erased: It is done.
    """

    order_id: str
    claims: tuple[str, ...]
    webhooks: int
    unread: tuple[int, ...]
    actions: tuple[int, ...]
    replacements: tuple[str, ...]
    open: tuple[str, ...]
    is_empty: bool
    erased: bool = False


def look(connection: sa.Connection, store_id: str, order_id: str) -> Forgotten:
    """Return what would be erased, and what stands against it."""
    return _said(*_found(connection, store_id, order_id))


def forget(
    connection: sa.Connection, store_id: str, order_id: str, now: datetime, *, unread: Collection[int] = ()
) -> Forgotten:
    """
    Erase what the ledger holds about an order's customer, and send nothing of the order any more.

    Args:
        connection: Of the transaction.
        store_id: The store's permanent id.
        order_id: The shop's id of the order.
        now: The time, UTC.
        unread: Webhooks to give up, which name the order and which nobody could read.

    Raises:
        PersonError: Something about the order is not over, or a webhook is unread; nothing was erased.
    """
    found, waiting, strange = _found(connection, store_id, order_id)
    said = _said(found, waiting, strange)
    if said.open:
        raise PersonError(f"order {order_id} cannot be forgotten yet: {'; '.join(said.open)}")
    if left := [one for one in strange if one not in unread]:
        raise PersonError(
            f"order {order_id} cannot be forgotten yet: nobody could read webhook {', '.join(map(str, left))}, which"
            f" names it; mend and replay it, or erase it too: --unread {' --unread '.join(map(str, left))}"
        )
    key = made_key(connection)
    _rewrite(connection, found, key)
    named = {order_id, *found.claims, *found.op_order_ids}
    kept = {sha for sha, body in answers(connection, store_id) if how_named(body, named) != "no"}
    erasure.drop_bodies(connection, store_id, kept)
    erasure.erase(connection, store_id, found, strange, key, now)
    return attrs.evolve(said, erased=True)


def _found(connection: sa.Connection, store_id: str, order_id: str) -> tuple[Traces, list[int], list[int]]:
    """Return what is about the order; then webhooks that wait, and those that nobody could read, that name it."""
    found = traces(connection, store_id, order_id)
    named = {order_id, *found.claims, *found.op_order_ids}
    naming = [one for one in unread_bodies(connection, store_id) if is_about(one.body, named)]
    known = {row.id for row in found.deliveries if row.state == "received"}
    waiting = [one.delivery_id for one in naming if one.state == "received" and one.delivery_id not in known]
    return found, waiting, [one.delivery_id for one in naming if one.state == "quarantined"]


def _said(found: Traces, waiting: list[int], strange: list[int]) -> Forgotten:
    made = {row.shop_order_id for row in found.actions if row.verb == "reship"} - {None, found.order_id}
    return Forgotten(
        found.order_id,
        found.claims,
        len(found.deliveries),
        tuple(strange),
        tuple(row.id for row in found.actions),
        tuple(sorted(made)),
        (*found.open, *(f"webhook {one} names it and is not read yet" for one in waiting)),
        found.is_empty and not waiting and not strange,
    )


def _rewrite(connection: sa.Connection, found: Traces, key: str) -> None:
    """Put marks in the place of addresses and texts, in decisions and in what was done for them."""
    mark = partial(keyed, key)
    renamed: dict[str, str] = {}
    for plan in found.plans:
        before = json.loads(plan.content)
        after = [forgotten.marked(content, mark) for content in before]
        renamed |= {digest(old): digest(new) for old, new in zip(before, after, strict=True)}
        erasure.put_plan(connection, plan.id, after, set_hash(after))
    for action in found.actions:
        content = forgotten.erased(json.loads(action.content), mark)
        name, sign, nth = (action.resolution_hash or "").partition("#")
        new = renamed.get(name, name if not name or is_keyed(name) else mark(name))
        erasure.put_action(connection, action, content, f"{new}{sign}{nth}" or None, key)
