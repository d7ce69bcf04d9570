"""What a delivery is, as facts."""

from __future__ import annotations

from typing import Any

from op_core.cli.opened import name_of
from op_core.cli.wire_view import json_of, news_of_deliveries
from op_core.core import Core
from op_core.ledger import deliveries
from op_core.ledger.deliveries import Delivery

__all__ = ["GONE", "body_of", "row_of"]

GONE = "gone: it was erased, or is kept no longer"


def row_of(core: Core, delivery: Delivery, news: list[str] | None = None) -> dict[str, Any]:
    """Return what the ledger holds of a delivery, but for its body, and what is new in its shape: *news* if given."""
    return {
        "id": delivery.id,
        "store": name_of(core, delivery.store_id),
        "received_at": delivery.received_at,
        "state": delivery.state,
        "topic": delivery.topic,
        "dialect": delivery.dialect,
        "event_id": delivery.event_id,
        "claim_id": delivery.claim_id,
        "order_id": delivery.order_id,
        "reason": delivery.reason,
        "tries": delivery.tries,
        "not_before": delivery.not_before,
        "settled_at": delivery.settled_at,
        "shape": delivery.shape,
        "news": news_of_deliveries(core, [delivery])[delivery.id] if news is None else news,
    }


def body_of(core: Core, delivery: Delivery, *, reveal: bool) -> dict[str, Any]:
    """
    Return its bytes: how many, their hash, and what they say.

    Without *reveal*, ``body`` has only what is surely not about a person; of a body that is no JSON, nothing. Of one
    that is gone it says so.
    """
    raw = core.ledger.read(deliveries.body, delivery)
    if raw is None:
        return {"bytes": None, "sha256": delivery.body_sha256, "body": GONE}
    return {"bytes": len(raw), "sha256": delivery.body_sha256, "body": json_of(raw, reveal=reveal)}
