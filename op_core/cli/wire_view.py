"""What a shape is, as facts, and what is new in it, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from op_core.cli.asked import WrongUse
from op_core.cli.masking import hidden_body
from op_core.cli.opened import name_of
from op_core.core import Core
from op_core.errors import Unreadable
from op_core.ledger import shapes
from op_core.ledger.deliveries import Delivery
from op_core.ledger.shapes import SeenShape
from op_core.order_protection import dialects, jsonmoney
from op_core.order_protection.dialects.kinds import UNKNOWN
from op_core.order_protection.shapes import News

__all__ = ["find_shape", "json_of", "news_of_deliveries", "row_of", "short", "words_of"]

_FEW = 3  # things that a cell names
_KINDS = (*dialects.TOPICS, UNKNOWN)


def find_shape(core: Core, shape_id: int) -> SeenShape:
    """
    Return one shape.

    Raises:
        WrongUse: There is none of that number; the text says which there are.
    """
    found = core.ledger.read(shapes.get, shape_id)
    if found is None:
        newest = max((one.id for one in core.ledger.read(shapes.listing)), default=None)
        known = "the ledger has none yet" if newest is None else f"the newest is {newest}"
        raise WrongUse(f"there is no shape {shape_id}; {known}")
    return found


def words_of(shape: SeenShape) -> list[str]:
    """Say why a form could not be read, and everything that was new in it."""
    news = News(**shape.news).words() if shape.news else []
    return [*([shape.reason] if shape.reason else []), *news]


def short(words: list[str]) -> str | None:
    """Say the first things; None where there is none."""
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return ", ".join(words[:_FEW]) + more if words else None


def row_of(core: Core, shape: SeenShape) -> dict[str, Any]:
    """Return what the ledger holds of a form, but for its paths and its body."""
    return {
        "id": shape.id,
        "store": name_of(core, shape.store_id),
        "what": shape.what,
        "shape": shape.shape,
        "state": "new" if shape.is_new else "learned" if shape.learned_at else "known",
        "first_at": shape.first_at,
        "learned_at": shape.learned_at,
        "delivery": shape.delivery_id,
        "news": words_of(shape),
    }


def news_of_deliveries(core: Core, found: Iterable[Delivery]) -> dict[int, list[str]]:
    """Return what is new in deliveries, by their id, as far as nobody has accepted it."""
    new: dict[tuple[str, str | None], list[SeenShape]] = {}
    for shape in core.ledger.read(shapes.listing, new=True):
        if shape.what.partition(" (")[0] in _KINDS:
            new.setdefault((shape.store_id, shape.shape), []).append(shape)
    told = {}
    for delivery in found:
        same = new.get((delivery.store_id, delivery.shape), [])
        # What could not be read has no topic; the same keys and types are then the same thing.
        told[delivery.id] = next((words_of(one) for one in same if _about(one, delivery)), [])
    return told


def _about(shape: SeenShape, delivery: Delivery) -> bool:
    return delivery.topic is None or shape.what.partition(" (")[0] == delivery.topic


def json_of(raw: bytes, *, reveal: bool) -> Any:
    """Return what a body says, without *reveal* only what is surely about no person; None where it is no JSON."""
    try:
        return hidden_body(jsonmoney.loads(raw), reveal=reveal)
    except Unreadable:
        return raw.decode("utf-8", "replace") if reveal else None
