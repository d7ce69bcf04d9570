"""
Webhook bodies in every spelling, read into one form. All drift between the vendor's pages ends here.

Read are: topics with a dot or a slash (C-2), envelopes with and without id and time (C-3), ``claim.approved`` in
camelCase (C-4), amounts as numbers or as text (C-10), resolutions without `shipping_amount_tax` (C-6). Types and
states come out in capitals, known or not. Fields that nobody knows are passed over.

What cannot be read raises `Unreadable`: the place, what was found, what was expected, and never a value of the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs

from op_core.errors import Unreadable
from op_core.order_protection.dialects.parts import KINDS, Part
from op_core.order_protection.events import (
    ClaimApproved,
    ClaimCreated,
    ClaimDenied,
    ClaimItem,
    Event,
    MessageCreated,
    ProtectionChanged,
    Resolution,
    ResolvedLine,
    SaidAddress,
)
from op_core.order_protection.jsonmoney import loads
from op_core.untrusted import Untrusted

__all__ = ["TOPICS", "read"]

_SHOWABLE = re.compile(r"[\w./-]{1,60}", re.ASCII)


def read(body: bytes) -> Event:
    """
    Read one delivery.

    Raises:
        Unreadable: With the reason; the delivery belongs in quarantine.
    """
    value = loads(body)
    if not isinstance(value, dict):
        raise Unreadable(f"the body: found {KINDS.get(type(value), 'null')}, expected an object with topic and body")
    envelope = Part(value)
    topic = envelope.id("topic")
    reader = _READERS.get(topic.replace("/", "."))
    if reader is None:
        found = f"{topic!r}" if _SHOWABLE.fullmatch(topic) else "an unknown one"
        raise Unreadable(f"topic: found {found}, expected one of {', '.join(TOPICS)}")
    head = {
        "dialect": "slash" if "/" in topic else "reference",
        "event_id": envelope.maybe_id("id"),
        "created_at": envelope.maybe_time("created_at"),
    }
    return reader(head, envelope.part("body"))


def _order(body: Part) -> dict[str, Any]:
    return {"order_id": body.order_id("source_order_id"), "op_order_id": body.maybe_id("order_id")}


def _item(item: Part) -> dict[str, Any]:
    return {
        "quantity": item.quantity("quantity"),
        "item_id": item.maybe_id("item_id"),
        "product_id": item.maybe_id("product_id"),
        "variant_id": item.maybe_id("variant_id"),
        "sku": item.maybe_id("sku"),
        "name": item.maybe_text("item_name") or None,
    }


def _created(head: dict[str, Any], body: Part) -> ClaimCreated:
    return ClaimCreated(
        **head,
        **_order(body),
        claim_id=body.claim_id("claim_id"),
        type=body.word("claim_type") if body.has("claim_type") else None,
        state=body.word("claim_state") if body.has("claim_state") else None,
        description=body.maybe_text("claim_description"),
        items=tuple(ClaimItem(**_item(item)) for item in body.maybe_parts("items")),
    )


def _approved(head: dict[str, Any], body: Part) -> ClaimApproved:
    resolutions = body.parts("resolutions")
    if not resolutions:
        raise Unreadable("body.resolutions: found an empty list, expected what was decided")
    if "claimId" in body.fields and "claim_id" not in body.fields:
        return ClaimApproved(
            **(head | {"dialect": "camel"}),
            op_store_id=body.maybe_id("storeId"),
            claim_id=body.claim_id("claimId"),
            resolutions=_camel(resolutions),
        )
    read_in_full = tuple(_resolution(said, said.part("details")) for said in resolutions)
    return ClaimApproved(**head, **_order(body), claim_id=body.claim_id("claim_id"), resolutions=read_in_full)


def _denied(head: dict[str, Any], body: Part) -> ClaimDenied:
    # A denial moves no money, so that nothing in its amounts may keep it from stopping what an approval began.
    reasons = tuple(Resolution(type=said.word("type"), lines=()) for said in body.maybe_parts("resolutions"))
    return ClaimDenied(**head, **_order(body), claim_id=body.claim_id("claim_id"), resolutions=reasons)


def _resolution(said: Part, details: Part) -> Resolution:
    return Resolution(
        type=said.word("type"),
        lines=tuple(_line(item) for item in details.maybe_parts("items")),
        currency=details.currency("currency") if details.has("currency") else None,
        total=details.maybe_amount("total_refund_amount"),
        shipping=details.maybe_amount("shipping_amount"),
        shipping_tax=details.maybe_amount("shipping_amount_tax"),
        address=_address(details.part("shipping_address")) if details.has("shipping_address") else None,
    )


def _line(item: Part) -> ResolvedLine:
    return ResolvedLine(
        **_item(item),
        price=item.maybe_amount("price", signed=True),
        discount=item.maybe_amount("discount", signed=True),
        tax=item.maybe_amount("tax", signed=True),
        percentage=item.maybe_amount("resolution_percentage"),
        flat_amount=item.maybe_amount("resolution_flat_amount"),
    )


def _address(said: Part) -> SaidAddress | None:
    names = [field.name for field in attrs.fields(SaidAddress)]
    address = SaidAddress(**{name: Untrusted(said.maybe_id(name) or "") for name in names})
    return address if address != SaidAddress() else None


def _camel(resolutions: list[Part]) -> tuple[Resolution, ...]:
    """Join the items of one type (C-4 says them one by one), so that both spellings of a decision come out alike."""
    lines: dict[str, list[ResolvedLine]] = {}
    for said in resolutions:
        line = ResolvedLine(item_id=said.id("itemId"), quantity=said.quantity("quantity"))
        lines.setdefault(said.word("type"), []).append(line)
    return tuple(Resolution(type=kind, lines=tuple(items)) for kind, items in lines.items())


def _message(head: dict[str, Any], body: Part) -> MessageCreated:
    return MessageCreated(
        **head,
        **_order(body),
        claim_id=body.claim_id("claim_id") if body.maybe_id("claim_id") else None,
        message=body.text("message"),
    )


def _protection(head: dict[str, Any], body: Part, *, added: bool) -> ProtectionChanged:
    amount = body.maybe_amount("amount")
    if amount is None:
        raise body.wrong("amount", "a number such as 12.50")
    return ProtectionChanged(**head, **_order(body), added=added, amount=amount, currency=body.currency("currency"))


_READERS: dict[str, Callable[[dict[str, Any], Part], Event]] = {
    "claim.created": _created,
    "claim.approved": _approved,
    "claim.denied": _denied,
    "message.created": _message,
    "protection.added": lambda head, body: _protection(head, body, added=True),
    "protection.removed": lambda head, body: _protection(head, body, added=False),
}
TOPICS = tuple(_READERS)
