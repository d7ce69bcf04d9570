"""Which orders are about a person, as far as webhooks said it."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from op_core.ledger import Ledger
from op_core.ledger.traces import stored
from op_core.privacy.mentions import how_named

__all__ = ["OfEmail", "orders_of"]

_AT_ONCE = 500


@attrs.frozen
class OfEmail:
    """
    Where an e-mail address stands.

    Attributes:
        orders: Orders with a webhook in which it is a value of its own, sorted.
        mentioned: Other orders, in whose webhooks it stands inside a text, such as what a customer wrote.
        unnamed: Webhooks with it, of which nobody knows the order.
        looked: How many webhooks were looked at.
        gone: Of how many the body is gone, so that they could not be.
    """

    orders: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    unnamed: tuple[int, ...] = ()
    looked: int = 0
    gone: int = 0


def orders_of(ledger: Ledger, store_id: str, email: str, progress: Callable[[int], None] = lambda _: None) -> OfEmail:
    """
    Look through every webhook of a store for an e-mail address.

    Args:
        ledger: Where they are.
        store_id: The store's permanent id.
        email: The address; upper and lower case are one.
        progress: Told how many webhooks were looked at.
    """
    wanted = [email.strip()]
    whole: set[str] = set()
    inside: set[str] = set()
    unnamed: list[int] = []
    looked = gone = after = 0
    while page := ledger.read(stored, store_id, after, _AT_ONCE):
        for delivery_id, order_id, body in page:
            looked, after = looked + 1, delivery_id
            if body is None:
                gone += 1
                continue
            named = how_named(body, wanted)
            if named != "no" and order_id is None:
                unnamed.append(delivery_id)
            elif named == "whole" and order_id is not None:
                whole.add(order_id)
            elif named == "inside" and order_id is not None:
                inside.add(order_id)
        progress(looked)
    return OfEmail(tuple(sorted(whole)), tuple(sorted(inside - whole)), tuple(unnamed), looked, gone)
