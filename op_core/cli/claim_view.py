"""What a claim is, as facts: by the API, and by the ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from op_core.cli import output
from op_core.cli.asked import WrongUse
from op_core.cli.masking import hidden
from op_core.core import Core
from op_core.errors import Unreadable
from op_core.ledger import actions, plans
from op_core.order_protection.answers import ReadClaim
from op_core.order_protection.jsonmoney import loads
from op_core.runners.embedded import Work

__all__ = ["claim_body", "claim_of", "ledger_of", "print_claim", "print_ledger"]

_TABLES = ("items", "messages", "resolutions", "store_credits", "documents")


def claim_of(claim: ReadClaim, *, reveal: bool) -> dict[str, Any]:
    """Return what the API says of a claim; texts, names, codes and addresses of pictures only if *reveal*."""

    def personal(text: str | None) -> str | None:
        return hidden(text, reveal=reveal)

    return {
        "id": claim.id,
        "order_id": claim.source_order_id,
        "op_order_id": claim.order_id,
        "state": claim.claim_state,
        "type": claim.claim_type,
        "requested": claim.resolution_requested,
        "created_at": claim.created_at,
        "decided_at": claim.resolution_date,
        "author": personal(claim.author_name),
        "author_email": personal(claim.author_email),
        "description": personal(claim.claim_description),
        "items": [{"item_id": item.item_id, "quantity": item.quantity} for item in claim.claim_items],
        "messages": [
            {"sender": one.sender_type, "message": personal(one.message), "medias": [*map(personal, one.medias)]}
            for one in claim.claim_messages
        ],
        "resolutions": [
            {
                "type": one.resolution_type,
                "paid": one.paid_value,
                "currency": one.paid_currency,
                "shipping": one.shipping_amount if one.include_shipping else None,
                "details": personal(one.resolution_details),
                "at": one.created_at,
            }
            for one in claim.claim_resolutions
        ],
        "store_credits": [
            {
                "code": personal(one.code),
                "value": one.credit_value,
                "bonus": one.bonus_value,
                "total": one.total_value,
                "currency": one.credit_currency,
                "email": one.email_status,
                "at": one.email_time,
            }
            for one in claim.claim_store_credits
        ],
        "documents": [
            {"type": one.document_type, "url": personal(one.url), "at": one.created_at} for one in claim.claim_documents
        ],
        "policy": {
            "id": claim.policy.id,
            "funded_by": claim.policy.funded_by,
            "premium_paid": claim.policy.premium_paid,
            "insured": claim.policy.insured_amount,
            "currency": claim.policy.premium_currency,
            "removed_at": claim.policy.removed_at,
        },
    }


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


def print_claim(claim: dict[str, Any]) -> None:
    """Print what the API says: facts, then a table of each part that there is."""
    output.facts(
        ((name, value) for name, value in claim.items() if name not in (*_TABLES, "policy")), "Order Protection"
    )
    for name in _TABLES:
        if claim[name]:
            output.table(list(claim[name][0]), map(_cells, claim[name]), name.replace("_", " "))
    if any(value is not None for value in claim["policy"].values()):
        output.facts(claim["policy"].items(), "policy")


def _cells(row: dict[str, Any]) -> list[object]:
    """Return a row's values; several of them in one cell, and amounts with the digits of their currency."""
    currency = row.get("currency")
    shown: list[object] = []
    for name, value in row.items():
        if isinstance(value, list):
            shown.append("\n".join(map(str, value)))
        elif name in ("paid", "shipping", "value", "bonus", "total"):
            shown.append(output.amount(value, currency))
        else:
            shown.append(value)
    return shown


def print_ledger(ours: dict[str, Any]) -> None:
    """Print our actions about a claim."""
    rows = [
        (one["id"], one["verb"], one["state"], output.amount(one["amount"], one["currency"]), one["reference"])
        for one in ours["actions"]
    ]
    output.table(("action", "verb", "state", "amount", "reference"), rows, "the ledger")


def claim_body(path: Path) -> dict[str, Any]:
    """
    Read a claim, as JSON with every digit.

    Raises:
        WrongUse: It cannot be read, or is no JSON object.
    """
    try:
        body = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        claim = loads(body)
    except OSError as error:
        raise WrongUse(f"--file {path}: cannot be read: {error.strerror}") from None
    except Unreadable as error:
        raise WrongUse(f"--file {path}: {error}") from None
    if not isinstance(claim, dict):
        raise WrongUse(f"--file {path}: expected one JSON object, in the form of page CLM-C or CLM-F")
    return claim
