"""
Webhook bodies as Order Protection spells them, for tests.

There are three dialects: ``reference`` (dots, an envelope with id and time), ``slash`` (slashes, neither id nor time,
C-3) and ``camel`` (only ``claim/approved``, C-4). Amounts are Decimals, or text that is sent as a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from op_core.order_protection.jsonmoney import dumps

__all__ = [
    "ADDRESS",
    "Dialect",
    "approved",
    "created",
    "denied",
    "item",
    "listed",
    "message",
    "protection",
    "resolution",
]

Dialect = Literal["reference", "slash", "camel"]
ADDRESS = {"address1": "2 Example Road", "address2": "", "city": "Exampletown", "state": "Utah", "zip": "84601",
           "country": "United States"}  # fmt: skip


def _number(value: str | Decimal | int | None) -> Decimal | int | None:
    return Decimal(value) if isinstance(value, str) else value


def item(
    item_id: str | None = "1", quantity: int = 1, price: str | Decimal | None = "20.00", **more: Any
) -> dict[str, Any]:
    """Return one item of a resolution; *more* are further fields of page WH-CA, such as ``tax``."""
    amounts = {"discount", "tax", "resolution_percentage", "resolution_flat_amount"}
    said = {name: _number(value) if name in amounts else value for name, value in more.items()}
    return {"item_id": item_id, "quantity": quantity, "price": _number(price), **said}


def resolution(
    kind: str = "REFUND",
    *items: dict[str, Any],
    total: str | Decimal | None = "20.00",
    currency: str | None = "USD",
    **more: Any,
) -> dict[str, Any]:
    """
    Return one resolution.

    Args:
        kind: ``REFUND``, ``RESHIP``, ``STORE_CREDIT``, ``FLAT_RATE``, or anything.
        items: Of `item`; none means one unit of line 1.
        total: ``total_refund_amount``, major units.
        currency: Three letters.
        more: Further details, such as ``shipping_amount`` or ``shipping_address``.
    """
    details = {
        "items": list(items or [item()]),
        "currency": currency,
        "total_refund_amount": _number(total),
        **{name: _number(value) if name.startswith("shipping_amount") else value for name, value in more.items()},
    }
    return {"type": kind, "details": details}


def _envelope(
    topic: str, body: dict[str, Any], event: str | None, dialect: Dialect, at: str = "2025-06-01T11:00:00Z"
) -> bytes:
    if dialect == "reference":
        return dumps({"id": event, "topic": topic, "created_at": at, "body": body})
    return dumps({"topic": topic.replace(".", "/"), "body": body})


def _about(claim: str | None, order: str) -> dict[str, Any]:
    return {"claim_id": claim, "order_id": f"op-{order}", "source_order_id": order}


def approved(
    *resolutions: dict[str, Any],
    claim: str = "C1",
    order: str = "1001",
    event: str | None = "evt-approved",
    dialect: Dialect = "reference",
    store: str | None = None,
) -> bytes:
    """Return ``claim.approved``; no resolution means one refund. *store* is said only in the dialect ``camel``."""
    said = resolutions or (resolution(),)
    if dialect != "camel":
        return _envelope("claim.approved", {**_about(claim, order), "resolutions": list(said)}, event, dialect)
    short = [
        {"type": one["type"], "itemId": part["item_id"], "quantity": part["quantity"]}
        for one in said
        for part in one["details"]["items"]
    ]
    return _envelope("claim.approved", {"claimId": claim, "storeId": store, "resolutions": short}, None, dialect)


def created(
    claim: str = "C1", order: str = "1001", event: str | None = "evt-created", dialect: Dialect = "reference"
) -> bytes:
    """Return ``claim.created``."""
    return _envelope("claim.created", {**_about(claim, order), "claim_type": "DAMAGED", "items": []}, event, dialect)


def denied(
    claim: str = "C1",
    order: str = "1001",
    event: str | None = "evt-denied",
    reasons: Sequence[str] = ("NOT_COVERED",),
    dialect: Dialect = "reference",
) -> bytes:
    """Return ``claim.denied``."""
    said = [resolution(reason, total="0.00") for reason in reasons]
    return _envelope("claim.denied", {**_about(claim, order), "resolutions": said}, event, dialect)


def message(
    text: str = "Claim opened.",
    claim: str | None = "C1",
    order: str = "1001",
    event: str | None = "evt-message",
    dialect: Dialect = "reference",
) -> bytes:
    """Return ``message.created``."""
    return _envelope("message.created", {**_about(claim, order), "message": text}, event, dialect)


def protection(
    *,
    added: bool,
    amount: str | Decimal = "4.25",
    currency: str = "USD",
    order: str = "1001",
    event: str | None = None,
    dialect: Dialect = "reference",
    at: str = "2025-06-01T11:00:00Z",
) -> bytes:
    """Return ``protection.added`` or ``protection.removed``, made at *at* where the dialect says so."""
    body = {"order_id": f"op-{order}", "source_order_id": order, "amount": _number(amount), "currency": currency}
    return _envelope(f"protection.{'added' if added else 'removed'}", body, event, dialect, at)


def listed(*types: str | None, paid: str | Decimal | None = None, deleted: str | None = None) -> list[dict[str, Any]]:
    """Return the resolutions of a claim as page CLM-O shows them, one of each type; amounts in USD."""
    return [
        {"id": f"r{n}", "resolutionType": kind, "paidValue": paid, "paidCurrency": "USD", "deletedAt": deleted}
        for n, kind in enumerate(types, 1)
    ]
