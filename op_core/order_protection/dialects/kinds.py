"""What a delivery is about, in every spelling: asked before it is read, also of one that cannot be read."""

from __future__ import annotations

from typing import Any

from op_core.order_protection.dialects.deliveries import TOPICS

__all__ = ["UNKNOWN", "kind_of"]

UNKNOWN = "unknown"


def kind_of(value: Any) -> str:
    """
    Return the topic of a delivery, with a dot (C-2); ``claim.approved (camel)`` is the other body of that one (C-4).

    Args:
        value: The body as JSON data.

    Returns:
        `UNKNOWN` for a topic that nobody knows, and for what is no delivery.
    """
    if not (isinstance(value, dict) and isinstance(value.get("topic"), str)):
        return UNKNOWN
    topic = value["topic"].replace("/", ".")
    body = value.get("body")
    if topic == "claim.approved" and isinstance(body, dict) and "claimId" in body and "claim_id" not in body:
        return "claim.approved (camel)"
    return topic if topic in TOPICS else UNKNOWN
