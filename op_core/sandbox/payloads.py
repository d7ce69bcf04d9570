"""Webhook bodies: the envelope of the reference pages, and the two other spellings that the documentation shows."""

from __future__ import annotations

import uuid
from typing import Literal

from op_core.sandbox.answers import Document, now

__all__ = ["envelope", "spelled"]


def envelope(topic: str, body: Document) -> Document:
    """Return a new event as the pages WH-* show it: id, topic with a dot, created_at, body."""
    return {"id": str(uuid.uuid4()), "topic": topic, "created_at": now(), "body": body}


def spelled(event: Document, dialect: Literal["reference", "slash", "camel"], store_id: str) -> Document:
    """
    Return the event in one of three spellings.

    Args:
        event: As `envelope` made it.
        dialect: ``reference``; ``slash``: the same with a slash in the topic (C-2); ``camel``: the envelope of page
            DEV-WH, without id and created_at (C-3), with a camelCase body for claim.approved (C-4). No camelCase body
            is documented for the other topics, so theirs stays.
        store_id: The ``storeId`` of the camelCase body.
    """
    if dialect == "reference":
        return event
    topic = event["topic"].replace(".", "/")
    if dialect == "slash":
        return event | {"topic": topic}
    if event["topic"] != "claim.approved":
        return {"topic": topic, "body": event["body"]}
    resolutions = [
        {"type": resolution["type"], "itemId": item.get("item_id"), "quantity": item.get("quantity")}
        for resolution in event["body"]["resolutions"]
        for item in resolution["details"]["items"]
    ]
    return {
        "topic": topic,
        "body": {"claimId": event["body"]["claim_id"], "storeId": store_id, "resolutions": resolutions},
    }
