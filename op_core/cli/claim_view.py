"""What a claim is, as facts: by the API, and by the ledger."""

from __future__ import annotations

from typing import Any

from op_core.cli.masking import hidden
from op_core.core import Core
from op_core.ledger import actions, plans
from op_core.order_protection.answers import ReadClaim
from op_core.runners.embedded import Work

__all__ = ["claim_of", "ledger_of"]


def claim_of(claim: ReadClaim, *, reveal: bool) -> dict[str, Any]:
    """Return what the API says of a claim; texts and names of people only if *reveal*."""
    messages = claim.raw.get("claimMessages")
    return {
        "id": claim.id,
        "order_id": claim.source_order_id,
        "op_order_id": claim.order_id,
        "state": claim.claim_state,
        "type": claim.claim_type,
        "requested": claim.resolution_requested,
        "created_at": claim.created_at,
        "decided_at": claim.resolution_date,
        "author": hidden(_text(claim.raw.get("authorName")), reveal=reveal),
        "author_email": hidden(_text(claim.raw.get("authorEmail")), reveal=reveal),
        "description": hidden(_text(claim.raw.get("claimDescription")), reveal=reveal),
        "items": [{"item_id": item.item_id, "quantity": item.quantity} for item in claim.claim_items],
        "resolutions": [
            {"type": one.resolution_type, "paid": one.paid_value, "currency": one.paid_currency}
            for one in claim.claim_resolutions
        ],
        "messages": [
            {"sender": _text(one.get("senderType")), "message": hidden(_text(one.get("message")), reveal=reveal)}
            for one in (messages if isinstance(messages, list) else [])
            if isinstance(one, dict)
        ],
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def ledger_of(core: Core, work: Work, claim_id: str | None) -> dict[str, Any]:
    """Return what the ledger has of a claim."""
    store_id = work.desk.store.id
    known = core.ledger.read(plans.claim, store_id, claim_id) if claim_id else None
    found = core.ledger.read(actions.of_subject, store_id, f"claim:{claim_id}")
    return {
        "known": known is not None,
        "order_id": known.order_id if known else None,
        "denied_at": known.denied_at if known else None,
        "actions": [
            {
                "id": action.id,
                "verb": action.verb,
                "state": action.state,
                "amount": action.amount,
                "currency": action.currency,
                "reference": action.reference,
            }
            for action in found
        ],
    }
