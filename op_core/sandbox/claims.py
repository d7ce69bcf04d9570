"""Claims and protection: what a customer and Order Protection's staff would do, done by hand here."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import attrs
from pydantic import BeforeValidator, ConfigDict, Field

from op_core.order_protection.jsonmoney import number_from
from op_core.sandbox.answers import Document, OwnBody, Refusal, check_own, now
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.orders import Orders, new_id
from op_core.sandbox.payloads import envelope
from op_core.sandbox.resolutions import ClaimedItem, claimed, item_names, resolved
from op_core.sandbox.sender import Sender
from op_core.sandbox.store import Store

__all__ = ["Approve", "Claims", "Deny", "FileClaim", "Message", "Protection", "Report"]


class FileClaim(OwnBody):
    """A claim as a customer files it, about some or all items of an order."""

    source_order_id: str
    items: tuple[ClaimedItem, ...] | None = None
    type: Literal[
        "STOLEN",
        "DAMAGED",
        "ORDER_DELIVERED_NOT_RECEIVED",
        "DEFECTIVE_ITEM",
        "WRONG_ITEM",
        "MISSING_ITEM",
        "RETURNED_TO_SENDER",
        "MULTIPLE",
    ] = "DAMAGED"
    description: str = "filed in the sandbox"
    requested: Literal["RESHIP", "REFUND", "STORE_CREDIT"] = "REFUND"


class Approve(OwnBody):
    """What is decided; a type is enough."""

    resolutions: tuple[dict[str, Any], ...] = ({"type": "REFUND"},)


class Deny(OwnBody):
    """Why not."""

    reason: Literal[
        "ADDRESS_TYPO",
        "CUSTOMER_RESPONDED",
        "EXPIRED30",
        "FOLLOW_UP",
        "INSUFFICIENT_SHIPPER",
        "NOT_COVERED",
        "NO_RESPONSE",
        "OTHER",
        "PACKAGE_ARRIVED",
        "PHOTO_VERIFIED",
        "THRESHOLD_REACHED",
        "ALREADY_REFUNDED",
        "ALREADY_REPLACED",
        "POTENTIAL_FRAUD",
    ] = "NOT_COVERED"


class Message(OwnBody):
    """What is written about a claim."""

    message: str = Field(min_length=1)
    sender: Literal["customer", "brand"] = "brand"


class Protection(OwnBody):
    """A change of protection in the dashboard."""

    source_order_id: str
    action: Literal["add", "remove"]
    amount: Annotated[Decimal, BeforeValidator(number_from)] | None = None
    currency: str | None = None


class Report(OwnBody):
    """
    What a shop did about a claim; all further fields are kept.

    Attributes:
        reference: Names the report for ever.
        resolution: What was done; or else *verb*.
    """

    model_config = ConfigDict(extra="allow")

    reference: str = Field(min_length=1)
    resolution: Annotated[str, Field(min_length=1)] | None = None
    verb: Annotated[str, Field(min_length=1)] | None = None


@attrs.frozen
class Claims:
    """
    Claims by id. Every change sends its webhook and returns the ids of claim, event and deliveries.

    A claim may be decided again and again: each approval is a new event with its own content (an amended claim).
    Only `message` sends ``message.created``; the pages let any update of a claim send one (page WH-MSG, C-23).
    """

    _store: Store
    _orders: Orders
    _sender: Sender
    _switchboard: Switchboard

    def find(self, claim_id: str) -> Document:
        """Return the claim, or refuse with 404."""
        claim = self._store.get("claim", claim_id)
        if claim is None:
            raise Refusal(404, "no claim of this id; file one with POST /sandbox/claims")
        return claim

    def of_order(self, source_id: str) -> list[Document]:
        """Return the claims of an order, oldest first."""
        return [self.find(known["id"]) for known in self._store.all("claim_of_order", source_id)]

    def file(self, body: FileClaim | Document) -> Document:
        """File a claim about some or all items of an order, and send ``claim.created`` (page WH-CC)."""
        asked = check_own(FileClaim, body)
        with self._store.transaction():
            order = self._orders.find(asked.source_order_id)
            items = asked.items
            if items is None:
                items = tuple(
                    ClaimedItem(sourceItemId=item["sourceItemId"], quantity=item["quantity"])  # type: ignore[call-arg]  # mypy knows no validation aliases
                    for item in order["orderItems"]
                    if item["quantity"]
                )
            found = [(item, claimed(order, item, f"items[{index}]")) for index, item in enumerate(items)]
            at = now()
            claim: Document = {
                "id": new_id("claim"),
                "source_order_id": asked.source_order_id,
                "type": asked.type,
                "state": "NEW",
                "description": asked.description,
                "requested": asked.requested,
                "created_at": at,
                "updated_at": at,
                "resolution_date": None,
                "items": [
                    {"id": new_id("item"), "own": known["id"], "source": item.source_item_id, "quantity": item.quantity}
                    for item, known in found
                ],
                "messages": [],
                "resolutions": [],
            }
            self._store.add("claim", claim["id"], claim)
            self._store.add("claim_of_order", claim["id"], {"id": claim["id"]}, parent=asked.source_order_id)
            named = [
                item_names(known, self._switchboard.now.item_ids) | {"quantity": item.quantity} for item, known in found
            ]
            said = {"created_at": at, "claim_description": asked.description, "claim_type": asked.type}
            return self._tell("claim.created", claim, order, said | {"claim_state": "NEW", "items": named})

    def approve(self, claim_id: str, body: Approve | Document) -> Document:
        """Approve, or approve with other content, and send ``claim.approved`` (page WH-CA); see `resolved`."""
        asked = check_own(Approve, body)
        return self._decide(claim_id, "APPROVED", list(asked.resolutions))

    def deny(self, claim_id: str, body: Deny | Document) -> Document:
        """Deny, and send ``claim.denied`` (page WH-CD): the reason as the type, and a total of zero."""
        asked = check_own(Deny, body)
        return self._decide(claim_id, "DENIED", [{"type": asked.reason, "details": {"total_refund_amount": 0}}])

    def _decide(self, claim_id: str, state: Literal["APPROVED", "DENIED"], given: list[Document]) -> Document:
        switches = self._switchboard.now
        with self._store.transaction():
            claim = self.find(claim_id)
            order = self._orders.find(claim["source_order_id"])
            items = [{"sourceItemId": item["source"], "quantity": item["quantity"]} for item in claim["items"]]
            resolutions = [
                resolved(
                    order,
                    one,
                    items,
                    reading=switches.reading,
                    ids=switches.item_ids,
                    place=f"resolutions[{index}]",
                )
                for index, one in enumerate(given)
            ]
            at = now()
            kept = [{"id": new_id("resolution"), "created_at": at, **one} for one in resolutions]
            claim |= {"state": state, "updated_at": at, "resolution_date": at, "resolutions": kept}
            self._store.put("claim", claim_id, claim)
            return self._tell(f"claim.{state.lower()}", claim, order, {"resolutions": resolutions})

    def message(self, claim_id: str, body: Message | Document) -> Document:
        """Add a message to the claim, and send ``message.created`` (page WH-MSG)."""
        asked = check_own(Message, body)
        with self._store.transaction():
            claim = self.find(claim_id)
            said = {"id": new_id("message"), "sender": asked.sender, "message": asked.message}
            claim |= {"messages": [*claim["messages"], said], "updated_at": now()}
            self._store.put("claim", claim_id, claim)
            order = self._orders.find(claim["source_order_id"])
            return self._tell("message.created", claim, order, {"message": asked.message})

    def protect(self, body: Protection | Document) -> Document:
        """
        Add or remove protection as a person would in the dashboard, and send its webhook (pages WH-PA, WH-PR).

        Raises:
            Refusal: 404 for an unknown order; 400 where no amount is given and the order says no premium.
        """
        asked = check_own(Protection, body)
        with self._store.transaction():
            order = self._orders.find(asked.source_order_id)
            amount = order.get("premiumPaid") if asked.amount is None else asked.amount
            if amount is None:
                raise Refusal(400, "amount: needed, because the order has no premiumPaid", "amount")
            self._orders.set_policy(asked.source_order_id, now() if asked.action == "remove" else None)
            event = envelope(
                f"protection.{'added' if asked.action == 'add' else 'removed'}",
                {
                    "order_id": order["id"],
                    "source_order_id": asked.source_order_id,
                    "amount": number_from(amount),
                    "currency": asked.currency or order["currency"],
                },
            )
            return {"event_id": event["id"], "deliveries": self._sender.send(event)}

    def report(self, claim_id: str, report: Report, said: Document) -> bool:
        """
        Keep what a shop did about a claim; False, and nothing kept, where its ``reference`` is known for the claim.

        The call is an assumption: the guide names the duty, no page names the way (G-1).

        Args:
            claim_id: The claim.
            report: What was said, checked.
            said: The same with all its fields, which are kept.
        """
        if report.resolution is None and report.verb is None:
            raise Refusal(400, "resolution or verb: expected text, not empty", "resolution")
        with self._store.transaction():
            self.find(claim_id)
            kept = {"claim_id": claim_id, "received_at": now(), "report": said}
            return self._store.add("report", report.reference, kept, parent=claim_id)

    def _tell(self, topic: str, claim: Document, order: Document, said: Document) -> Document:
        names = {"claim_id": claim["id"], "order_id": order["id"], "source_order_id": order["sourceOrderId"]}
        event = envelope(topic, names | said)
        return {"claim_id": claim["id"], "event_id": event["id"], "deliveries": self._sender.send(event)}
